//! The parts of the desktop that the agent uses, behind ends of channels and one small trait.
//!
//! Owns putting the real ones together. A test holds the other ends itself.

use std::{io, pin::Pin};

use tidings_control::{Autostart, Failure, Home};
use tokio::sync::{mpsc, watch};
use url::Url;

#[cfg(target_os = "linux")]
use crate::desktop::facts;
use crate::{
    arrival::Order,
    autostart,
    desktop::{Availability, Facts},
    links,
    toast::{self, Toaster},
    tray, window,
};

/// What the agent asks the desktop to do.
pub trait Desktop: Send {
    /// Starts the window's program.
    ///
    /// # Errors
    /// `WINDOW_UNAVAILABLE`.
    fn open_window(&self, home: &Home, activation: Option<&str>) -> Result<(), Failure>;

    /// Opens a link in the browser.
    ///
    /// # Errors
    /// What the system reports.
    fn open_link(&self, link: &Url) -> io::Result<()>;

    /// Whether the agent starts with the session.
    fn autostart(&self) -> Autostart;

    /// Switches it.
    ///
    /// # Errors
    /// `AUTOSTART_UNAVAILABLE`.
    fn set_autostart(&self, on: bool) -> Result<(), Failure>;

    /// Who shows tray and toasts. It takes as long as they take to answer, within limits.
    fn facts(&self) -> Pin<Box<dyn Future<Output = Facts> + Send>> {
        Box::pin(std::future::ready(Facts::default()))
    }
}

/// The desktop of the person who runs the agent.
#[derive(Debug)]
pub struct RealDesktop;

impl Desktop for RealDesktop {
    fn open_window(&self, home: &Home, activation: Option<&str>) -> Result<(), Failure> {
        window::open(home, activation)
    }

    fn open_link(&self, link: &Url) -> io::Result<()> {
        links::open(link)
    }

    fn autostart(&self) -> Autostart {
        autostart::state()
    }

    fn set_autostart(&self, on: bool) -> Result<(), Failure> {
        autostart::set(on)
    }

    #[cfg(target_os = "linux")]
    fn facts(&self) -> Pin<Box<dyn Future<Output = Facts> + Send>> {
        Box::pin(facts::ask())
    }
}

/// One surface's standing: switched off for this run, or as available as the watch says.
#[derive(Debug)]
pub enum Standing {
    /// The person wants it not.
    Off,
    /// See the watch.
    Watched(watch::Receiver<Availability>),
}

impl Standing {
    /// Now; `None` when it is switched off.
    pub fn now(&self) -> Option<Availability> {
        match self {
            Self::Off => None,
            Self::Watched(availability) => Some(availability.borrow().clone()),
        }
    }

    /// Waits for a change. Pends for ever when there will be none.
    pub async fn changed(&mut self) {
        if let Self::Watched(availability) = self
            && availability.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// The desktop's own "do not disturb", where it can be read.
#[derive(Debug)]
pub struct Wish(pub Option<watch::Receiver<bool>>);

impl Wish {
    /// Now; not where it cannot be read.
    pub fn now(&self) -> bool {
        self.0.as_ref().is_some_and(|wish| *wish.borrow())
    }

    /// Waits for a change. Pends for ever when there will be none.
    pub async fn changed(&mut self) {
        if let Some(wish) = &mut self.0
            && wish.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// The agent's ends.
pub struct Surfaces {
    /// What the tray draws.
    pub views: watch::Sender<tray::View>,
    /// What a person asks for through the tray.
    pub commands: mpsc::Receiver<tray::Command>,
    /// Whether there is a tray.
    pub tray: Standing,
    /// What is to appear on the screen and to leave it.
    pub orders: mpsc::UnboundedSender<Order>,
    /// What became of it.
    pub clicks: mpsc::Receiver<toast::Event>,
    /// Whether there are toasts.
    pub toasts: Standing,
    /// Whether the desktop itself wants quiet.
    pub desktop_quiet: Wish,
    /// The rest.
    pub desktop: Box<dyn Desktop>,
}

impl Surfaces {
    /// Starts the real ones, without waiting for any of them.
    pub fn start(with_tray: bool, with_toasts: bool) -> Self {
        let (views, views_end) = watch::channel(tray::View::default());
        let (commands_end, commands) = mpsc::channel(8);
        let (orders, orders_end) = mpsc::unbounded_channel();
        let (clicks_end, clicks) = mpsc::channel(8);
        let tray = if with_tray {
            let (availability, tray) = watch::channel(Availability::Starting);
            tokio::spawn(tray::run(views_end, commands_end, availability));
            Standing::Watched(tray)
        } else {
            Standing::Off
        };
        let mut desktop_quiet = Wish(None);
        let toasts = if with_toasts {
            let (toaster, availability) = Toaster::start(clicks_end);
            desktop_quiet = wish(&toaster);
            tokio::spawn(carry_out(toaster, orders_end));
            Standing::Watched(availability)
        } else {
            Standing::Off
        };
        Self { views, commands, tray, orders, clicks, toasts, desktop_quiet, desktop: Box::new(RealDesktop) }
    }
}

/// Asked of the notification daemon.
#[cfg(target_os = "linux")]
fn wish(toaster: &Toaster) -> Wish {
    Wish(Some(toaster.desktop_quiet()))
}

/// These systems hold back toasts by themselves, and offer no public way to ask.
#[cfg(not(target_os = "linux"))]
fn wish(_: &Toaster) -> Wish {
    Wish(None)
}

/// One after the other, so that what replaces comes after what it replaces; a slow daemon holds up nothing else.
async fn carry_out(toaster: Toaster, mut orders: mpsc::UnboundedReceiver<Order>) {
    while let Some(order) = orders.recv().await {
        match order {
            Order::Show(toast) => {
                let item = toast.item;
                if let Err(error) = toaster.show(toast).await {
                    tracing::warn!(%error, item, "a toast was not shown; it is in the inbox");
                }
            }
            Order::Close(item) => toaster.close(item).await,
        }
    }
}
