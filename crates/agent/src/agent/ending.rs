//! The agent's end: within a few seconds, whatever servers and keychain do.
//!
//! Owns that what was begun with a server is brought to its end, as far as there is time: a session that nobody knows of
//! would stay there, and one that a person has left would be back at the next start.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::Agent;
use crate::accounts::Account;

/// How long connections may take to close, and sign-ins to be over, before the agent ends without them.
const FAREWELL: Duration = Duration::from_secs(4);

impl Agent {
    pub(super) async fn end(mut self) {
        let deadline = Instant::now() + FAREWELL;
        let begun = timeout_at(deadline, self.come_to_an_end()).await;
        self.end_history();
        let closed = timeout_at(deadline, self.close()).await;
        if begun.is_err() {
            tracing::warn!("a sign-in or a sign-out was not over in time");
        } else if closed.is_err() {
            tracing::warn!("a connection did not close in time");
        }
        tracing::info!("ended");
    }

    /// Sign-ins that are under way are stored, and accounts that are being left are left.
    async fn come_to_an_end(&mut self) {
        while !(self.signing_in.is_empty() && self.keeping.is_empty() && self.parting.is_empty()) {
            tokio::select! {
                Some(job) = self.jobs.1.recv() => self.on_job(job),
                // a connection may wait for room in the queue of its events
                Some((source, happening)) = self.happenings.1.recv() => self.on_happening(&source, happening),
            }
        }
    }

    async fn close(&mut self) {
        let mut closing: JoinSet<()> = self
            .accounts
            .iter_mut()
            .filter_map(Account::take_connection)
            .map(tidings_engine::Connection::shutdown)
            .collect();
        let drain = async { while self.happenings.1.recv().await.is_some() {} };
        let all = async { while closing.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = drain => {}
        }
    }
}
