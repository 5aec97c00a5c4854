use std::sync::Arc;

use tokio::sync::watch;
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeWindowAttributesAux,
            ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, EventMask,
            MOTION_NOTIFY_EVENT, MapState, PropMode, Rectangle, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::{Outcome, Trouble, patience::PATIENCE, within};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_CLIENT_LIST,
        _NET_SUPPORTING_WM_CHECK,
        _NET_CLOSE_WINDOW,
        _NET_WM_NAME,
        _XROOTPMAP_ID,
        UTF8_STRING,
    }
}

/// How far into a window a click goes, in pixels: past its border, and onto the first of several toasts.
const INTO: i16 = 24;

/// A quiet slate blue, so that windows and toasts stand out in screenshots.
const BACKGROUND: u32 = 0x0042_4e5e;

/// The left button's number.
const LEFT: u8 = 1;

/// A window on the display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its X11 id.
    pub id: u32,
    /// The class that its program gave it.
    pub class: String,
    /// Its title.
    pub title: String,
}

/// Where a window's inside is on the display, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub x: i16,
    /// From the top.
    pub y: i16,
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

/// What is on the display, kept up to date by the display's own events.
#[derive(Debug)]
pub struct Screen {
    connection: Arc<RustConnection>,
    root: Window,
    atoms: Atoms,
    state: watch::Receiver<State>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    managed: bool,
    active: Option<u32>,
    /// Which window has last asked to be that one, and the time of the event that it named as the reason.
    asked: Option<(u32, u32)>,
    windows: Vec<Shown>,
}

impl Screen {
    /// Connects to a display and follows it.
    pub(super) fn watch(display: &str) -> Outcome<Self> {
        let (connection, screen) = x11rb::connect(Some(display)).map_err(display_trouble)?;
        let connection = Arc::new(connection);
        let root = connection.setup().roots.get(screen).map(|screen| screen.root);
        let root = root.ok_or_else(|| Trouble::Display("it has no screen".to_owned()))?;
        let atoms = Atoms::new(&*connection).map_err(display_trouble)?.reply().map_err(display_trouble)?;
        let events = EventMask::PROPERTY_CHANGE | EventMask::SUBSTRUCTURE_NOTIFY;
        let follow = ChangeWindowAttributesAux::new().event_mask(events);
        connection
            .change_window_attributes(root, &follow)
            .map_err(display_trouble)?
            .check()
            .map_err(display_trouble)?;
        paint_background(&connection, root, atoms).map_err(display_trouble)?;
        let (sender, state) = watch::channel(State::default());
        let reader = Arc::clone(&connection);
        // it ends when the display does
        std::thread::spawn(move || {
            let mut asked = None;
            loop {
                // a window may go while it is looked at; the event of its going follows
                if let Ok(state) = State::read(&reader, root, atoms) {
                    let state = State { asked, ..state };
                    sender.send_if_modified(|known| {
                        let changed = *known != state;
                        *known = state;
                        changed
                    });
                }
                let Ok(mut event) = reader.wait_for_event() else { return };
                if sender.is_closed() {
                    return;
                }
                loop {
                    asked = wish(&event, atoms).or(asked);
                    match reader.poll_for_event() {
                        Ok(Some(next)) => event = next,
                        _ => break,
                    }
                }
            }
        });
        Ok(Self { connection, root, atoms, state })
    }

    /// Waits until a window manager manages it.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn managed(&self) -> Outcome {
        self.when("a window manager takes the display", |state| state.managed.then_some(())).await
    }

    /// Waits for a window of a class, such as `Tidings`; case does not matter.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn window(&self, class: &str) -> Outcome<Shown> {
        let is_it = |shown: &&Shown| shown.class.eq_ignore_ascii_case(class);
        self.when(&format!("a window of class {class} shows"), |state| {
            state.windows.iter().find(is_it).cloned()
        })
        .await
    }

    /// Waits until no window of a class is there.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn window_closed(&self, class: &str) -> Outcome {
        let none = |state: &State| !state.windows.iter().any(|shown| shown.class.eq_ignore_ascii_case(class));
        self.when(&format!("the window of class {class} goes"), |state| none(state).then_some(())).await
    }

    /// Waits until a window is the one that a person types into.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn active(&self, window: &Shown) -> Outcome {
        let is_it = |state: &State| (state.active == Some(window.id)).then_some(());
        self.when(&format!("{window:?} is in front"), is_it).await
    }

    /// Waits until a window has asked to come to the front as of a moment that [`super::Stranger`] has told: window managers let
    /// it by that.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn asked_for_front(&self, window: &Shown, time: u32) -> Outcome {
        let asked = |state: &State| (state.asked == Some((window.id, time))).then_some(());
        self.when(&format!("{window:?} asks to come to the front by the click at {time}"), asked).await
    }

    /// Where a window is.
    ///
    /// # Errors
    /// When it has gone.
    pub fn place_of(&self, window: &Shown) -> Outcome<Place> {
        let c = &self.connection;
        let size = c.get_geometry(window.id).map_err(display_trouble)?.reply().map_err(display_trouble)?;
        let corner = c.translate_coordinates(window.id, self.root, 0, 0).map_err(display_trouble)?;
        let corner = corner.reply().map_err(display_trouble)?;
        Ok(Place { x: corner.dst_x, y: corner.dst_y, width: size.width, height: size.height })
    }

    /// The windows that are there now: managed ones, and unmanaged ones such as toasts.
    pub fn windows(&self) -> Vec<Shown> {
        self.state.borrow().windows.clone()
    }

    /// Closes a window as a click on its cross does.
    ///
    /// # Errors
    /// When the display refuses.
    pub fn close(&self, window: &Shown) -> Outcome {
        // source indication 2: a pager, acting for the person (EWMH, "Source indication in requests")
        let message =
            ClientMessageEvent::new(32, window.id, self.atoms._NET_CLOSE_WINDOW, [0_u32, 2, 0, 0, 0]);
        let events = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, events, message).map_err(display_trouble)?;
        self.connection.sync().map_err(display_trouble)
    }

    /// Puts a window's upper left corner somewhere, as far as the window manager lets it.
    ///
    /// # Errors
    /// When the display refuses.
    pub fn place(&self, window: &Shown, x: i32, y: i32) -> Outcome {
        let place = ConfigureWindowAux::new().x(x).y(y);
        self.connection.configure_window(window.id, &place).map_err(display_trouble)?;
        self.connection.sync().map_err(display_trouble)
    }

    /// Gives a window's inside a size, as far as its program and the window manager let it.
    ///
    /// # Errors
    /// When the display refuses.
    pub fn resize(&self, window: &Shown, width: u32, height: u32) -> Outcome {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(window.id, &size).map_err(display_trouble)?;
        self.connection.sync().map_err(display_trouble)
    }

    /// Clicks near a window's upper left corner with the left button, as a person does.
    ///
    /// # Errors
    /// When it has gone.
    pub fn click(&self, window: &Shown) -> Outcome {
        self.click_at(window, INTO, INTO)
    }

    /// Clicks in a window, so many pixels from its upper left corner.
    ///
    /// # Errors
    /// When it has gone.
    pub fn click_at(&self, window: &Shown, x: i16, y: i16) -> Outcome {
        let place =
            self.connection.translate_coordinates(window.id, self.root, x, y).map_err(display_trouble)?;
        let place = place.reply().map_err(display_trouble)?;
        let input = |kind, detail| {
            let sent =
                self.connection.xtest_fake_input(kind, detail, 0, self.root, place.dst_x, place.dst_y, 0);
            sent.map_err(display_trouble)?.check().map_err(display_trouble)
        };
        input(MOTION_NOTIFY_EVENT, 0)?;
        input(BUTTON_PRESS_EVENT, LEFT)?;
        input(BUTTON_RELEASE_EVENT, LEFT)
    }

    async fn when<T>(&self, what: &str, find: impl Fn(&State) -> Option<T>) -> Outcome<T> {
        let mut state = self.state.clone();
        let found = async {
            loop {
                if let Some(found) = find(&state.borrow_and_update()) {
                    return Ok(found);
                }
                state.changed().await.map_err(|_| Trouble::Display("it has ended".to_owned()))?;
            }
        };
        let result = within(PATIENCE, what, found).await;
        result.map_err(|_| Trouble::Late {
            what: format!("{what}; on the display: {:?}", self.state.borrow().windows),
            limit: PATIENCE,
        })?
    }
}

impl State {
    fn read(
        connection: &RustConnection,
        root: Window,
        atoms: Atoms,
    ) -> Result<Self, x11rb::errors::ReplyError> {
        let managed =
            !numbers(connection, root, atoms._NET_SUPPORTING_WM_CHECK, AtomEnum::WINDOW.into())?.is_empty();
        let mut ids = numbers(connection, root, atoms._NET_CLIENT_LIST, AtomEnum::WINDOW.into())?;
        for child in connection.query_tree(root)?.reply()?.children {
            // one that has gone in between is not there
            let Ok(look) = connection.get_window_attributes(child)?.reply() else { continue };
            if look.override_redirect && look.map_state == MapState::VIEWABLE {
                ids.push(child);
            }
        }
        let windows = ids.into_iter().filter_map(|id| shown(connection, id, atoms).ok()).collect();
        let active = numbers(connection, root, atoms._NET_ACTIVE_WINDOW, AtomEnum::WINDOW.into())?;
        Ok(Self { managed, active: active.first().copied().filter(|id| *id != 0), asked: None, windows })
    }
}

/// The window that asks to come to the front, and the time that it names (EWMH, `_NET_ACTIVE_WINDOW`).
fn wish(event: &Event, atoms: Atoms) -> Option<(u32, u32)> {
    let Event::ClientMessage(message) = event else { return None };
    (message.type_ == atoms._NET_ACTIVE_WINDOW).then(|| (message.window, message.data.as_data32()[1]))
}

/// A wallpaper of one colour, where compositors look for it.
fn paint_background(
    connection: &RustConnection,
    root: Window,
    atoms: Atoms,
) -> Result<(), x11rb::errors::ReplyOrIdError> {
    let size = connection.get_geometry(root)?.reply()?;
    let (pixmap, brush) = (connection.generate_id()?, connection.generate_id()?);
    connection.create_pixmap(size.depth, pixmap, root, size.width, size.height)?;
    connection.create_gc(brush, pixmap, &CreateGCAux::new().foreground(BACKGROUND))?;
    let all = Rectangle { x: 0, y: 0, width: size.width, height: size.height };
    connection.poly_fill_rectangle(pixmap, brush, &[all])?;
    connection.change_property32(
        PropMode::REPLACE,
        root,
        atoms._XROOTPMAP_ID,
        AtomEnum::PIXMAP,
        &[pixmap],
    )?;
    connection.change_window_attributes(root, &ChangeWindowAttributesAux::new().background_pixmap(pixmap))?;
    connection.clear_area(false, root, 0, 0, 0, 0)?.check()?;
    Ok(())
}

fn shown(connection: &RustConnection, id: Window, atoms: Atoms) -> Result<Shown, x11rb::errors::ReplyError> {
    let class = bytes(connection, id, AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into())?;
    // two strings, each ended by a zero: the instance and the class (ICCCM 4.1.2.5)
    let class = class.split(|byte| *byte == 0).nth(1).unwrap_or_default();
    let title = bytes(connection, id, atoms._NET_WM_NAME, atoms.UTF8_STRING)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Shown { id, class: text(class), title: text(&title) })
}

fn bytes(
    c: &RustConnection,
    of: Window,
    name: Atom,
    kind: Atom,
) -> Result<Vec<u8>, x11rb::errors::ReplyError> {
    Ok(c.get_property(false, of, name, kind, 0, 1024)?.reply()?.value)
}

fn numbers(
    c: &RustConnection,
    of: Window,
    name: Atom,
    kind: Atom,
) -> Result<Vec<u32>, x11rb::errors::ReplyError> {
    let property = c.get_property(false, of, name, kind, 0, 1024)?.reply()?;
    Ok(property.value32().map(Iterator::collect).unwrap_or_default())
}

fn display_trouble(error: impl std::fmt::Display) -> Trouble {
    Trouble::Display(error.to_string())
}
