use tokio::sync::{mpsc, watch};

use super::{Command, View};
use crate::desktop::Availability;

/// Shows the tray icon for as long as `views` lives. Never fatal.
pub async fn run(
    mut views: watch::Receiver<View>,
    _commands: mpsc::Sender<Command>,
    _availability: watch::Sender<Availability>,
) {
    while views.changed().await.is_ok() {}
}
