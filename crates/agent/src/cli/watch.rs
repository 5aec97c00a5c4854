//! `watch`: what happens, one line each, for as long as the agent runs.
//!
//! With `--json` a line is `{"event":"status",…}`, `{"event":"notification",…}` or, for one that takes the place of an
//! earlier one, `{"event":"replaced",…}`. An account's status comes first thing, and then whenever it changes. `id` is the
//! server's id of a notification, or the inbox's where the server gave none; `previous` is the inbox's id of the row that
//! was replaced; `cause` is the kind of it, as in `status --json`.

use std::collections::HashMap;

use serde::Serialize;
use tidings_control::{
    Account, CauseKind, Client, Disposition, Event, Events, Failure, FailureCode, Item, Priority, Reply,
    Request, State, Status,
};
use time::OffsetDateTime;

use super::print::{self, Printer};

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'a> {
    Status {
        account: &'a str,
        state: State,
        attempt: u32,
        cause: Option<CauseKind>,
        #[serde(with = "time::serde::rfc3339::option")]
        retry_at: Option<OffsetDateTime>,
    },
    Notification(Words<'a>),
    Replaced {
        previous: i64,
        #[serde(flatten)]
        words: Words<'a>,
    },
}

#[derive(Debug, Serialize)]
struct Words<'a> {
    account: &'a str,
    id: String,
    seq: Option<u64>,
    title: &'a str,
    body: &'a str,
    priority: Priority,
    disposition: Disposition,
}

pub(super) async fn run(client: &Client, mut events: Events, printer: Printer) -> Result<(), Failure> {
    let mut watch = Watch { printer, told: HashMap::new() };
    match client.call(Request::Subscribe).await? {
        Reply::Snapshot(snapshot) => watch.accounts(&snapshot.accounts)?,
        other => return Err(super::unexpected(&other)),
    }
    while let Some(event) = events.recv().await {
        watch.event(event)?;
    }
    Err(Failure::new(FailureCode::AgentUnreachable, "the agent has gone"))
}

struct Watch {
    printer: Printer,
    told: HashMap<String, Status>,
}

impl Watch {
    fn event(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Snapshot(snapshot) => {
                self.told.retain(|id, _| snapshot.accounts.iter().any(|account| account.id == *id));
                self.accounts(&snapshot.accounts)
            }
            Event::Status { account, status } => self.status(&account, status),
            Event::Notification(item) => self.notification(&item, Line::Notification),
            Event::Replaced { previous, item } => {
                self.notification(&item, |words| Line::Replaced { previous, words })
            }
            Event::Read { .. }
            | Event::Unread { .. }
            | Event::Kept { .. }
            | Event::Removed { .. }
            | Event::Restored { .. }
            | Event::Add(_)
            | Event::Refused(_)
            | Event::Show { .. } => Ok(()),
        }
    }

    fn accounts(&mut self, accounts: &[Account]) -> Result<(), Failure> {
        accounts.iter().try_for_each(|account| self.status(&account.id, account.status.clone()))
    }

    fn status(&mut self, account: &str, status: Status) -> Result<(), Failure> {
        if self.told.get(account) == Some(&status) {
            return Ok(());
        }
        if self.printer.json {
            let cause = status.cause.as_ref().map(|cause| cause.kind);
            let Status { state, attempt, retry_at, .. } = status;
            self.printer.line(&Line::Status { account, state, attempt, cause, retry_at })?;
        } else {
            self.printer.text(&format!("{account}  {}", print::status_words(&status)))?;
        }
        self.told.insert(account.to_owned(), status);
        Ok(())
    }

    fn notification<'a>(
        &self,
        item: &'a Item,
        line: impl FnOnce(Words<'a>) -> Line<'a>,
    ) -> Result<(), Failure> {
        if !self.printer.json {
            return self.printer.text(&print::item_line(item));
        }
        self.printer.line(&line(words_of(item)))
    }
}

fn words_of(item: &Item) -> Words<'_> {
    Words {
        account: &item.account,
        id: item.server_id.clone().unwrap_or_else(|| item.id.to_string()),
        seq: item.seq,
        title: &item.title,
        body: &item.body,
        priority: item.priority,
        disposition: item.disposition,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_lines_are_these() {
        let status = Line::Status {
            account: "a",
            state: State::Disconnected,
            attempt: 2,
            cause: Some(CauseKind::Unreachable),
            retry_at: Some(datetime!(2026-03-01 12:00 UTC)),
        };
        assert_eq!(
            serde_json::to_string(&status).unwrap(),
            r#"{"event":"status","account":"a","state":"disconnected","attempt":2,"cause":"unreachable","retry_at":"2026-03-01T12:00:00Z"}"#
        );
        let item = Item {
            id: 7,
            account: "a".into(),
            server_id: Some("n1".into()),
            seq: Some(3),
            title: "Hello".into(),
            body: "there".into(),
            priority: Priority::High,
            topic: None,
            tags: Vec::new(),
            click_url: None,
            actions: Vec::new(),
            icon_url: None,
            image_url: None,
            attachment: None,
            plain: false,
            created_at: OffsetDateTime::UNIX_EPOCH,
            received_at: OffsetDateTime::UNIX_EPOCH,
            read: false,
            kept: false,
            disposition: Disposition::Shown,
        };
        assert_eq!(
            serde_json::to_string(&Line::Notification(words_of(&item))).unwrap(),
            r#"{"event":"notification","account":"a","id":"n1","seq":3,"title":"Hello","body":"there","priority":"high","disposition":"shown"}"#
        );
        assert_eq!(
            serde_json::to_string(&Line::Replaced { previous: 5, words: words_of(&item) }).unwrap(),
            r#"{"event":"replaced","previous":5,"account":"a","id":"n1","seq":3,"title":"Hello","body":"there","priority":"high","disposition":"shown"}"#
        );
    }
}
