use std::{collections::HashMap, time::Instant};

use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::{MatchRule, MessageStream, fdo::MonitoringProxy, message::Type, zvariant::OwnedValue};

use crate::{Outcome, Trouble, patience::PATIENCE, within};

/// A call of `org.freedesktop.Notifications.Notify`, as it passed over the bus.
#[derive(Debug)]
pub struct Toast {
    /// When it was seen.
    pub at: Instant,
    /// The program's name for itself.
    pub app: String,
    /// The toast that it takes the place of; 0 for a new one.
    pub replaces: u32,
    /// First line.
    pub title: String,
    /// The rest, in the daemon's markup.
    pub body: String,
    /// Action ids and their labels, in turn.
    pub actions: Vec<String>,
    /// Everything else, such as `urgency`.
    pub hints: HashMap<String, OwnedValue>,
}

impl Toast {
    /// 0 low, 1 normal, 2 critical (Desktop Notifications specification, "Urgency Levels").
    pub fn urgency(&self) -> Option<u8> {
        self.hints.get("urgency").and_then(|hint| u8::try_from(hint).ok())
    }
}

/// Every toast that anybody on a session bus asks for, from the moment of watching on.
#[derive(Debug)]
pub struct Toasts {
    calls: mpsc::UnboundedReceiver<Toast>,
    // holding the connection is watching
    _monitor: zbus::Connection,
}

type Notify = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

impl Toasts {
    /// Watches, on a connection of its own: a monitor may not speak.
    pub(crate) async fn watch(connection: zbus::Connection) -> Outcome<Self> {
        let mut messages = MessageStream::from(&connection);
        let rule = MatchRule::builder()
            .msg_type(Type::MethodCall)
            .interface("org.freedesktop.Notifications")?
            .member("Notify")?
            .build();
        MonitoringProxy::new(&connection).await?.become_monitor(&[rule], 0).await?;
        let (sender, calls) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                let at = Instant::now();
                if message.header().member().is_none_or(|member| member != "Notify") {
                    continue;
                }
                let Ok(call) = message.body().deserialize::<Notify>() else { continue };
                let (app, replaces, _icon, title, body, actions, hints, _timeout) = call;
                if sender.send(Toast { at, app, replaces, title, body, actions, hints }).is_err() {
                    return;
                }
            }
        });
        Ok(Self { calls, _monitor: connection })
    }

    /// The next one.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn next(&mut self) -> Outcome<Toast> {
        let gone = || Trouble::Unexpected("the session bus has ended".to_owned());
        within(PATIENCE, "a toast is asked for", self.calls.recv()).await?.ok_or_else(gone)
    }

    /// Those that have passed and were not taken by [`Self::next`].
    pub fn passed(&mut self) -> Vec<Toast> {
        std::iter::from_fn(|| self.calls.try_recv().ok()).collect()
    }
}
