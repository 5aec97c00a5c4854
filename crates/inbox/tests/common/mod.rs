//! What the tests of the inbox share.
#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tidings_inbox::{AccountRow, Inbox, Incoming};
use tidings_protocol::Notification;
use time::{OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-05-04 10:00 UTC);

pub(crate) fn account(id: &str) -> AccountRow {
    AccountRow {
        id: id.into(),
        server: "https://alerts.example.com".into(),
        username: "alice".into(),
        dialect: "ticket".into(),
        topics: None,
        anonymous: false,
        paused: false,
        deletes_on_server: false,
        allow_unencrypted: false,
        paths: None,
        ca_file: None,
        client_certificate: None,
        client_key: None,
        created_at: NOW,
        signed_out: false,
        look: tidings_inbox::Look::default(),
    }
}

/// An inbox in a folder of its own, with the account `a`.
pub(crate) fn inbox() -> (tempfile::TempDir, Inbox) {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, _) = Inbox::open(folder.path()).unwrap();
    inbox.put_account(&account("a")).unwrap();
    (folder, inbox)
}

pub(crate) fn notification(json: serde_json::Value) -> Notification {
    serde_json::from_value(json).unwrap()
}

pub(crate) fn incoming(epoch: Option<&str>, json: serde_json::Value) -> Incoming {
    Incoming {
        epoch: epoch.map(str::to_owned),
        mark: None,
        notification: notification(json),
        received_at: NOW,
    }
}

/// One with a place in the log `e`.
pub(crate) fn numbered(seq: u64) -> Incoming {
    incoming(
        Some("e"),
        serde_json::json!({"seq": seq, "id": format!("n{seq}"), "title": format!("Title {seq}")}),
    )
}
