//! The least that a client has to be.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{sync::Once, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// How long a test waits for something that has to happen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came next on a socket.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    Frame(Value),
    /// A close frame with this code.
    Closed(u16),
    /// The end, without a close frame.
    Silently,
}

impl Socket {
    /// The socket, or the status and body that it was refused with.
    pub(crate) async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, (u16, Vec<u8>)> {
        let mut request = url.replacen("http", "ws", 1).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => {
                Err((response.status().as_u16(), response.body().clone().unwrap_or_default()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn next(&mut self) -> Next {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something in time");
            match next {
                Some(Ok(Message::Text(text))) => return Next::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => {
                    return Next::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Next::Silently,
            }
        }
    }

    pub(crate) async fn frame(&mut self) -> Value {
        match self.next().await {
            Next::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn say(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }
}

pub(crate) fn http() -> reqwest::Client {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// Status and body.
pub(crate) async fn ask(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}
