//! A server as `docs/protocol.md` describes it, and as little else: a log, sessions, tickets and sockets. It has no
//! clock, no network and no chance of its own; who calls it says what time it is.

use std::{collections::BTreeMap, time::Duration};

use tidings_protocol::{AuthSuccess, Code, ErrorDetail, Goodbye, Notification, Resumed, ServerMessage};

use super::sessions::{Issued, Sessions};
use crate::{Dialect, verdict::Place};

/// What kind of server it is.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    pub(crate) dialect: Dialect,
    /// Seconds that an access token lives; `None`: it does not say, and they live on.
    pub(crate) access_life: Option<u64>,
    /// Sessions can be renewed.
    pub(crate) refreshes: bool,
    /// The answer to a sign-in says where the log stands.
    pub(crate) tells_head: bool,
    /// Refusals at the upgrade come as a close of the open socket.
    pub(crate) refuses_by_close: bool,
    /// Live ones are sent at once, also amid a replay.
    pub(crate) eager: bool,
    /// Entries of a replay that are sent in one go.
    pub(crate) page: u64,
    /// Time between two such goes.
    pub(crate) pace: Duration,
}

impl Manners {
    /// What was missed is fetched by calls.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.dialect, Dialect::Gotify | Dialect::Ntfy)
    }
}

/// A place in all that was ever stored, in any log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) gone: Option<Gone>,
    pub(crate) at: Duration,
}

/// The server ceased to have it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gone {
    /// It knows, and says so.
    Since(Duration),
    /// It went with a newer state of the database: a client that has not seen it can never know.
    Unnoticed,
}

#[derive(Debug)]
struct Socket {
    session: usize,
    /// Greeted: live ones are sent.
    live: bool,
    /// The next entry of a replay, and where it ends.
    replay: Option<Replay>,
    heard: Duration,
}

#[derive(Debug)]
struct Replay {
    next: u64,
    head: u64,
    complete: bool,
}

/// What a server sends over a socket.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Message(ServerMessage),
    Text(String),
    /// Neither a message nor the end.
    Nonsense,
    Close(u16, String),
    /// The end without a close frame.
    Cut,
}

/// What it hears.
#[derive(Clone, Debug)]
pub(crate) enum Hears {
    Auth(u64),
    Ping,
    Resume {
        epoch: String,
        after: u64,
    },
    Read,
    /// A close frame, or the end.
    Gone,
}

/// What a call is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Session { access: u64, expires_in: Option<u64>, refresh: Option<u64> },
    Ticket(u64),
    Fetched(String),
    Refused { status: u16, code: Option<Code>, retry_after: Option<u64> },
}

/// What opens a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Ticket(u64),
    Token(u64),
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) manners: Manners,
    pub(crate) up: bool,
    /// What time it is.
    pub(crate) clock: Duration,
    /// Refuses everything for now, and asks for this much patience.
    pub(crate) busy: Option<u64>,
    epoch: u32,
    head: u64,
    /// Up to here the log is gone.
    pruned: u64,
    /// The log was put back, and nobody knows yet whether clients have seen more of it.
    doubtful: bool,
    /// By id.
    history: Vec<Entry>,
    /// The id at a place of the present log, from 1.
    log: Vec<u64>,
    sessions: Sessions,
    sockets: BTreeMap<u32, Socket>,
    sockets_opened: u32,
    /// To be sent.
    pub(crate) out: Vec<(u32, Says)>,
    /// Replays that go on after a pause.
    pub(crate) more: Vec<u32>,
}

/// Two and a half keepalive intervals (`docs/protocol.md` §3).
const SILENCE: Duration = Duration::from_secs(75);

impl Server {
    pub(crate) fn new(manners: Manners) -> Self {
        Self {
            manners,
            up: true,
            clock: Duration::ZERO,
            busy: None,
            epoch: 1,
            head: 0,
            pruned: 0,
            doubtful: false,
            history: Vec::new(),
            log: Vec::new(),
            sessions: Sessions::default(),
            sockets: BTreeMap::new(),
            sockets_opened: 0,
            out: Vec::new(),
            more: Vec::new(),
        }
    }

    // ---- the log

    /// By id.
    pub(crate) fn history(&self) -> &[Entry] {
        &self.history
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Stores one and tells it. `keep_back` says for which sockets it is lost on the way to them.
    pub(crate) fn publish(&mut self, mut keep_back: impl FnMut() -> bool) -> bool {
        if !self.up || self.doubtful {
            return false;
        }
        let id = self.history.len() as u64;
        self.head += 1;
        self.history.push(Entry { epoch: self.epoch, seq: self.head, gone: None, at: self.clock });
        self.log.push(id);
        let (seq, eager) = (self.head, self.manners.eager);
        let foreign = self.manners.is_foreign();
        let frame = if foreign { self.frame(seq) } else { Says::Message(notification(seq, id)) };
        for (number, socket) in &mut self.sockets {
            if socket.live && (eager || socket.replay.is_none()) && !keep_back() {
                self.out.push((*number, frame.clone()));
            }
        }
        true
    }

    /// Forgets the oldest `count`.
    pub(crate) fn prune(&mut self, now: Duration, count: u64) {
        let to = (self.pruned + count).min(self.head);
        for seq in self.pruned + 1..=to {
            self.lose(seq, Gone::Since(now));
        }
        self.pruned = to;
    }

    /// The newest `lost` entries are lost, and the log gets another name.
    pub(crate) fn replace_log(&mut self, now: Duration, lost: u64) {
        self.truncate(lost, Gone::Since(now));
        self.rename();
    }

    /// The newest `lost` entries are lost with an older state of the database, which does not know it.
    pub(crate) fn put_back(&mut self, lost: u64) {
        self.doubtful |= lost > 0;
        self.truncate(lost, Gone::Unnoticed);
    }

    fn truncate(&mut self, lost: u64, how: Gone) {
        let head = self.head.saturating_sub(lost).max(self.pruned);
        for seq in head + 1..=self.head {
            self.lose(seq, how);
        }
        self.log.truncate(usize::try_from(head).unwrap());
        self.head = head;
    }

    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    fn rename(&mut self) {
        self.epoch += 1;
        self.doubtful = false;
        for id in &self.log {
            self.history[usize::try_from(*id).unwrap()].epoch = self.epoch;
        }
    }

    fn lose(&mut self, seq: u64, how: Gone) {
        let id = self.log[usize::try_from(seq - 1).unwrap()];
        self.history[usize::try_from(id).unwrap()].gone.get_or_insert(how);
    }

    /// The id at a place of the present log.
    pub(crate) fn id_at(&self, seq: u64) -> Option<u64> {
        self.log.get(usize::try_from(seq.checked_sub(1)?).ok()?).copied()
    }

    // ---- its life

    /// All that is only in memory is gone.
    pub(crate) fn stop(&mut self, farewell: Option<[u64; 2]>) {
        let numbers: Vec<_> = self.sockets.keys().copied().collect();
        for number in numbers {
            if let Some(reconnect_after_ms) = farewell {
                let goodbye = Goodbye { reason: "restart".into(), reconnect_after_ms };
                self.say(number, ServerMessage::Goodbye(goodbye));
                self.close(number, 1012, "RESTART");
            } else {
                self.cut(number);
            }
        }
        self.sessions.lose_tickets();
        self.up = false;
    }

    /// Drops who has been silent for too long.
    pub(crate) fn sweep(&mut self, now: Duration) {
        let silent = self.sockets.iter().filter(|(_, socket)| now > socket.heard + SILENCE);
        let silent: Vec<_> = silent.map(|(number, _)| *number).collect();
        for number in silent {
            self.close(number, 4000, "KEEPALIVE_TIMEOUT");
        }
    }

    pub(crate) fn is_replaying(&self) -> bool {
        self.sockets.values().any(|socket| socket.replay.is_some())
    }

    /// Sockets that it believes to be open.
    pub(crate) fn open_sockets(&self) -> impl Iterator<Item = u32> {
        self.sockets.keys().copied()
    }

    // ---- calls

    /// A person signs in.
    pub(crate) fn sign_in(&mut self, now: Duration) -> Reply {
        session(self.sessions.start(now, self.manners.access_life, self.manners.refreshes))
    }

    /// Ends the session that this access token belongs to.
    pub(crate) fn revoke(&mut self, access: u64) {
        if let Some(session) = self.sessions.of(access) {
            self.end_session(session);
        }
    }

    /// The key that signs access tokens is another one now.
    pub(crate) fn forget_access(&mut self) {
        self.sessions.forget_access();
    }

    fn end_session(&mut self, session: usize) {
        self.sessions.end(session);
        let theirs = self.sockets.iter().filter(|(_, socket)| socket.session == session);
        let theirs: Vec<_> = theirs.map(|(number, _)| *number).collect();
        for number in theirs {
            self.close(number, 1008, "NOT_AUTHORIZED");
        }
    }

    /// Whether this is an access token that works.
    pub(crate) fn check(&self, now: Duration, access: u64) -> Result<usize, Code> {
        self.sessions.check(now, access)
    }

    pub(crate) fn call(&mut self, now: Duration, at: Place, shown: u64) -> Reply {
        if let Some(retry_after) = self.busy {
            return refused(503, Some(Code::TICKETS_UNAVAILABLE), Some(retry_after));
        }
        if at == Place::Refresh {
            let Manners { access_life, refreshes, .. } = self.manners;
            return match self.sessions.renew(now, shown, access_life, refreshes) {
                Ok(issued) => session(issued),
                Err(stolen) => {
                    self.end_session(stolen);
                    refused(401, Some(Code::REFRESH_REVOKED), None)
                }
            };
        }
        match self.sessions.check(now, shown) {
            Ok(session) => Reply::Ticket(self.sessions.mint(now, session)),
            Err(code) => refused(401, Some(code), None),
        }
    }

    // ---- sockets

    pub(crate) fn upgrade(&mut self, now: Duration, key: Key) -> Result<u32, Reply> {
        if let Some(retry_after) = self.busy {
            return Err(refused(503, None, Some(retry_after)));
        }
        let session = match key {
            Key::Token(access) => self.sessions.check(now, access),
            Key::Ticket(ticket) => self.sessions.redeem(now, ticket),
        };
        let greets = matches!(key, Key::Ticket(_)) || self.manners.is_foreign();
        match session {
            Ok(session) => {
                let number = self.admit(now, session);
                if greets {
                    self.greet(number);
                }
                Ok(number)
            }
            Err(code) if self.manners.refuses_by_close => {
                let number = self.admit(now, 0);
                self.close(number, 1008, code.as_str());
                Ok(number)
            }
            Err(code) => Err(refused(401, Some(code), None)),
        }
    }

    fn admit(&mut self, now: Duration, session: usize) -> u32 {
        self.sockets_opened += 1;
        let socket = Socket { session, live: false, replay: None, heard: now };
        self.sockets.insert(self.sockets_opened, socket);
        self.sockets_opened
    }

    fn greet(&mut self, number: u32) {
        let (epoch, head) = (self.epoch, self.head);
        if let Some(socket) = self.sockets.get_mut(&number) {
            socket.live = true;
        }
        match self.manners.dialect {
            Dialect::Gotify => return,
            Dialect::Ntfy => return self.out.push((number, self.open_frame())),
            Dialect::Ticket | Dialect::Token => {}
        }
        let greeting =
            AuthSuccess { epoch: Some(epoch_name(epoch)), head: Some(head), ..AuthSuccess::default() };
        self.say(number, ServerMessage::AuthSuccess(greeting));
    }

    pub(crate) fn hear(&mut self, now: Duration, number: u32, what: Hears) {
        let Some(socket) = self.sockets.get_mut(&number) else { return };
        socket.heard = now;
        let session = socket.session;
        match what {
            Hears::Ping => self.say(number, ServerMessage::Pong),
            Hears::Read => {}
            Hears::Gone => {
                self.sockets.remove(&number);
            }
            Hears::Auth(access) => match self.sessions.check(now, access) {
                Ok(owner) if owner == session => self.greet(number),
                Err(code) if code == Code::TOKEN_EXPIRED => self.close(number, 1008, "TOKEN_EXPIRED"),
                _ => {
                    let error = ErrorDetail { code: Code::MISSING_SESSION, message: "no".into() };
                    self.say(number, ServerMessage::AuthError(error));
                    self.close(number, 1008, "NOT_AUTHORIZED");
                }
            },
            Hears::Resume { epoch, after } => {
                let same = epoch == epoch_name(self.epoch);
                if same && after > self.head {
                    self.rename();
                    let numbers: Vec<_> = self.sockets.keys().copied().collect();
                    for number in numbers {
                        self.close(number, 1012, "EPOCH_RENEWED");
                    }
                    return;
                }
                self.doubtful &= !same;
                let after = if same { after } else { 0 };
                let complete = same && after >= self.pruned;
                let head = self.head;
                if let Some(socket) = self.sockets.get_mut(&number) {
                    socket.replay = Some(Replay { next: after.max(self.pruned) + 1, head, complete });
                }
                self.go_on(number);
            }
        }
    }

    /// Sends the next page of a replay, and its end after the last.
    pub(crate) fn go_on(&mut self, number: u32) {
        let Some(socket) = self.sockets.get_mut(&number) else { return };
        let Some(replay) = &mut socket.replay else { return };
        if !self.manners.eager {
            // live ones wait for the end, and are part of it
            replay.head = self.head;
        }
        if replay.next <= self.pruned {
            replay.next = self.pruned + 1;
            replay.complete = false;
        }
        let end = replay.head.min(replay.next + self.manners.page - 1);
        for seq in replay.next..=end {
            let id = self.log[usize::try_from(seq - 1).unwrap()];
            self.out.push((number, Says::Message(notification(seq, id))));
        }
        replay.next = replay.next.max(end + 1);
        if replay.next <= replay.head {
            self.more.push(number);
            return;
        }
        let resumed = Resumed { epoch: epoch_name(self.epoch), head: replay.head, complete: replay.complete };
        socket.replay = None;
        self.say(number, ServerMessage::Resumed(resumed));
    }

    pub(crate) fn say(&mut self, number: u32, message: ServerMessage) {
        self.out.push((number, Says::Message(message)));
    }

    /// Sends the newest once more.
    pub(crate) fn say_again(&mut self, number: u32) -> bool {
        let live = self.sockets.get(&number).is_some_and(|socket| socket.live && socket.replay.is_none());
        let again = live && self.head > self.pruned;
        if again {
            let id = self.log[usize::try_from(self.head - 1).unwrap()];
            let foreign = self.manners.is_foreign();
            let frame =
                if foreign { self.frame(self.head) } else { Says::Message(notification(self.head, id)) };
            self.out.push((number, frame));
        }
        again
    }

    pub(crate) fn close(&mut self, number: u32, code: u16, reason: &str) {
        if self.sockets.remove(&number).is_some() {
            self.out.push((number, Says::Close(code, reason.to_owned())));
        }
    }

    pub(crate) fn cut(&mut self, number: u32) {
        if self.sockets.remove(&number).is_some() {
            self.out.push((number, Says::Cut));
        }
    }
}

fn session((access, expires_in, refresh): Issued) -> Reply {
    Reply::Session { access, expires_in, refresh }
}

pub(crate) fn refused(status: u16, code: Option<Code>, retry_after: Option<u64>) -> Reply {
    Reply::Refused { status, code, retry_after }
}

pub(crate) fn epoch_name(epoch: u32) -> String {
    format!("e{epoch}")
}

fn notification(seq: u64, id: u64) -> ServerMessage {
    ServerMessage::Notification(Box::new(Notification {
        seq: Some(seq),
        id: Some(id.to_string()),
        ..Notification::default()
    }))
}
