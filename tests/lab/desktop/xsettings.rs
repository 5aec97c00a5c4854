use std::sync::atomic::{AtomicU32, Ordering};

use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME,
    connection::Connection,
    protocol::xproto::{
        ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, Window, WindowClass,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::{Outcome, Trouble};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        MANAGER,
        _XSETTINGS_S0,
        _XSETTINGS_SETTINGS,
    }
}

/// The kind of a setting that is a whole number (XSETTINGS, "Format").
const INTEGER: u8 = 0;

/// What a display's dots are taken for, and GTK's unit for it.
const DPI: f64 = 96.0;
const DPI_UNIT: f64 = 1024.0;

/// The settings that a desktop announces to its programs, by the protocol that GTK follows on X11.
#[derive(Debug)]
pub(super) struct XSettings {
    connection: RustConnection,
    window: Window,
    atoms: Atoms,
    serial: AtomicU32,
}

impl XSettings {
    /// Becomes the display's manager of settings. Text has its usual size at first.
    pub(super) fn announce(display: &str) -> Outcome<Self> {
        let (connection, screen) = x11rb::connect(Some(display)).map_err(trouble)?;
        let root = connection.setup().roots.get(screen).map(|screen| screen.root);
        let root = root.ok_or_else(|| Trouble::Display("it has no screen".to_owned()))?;
        let atoms = Atoms::new(&connection).map_err(trouble)?.reply().map_err(trouble)?;
        let window = connection.generate_id().map_err(trouble)?;
        let plain = CreateWindowAux::new();
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                root,
                0,
                0,
                1,
                1,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &plain,
            )
            .map_err(trouble)?;
        let settings = Self { connection, window, atoms, serial: AtomicU32::new(0) };
        settings.scale_text(1.0)?;
        let c = &settings.connection;
        c.set_selection_owner(window, atoms._XSETTINGS_S0, CURRENT_TIME).map_err(trouble)?;
        let told = [CURRENT_TIME, atoms._XSETTINGS_S0, window, 0, 0];
        let message = ClientMessageEvent::new(32, root, atoms.MANAGER, told);
        c.send_event(false, root, EventMask::STRUCTURE_NOTIFY, message).map_err(trouble)?;
        c.sync().map_err(trouble)?;
        Ok(settings)
    }

    /// Gives all text so many times its usual size, as a desktop's settings do.
    pub(super) fn scale_text(&self, factor: f64) -> Outcome {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        // every program of the session reads a value of this size
        #[allow(clippy::cast_possible_truncation, reason = "a few hundred thousand")]
        let dpi = (DPI * DPI_UNIT * factor) as i32;
        let settings = integers(serial, &[("Xft/DPI", dpi)]);
        let kind = self.atoms._XSETTINGS_SETTINGS;
        let c = &self.connection;
        c.change_property8(PropMode::REPLACE, self.window, kind, kind, &settings).map_err(trouble)?;
        c.sync().map_err(trouble)
    }
}

/// All settings in the form in which they are announced.
fn integers(serial: u32, settings: &[(&str, i32)]) -> Vec<u8> {
    // the byte order comes first: the lowest byte
    let mut bytes = vec![0, 0, 0, 0];
    bytes.extend(serial.to_le_bytes());
    bytes.extend((settings.len() as u32).to_le_bytes());
    for (name, value) in settings {
        bytes.extend([INTEGER, 0]);
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(serial.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn trouble(error: impl std::fmt::Display) -> Trouble {
    Trouble::Display(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_written_as_the_specification_has_it() {
        let header = [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0];
        let setting = [0, 0, 7, 0, b'X', b'f', b't', b'/', b'D', b'P', b'I', 0, 7, 0, 0, 0, 0, 0x80, 1, 0];
        assert_eq!(integers(7, &[("Xft/DPI", 98_304)]), [&header[..], &setting[..]].concat());
    }
}
