//! What no client can time: commits between an upgrade and the conversation that follows it.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::ws::Message;
use futures_util::{Sink, Stream};
use tidings_protocol::{Decoded, PublishRequest, ServerMessage};
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;

use super::{Proof, converse};
use crate::{
    Config, PasswordCost,
    admin::Admin,
    random::Digest,
    server,
    store::sessions::{self, NewSession},
};

/// A socket of which the test holds the other end.
struct Wire {
    from_client: mpsc::UnboundedReceiver<Message>,
    to_client: mpsc::UnboundedSender<Message>,
}

impl Stream for Wire {
    type Item = Result<Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.from_client.poll_recv(context).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Wire {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
        self.to_client.send(message).map_err(axum::Error::new)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_is_committed_between_the_upgrade_and_the_greeting_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("server.db"));
    config.password_cost = PasswordCost::CHEAP;
    let app = server::open(config).await.unwrap();
    let admin = Admin::new(Arc::clone(&app));
    admin.add_user("alice", &"correct horse".into()).await.unwrap();
    let session = app
        .store
        .write(|connection| {
            let user = connection.query_row("SELECT id FROM users", [], |row| row.get(0))?;
            let refresh = Digest::of(&"a refresh token".into());
            let life = Duration::MINUTE;
            let new = NewSession { user, device: "desk".into(), platform: "linux".into(), refresh, life };
            sessions::start(connection, &new, OffsetDateTime::now_utc())
        })
        .await
        .unwrap();
    let living = app.living(session).await.ok().unwrap();
    let head = app.head(living.user.clone()).await.ok().unwrap();

    // the client has read 101 by now and counts as connected
    let publish = serde_json::json!({"to": {"user": "alice"}, "title": "in between"});
    admin.publish(serde_json::from_value::<PublishRequest>(publish).unwrap()).await.unwrap();

    let (_client, from_client) = mpsc::unbounded_channel();
    let (to_client, mut received) = mpsc::unbounded_channel();
    let wire = Wire { from_client, to_client };
    let conversation = tokio::spawn(converse(wire, app, living, Proof::Ticket { head }));
    let mut told = Vec::new();
    while told.len() < 2 {
        if let Some(Message::Text(text)) = received.recv().await {
            told.push(ServerMessage::decode(&text).unwrap());
        }
    }
    assert!(
        matches!(&told[0], Decoded::Message(ServerMessage::AuthSuccess(success)) if success.head == Some(0)),
        "{told:?}"
    );
    assert!(
        matches!(&told[1], Decoded::Message(ServerMessage::Notification(n)) if n.title == "in between"),
        "{told:?}"
    );
    conversation.abort();
}
