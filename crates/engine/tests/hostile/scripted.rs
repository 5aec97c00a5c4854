//! A server that does as it should, but for one place, where it fails in one way for ever; and what came of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tidings_engine::{
    CauseKind, Connection, Event, MemoryStore, Options, Retry, State, Store as _, StoredSession,
    Surroundings, Transport,
};
use tidings_protocol::{Device, Flow, Platform};

use crate::host::{PATIENCE, Visit, endpoint, host};

/// A place at which an attempt can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Refresh,
    Guest,
    Ticket,
    Upgrade,
}

impl At {
    pub(crate) const ALL: [Self; 4] = [Self::Refresh, Self::Guest, Self::Ticket, Self::Upgrade];

    fn path(self) -> &'static str {
        match self {
            Self::Refresh => "/api/auth/refresh",
            Self::Guest => "/api/auth/guest",
            Self::Ticket => "/api/ws/ticket",
            Self::Upgrade => "/ws",
        }
    }
}

/// How it fails there.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An HTTP answer: status line with headers, and body.
    Http(String, &'static str),
    /// The socket opens, and ends with these bytes.
    Socket(Vec<u8>),
}

impl Fault {
    pub(crate) fn http(status: u16, body: &'static str) -> Self {
        Self::Http(format!("{status} Whatever"), body)
    }

    pub(crate) fn later(status: u16, retry_after: &str) -> Self {
        Self::Http(format!("{status} Later\r\nretry-after: {retry_after}"), "")
    }

    /// A close frame.
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        let length = u8::try_from(2 + reason.len()).unwrap();
        Self::Socket([&[0x88, length][..], &code.to_be_bytes(), reason.as_bytes()].concat())
    }
}

/// What was asked of a server, in order.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    pub(crate) fn times(&self, at: At) -> usize {
        self.0.lock().unwrap().iter().filter(|path| *path == at.path()).count()
    }
}

/// The server. Sessions that it grants can be refreshed if it says so.
pub(crate) async fn failing(at: At, fault: Fault, refreshable: bool) -> (String, Asked) {
    let asked = Asked::default();
    let noted = asked.clone();
    let url = host(move |visit| {
        let path = visit.head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        noted.0.lock().unwrap().push(path.clone());
        serve(visit, path, at, fault.clone(), refreshable)
    })
    .await;
    (url, asked)
}

async fn serve(mut visit: Visit, path: String, at: At, fault: Fault, refreshable: bool) {
    let session = match refreshable {
        true => r#"{"access_token":"a2","refresh_token":"r2","expires_in":900}"#,
        false => r#"{"access_token":"a2","expires_in":900}"#,
    };
    match fault {
        Fault::Http(head, body) if path == at.path() => visit.answer(&head, body).await,
        Fault::Socket(bytes) if path == at.path() => {
            visit.upgrade().await;
            visit.send(&bytes).await;
            visit.until_gone().await;
        }
        _ if path.starts_with("/api/auth/") => visit.answer("200 OK", session).await,
        _ if path == At::Ticket.path() => visit.answer("200 OK", r#"{"ticket":"t1","expires_in":30}"#).await,
        _ => {
            visit.upgrade().await;
            visit.until_gone().await;
        }
    }
}

/// A session that works, as far as is known; an expired one is refreshed before anything else.
pub(crate) fn session(refreshable: bool, expired: bool) -> StoredSession {
    StoredSession {
        access_token: "a1".into(),
        expires_at: expired.then_some(time::OffsetDateTime::UNIX_EPOCH),
        refresh_token: refreshable.then(|| "r1".into()),
        session_id: None,
        user: None,
    }
}

/// Who it is that fails at a place.
pub(crate) fn bound_for(at: At) -> Option<StoredSession> {
    match at {
        At::Refresh => Some(session(true, true)),
        At::Guest => None,
        At::Ticket | At::Upgrade => Some(session(false, false)),
    }
}

/// What became of the first attempt.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) kind: CauseKind,
    pub(crate) detail: String,
    /// The wait until the next one, if there is one.
    pub(crate) wait: Option<Duration>,
    /// What the store holds at the end.
    pub(crate) kept: Option<StoredSession>,
}

/// Lets a client at it until it waits or stops. Without a session it is a guest's.
pub(crate) async fn outcome(url: &str, session: Option<StoredSession>) -> Outcome {
    let options = Options {
        guest: session.is_none().then(|| Device { name: "desk".into(), platform: Platform::Linux }),
        ..Options::default()
    };
    let store = session.map_or_else(MemoryStore::new, MemoryStore::signed_in);
    let (connection, mut events) = Connection::start(
        endpoint(url, Flow::Ticket),
        options,
        Transport::new().unwrap(),
        Surroundings::still(),
        store.clone(),
    );
    let mut status = connection.status();
    let rests = |status: &tidings_engine::Status| match &status.state {
        State::Disconnected { cause, retry } => Some((cause.clone(), *retry)),
        _ => None,
    };
    let wanted = status.wait_for(|status| rests(status).is_some());
    let resting = tokio::time::timeout(PATIENCE, wanted).await.expect("it comes to rest").unwrap().clone();
    let (cause, retry) = rests(&resting).unwrap();
    connection.shutdown().await;
    let mut wait = None;
    while let Some(event) = events.recv().await {
        if let Event::ReconnectScheduled { delay, .. } = event {
            wait = wait.or(Some(delay));
        }
    }
    assert_eq!(wait.is_some(), matches!(retry, Retry::At(_)), "{retry:?}");
    Outcome { kind: cause.kind, detail: cause.detail, wait, kept: store.load().await.unwrap() }
}
