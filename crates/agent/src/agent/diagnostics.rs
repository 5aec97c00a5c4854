//! Gathering what connections know of themselves. They are asked all at once, and one that has just ended is told of by
//! its last status.

use tidings_control::{Diagnosis, Diagnostics, Failure, FailureCode, Part, Reply, Spell};
use tidings_engine::Connection;

use super::{Agent, Asker, Job, parts};
use crate::{accounts::Account, convert};

impl Agent {
    /// Begins to ask; the answer follows when all have spoken.
    pub(super) fn diagnose(&self, asker: Asker, id: Option<&str>) {
        let chosen: Vec<Asked> = self
            .accounts
            .iter()
            .filter(|account| id.is_none_or(|id| account.row.id == id))
            .map(|account| Asked {
                outline: outline(account, self.history(&account.row.id)),
                // where it cannot be read, there is nothing to tell of it
                cursor: self.inbox.cursor(&account.row.id).ok().flatten(),
                connection: account.connection().cloned(),
            })
            .collect();
        let (mut parts, facts) = (self.parts(), self.surfaces.desktop.facts());
        let jobs = self.jobs.0.clone();
        let unknown = id.filter(|_| chosen.is_empty()).map(|id| format!("there is no account {id:?}"));
        tokio::spawn(async move {
            let answer = match unknown {
                Some(message) => Err(Failure::new(FailureCode::UnknownAccount, message)),
                None => {
                    parts::name(&mut parts, facts.await);
                    Ok(Reply::Diagnostics(ask(chosen, parts).await))
                }
            };
            let _ = jobs.send(Job::Answered { asker, answer: Box::new(answer) });
        });
    }
}

/// An account that is asked about.
struct Asked {
    outline: Diagnosis,
    /// How far the server's log was received.
    cursor: Option<(String, u64)>,
    connection: Option<Connection>,
}

async fn ask(chosen: Vec<Asked>, parts: Vec<Part>) -> Diagnostics {
    let mut connections = Vec::with_capacity(chosen.len());
    for Asked { outline, cursor, connection } in chosen {
        let known = match connection {
            Some(connection) => connection.diagnosis().await,
            None => None,
        };
        connections.push(match known {
            Some(known) => convert::diagnosis(outline, &known, cursor),
            None => outline,
        });
    }
    Diagnostics {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        connections,
        parts,
    }
}

/// What is known of an account without asking its connection.
fn outline(account: &Account, history: Vec<Spell>) -> Diagnosis {
    Diagnosis {
        account: account.row.id.clone(),
        server: account.row.server.clone(),
        username: account.row.username.clone(),
        dialect: convert::dialect(convert::stored_dialect(&account.row)),
        status: account.status.clone(),
        round_trip: None,
        transitions: Vec::new(),
        unreadable: 0,
        reported: None,
        history,
        round_trips: Vec::new(),
        link: None,
    }
}
