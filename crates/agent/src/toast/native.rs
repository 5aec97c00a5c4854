//! Toasts on Windows and macOS, through notify-rust.
//!
//! Both systems tell of a click by a call that blocks, so each toast on the screen has a blocking task of its own;
//! past [`MOST`] of them, toasts are shown without waiting for the click.

use std::sync::Arc;

use notify_rust::{Notification, NotificationResponse, Timeout};
use tidings_control::Priority;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task,
};
use tracing::warn;

use super::{Event, Toast, ToastError, text};
use crate::desktop::Availability;

/// The name by which the system knows the program that toasts are from.
const SENDER: &str = "org.tidings.desktop";

/// Most toasts whose click is waited for at a time.
const MOST: usize = 16;

/// Shows toasts. Cheap to clone.
#[derive(Clone)]
pub struct Toaster {
    events: mpsc::Sender<Event>,
    availability: Arc<watch::Sender<Availability>>,
    waiting: Arc<Semaphore>,
}

impl Toaster {
    /// Starts within the current runtime.
    pub fn start(events: mpsc::Sender<Event>) -> (Self, watch::Receiver<Availability>) {
        // unsaid, they would be Finder's
        #[cfg(target_os = "macos")]
        if let Err(error) = notify_rust::set_application(SENDER) {
            warn!(%error, "the system does not know Tidings; toasts may bear another name");
        }
        // the notification centre is part of the system
        let (availability, watching) = watch::channel(Availability::Ready);
        let waiting = Arc::new(Semaphore::new(MOST));
        (Self { events, availability: Arc::new(availability), waiting }, watching)
    }

    /// Shows one.
    ///
    /// # Errors
    /// [`ToastError`] when the system does not take it.
    pub async fn show(&self, toast: Toast) -> Result<(), ToastError> {
        let item = toast.item;
        let shown = task::spawn_blocking(move || notification(&toast).show())
            .await
            .map_err(|error| ToastError::Unavailable(error.to_string()))
            .and_then(|shown| shown.map_err(|error| ToastError::Unavailable(error.to_string())));
        self.availability.send_replace(match &shown {
            Ok(_) => Availability::Ready,
            Err(error) => Availability::Missing(error.to_string()),
        });
        let handle = shown?;
        let Ok(permit) = Arc::clone(&self.waiting).try_acquire_owned() else { return Ok(()) };
        let events = self.events.clone();
        task::spawn_blocking(move || {
            let told = handle.wait_for_response(|response: &NotificationResponse| {
                let event = match response {
                    NotificationResponse::Default | NotificationResponse::Action(_) => {
                        Event::Activated { item, activation: None }
                    }
                    _ => Event::Closed { item },
                };
                if let Err(error) = events.try_send(event) {
                    warn!(%error, "what became of a toast was not taken");
                }
            });
            if let Err(error) = told {
                warn!(%error, "what became of a toast is not known");
            }
            drop(permit);
        });
        Ok(())
    }

    /// Neither system lets one be taken off the screen by its sender.
    pub async fn close(&self, _item: i64) {}
}

fn notification(toast: &Toast) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Tidings").summary(&text::title(&toast.title)).body(&text::body(&toast.body));
    // macOS knows no urgency, and has been told the sender
    #[cfg(windows)]
    notification.app_id(SENDER).urgency(match toast.priority {
        Priority::Min | Priority::Low => notify_rust::Urgency::Low,
        Priority::Default | Priority::High => notify_rust::Urgency::Normal,
        Priority::Urgent => notify_rust::Urgency::Critical,
    });
    if toast.priority == Priority::Urgent {
        notification.timeout(Timeout::Never);
    }
    notification
}
