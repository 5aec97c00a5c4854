//! What the server was told as read, and whether it will have heard.
//!
//! Nothing answers a `read`: it went out into a socket that may be dead already. So it counts as told only when the same
//! connection has stood for longer than a dead one can go unnoticed; until then the inbox keeps it as untold, and the
//! next connection tells it again, which changes nothing at a server that knows. Owns this wait for one account.

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;

/// Longer than a keepalive's interval and the wait for its answer together.
const HEARD_AFTER: Duration = Duration::from_secs(90);

/// What is noted as heard in one go, and the rest that follows: each is a row to be written.
const AT_ONCE: usize = 500;
const BETWEEN: Duration = Duration::from_millis(50);

/// Ids that were sent over the connection that stands now.
#[derive(Debug, Default)]
pub struct Telling {
    sent: HashSet<String>,
    heard_at: Option<Instant>,
}

impl Telling {
    /// Of these, the ones that are to be sent now: they have not been sent over this connection yet.
    pub fn send(&mut self, untold: Vec<String>, now: Instant) -> Vec<String> {
        let fresh: Vec<String> = untold.into_iter().filter(|id| self.sent.insert(id.clone())).collect();
        if !fresh.is_empty() {
            self.heard_at = Some(now + HEARD_AFTER);
        }
        fresh
    }

    /// The connection has ended: nobody knows what of it the server has heard.
    pub fn interrupted(&mut self) {
        *self = Self::default();
    }

    /// When [`Telling::heard`] has something to give.
    pub fn due(&self) -> Option<Instant> {
        self.heard_at
    }

    /// What the server will have heard by now.
    pub fn heard(&mut self, now: Instant) -> Vec<String> {
        if self.heard_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let heard: Vec<String> = self.sent.iter().take(AT_ONCE).cloned().collect();
        for id in &heard {
            self.sent.remove(id);
        }
        self.heard_at = (!self.sent.is_empty()).then_some(now + BETWEEN);
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn over_one_connection_each_is_sent_once_and_heard_after_a_while() {
        let (mut telling, now) = (Telling::default(), Instant::now());
        assert_eq!(telling.send(ids(&["a"]), now), ids(&["a"]));
        assert_eq!(telling.send(ids(&["a", "b"]), now), ids(&["b"]));
        assert_eq!(telling.heard(now), ids(&[]));
        let due = telling.due().unwrap();
        let mut heard = telling.heard(due);
        heard.sort();
        assert_eq!((heard, telling.due()), (ids(&["a", "b"]), None));
    }

    #[test]
    fn much_is_noted_a_part_at_a_time() {
        let (mut telling, now) = (Telling::default(), Instant::now());
        telling.send((0..=AT_ONCE).map(|id| id.to_string()).collect(), now);
        let due = telling.due().unwrap();
        assert_eq!(telling.heard(due).len(), AT_ONCE);
        let due = telling.due().unwrap();
        assert_eq!((telling.heard(due).len(), telling.due()), (1, None));
    }

    #[test]
    fn what_was_sent_over_a_connection_that_ended_is_sent_again() {
        let (mut telling, now) = (Telling::default(), Instant::now());
        telling.send(ids(&["a"]), now);
        telling.interrupted();
        assert_eq!(telling.heard(now + 2 * HEARD_AFTER), ids(&[]));
        assert_eq!(telling.send(ids(&["a"]), now), ids(&["a"]));
    }
}
