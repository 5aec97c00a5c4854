//! The model server's sign-ins: access tokens that expire, refresh tokens that rotate, tickets that are good for one use.
//! A token is its number.

use std::{collections::BTreeMap, time::Duration};

use tidings_protocol::Code;

const TICKET_LIFE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Current,
    Previous,
    Spent,
}

/// An access token, its life in seconds and a refresh token.
pub(crate) type Issued = (u64, Option<u64>, Option<u64>);

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    alive: Vec<bool>,
    /// Session and end.
    access: Vec<(usize, Option<Duration>)>,
    /// Access tokens with a smaller number are not known any more.
    forgotten: usize,
    refresh: Vec<(usize, Standing)>,
    tickets: BTreeMap<u64, (usize, Duration)>,
    minted: u64,
}

impl Sessions {
    pub(crate) fn start(&mut self, now: Duration, life: Option<u64>, refreshes: bool) -> Issued {
        self.alive.push(true);
        self.issue(now, self.alive.len() - 1, life, refreshes)
    }

    fn issue(&mut self, now: Duration, session: usize, life: Option<u64>, refreshes: bool) -> Issued {
        self.access.push((session, life.map(|life| now + Duration::from_secs(life))));
        let refresh = refreshes.then(|| {
            self.refresh.push((session, Standing::Current));
            self.refresh.len() as u64 - 1
        });
        (self.access.len() as u64 - 1, life, refresh)
    }

    pub(crate) fn end(&mut self, session: usize) {
        self.alive[session] = false;
    }

    /// The session of an access token, whether or not it is still good.
    pub(crate) fn of(&self, access: u64) -> Option<usize> {
        self.access.get(usize::try_from(access).unwrap()).map(|(session, _)| *session)
    }

    /// The key that signs access tokens is another one now.
    pub(crate) fn forget_access(&mut self) {
        self.forgotten = self.access.len();
    }

    pub(crate) fn check(&self, now: Duration, access: u64) -> Result<usize, Code> {
        let number = usize::try_from(access).unwrap();
        let found = self.access.get(number).filter(|_| number >= self.forgotten);
        let (session, ends) = *found.ok_or(Code::UNAUTHORIZED)?;
        if ends.is_some_and(|ends| ends <= now) {
            return Err(Code::TOKEN_EXPIRED);
        }
        self.living(session)
    }

    fn living(&self, session: usize) -> Result<usize, Code> {
        if self.alive[session] { Ok(session) } else { Err(Code::MISSING_SESSION) }
    }

    /// All answers to one token work until the first of them is used; what is older then is proof of a copy, and the
    /// session that has to end.
    pub(crate) fn renew(
        &mut self,
        now: Duration,
        shown: u64,
        life: Option<u64>,
        refreshes: bool,
    ) -> Result<Issued, usize> {
        let shown = usize::try_from(shown).unwrap();
        let (session, standing) = self.refresh[shown];
        if standing == Standing::Spent || !self.alive[session] {
            return Err(session);
        }
        if standing == Standing::Current {
            for (owner, standing) in &mut self.refresh {
                if *owner == session {
                    *standing = Standing::Spent;
                }
            }
            self.refresh[shown].1 = Standing::Previous;
        }
        Ok(self.issue(now, session, life, refreshes))
    }

    pub(crate) fn mint(&mut self, now: Duration, session: usize) -> u64 {
        self.minted += 1;
        self.tickets.insert(self.minted, (session, now + TICKET_LIFE));
        self.minted
    }

    /// Consumes the ticket, whatever comes of it.
    pub(crate) fn redeem(&mut self, now: Duration, ticket: u64) -> Result<usize, Code> {
        match self.tickets.remove(&ticket) {
            Some((session, ends)) if now < ends => self.living(session),
            _ => Err(Code::TICKET_INVALID),
        }
    }

    /// They are only in memory.
    pub(crate) fn lose_tickets(&mut self) {
        self.tickets.clear();
    }
}
