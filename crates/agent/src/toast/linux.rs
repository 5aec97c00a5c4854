use tokio::sync::{mpsc, watch};

use super::{Event, Toast, ToastError};
use crate::desktop::Availability;

/// Shows toasts. Cheap to clone.
#[derive(Clone)]
pub struct Toaster;

impl Toaster {
    /// Starts within the current runtime.
    pub fn start(_events: mpsc::Sender<Event>) -> (Self, watch::Receiver<Availability>) {
        (Self, watch::channel(Availability::Starting).1)
    }

    /// Shows one.
    ///
    /// # Errors
    /// [`ToastError`] when there is no daemon, or it refuses.
    pub async fn show(&self, _toast: Toast) -> Result<(), ToastError> {
        Ok(())
    }

    /// Takes one off the screen, if it is there.
    pub async fn close(&self, _item: i64) {}
}
