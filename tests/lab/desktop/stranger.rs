use x11rb::{
    COPY_DEPTH_FROM_PARENT,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, PropMode, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::{Desktop, Shown};
use crate::{Outcome, Trouble, patience::PATIENCE, within};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        _NET_WM_USER_TIME,
    }
}

/// Its class, by which it is found on the display.
const CLASS: &str = "stranger";

/// Large enough to be clicked beside whatever else is on the display.
const SIZE: (u16, u16) = (400, 300);

/// A window of some other program, which a person is at work in.
#[derive(Debug)]
pub struct Stranger {
    connection: std::sync::Arc<RustConnection>,
    window: Window,
    atoms: Atoms,
    shown: Shown,
}

impl Stranger {
    /// Opens it, with its corner somewhere.
    ///
    /// # Errors
    /// When there is no display, or no window manager lets it be seen.
    pub async fn open(desktop: &Desktop, x: i16, y: i16) -> Outcome<Self> {
        let display = desktop.environment().find(|(name, _)| *name == "DISPLAY");
        let display = display.map(|(_, display)| display.to_string_lossy().into_owned());
        let (connection, screen) = x11rb::connect(display.as_deref()).map_err(trouble)?;
        let atoms = Atoms::new(&connection).map_err(trouble)?.reply().map_err(trouble)?;
        let root = connection.setup().roots.get(screen).map(|screen| screen.root);
        let root = root.ok_or_else(|| Trouble::Display("it has no screen".to_owned()))?;
        let window = connection.generate_id().map_err(trouble)?;
        let look = CreateWindowAux::new().event_mask(EventMask::BUTTON_PRESS).background_pixel(0x00ff_ffff);
        let (width, height) = SIZE;
        let class = WindowClass::INPUT_OUTPUT;
        let depth = COPY_DEPTH_FROM_PARENT;
        connection
            .create_window(depth, window, root, x, y, width, height, 0, class, 0, &look)
            .map_err(trouble)?;
        let names = [CLASS, CLASS, ""].join("\0");
        let (name, kind) = (AtomEnum::WM_CLASS, AtomEnum::STRING);
        connection
            .change_property8(PropMode::REPLACE, window, name, kind, names.as_bytes())
            .map_err(trouble)?;
        connection.map_window(window).map_err(trouble)?;
        connection.sync().map_err(trouble)?;
        let shown = desktop.screen()?.window(CLASS).await?;
        Ok(Self { connection: connection.into(), window, atoms, shown })
    }

    /// A person clicks into it, so that it is in front; tells the time of the click on the display's clock.
    ///
    /// # Errors
    /// When the click does not come.
    pub async fn is_clicked(&self, desktop: &Desktop) -> Outcome<u32> {
        let screen = desktop.screen()?;
        let reader = std::sync::Arc::clone(&self.connection);
        // ends with the click, or with the display
        let pressed = tokio::task::spawn_blocking(move || {
            loop {
                match reader.wait_for_event() {
                    Ok(Event::ButtonPress(press)) => return Ok(press.time),
                    Ok(_) => {}
                    Err(error) => return Err(trouble(error)),
                }
            }
        });
        screen.click(&self.shown)?;
        let time = within(PATIENCE, "the click reaches the other window", pressed).await?;
        let time = time.map_err(|error| Trouble::Unexpected(error.to_string()))??;
        let c = &self.connection;
        let (name, kind) = (self.atoms._NET_WM_USER_TIME, AtomEnum::CARDINAL);
        c.change_property32(PropMode::REPLACE, self.window, name, kind, &[time]).map_err(trouble)?;
        c.set_input_focus(InputFocus::PARENT, self.window, time).map_err(trouble)?;
        c.sync().map_err(trouble)?;
        screen.active(&self.shown).await?;
        Ok(time)
    }
}

fn trouble(error: impl std::fmt::Display) -> Trouble {
    Trouble::Display(error.to_string())
}
