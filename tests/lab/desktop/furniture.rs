/// Which tray a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayHost {
    /// None.
    Missing,
    /// A bare host on the bus, without a picture.
    Bare,
    /// The Xfce panel. It needs a display.
    Panel,
}

/// Which keychain a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeychainState {
    /// None.
    Missing,
    /// GNOME Keyring, locked, with nobody there to unlock it.
    Locked,
    /// GNOME Keyring, unlocked.
    Unlocked,
}

/// What a session is made of.
#[derive(Clone, Copy, Debug)]
pub struct Furniture {
    /// A display (Xvfb) with a window manager (xfwm4).
    pub display: bool,
    /// A session bus.
    pub bus: bool,
    /// A tray.
    pub tray: TrayHost,
    /// A notification daemon (dunst). It needs a display.
    pub toasts: bool,
    /// A keychain.
    pub keychain: KeychainState,
    /// Whether programs are asked for their dark colours.
    pub dark: bool,
}

impl Furniture {
    /// All that a desktop has.
    pub const FULL: Self = Self {
        display: true,
        bus: true,
        tray: TrayHost::Panel,
        toasts: true,
        keychain: KeychainState::Unlocked,
        dark: false,
    };

    /// Nothing at all, as over a bare remote shell.
    pub const NONE: Self = Self {
        display: false,
        bus: false,
        tray: TrayHost::Missing,
        toasts: false,
        keychain: KeychainState::Missing,
        dark: false,
    };
}
