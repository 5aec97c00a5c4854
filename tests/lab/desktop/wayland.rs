use std::{os::unix::net::UnixStream, path::PathBuf, process::Stdio};

use serde_json::Value;

use super::Desktop;
use crate::{Outcome, Spawned, Trouble, patience::PATIENCE, until, within};

mod token;

/// Windows float, at the size that they ask for, and come to the front where they show a token that this compositor has given.
const CONFIG: &str = "xwayland disable
output HEADLESS-1 resolution 1280x800
for_window [app_id=\".*\"] floating enable
focus_on_window_activation focus
";

/// What the compositor draws on: memory, without a graphics card, a screen or a keyboard.
const HEADLESS: [(&str, &str); 3] =
    [("WLR_BACKENDS", "headless"), ("WLR_LIBINPUT_NO_DEVICES", "1"), ("WLR_RENDERER", "pixman")];

/// A Wayland compositor (sway) in a session, beside its display.
#[derive(Debug)]
pub struct Wayland {
    _program: Spawned,
    swaymsg: PathBuf,
    display: PathBuf,
    talk: PathBuf,
}

/// A window under Wayland.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// The app id that its program gave it.
    pub app: String,
    /// Whether a person types into it.
    pub focused: bool,
}

impl Wayland {
    /// Starts it. Programs are drawn by it that are started with [`Self::environment`].
    ///
    /// # Errors
    /// When it is missing or does not come up.
    pub async fn start(desktop: &Desktop) -> Outcome<Self> {
        let config = desktop.folder().write("sway.conf", CONFIG)?;
        let talk = desktop.folder().sub("run")?.join("sway.sock");
        // it refuses to be root; one who is nobody in a namespace of its own still owns the files of whoever started it
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = desktop.command("unshare");
            command.args(["--user", "--", "sway"]);
            command
        } else {
            desktop.command("sway")
        };
        command.arg("--config").arg(config).envs(HEADLESS).env("SWAYSOCK", &talk).env_remove("DISPLAY");
        let mut program = Spawned::start(command, None).await?;
        let run = desktop.folder().sub("run")?;
        let display = until(PATIENCE, "the Wayland compositor comes up", async || {
            if program.ended()?.is_some() {
                return Err(Trouble::Ended { program: "sway".to_owned(), said: program.said() });
            }
            let displays = (0..9).map(|number| run.join(format!("wayland-{number}")));
            Ok(displays.into_iter().find(|display| talk.exists() && UnixStream::connect(display).is_ok()))
        });
        let display = display.await?;
        Ok(Self { _program: program, swaymsg: crate::path_of("swaymsg")?, display, talk })
    }

    /// What programs need so that they are drawn by it.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("WAYLAND_DISPLAY", self.display.clone()), ("GDK_BACKEND", "wayland".into())]
    }

    /// Goes to another workspace, which is empty at first.
    ///
    /// # Errors
    /// When the compositor does not answer.
    pub async fn go_to_workspace(&self, number: u32) -> Outcome {
        self.ask(&["workspace", "number", &number.to_string()]).await.map(drop)
    }

    /// Waits until the windows are as wanted.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn when(&self, what: &str, wanted: impl Fn(&[Surface]) -> bool) -> Outcome {
        until(PATIENCE, what, async || Ok(wanted(&self.surfaces().await?).then_some(()))).await
    }

    /// The windows that are there now.
    ///
    /// # Errors
    /// When the compositor does not answer.
    pub async fn surfaces(&self) -> Outcome<Vec<Surface>> {
        let mut surfaces = Vec::new();
        collect(&self.ask(&["-t", "get_tree"]).await?, &mut surfaces);
        Ok(surfaces)
    }

    /// A token that permits a window to come to the front, as a launcher gets one when it is clicked. It holds for as long as
    /// what is returned beside it.
    ///
    /// # Errors
    /// When the compositor gives none.
    pub async fn token(&self) -> Outcome<(String, tokio::net::UnixStream)> {
        within(PATIENCE, "the compositor gives a token", token::ask(&self.display)).await?
    }

    async fn ask(&self, arguments: &[&str]) -> Outcome<Value> {
        let mut command = tokio::process::Command::new(&self.swaymsg);
        command.env_clear().arg("--socket").arg(&self.talk).arg("--raw").args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = within(PATIENCE, "the compositor answers", command.output()).await??;
        if !output.status.success() {
            return Err(Trouble::Display(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| Trouble::Display(error.to_string()))
    }
}

fn collect(node: &Value, surfaces: &mut Vec<Surface>) {
    if let Some(app) = node["app_id"].as_str() {
        surfaces.push(Surface { app: app.to_owned(), focused: node["focused"] == true });
    }
    for kind in ["nodes", "floating_nodes"] {
        node[kind].as_array().into_iter().flatten().for_each(|below| collect(below, surfaces));
    }
}
