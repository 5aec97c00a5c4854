//! GNOME's "do not disturb": one of its settings, `show-banners`.
//!
//! Owns the reading and who tells of changes. The settings lie in a file of dconf's own format; GNOME's `gsettings` reads
//! it, and dconf tells on the bus what was written.

use std::{ffi::OsStr, io, process::Stdio};

use futures_util::StreamExt;
use tokio::process::Command;
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type};

const SCHEMA: &str = "org.gnome.desktop.notifications";
const KEY: &str = "show-banners";
/// Where dconf keeps it.
const PLACE: &str = "/org/gnome/desktop/notifications/show-banners";
const WRITER: &str = "ca.desrt.dconf.Writer";

/// What is written to the settings, from now on.
pub(super) struct Changes(MessageStream);

impl Changes {
    pub(super) async fn of(bus: &Connection) -> zbus::Result<Self> {
        // a path with a dash is none for the bus, which therefore cannot sift them
        let rule = MatchRule::builder().msg_type(Type::Signal).interface(WRITER)?.member("Notify")?.build();
        MessageStream::for_match_rule(rule, bus, None).await.map(Self)
    }

    /// Waits until this one may have changed. `None` when the bus has gone.
    pub(super) async fn next(&mut self) -> Option<()> {
        loop {
            match self.0.next().await? {
                Ok(message) if !concerns(&message) => {}
                Ok(_) | Err(_) => return Some(()),
            }
        }
    }
}

/// A key alone is told as the whole of its path, several by the folder that they share.
fn concerns(message: &Message) -> bool {
    let body = message.body();
    let written = body.deserialize::<(&str, Vec<&str>, &str)>();
    written.is_ok_and(|(prefix, keys, _)| keys.iter().any(|key| PLACE.starts_with(&format!("{prefix}{key}"))))
}

/// Whether toasts are held back.
///
/// # Errors
/// When there is no `gsettings`, or it does not know GNOME's notifications.
pub(super) async fn wants_quiet() -> io::Result<bool> {
    let arguments = ["get", SCHEMA, KEY].map(OsStr::new);
    let output =
        Command::new("gsettings").args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await?;
    match String::from_utf8_lossy(&output.stdout).trim() {
        "true" => Ok(false),
        "false" => Ok(true),
        _ => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}
