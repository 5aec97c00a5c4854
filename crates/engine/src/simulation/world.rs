//! Virtual time: everything that happens is in one queue, ordered by when.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use super::{
    chaos::{Blow, Mix},
    client::{Client, Kept, Tokens},
    dice::Dice,
    inbox::Inbox,
    network::{Ask, Caller, Pipe},
    seen::{Seen, Tally},
    server::{Hears, Reply, Says, Server},
    watch::Watch,
};
use crate::{
    Event, Options,
    dialect::Known,
    machine::{Attempt, Input, Machine, Now, Rules},
    verdict::{Failure, Place},
};

/// Counts the client's processes.
pub(crate) type Run = u32;

/// What happens at a time.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// At the server.
    Asked(Run, Caller, Ask),
    Heard(u32, Hears),
    More(u32),
    Sweep,
    ServerReturns,
    /// At the client.
    Answered(Run, Caller, Place, Result<Reply, Failure>),
    Opened(Run, Attempt, u64, u32),
    Said(u32, Says),
    ClosedInTurn(Run, Attempt),
    Cursor(Run, Attempt, u64),
    Loaded(Run),
    Stored(Run, Kept),
    OwnerTakes(Run),
    PersonNotices(Run),
    /// After so long.
    Wake(Duration),
    /// Somebody has compared the clocks.
    ClocksCompared(Run),
    /// In between, and anywhere.
    Blow(Blow),
    Mends(Blow),
}

impl Happening {
    /// Waits while the desk sleeps, and is lost with the process that it is for.
    fn run(&self) -> Option<Option<Run>> {
        match self {
            Self::Answered(run, ..)
            | Self::Opened(run, ..)
            | Self::ClosedInTurn(run, _)
            | Self::Cursor(run, ..)
            | Self::Loaded(run)
            | Self::Stored(run, _)
            | Self::OwnerTakes(run)
            | Self::ClocksCompared(run)
            | Self::PersonNotices(run) => Some(Some(*run)),
            Self::Said(..) => Some(None),
            _ => None,
        }
    }
}

/// What keeps the session when the process is gone.
#[derive(Default)]
pub(crate) struct Keychain {
    pub(crate) kept: Option<Kept>,
    pub(crate) locked: bool,
    pub(crate) missing: bool,
}

/// See the module.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) mix: Mix,
    pub(crate) seen: Tally,
    pub(crate) trace: bool,
    start: Instant,
    pub(crate) time: Duration,
    /// How long the desk has slept, altogether.
    slept: Duration,
    /// How far the wall clock was set forward and back.
    pub(crate) wall_step: time::Duration,
    pub(crate) asleep: bool,
    queue: BTreeMap<(Duration, u64), Happening>,
    queued: u64,
    pub(crate) server: Server,
    pub(crate) pipes: BTreeMap<u32, Pipe>,
    /// Nothing passes, and nobody is told.
    pub(crate) cut: bool,
    /// What the operating system says.
    pub(crate) online: bool,
    pub(crate) keychain: Keychain,
    pub(crate) inbox: Inbox,
    pub(crate) cursor_unreadable: bool,
    pub(crate) owner_slow: bool,
    pub(crate) run: Run,
    pub(crate) client: Client,
    /// Nothing goes wrong any more.
    pub(crate) calm: bool,
    noticing: bool,
}

impl World {
    pub(crate) fn new(seed: u64, trace: bool) -> Self {
        let mut dice = Dice::new(seed);
        let mix = Mix::draw(&mut dice);
        let start = Instant::now();
        let now = Now { at: start, wall: OffsetDateTime::UNIX_EPOCH };
        let client = Client::new(now, &mix, &mut dice);
        let mut world = Self {
            server: Server::new(mix.manners.clone()),
            seen: Tally::default(),
            trace,
            start,
            time: Duration::ZERO,
            slept: Duration::ZERO,
            wall_step: time::Duration::ZERO,
            asleep: false,
            queue: BTreeMap::new(),
            queued: 0,
            pipes: BTreeMap::new(),
            cut: false,
            online: true,
            keychain: Keychain::default(),
            inbox: Inbox::default(),
            cursor_unreadable: false,
            owner_slow: false,
            run: 0,
            client,
            calm: false,
            noticing: false,
            mix,
            dice,
        };
        world.tell_trace(|| format!("{:?}", world.mix));
        for _ in 0..world.mix.earlier {
            world.server.publish(|| false);
        }
        let mut dice = world.dice.fork();
        for (at, blow) in world.mix.blows(&mut dice) {
            world.after(at, Happening::Blow(blow));
        }
        world.after(Duration::from_secs(20), Happening::Sweep);
        world
    }

    /// The client's clocks.
    pub(crate) fn now(&self) -> Now {
        Now {
            at: self.start + (self.time - self.slept),
            wall: OffsetDateTime::UNIX_EPOCH + self.time + self.wall_step,
        }
    }

    pub(crate) fn tell_trace(&self, line: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:>12.6}  {}", self.time.as_secs_f64(), line());
        }
    }

    pub(crate) fn after(&mut self, time: Duration, happening: Happening) {
        self.queued += 1;
        self.queue.insert((self.time + time, self.queued), happening);
    }

    // ---- time

    /// When the machine wants to be ticked.
    fn due(&self) -> Option<Duration> {
        if self.asleep || self.client.ended {
            return None;
        }
        let due = self.client.machine.timeout()?.saturating_duration_since(self.start) + self.slept;
        Some(due.max(self.time))
    }

    /// Lets things happen until then, or until `enough`.
    pub(crate) fn pass(&mut self, time: Duration, enough: impl Fn(&Self) -> bool) -> bool {
        let end = self.time + time;
        let mut steps = 0;
        while !enough(self) {
            let due = self.due();
            let next = self.queue.first_key_value().map(|((at, _), _)| *at);
            let ticks = match (due, next) {
                (Some(due), Some(next)) if due == next => self.dice.chance(500),
                (Some(due), Some(next)) => due < next,
                (Some(_), None) => true,
                (None, _) => false,
            };
            let at = if ticks { due } else { next };
            let Some(at) = at.filter(|at| *at <= end) else {
                self.time = end;
                return false;
            };
            self.time = at;
            self.server.clock = at;
            if ticks {
                self.give(Input::Tick);
            } else if let Some((_, happening)) = self.queue.pop_first() {
                self.happens(happening);
            }
            self.flush();
            self.stopped();
            steps += 1;
            assert!(steps < 100_000, "things happen without end");
        }
        true
    }

    /// The desk goes to sleep, for this long.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.asleep = true;
        let from = self.time;
        self.after(time, Happening::Wake(time));
        // what is for the desk waits until it wakes
        let wakes = from + time;
        let waiting: Vec<_> = self.queue.range(..(wakes, u64::MAX)).map(|(key, _)| *key).collect();
        for key in waiting {
            if self.queue.get(&key).is_some_and(|happening| happening.run().is_some())
                && let Some(happening) = self.queue.remove(&key)
            {
                self.after(time, happening);
            }
        }
    }

    pub(crate) fn wakes_at(&self) -> Option<Duration> {
        let mut waking = self.queue.iter().filter(|(_, happening)| matches!(happening, Happening::Wake(..)));
        waking.next().map(|((at, _), _)| *at)
    }

    fn happens(&mut self, happening: Happening) {
        if let Some(run) = happening.run() {
            if run.is_some_and(|run| run != self.run) {
                return;
            }
            if self.asleep
                && let Some(at) = self.wakes_at()
            {
                return self.after(at - self.time, happening);
            }
        }
        self.tell_trace(|| format!("{happening:?}"));
        match happening {
            Happening::Asked(run, caller, ask) => self.asked(run, caller, ask),
            Happening::Heard(socket, hears) => {
                self.server.hear(self.time, socket, hears);
            }
            Happening::More(socket) => {
                self.seen.saw(Seen::TookReplay);
                self.server.go_on(socket);
            }
            Happening::Sweep => {
                let before = self.server.open_sockets().count();
                self.server.sweep(self.time);
                if self.server.open_sockets().count() < before {
                    self.seen.saw(Seen::SilentSocketSwept);
                }
                self.after(Duration::from_secs(20), Happening::Sweep);
            }
            Happening::ServerReturns => {
                if !self.server.up {
                    self.seen.saw(Seen::ServerCameBack);
                }
                self.server.up = true;
            }
            Happening::Answered(_, caller, at, outcome) => self.answered(caller, at, outcome),
            Happening::Opened(_, attempt, work, socket) => self.opened(attempt, work, socket),
            Happening::Said(socket, says) => self.said(socket, says),
            Happening::ClosedInTurn(_, attempt) => {
                if self.client.socket.is_some_and(|(open, _)| open == attempt) {
                    self.seen.saw(Seen::ClosedInTurn);
                    self.give(Input::Failed(attempt, Failure::closed(1000, "")));
                }
            }
            Happening::Cursor(_, attempt, work) => {
                let unreadable = self.cursor_unreadable && !self.calm;
                let input = if unreadable {
                    self.seen.saw(Seen::CursorUnreadable);
                    Input::Failed(attempt, Failure::Storage("the disk".into()))
                } else {
                    Input::CursorRead(attempt, self.inbox.cursor())
                };
                self.end_work(attempt, work, input);
            }
            Happening::Loaded(_) => self.loaded(),
            Happening::Stored(_, kept) => self.stored(kept),
            Happening::OwnerTakes(_) => self.owner_takes(),
            Happening::PersonNotices(_) => {
                self.noticing = false;
                if self.client.watch.is_stopped() {
                    self.person_acts();
                }
            }
            Happening::Wake(time) => {
                self.asleep = false;
                self.slept += time;
                if self.dice.chance(500) {
                    self.seen.saw(Seen::WokeBySignal);
                    self.give(Input::Woke);
                } else {
                    let look = self.dice.ms(0, 60_000);
                    self.after(look, Happening::ClocksCompared(self.run));
                }
            }
            Happening::ClocksCompared(_) => {
                self.seen.saw(Seen::WokeByClock);
                self.give(Input::Woke);
            }
            Happening::Blow(blow) => {
                if !self.calm {
                    self.strike(blow);
                }
            }
            Happening::Mends(blow) => self.mend(blow),
        }
    }

    // ---- the owner of the connection

    fn owner_takes(&mut self) {
        self.client.taking = false;
        if let Some(event) = self.client.untold.pop_front() {
            self.take(event);
        }
        self.take_soon();
    }

    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::Connected => self.inbox.connected(),
            Event::Notification(arrival) => {
                if self.inbox.broken {
                    self.seen.saw(Seen::StorageFailed);
                }
                if !self.inbox.record(&self.server, &arrival) {
                    self.seen.saw(Seen::DuplicateCame);
                }
            }
            Event::AuthSuccess(greeting) => {
                if let (Some(epoch), Some(seq)) = (greeting.epoch, greeting.head) {
                    self.inbox.set_cursor_if_absent(crate::Cursor { epoch, seq });
                }
            }
            Event::Incomplete => {
                self.seen.saw(Seen::ToldIncomplete);
                self.inbox.told_incomplete = Some(self.time);
            }
            Event::Resumed(resumed) => {
                self.inbox.resumed(crate::Cursor { epoch: resumed.epoch, seq: resumed.head });
            }
            _ => {}
        }
    }

    /// Somebody sees sooner or later that they have to act.
    fn stopped(&mut self) {
        if !self.calm && !self.noticing && self.mix.attentive && self.client.watch.is_stopped() {
            self.noticing = true;
            let time = self.dice.ms(1_000, 60_000);
            self.after(time, Happening::PersonNotices(self.run));
        }
    }

    /// A new process. The machine starts from what the old one has stored.
    pub(crate) fn start(&mut self) {
        self.run += 1;
        self.noticing = false;
        let now = self.now();
        self.client = Client::new(now, &self.mix, &mut self.dice);
        if !self.online {
            self.give(Input::NetworkDown);
        }
        self.give(Input::Start);
        self.flush();
    }
}

impl Client {
    fn new(now: Now, mix: &Mix, dice: &mut Dice) -> Self {
        let rules = Rules::new(&Options::default(), mix.manners.dialect, false);
        let machine = Machine::new(now, rules, Box::new(dice.fork()));
        let watch = Watch::new(mix.manners.dialect, machine.status());
        Self {
            watch,
            machine,
            tokens: Tokens::default(),
            token: None,
            ticket: None,
            work: None,
            works: 0,
            socket: None,
            known: Known::default(),
            course: None,
            untold: std::collections::VecDeque::new(),
            taking: false,
            to_tell: Vec::new(),
            ended: false,
        }
    }
}
