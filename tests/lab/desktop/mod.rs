//! A desktop session of its own: display, window manager, session bus, tray, notification daemon and keychain, each
//! the real program, each of which can be left out.
//!
//! Every part is waited for by its own event before the next one starts, and all of it ends with the value, together
//! with everything that was started in its environment.

mod bus;
mod furniture;
mod parts;
mod picture;
mod portal;
mod screen;
mod stranger;
mod toast_host;
mod tray_host;
mod wayland;
mod xsettings;

use std::{collections::BTreeMap, env, ffi::OsString, path::Path, time::Duration};

use tokio::process::Command;

use crate::{
    Folder, Keychain, Outcome, PATIENCE, Process, Spawned, Toasts, Tray, Trouble, processes_of, until, within,
};

pub use furniture::{Furniture, KeychainState, TrayHost};
pub use picture::Picture;
pub use screen::{Place, Screen, Shown};
pub use stranger::Stranger;
pub use wayland::{Surface, Wayland};

/// The variable by which everything that runs in a session is known again.
const MARK: &str = "TIDINGS_LAB";

/// The class that the window has on the display.
pub const WINDOW: &str = "org.tidings.desktop";

/// One good font for everything, whatever else the machine has.
const FONTS: &str = include_str!("fonts.conf");

/// A running session.
///
/// The fields are in the order in which they are to end: what draws on the display before the display.
#[derive(Debug)]
pub struct Desktop {
    environment: BTreeMap<&'static str, OsString>,
    screen: Option<Screen>,
    settings: Option<xsettings::XSettings>,
    portal: Option<portal::Portal>,
    bus: Option<zbus::Connection>,
    tray_host: Option<tray_host::BareHost>,
    panel: Option<Spawned>,
    toast_program: Option<Spawned>,
    bare_toasts: Option<toast_host::BareToasts>,
    _programs: Vec<Spawned>,
    _display: Option<Spawned>,
    dark: bool,
    folder: Folder,
}

impl Desktop {
    /// Starts a session and waits until all of it is there.
    ///
    /// # Errors
    /// When a part cannot be started or does not come up; the message says which.
    pub async fn start(furniture: Furniture) -> Outcome<Self> {
        let folder = Folder::new()?;
        let environment = environment(&folder, furniture.dark)?;
        folder.write(".config/fontconfig/fonts.conf", FONTS)?;
        let mut desktop = Self {
            environment,
            screen: None,
            settings: None,
            portal: None,
            bus: None,
            tray_host: None,
            panel: None,
            toast_program: None,
            bare_toasts: None,
            _programs: Vec::new(),
            _display: None,
            dark: furniture.dark,
            folder,
        };
        desktop.furnish(furniture).await?;
        Ok(desktop)
    }

    async fn furnish(&mut self, furniture: Furniture) -> Outcome {
        if furniture.display {
            let (program, display) = parts::display(self).await?;
            self._display = Some(program);
            self.environment.insert("DISPLAY", display.clone().into());
            self.screen = Some(Screen::watch(&display)?);
            self.settings = Some(xsettings::XSettings::announce(&display)?);
        }
        if furniture.bus {
            let (program, address) = bus::start(self).await?;
            self._programs.push(program);
            self.environment.insert("DBUS_SESSION_BUS_ADDRESS", address.into());
            self.bus = Some(self.connect().await?);
        }
        // the keychain first: whatever asks for its name before would be told that there is none
        if furniture.keychain != KeychainState::Missing {
            self._programs.push(parts::keychain(self).await?);
            if furniture.keychain == KeychainState::Locked {
                self.keychain().await?.lock().await?;
            }
        }
        if furniture.display {
            self._programs.push(parts::window_manager(self).await?);
        }
        match furniture.tray {
            TrayHost::Missing => {}
            TrayHost::Bare => self.start_tray_host().await?,
            TrayHost::Panel => self.start_panel().await?,
        }
        if furniture.toasts {
            self.start_toasts().await?;
        }
        Ok(())
    }

    /// Starts a bare tray host, or one again after [`Self::stop_tray_host`].
    ///
    /// # Errors
    /// When there is no session bus, or another host.
    pub async fn start_tray_host(&mut self) -> Outcome {
        self.tray_host = Some(tray_host::BareHost::start(self.connect().await?).await?);
        Ok(())
    }

    /// Ends the bare tray host, as when a panel crashes.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop_tray_host(&mut self) -> Outcome {
        match self.tray_host.take() {
            Some(host) => host.stop().await,
            None => Ok(()),
        }
    }

    /// Starts the panel, or it again after [`Self::crash_panel`].
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_panel(&mut self) -> Outcome {
        self.panel = Some(parts::panel(self).await?);
        Ok(())
    }

    /// Kills the panel.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn crash_panel(&mut self) -> Outcome {
        match self.panel.take() {
            Some(mut program) => program.kill().await.map(drop),
            None => Ok(()),
        }
    }

    /// Kills the notification daemon, as a crash does.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn crash_toasts(&mut self) -> Outcome {
        match self.toast_program.take() {
            Some(mut program) => program.kill().await.map(drop),
            None => Ok(()),
        }
    }

    /// Starts the notification daemon, or it again after [`Self::stop_toasts`].
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_toasts(&mut self) -> Outcome {
        self.toast_program = Some(parts::toasts(self).await?);
        Ok(())
    }

    /// Ends the notification daemon, orderly.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop_toasts(&mut self) -> Outcome {
        match self.toast_program.take() {
            Some(mut program) => program.stop().await.map(drop),
            None => Ok(()),
        }
    }

    /// Starts a notification daemon that needs no display and shows nothing. What it is asked is for [`Self::watch_toasts`]
    /// to tell.
    ///
    /// # Errors
    /// When there is no session bus, or another daemon.
    pub async fn start_bare_toasts(&mut self) -> Outcome {
        self.bare_toasts = Some(toast_host::BareToasts::start(self.connect().await?).await?);
        Ok(())
    }

    /// A command that will run in this session, and only in it: nothing is inherited from the outside but `PATH`.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).current_dir(self.folder.path());
        command
    }

    /// What [`Self::command`] sets.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &OsString)> {
        self.environment.iter().map(|(name, value)| (*name, value))
    }

    /// The home folder of the session.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// The session's own throw-away folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// A new connection to the session bus.
    ///
    /// # Errors
    /// When there is none.
    pub async fn connect(&self) -> Outcome<zbus::Connection> {
        let address = self.environment.get("DBUS_SESSION_BUS_ADDRESS").and_then(|address| address.to_str());
        let address = address.ok_or_else(|| Trouble::Unexpected("this session has no bus".to_owned()))?;
        Ok(zbus::connection::Builder::address(address)?.build().await?)
    }

    /// The session's own connection to the bus.
    ///
    /// # Errors
    /// When there is none.
    pub fn bus(&self) -> Outcome<&zbus::Connection> {
        self.bus.as_ref().ok_or_else(|| Trouble::Unexpected("this session has no bus".to_owned()))
    }

    /// The display.
    ///
    /// # Errors
    /// When there is none.
    pub fn screen(&self) -> Outcome<&Screen> {
        self.screen.as_ref().ok_or_else(|| Trouble::Unexpected("this session has no display".to_owned()))
    }

    /// Has programs that are started from now on speak a language, by its POSIX name and as on a desktop that is set up for it.
    ///
    /// # Errors
    /// When the system does not know the language.
    pub async fn speak(&mut self, language: &str) -> Outcome {
        let (locales, name) = (self.folder.sub("locales")?, format!("{language}.UTF-8"));
        let mut command = self.command("localedef");
        command.args(["--inputfile", language, "--charmap", "UTF-8"]).arg(locales.join(&name));
        if !within(PATIENCE, "the locale is made", command.status()).await??.success() {
            return Err(Trouble::Unexpected(format!(
                "there is no locale {language}; the package is `locales`"
            )));
        }
        self.environment.insert("LOCPATH", locales.into());
        self.environment.insert("LANG", name.into());
        Ok(())
    }

    /// Gives the text of all programs so many times its usual size, as a person does in the desktop's settings.
    ///
    /// # Errors
    /// When there is no display.
    pub fn scale_text(&self, factor: f64) -> Outcome {
        let settings = self.settings.as_ref();
        let settings =
            settings.ok_or_else(|| Trouble::Unexpected("this session has no display".to_owned()))?;
        settings.scale_text(factor)
    }

    /// Asks programs for dark colours or for light ones over the desktop's portal, which is there from then on.
    ///
    /// # Errors
    /// When there is no session bus.
    pub async fn prefer_dark(&mut self, dark: bool) -> Outcome {
        match &self.portal {
            Some(portal) => portal.prefer(dark).await,
            None => {
                self.portal = Some(portal::Portal::start(self.connect().await?, dark).await?);
                Ok(())
            }
        }
    }

    /// The tray item, once there is one.
    ///
    /// # Errors
    /// When none shows itself.
    pub async fn tray(&self) -> Outcome<Tray> {
        Tray::find(self.bus()?.clone()).await
    }

    /// From now on, every toast that anybody asks for.
    ///
    /// # Errors
    /// When the bus refuses.
    pub async fn watch_toasts(&self) -> Outcome<Toasts> {
        Toasts::watch(self.connect().await?).await
    }

    /// Clicks the uppermost toast, once it shows.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click_toast(&self) -> Outcome {
        let screen = self.screen()?;
        screen.click(&screen.window("Dunst").await?)
    }

    /// The keychain, as its owner sees it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn keychain(&self) -> Outcome<Keychain> {
        Keychain::open(self.bus()?.clone()).await
    }

    /// The keychain, over a connection that is made for it, as by a program that has just started.
    ///
    /// # Errors
    /// When there is none.
    pub async fn fresh_keychain(&self) -> Outcome<Keychain> {
        Keychain::open(self.connect().await?).await
    }

    /// Takes all toasts off the screen.
    ///
    /// # Errors
    /// When dunst does not answer.
    pub async fn close_toasts(&self) -> Outcome {
        self.tell_dunst("NotificationCloseAll").await
    }

    /// Presses the first button of that name in the toasts that show.
    ///
    /// # Errors
    /// When dunst does not answer.
    pub async fn press_in_toast(&self, label: &str) -> Outcome {
        self.folder.write("choice", label)?;
        self.tell_dunst("ContextMenuCall").await
    }

    async fn tell_dunst(&self, method: &str) -> Outcome {
        let dunst =
            ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.dunstproject.cmd0");
        self.bus()?.call_method(Some(dunst.0), dunst.1, Some(dunst.2), method, &()).await?;
        Ok(())
    }

    /// A picture of the whole display.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn picture(&self) -> Outcome<Picture> {
        Picture::of_display(self).await
    }

    /// All that runs in this session and was not started by the lab itself as a part of it, or was.
    pub fn processes(&self) -> Vec<Process> {
        self.environment.get(MARK).map(|mark| processes_of(MARK, mark)).unwrap_or_default()
    }

    /// The processes of the window.
    pub fn window_processes(&self) -> Vec<Process> {
        self.processes().into_iter().filter(Process::is_of_window).collect()
    }

    /// Waits until no process of the window is left.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn window_gone(&self, limit: Duration) -> Outcome {
        until(limit, "the window's processes end", async || {
            Ok(self.window_processes().is_empty().then_some(()))
        })
        .await
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // the lab's own parts are children and end with their values; these are what others have left behind
        for process in self.processes().iter().filter(|process| process.is_agent() || process.is_of_window())
        {
            if let Some(pid) = rustix::process::Pid::from_raw(process.pid.cast_signed()) {
                // gone already: as wished
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

fn environment(folder: &Folder, dark: bool) -> Outcome<BTreeMap<&'static str, OsString>> {
    let home = folder.path();
    let mut environment = BTreeMap::from([
        ("HOME", home.into()),
        ("XDG_CONFIG_HOME", folder.sub(".config")?.into()),
        ("XDG_DATA_HOME", folder.sub(".local/share")?.into()),
        ("XDG_STATE_HOME", folder.sub(".local/state")?.into()),
        ("XDG_CACHE_HOME", folder.sub(".cache")?.into()),
        ("XDG_RUNTIME_DIR", folder.sub("run")?.into()),
        ("XDG_CURRENT_DESKTOP", "XFCE".into()),
        ("XDG_SESSION_TYPE", "x11".into()),
        ("LANG", "C.UTF-8".into()),
        ("NO_AT_BRIDGE", "1".into()),
        ("GSETTINGS_BACKEND", "memory".into()),
        (MARK, home.into()),
    ]);
    // it stands above what the portal says
    if dark {
        environment.insert("GTK_THEME", "Adwaita:dark".into());
    }
    environment
        .extend(["PATH", "RUST_BACKTRACE"].into_iter().filter_map(|name| Some((name, env::var_os(name)?))));
    Ok(environment)
}
