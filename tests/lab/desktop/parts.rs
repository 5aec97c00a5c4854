//! The programs that a session is made of. Each is waited for by its own sign of being ready.

use std::os::unix::fs::PermissionsExt;

use super::{Desktop, bus::owned};
use crate::{Outcome, Spawned};

/// The display's size and depth.
const SCREEN: &str = "1280x800x24";

/// A panel with a task list and a tray, and without the questions of a first start.
const PANEL: &str = include_str!("panel.xml");

/// Toasts in a look that suits a screenshot; they stay until they are clicked. Colours are put in by name.
const DUNST: &str = include_str!("dunstrc");

/// Stands for the menu of a toast's buttons: from the lines that dunst offers it chooses the one that was asked for, by the
/// file beside it.
const CHOOSE: &str = "#!/bin/sh\nexec grep --max-count=1 --fixed-strings --file=\"${0%/*}/choice\"\n";

/// Name, in light, in dark.
const COLOURS: [(&str, &str, &str); 5] = [
    ("{surface}", "#fbfaf8", "#2b2925"),
    ("{text}", "#23262b", "#f1efeb"),
    ("{muted}", "#5a5e65", "#b5b1a9"),
    ("{line}", "#8a8f98", "#55514a"),
    ("{bad}", "#b3261e", "#e0685e"),
];

pub(super) async fn display(desktop: &Desktop) -> Outcome<(Spawned, String)> {
    let mut command = desktop.command("Xvfb");
    // -noreset: or the server would forget everything whenever its last client leaves
    command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
    let mut program = Spawned::start(command, None).await?;
    let number = program.line().await?;
    Ok((program, format!(":{}", number.trim())))
}

pub(super) async fn window_manager(desktop: &Desktop) -> Outcome<Spawned> {
    let mut command = desktop.command("xfwm4");
    command.arg("--compositor=on");
    let program = Spawned::start(command, None).await?;
    desktop.screen()?.managed().await?;
    Ok(program)
}

pub(super) async fn panel(desktop: &Desktop) -> Outcome<Spawned> {
    desktop.folder().write(".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", PANEL)?;
    let mut command = desktop.command("xfce4-panel");
    command.arg("--disable-wm-check");
    let program = Spawned::start(command, None).await?;
    owned(desktop, "org.kde.StatusNotifierWatcher", &program).await?;
    Ok(program)
}

pub(super) async fn toasts(desktop: &Desktop) -> Outcome<Spawned> {
    let colour = |config: String, (name, light, dark): (&str, &str, &str)| {
        config.replace(name, if desktop.dark { dark } else { light })
    };
    let choose = desktop.folder().write("choose", CHOOSE)?;
    std::fs::set_permissions(&choose, PermissionsExt::from_mode(0o700))?;
    let config = DUNST.replace("{choose}", &choose.to_string_lossy());
    let config = COLOURS.into_iter().fold(config, colour);
    let config = desktop.folder().write(".config/dunst/dunstrc", &config)?;
    let mut command = desktop.command("dunst");
    command.arg("-config").arg(config);
    let program = Spawned::start(command, None).await?;
    owned(desktop, "org.freedesktop.Notifications", &program).await?;
    Ok(program)
}

pub(super) async fn keychain(desktop: &Desktop) -> Outcome<Spawned> {
    let mut command = desktop.command("gnome-keyring-daemon");
    command.args(["--unlock", "--foreground", "--components=secrets"]);
    // an empty password would make no collection
    let program = Spawned::start(command, Some("lab\n")).await?;
    owned(desktop, "org.freedesktop.secrets", &program).await?;
    Ok(program)
}
