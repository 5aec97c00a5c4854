//! What goes wrong in a run, and how often. Each run draws its own mix: one in which everything happens at once would
//! hardly ever get far enough to be hurt by a rare thing.

use std::time::Duration;

use tidings_protocol::Code;

use super::{
    dice::Dice,
    server::{Manners, Reply, refused},
};
use crate::{Dialect, verdict::Failure};

/// Something that befalls the world at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    Publish,
    PublishMany,
    ServerCrash,
    ServerGoodbye,
    GoodbyeWithoutEnd,
    ServerBusy,
    ReplaceLog,
    PutLogBack,
    Prune,
    Revoke,
    ForgetTokens,
    CloseSocket,
    ResetSocket,
    KillUpward,
    KillDownward,
    Stall,
    CutLink,
    NetworkDown,
    NetworkChange,
    Sleep,
    StepWallClock,
    Kill,
    LockKeychain,
    LoseKeychain,
    BreakInbox,
    BreakCursor,
    SlowOwner,
    Connect,
    Disconnect,
    Reconnect,
    MarkRead,
    SayNonsense,
    SayTwice,
    AuthError,
}

const BLOWS: [Blow; 32] = [
    Blow::PublishMany,
    Blow::ServerCrash,
    Blow::ServerGoodbye,
    Blow::GoodbyeWithoutEnd,
    Blow::ServerBusy,
    Blow::ReplaceLog,
    Blow::PutLogBack,
    Blow::Prune,
    Blow::Revoke,
    Blow::ForgetTokens,
    Blow::CloseSocket,
    Blow::ResetSocket,
    Blow::KillUpward,
    Blow::KillDownward,
    Blow::Stall,
    Blow::CutLink,
    Blow::NetworkDown,
    Blow::NetworkChange,
    Blow::Sleep,
    Blow::StepWallClock,
    Blow::Kill,
    Blow::LockKeychain,
    Blow::LoseKeychain,
    Blow::BreakInbox,
    Blow::BreakCursor,
    Blow::SlowOwner,
    Blow::Connect,
    Blow::Disconnect,
    Blow::Reconnect,
    Blow::MarkRead,
    Blow::SayNonsense,
    Blow::SayTwice,
];

/// What servers of other kinds have no word for, or no notion of; or what they do not do to those who are connected, as
/// forgetting tokens, which would show itself whenever something has to be fetched.
const OURS: [Blow; 6] = [
    Blow::ServerGoodbye,
    Blow::GoodbyeWithoutEnd,
    Blow::ReplaceLog,
    Blow::PutLogBack,
    Blow::Prune,
    Blow::ForgetTokens,
];

/// The statuses that an answer may be mangled into.
const STATUSES: [u16; 18] =
    [300, 302, 400, 401, 403, 404, 405, 408, 410, 418, 425, 426, 429, 500, 502, 503, 504, 511];

/// How a socket may be closed.
const CLOSES: [(u16, &str); 26] = [
    (1000, ""),
    (1001, ""),
    (1002, ""),
    (1003, ""),
    (1005, ""),
    (1006, ""),
    (1007, ""),
    (1008, "NOT_AUTHORIZED"),
    (1008, "TOKEN_EXPIRED"),
    (1008, "ORIGIN_BLOCKED"),
    (1008, "MISSING_SESSION"),
    (1008, "RATE_LIMITED"),
    (1008, "something else"),
    (1009, ""),
    (1010, ""),
    (1011, ""),
    (1012, ""),
    (1013, "TOO_SLOW"),
    (1014, ""),
    (4000, ""),
    (4401, ""),
    (4403, ""),
    (4408, "AUTH_TIMEOUT"),
    (4999, "x"),
    (3000, ""),
    (1012, "RESTART"),
];

/// One run's mix.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    pub(crate) manners: Manners,
    /// How long things go wrong.
    pub(crate) storm: Duration,
    /// One way, in milliseconds.
    pub(crate) latency: (u64, u64),
    /// Of a thousand requests, these fates.
    pub(crate) lost: u64,
    pub(crate) reset: u64,
    pub(crate) answer_lost: u64,
    pub(crate) mangled: u64,
    /// Of a thousand live notifications, so many are lost in the server.
    pub(crate) live_lost: u64,
    /// Of a thousand echoes of what was abandoned, so many reach the machine.
    pub(crate) echoes: u64,
    /// Most milliseconds that the owner takes for an event.
    pub(crate) owner: u64,
    /// Someone who is told to act does so, during the storm.
    pub(crate) attentive: bool,
    /// Notifications before the first connection.
    pub(crate) earlier: u64,
}

impl Mix {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let rate = |dice: &mut Dice| dice.pick(&[0, 0, 0, 20, 100, 300]);
        use Dialect::{Gotify, Ntfy, Ticket, Token};
        let dialect = dice.pick(&[Ticket, Ticket, Token, Gotify, Ntfy]);
        let mut mix = Self {
            manners: Manners {
                dialect,
                access_life: dice.pick(&[None, Some(900), Some(900), Some(120), Some(45), Some(8)]),
                refreshes: !dice.chance(150),
                tells_head: dice.chance(500),
                refuses_by_close: dice.chance(300),
                eager: dice.chance(300),
                page: dice.pick(&[1, 3, 64]),
                pace: dice.pick(&[0, 5, 400, 9_000].map(Duration::from_millis)),
            },
            storm: dice.pick(&[20, 60, 180, 600].map(Duration::from_secs)),
            latency: dice.pick(&[(1, 10), (1, 10), (20, 300), (20, 300), (200, 4_000), (1, 14_000)]),
            lost: rate(dice),
            reset: rate(dice),
            answer_lost: rate(dice),
            mangled: rate(dice),
            live_lost: rate(dice),
            echoes: dice.pick(&[0, 300, 1000]),
            owner: dice.pick(&[1, 1, 50, 3_000]),
            attentive: !dice.chance(200),
            earlier: dice.pick(&[0, 3]),
        };
        if mix.manners.is_foreign() {
            mix.live_lost = 0;
            mix.earlier = dice.pick(&[0, 3, 120]);
            let manners = &mut mix.manners;
            (manners.access_life, manners.refreshes, manners.refuses_by_close) = (None, false, false);
            (manners.tells_head, manners.eager) = (false, true);
        }
        mix
    }

    /// When what happens.
    pub(crate) fn blows(&self, dice: &mut Dice) -> Vec<(Duration, Blow)> {
        let foreign = self.manners.is_foreign();
        let happens = |blow: &Blow| !foreign || !OURS.contains(blow);
        let kinds: Vec<_> = BLOWS.iter().copied().filter(happens).filter(|_| dice.chance(250)).collect();
        let storm = u64::try_from(self.storm.as_millis()).unwrap();
        let mut blows = Vec::new();
        for _ in 0..dice.pick(&[5, 15]) {
            blows.push((dice.ms(0, storm), Blow::Publish));
        }
        if !kinds.is_empty() {
            let mut at = dice.ms(0, storm);
            for _ in 0..dice.pick(&[2, 6, 14]) {
                // troubles seldom come alone
                at = if dice.chance(400) { at + dice.ms(0, 2_000) } else { dice.ms(0, storm) };
                blows.push((at.min(self.storm), dice.pick(&kinds)));
            }
        }
        if !foreign && dice.chance(10) {
            blows.push((dice.ms(0, storm), Blow::AuthError));
        }
        blows
    }

    pub(crate) fn latency(&self, dice: &mut Dice) -> Duration {
        dice.ms(self.latency.0, self.latency.1)
    }
}

/// Anything that may stand between a client and its server says.
pub(crate) fn mangled(dice: &mut Dice) -> Result<Reply, Failure> {
    match dice.below(20) {
        0 => Err(Failure::Certificate("a portal's".into())),
        1..=3 => Err(Failure::NotSuchServer("a page".into())),
        _ => {
            let status = dice.pick(&STATUSES);
            let patience = matches!(status, 429 | 503) && dice.chance(600);
            let retry_after = patience.then(|| dice.pick(&[1, 7, 60, 120, 7200]));
            let code = dice.chance(100).then_some(Code::RATE_LIMITED);
            Ok(refused(status, code, retry_after))
        }
    }
}

pub(crate) fn any_close(dice: &mut Dice) -> (u16, &'static str) {
    dice.pick(&CLOSES)
}
