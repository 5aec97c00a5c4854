use std::sync::atomic::{AtomicU32, Ordering};

use zbus::interface;

use crate::Outcome;

/// A notification daemon in its smallest form: it takes every toast, and shows none.
#[derive(Debug)]
pub(super) struct BareToasts {
    _connection: zbus::Connection,
}

const NAME: &str = "org.freedesktop.Notifications";
const PLACE: &str = "/org/freedesktop/Notifications";

impl BareToasts {
    pub(super) async fn start(connection: zbus::Connection) -> Outcome<Self> {
        connection.object_server().at(PLACE, Daemon::default()).await?;
        connection.request_name(NAME).await?;
        Ok(Self { _connection: connection })
    }
}

#[derive(Debug, Default)]
struct Daemon {
    last: AtomicU32,
}

// the names are those of the Desktop Notifications specification
#[interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("lab", "Tidings", "1", "1.3")
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        _title: &str,
        _body: &str,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, zbus::zvariant::OwnedValue>,
        _expires: i32,
    ) -> u32 {
        if replaces == 0 { self.last.fetch_add(1, Ordering::Relaxed) + 1 } else { replaces }
    }

    fn close_notification(&self, _id: u32) {}
}
