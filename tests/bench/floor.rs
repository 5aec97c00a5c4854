//! The least that the way from a server to a toast can take: a WebSocket there and back, and a call on the bus.

use std::{collections::HashMap, time::Instant};

use futures_util::{SinkExt, StreamExt};
use tidings_lab::{Outcome, Toasts, Trouble};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_async, connect_async, tungstenite::Message};
use zbus::zvariant::Value;

/// An echo on loopback, and a connection to the bus.
pub(crate) struct Floor {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    bus: zbus::Connection,
}

impl Floor {
    pub(crate) async fn new(bus: zbus::Connection) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let Ok((stream, _)) = listener.accept().await else { return };
            let Ok(mut socket) = accept_async(stream).await else { return };
            while let Some(Ok(message)) = socket.next().await {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
        });
        let (socket, _) = connect_async(format!("ws://{address}/")).await?;
        Ok(Self { socket, bus })
    }

    /// Once there and back, and then to the bus. Returns the time until the call is seen there.
    pub(crate) async fn measure(&mut self, title: &str, toasts: &mut Toasts) -> Outcome<std::time::Duration> {
        let started = Instant::now();
        self.socket.send(Message::text(title)).await?;
        self.socket.next().await.transpose()?;
        let nothing: Vec<&str> = Vec::new();
        let hints: HashMap<&str, Value<'_>> = HashMap::from([("urgency", Value::from(1_u8))]);
        let call = ("floor", 0_u32, "", title, "", nothing, hints, -1_i32);
        let daemon = "org.freedesktop.Notifications";
        self.bus
            .call_method(Some(daemon), "/org/freedesktop/Notifications", Some(daemon), "Notify", &call)
            .await?;
        let toast = toasts.next().await?;
        if toast.title != title {
            return Err(Trouble::Unexpected(format!("{title:?} was followed by {:?}", toast.title)));
        }
        Ok(toast.at.saturating_duration_since(started))
    }
}
