use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tidings_peers::{Access, Ntfy, NtfyOptions, RealNtfy};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An ntfy server, whichever.
pub(crate) enum House {
    Model(Ntfy),
    Real(Box<RealNtfy>),
}

impl House {
    pub(crate) async fn model() -> Self {
        Self::Model(Ntfy::start(NtfyOptions::default()).await.unwrap())
    }

    pub(crate) async fn real() -> Self {
        Self::Real(Box::new(RealNtfy::start(Duration::from_secs(45)).await.unwrap()))
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Model(model) => model.url(),
            Self::Real(real) => real.url(),
        }
    }

    /// A topic that only the user may read.
    pub(crate) async fn keeps_to_the_user(&self, topic: &str) {
        for (user, access) in [(None, Access::Deny), (Some(Ntfy::USER), Access::ReadWrite)] {
            match self {
                Self::Model(model) => model.allow(user, topic, access),
                Self::Real(real) => real.allow(user, topic, access).await.unwrap(),
            }
        }
    }

    pub(crate) async fn stop(&mut self) {
        match self {
            Self::Model(model) => model.stop().await,
            Self::Real(real) => real.stop().await.unwrap(),
        }
    }

    pub(crate) async fn start_again(&mut self) {
        match self {
            Self::Model(model) => model.start_again().await.unwrap(),
            Self::Real(real) => real.start_again().await.unwrap(),
        }
    }

    /// Publishes with the fields of a message as JSON; returns its id.
    pub(crate) async fn publish(&self, topic: &str, mut message: Value) -> String {
        message["topic"] = json!(topic);
        let told: Value =
            serde_json::from_str(&self.ask("POST", "/", message.to_string().as_bytes()).await).unwrap();
        told["id"].as_str().unwrap().to_owned()
    }

    /// Publishes bytes, whatever they are; `up` says that they are for a program.
    pub(crate) async fn put(&self, topic: &str, query: &str, bytes: &[u8]) {
        self.ask("PUT", &format!("/{topic}?{query}"), bytes).await;
    }

    /// Waits until what was scheduled is told. The model need not wait for it.
    pub(crate) async fn delivers(&self, topic: &str, text: &str) {
        if let Self::Model(model) = self {
            model.deliver_scheduled();
        }
        while !self.ask("GET", &format!("/{topic}/json?poll=1"), b"").await.contains(text) {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn delete(&self, topic: &str, sequence: &str) {
        self.ask("DELETE", &format!("/{topic}/{sequence}"), b"").await;
    }

    pub(crate) async fn clear(&self, topic: &str, sequence: &str) {
        self.ask("PUT", &format!("/{topic}/{sequence}/clear"), b"").await;
    }

    /// The body of the answer.
    async fn ask(&self, method: &str, path: &str, body: &[u8]) -> String {
        let address: SocketAddr = self.url().trim_start_matches("http://").parse().unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{answer}");
        body.to_owned()
    }
}
