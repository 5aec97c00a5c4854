//! Toasts on Windows and macOS, through notify-rust.
//!
//! Both systems tell of a click by a call that blocks, so each toast on the screen has a blocking task of its own;
//! past [`MOST`] of them, toasts are shown without waiting for the click.
//!
//! macOS knows a button by its label alone, and takes a click on what holds them all for a click on the first. So ours is
//! the first there, and of those with the same label only one remains.

use std::sync::Arc;

use notify_rust::{Notification, NotificationResponse, Timeout};
use tidings_control::{Priority, Sound};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task,
};
use tracing::warn;

use super::{Event, Press, SENDER, Toast, ToastError, text};
use crate::desktop::Availability;

/// Begins the key of a button, which its place follows.
const BUTTON: &str = "button-";

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
        #[cfg(windows)]
        if let Err(error) = super::sender::register() {
            warn!(%error, "the system does not know Tidings; toasts may not appear");
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
        let buttons = buttons(&toast);
        let labels: Vec<String> = buttons.iter().map(|(label, _)| label.clone()).collect();
        let presses: Vec<Press> = buttons.into_iter().map(|(_, press)| press).collect();
        let shown = task::spawn_blocking(move || notification(&toast, &labels).show())
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
                let event = event(item, &presses, response);
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

/// What stands beside a toast, as the system tells its buttons apart.
fn buttons(toast: &Toast) -> Vec<(String, Press)> {
    let mut buttons: Vec<(String, Press)> = toast.buttons().collect();
    if cfg!(target_os = "macos") {
        buttons.sort_by_key(|(_, press)| *press != Press::MarkRead);
        let mut known: Vec<String> = Vec::new();
        buttons.retain(|(label, _)| {
            let new = !known.contains(label);
            known.push(label.clone());
            new
        });
    }
    buttons
}

fn event(item: i64, presses: &[Press], response: &NotificationResponse) -> Event {
    match response {
        NotificationResponse::Default => Event::Activated { item, activation: None },
        NotificationResponse::Action(key) => {
            let place = key.strip_prefix(BUTTON).and_then(|place| place.parse::<usize>().ok());
            match place.and_then(|place| presses.get(place)) {
                Some(press) => Event::Pressed { item, press: press.clone(), activation: None },
                None => Event::Activated { item, activation: None },
            }
        }
        _ => Event::Closed { item },
    }
}

fn notification(toast: &Toast, labels: &[String]) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Tidings").summary(&text::title(&toast.title)).body(&text::body(&toast.body));
    if let Some(account) = &toast.manner.account {
        notification.subtitle(&text::title(account));
    }
    for (place, label) in labels.iter().enumerate() {
        notification.action(&format!("{BUTTON}{place}"), label);
    }
    if let Some(sound) = sound(toast) {
        notification.sound_name(sound);
    }
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

/// The system's name of a sound; none makes none.
fn sound(toast: &Toast) -> Option<&'static str> {
    if toast.is_silent() {
        return None;
    }
    let [usual, message, bell] = if cfg!(target_os = "macos") {
        ["NSUserNotificationDefaultSoundName", "Blow", "Glass"]
    } else {
        ["Default", "IM", "Reminder"]
    };
    Some(match toast.manner.sound {
        Sound::Message => message,
        Sound::Bell => bell,
        Sound::System | Sound::UrgentOnly | Sound::Off => usual,
    })
}
