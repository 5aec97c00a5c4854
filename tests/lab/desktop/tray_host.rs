use zbus::{interface, object_server::SignalEmitter};

use crate::Outcome;

/// A tray host in its smallest form: items can register, and nothing is drawn.
#[derive(Debug)]
pub(super) struct BareHost {
    connection: zbus::Connection,
}

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const PLACE: &str = "/StatusNotifierWatcher";

impl BareHost {
    pub(super) async fn start(connection: zbus::Connection) -> Outcome<Self> {
        connection.object_server().at(PLACE, Watcher::default()).await?;
        connection.request_name(WATCHER).await?;
        Ok(Self { connection })
    }

    pub(super) async fn stop(self) -> Outcome {
        Ok(self.connection.close().await?)
    }
}

#[derive(Debug, Default)]
struct Watcher {
    items: Vec<String>,
}

// the names are those of the StatusNotifierWatcher specification
#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &mut self,
        service: &str,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let item =
            if service.starts_with('/') { sender + service } else { format!("{service}/StatusNotifierItem") };
        self.items.push(item.clone());
        Self::status_notifier_item_registered(&emitter, &item).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
