//! Tickets: opaque, short-lived, good for one upgrade. They live in memory alone, as digests: a restart voids them,
//! and a client mints a new one for every attempt anyway.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tidings_protocol::Secret;

use crate::random::{self, Digest};

/// A ticket that has just been issued. `number` names it in logs.
pub(crate) struct Issued {
    pub(crate) ticket: Secret,
    pub(crate) number: u64,
}

/// Why a ticket was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Never issued by this run of the server, or forgotten since.
    Unknown,
    /// Shown before.
    Used,
    /// Too old.
    Expired,
}

impl Refused {
    /// For logs and metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// All tickets of this run.
pub(crate) struct Tickets {
    life: Duration,
    capacity: usize,
    max_per_user: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    issued: u64,
    tickets: HashMap<Digest, Ticket>,
}

struct Ticket {
    number: u64,
    session: String,
    user: String,
    expires: Instant,
    used: bool,
}

impl Ticket {
    fn is_outstanding(&self, now: Instant) -> bool {
        !self.used && self.expires > now
    }
}

impl Tickets {
    pub(crate) fn new(life: Duration, capacity: usize, max_per_user: usize) -> Self {
        Self { life, capacity, max_per_user, inner: Mutex::default() }
    }

    pub(crate) fn life(&self) -> Duration {
        self.life
    }

    /// A fresh ticket for a session; `None` while too many are outstanding, of this user or in all.
    pub(crate) fn issue(&self, session: &str, user: &str, now: Instant) -> Option<Issued> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.tickets.len() >= self.capacity {
            forget_old(&mut inner, self.life, now);
        }
        if inner.tickets.len() >= self.capacity {
            // no more can be said of these than that they are unknown
            inner.tickets.retain(|_, ticket| ticket.is_outstanding(now));
        }
        let of_user = |ticket: &&Ticket| ticket.user == user && ticket.is_outstanding(now);
        if inner.tickets.len() >= self.capacity
            || inner.tickets.values().filter(of_user).count() >= self.max_per_user
        {
            return None;
        }
        inner.issued += 1;
        let number = inner.issued;
        let ticket = random::secret("");
        inner.tickets.insert(
            Digest::of(&ticket),
            Ticket {
                number,
                session: session.to_owned(),
                user: user.to_owned(),
                expires: now + self.life,
                used: false,
            },
        );
        Some(Issued { ticket, number })
    }

    /// Spends a ticket: answers its session and number once, and refuses ever after.
    pub(crate) fn spend(
        &self,
        ticket: &Secret,
        now: Instant,
    ) -> Result<(String, u64), (Refused, Option<u64>)> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = inner.tickets.get_mut(&Digest::of(ticket)) else {
            return Err((Refused::Unknown, None));
        };
        if std::mem::replace(&mut found.used, true) {
            return Err((Refused::Used, Some(found.number)));
        }
        if found.expires <= now {
            return Err((Refused::Expired, Some(found.number)));
        }
        Ok((found.session.clone(), found.number))
    }

    /// Drops what expired a life ago; until then a refusal can say why.
    pub(crate) fn forget_old(&self, now: Instant) {
        forget_old(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner), self.life, now);
    }
}

fn forget_old(inner: &mut Inner, life: Duration, now: Instant) {
    inner.tickets.retain(|_, ticket| ticket.expires + life > now);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(30);

    #[test]
    fn a_ticket_is_good_once() {
        let (tickets, now) = (Tickets::new(LIFE, 10, 10), Instant::now());
        let issued = tickets.issue("s1", "alice", now).unwrap();
        assert_eq!(tickets.spend(&issued.ticket, now), Ok(("s1".to_owned(), issued.number)));
        assert_eq!(tickets.spend(&issued.ticket, now), Err((Refused::Used, Some(issued.number))));
    }

    #[test]
    fn a_ticket_is_good_for_its_life_and_no_longer() {
        let (tickets, now) = (Tickets::new(LIFE, 10, 10), Instant::now());
        let (early, late) =
            (tickets.issue("s1", "alice", now).unwrap(), tickets.issue("s1", "alice", now).unwrap());
        assert!(tickets.spend(&early.ticket, now + LIFE - Duration::from_millis(1)).is_ok());
        assert_eq!(tickets.spend(&late.ticket, now + LIFE), Err((Refused::Expired, Some(late.number))));
    }

    #[test]
    fn outstanding_tickets_are_bounded_and_old_ones_make_room() {
        let (tickets, now) = (Tickets::new(LIFE, 1, 10), Instant::now());
        let first = tickets.issue("s1", "alice", now).unwrap();
        assert!(tickets.issue("s1", "alice", now).is_none());
        assert!(tickets.issue("s1", "alice", now + LIFE * 2).is_some());
        assert_eq!(tickets.spend(&first.ticket, now + LIFE * 2), Err((Refused::Unknown, None)));
    }

    #[test]
    fn spent_ones_make_room_when_there_is_none() {
        let (tickets, now) = (Tickets::new(LIFE, 1, 10), Instant::now());
        let first = tickets.issue("s1", "alice", now).unwrap();
        assert!(tickets.spend(&first.ticket, now).is_ok());
        assert!(tickets.issue("s1", "alice", now).is_some());
    }

    #[test]
    fn one_user_cannot_take_them_all() {
        let (tickets, now) = (Tickets::new(LIFE, 10, 2), Instant::now());
        let first = tickets.issue("s1", "alice", now).unwrap();
        assert!(tickets.issue("s2", "alice", now).is_some());
        assert!(tickets.issue("s3", "alice", now).is_none());
        assert!(tickets.issue("s4", "bob", now).is_some());
        assert!(tickets.spend(&first.ticket, now).is_ok());
        assert!(tickets.issue("s3", "alice", now).is_some());
    }
}
