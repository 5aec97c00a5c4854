//! What holds for whatever bytes a server sends, for the fuzz targets in `crates/fuzz`. Compiled for them alone.

#![expect(clippy::panic, reason = "a claim that does not hold is what a fuzzer looks for")]
#![allow(missing_docs, reason = "each says it by its name")]

use std::time::{Duration, Instant};

use tidings_protocol::{Code, Device, Notification, Platform, Secret, ServerMessage, Session, is_legible};
use time::OffsetDateTime;

use crate::{
    Cursor, Endpoint, Event, Options, State, StoredSession,
    backoff::Jitter,
    dialect::{self, Answer, Course, Dialect, Incoming, Known, Step},
    machine::{Attempt, Effect, Input, Item, Machine, Note, Now, Outgoing, Rules, Token},
    verdict::{Credentials, Failure, Pace, Place, Verdict},
};

/// Longest text of a failure: a server's words and ours around them.
const LONGEST_TEXT: usize = 240;

/// The longest that a server may make a client wait, `docs/protocol.md` §4.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

fn legible(text: &str) {
    assert!(text.chars().all(is_legible), "{text:?} acts on who shows it");
    assert!(text.chars().count() <= LONGEST_TEXT, "{} characters", text.chars().count());
}

fn judged(failure: &Failure) {
    legible(&failure.to_string());
    if let Some(code) = failure.code() {
        legible(code);
    }
    for credentials in [(false, false), (true, false), (true, true)] {
        let (refreshable, fresh) = credentials;
        let (verdict, cause) = failure.judge(Credentials { refreshable, fresh });
        legible(&cause.detail);
        if let Verdict::Retry(Pace::After(wait)) = verdict {
            assert!(wait <= LONGEST_WAIT, "{wait:?}");
        }
        // nothing is renewed that cannot be, and nothing twice
        assert!(verdict != Verdict::Reauthenticate || refreshable && !fresh);
    }
}

/// The first line of the input is a status and a `Retry-After`, the rest a body.
pub fn an_answer_is_judged_and_says_nothing_illegible(input: &[u8]) {
    let (head, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (&b""[..], input),
    };
    let head = String::from_utf8_lossy(head);
    let (status, retry_after) = head.split_once(' ').unwrap_or((&head, ""));
    let status = status.parse().unwrap_or(200);
    let retry_after = (!retry_after.is_empty()).then(|| retry_after.to_owned());
    let received_at = OffsetDateTime::UNIX_EPOCH;
    let answer = Answer {
        status,
        retry_after,
        body: body.to_vec(),
        cut: false,
        broken: None,
        received_at,
        sent_at: None,
    };
    for at in [Place::Login, Place::Refresh] {
        match dialect::session(at, &answer) {
            Ok(session) => a_session_is_kept_as_it_came(session),
            Err(failure) => judged(&failure),
        }
    }
    match dialect::ticket::read(&answer) {
        Ok(ticket) => assert!(!ticket.is_empty()),
        Err(failure) => judged(&failure),
    }
    if let Err(failure) = dialect::info(&answer) {
        judged(&failure);
    }
    for at in [Place::Info, Place::Login, Place::Refresh, Place::Logout, Place::Ticket, Place::Upgrade] {
        judged(&Failure::Refused(dialect::refusal(at, &answer)));
    }
}

fn a_session_is_kept_as_it_came(session: Session) {
    assert!(!session.access_token.is_empty());
    let stored = StoredSession::from_answer(session, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(StoredSession::from_json(&stored.to_json()), Ok(stored.clone()));
    a_stored_session_prints_no_token(stored);
}

/// What a keychain may hold under our name.
pub fn a_stored_session_is_read_or_garbled(text: &str) {
    if let Ok(session) = StoredSession::from_json(&Secret::from(text)) {
        assert!(!session.access_token.is_empty());
        assert_eq!(StoredSession::from_json(&session.to_json()), Ok(session.clone()));
        a_stored_session_prints_no_token(session);
    }
}

fn a_stored_session_prints_no_token(session: StoredSession) {
    let printed = format!("{session:?}");
    let refresh_token = session.refresh_token.as_ref().map(|_| Secret::from("another"));
    let another = StoredSession { access_token: Secret::from("another"), refresh_token, ..session };
    assert_eq!(format!("{another:?}"), printed, "what is printed depends on a token");
}

pub fn a_close_is_judged_and_says_nothing_illegible(code: u16, reason: &str) {
    judged(&Failure::closed(code, reason));
}

/// The least of every range: no draw hides a wait that is too short.
struct Least;

impl Jitter for Least {
    fn between(&mut self, low: Duration, _high: Duration) -> Duration {
        low
    }
}

/// One socket's life. The first byte says by which flow and with which cursor it is opened; each line after it is a text
/// frame, or `@` and the seconds that pass.
pub fn a_conversation_loses_doubles_and_floods_nothing(input: &[u8]) {
    let Some((how, lines)) = input.split_first() else { return };
    let mut talk = Talk::open(how & 1 == 0, (how & 2 == 0).then(|| Cursor { epoch: "e".into(), seq: 3 }));
    for line in String::from_utf8_lossy(lines).lines() {
        match line.strip_prefix('@') {
            Some(seconds) => talk.pass(seconds.parse::<u8>().unwrap_or(1)),
            None => talk.frame(line),
        }
        if talk.over {
            return;
        }
    }
}

const ATTEMPT: Attempt = Attempt(1);

struct Talk {
    machine: Machine,
    dialect: Dialect,
    now: Now,
    /// Logs that were named so far.
    epochs: Vec<String>,
    said: usize,
    told: usize,
    frames: usize,
    resumes: usize,
    over: bool,
}

impl Talk {
    fn open(ticket: bool, cursor: Option<Cursor>) -> Self {
        let dialect = if ticket { Dialect::Ticket } else { Dialect::Token };
        let now = Now { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH };
        let rules = Rules::new(&Options::default(), dialect, false);
        let machine = Machine::new(now, rules, Box::new(Least));
        let epochs = cursor.iter().map(|cursor| cursor.epoch.clone()).collect();
        let (said, told, frames, resumes) = (0, 0, 0, 0);
        let mut talk = Self { machine, dialect, now, epochs, said, told, frames, resumes, over: false };
        let token = Token { generation: 1, refreshable: true, lives: None, stored: true };
        talk.step(Input::Start);
        talk.step(Input::TokenReady(ATTEMPT, token));
        if ticket {
            talk.step(Input::TicketReady(ATTEMPT));
        }
        talk.step(Input::Opened(ATTEMPT));
        talk.step(Input::CursorRead(ATTEMPT, cursor));
        assert!(!talk.over, "the talk ends before it begins");
        talk
    }

    fn frame(&mut self, text: &str) {
        self.frames += 1;
        match self.dialect.speech().decode(text, &Known::default()) {
            Ok(Incoming::Message(message)) => {
                match &message {
                    ServerMessage::Notification(_) => self.said += 1,
                    ServerMessage::AuthSuccess(details) => self.epochs.extend(details.epoch.clone()),
                    ServerMessage::Resumed(details) => self.epochs.push(details.epoch.clone()),
                    _ => {}
                }
                self.step(Input::Message(ATTEMPT, message));
            }
            Ok(_) | Err(_) => self.step(Input::Alive(ATTEMPT)),
        }
    }

    fn pass(&mut self, seconds: u8) {
        let end = self.now.at + Duration::from_secs(seconds.into());
        let mut ticks = 0;
        while let Some(due) = self.machine.timeout().filter(|due| *due <= end) {
            self.set(due.max(self.now.at));
            self.step(Input::Tick);
            ticks += 1;
            assert!(ticks < 1000, "ticks without end");
            if self.over {
                return;
            }
        }
        self.set(end);
    }

    fn set(&mut self, at: Instant) {
        self.now.wall += at - self.now.at;
        self.now.at = at;
    }

    fn step(&mut self, input: Input) {
        for effect in self.machine.step(self.now, input) {
            self.watch(effect);
        }
    }

    fn watch(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(Event::Notification(arrival)) => {
                self.told += 1;
                assert!(self.told <= self.said, "one was told that was not said, or was told twice");
                if let Some(Cursor { epoch, .. }) = arrival.cursor() {
                    assert!(epoch.len() <= 256, "{} bytes of epoch", epoch.len());
                    assert!(self.epochs.contains(&epoch), "{epoch:?} was never named");
                }
                is_sound(&arrival.notification);
            }
            Effect::Tell(Event::Error { code, message } | Event::AuthError { code, message }) => {
                legible(&code);
                legible(&message);
            }
            Effect::Tell(Event::ReconnectScheduled { delay, cause, .. }) => {
                assert!(delay <= LONGEST_WAIT, "{delay:?}");
                legible(&cause.detail);
            }
            Effect::Send(_, Outgoing::Resume(_)) => {
                self.resumes += 1;
                assert!(self.resumes <= self.frames + 1, "more is asked than was said");
            }
            Effect::Note(Note::Goodbye(goodbye)) => legible(&goodbye.reason),
            Effect::Note(Note::Failed { failure, .. }) => judged(&failure),
            Effect::Abandon(..) => self.over = true,
            Effect::Show(status) => {
                if let State::Disconnected { cause, .. } = status.state {
                    legible(&cause.detail);
                }
            }
            _ => {}
        }
    }
}

fn is_sound(notification: &Notification) {
    for moment in [notification.created_at, notification.expires_at].into_iter().flatten() {
        assert_eq!(moment.offset(), time::UtcOffset::UTC);
    }
    assert!(notification.id.as_ref() != Some(&String::new()), "an empty id would make strangers equal");
}

/// A code is what programs match on, and is passed on only if it looks like one.
pub fn a_code_is_plausible_or_none(text: &str) {
    if let Some(code) = crate::verdict::plausible(Code::from(text)) {
        legible(code.as_str());
    }
}

/// The first byte says what kind of server it is; each line after it is a text frame, and the whole of them an answer.
pub fn a_foreign_server_is_read_or_refused(input: &[u8]) {
    let Some((how, said)) = input.split_first() else { return };
    let dialect = if how & 1 == 0 { Dialect::Gotify } else { Dialect::Ntfy };
    let Ok(endpoint) = Endpoint::parse("https://example.com", dialect, false) else { return };
    let (speech, token) = (dialect.speech(), Secret::from("hunter2"));
    for line in String::from_utf8_lossy(said).lines() {
        for known in [Known::default(), Known { sources: [(0, None), (5, None)].into() }] {
            if let Ok(Incoming::Item(item)) = speech.decode(line, &known) {
                is_sound_item(&item);
            }
        }
    }
    for (status, cut) in [(200, false), (200, true), (401, false)] {
        let received_at = OffsetDateTime::UNIX_EPOCH;
        let body = said.to_vec();
        let answer = Answer {
            status,
            retry_after: None,
            body,
            cut,
            broken: None,
            received_at,
            sent_at: Some(received_at),
        };
        for after in [None, Some(0), Some(u64::MAX)] {
            if let Some(course) = speech.catch_up(&endpoint, &token, after) {
                ends(course, &answer, |caught| {
                    caught.page.items.iter().for_each(is_sound_item);
                    caught.page.more
                });
            }
        }
        let device = Device { name: "desk".into(), platform: Platform::Linux };
        ends(speech.sign_in(&endpoint, "alice", &token, &device), &answer, |signed_in| {
            assert!(!signed_in.session.access_token.is_empty());
            false
        });
        if let Some(course) = speech.sign_in_with_token(&endpoint, &token) {
            ends(course, &answer, |_| false);
        }
    }
}

/// A server that always says the same is not asked for ever.
fn ends<T>(mut course: Box<dyn Course<T>>, always: &Answer, mut goes_on: impl FnMut(T) -> bool) {
    let mut answer = None;
    for _ in 0..1000 {
        match course.next(answer.take()) {
            Ok(Step::Ask(_)) => answer = Some(always.clone()),
            Ok(Step::Done(result)) => {
                if !goes_on(result) {
                    return;
                }
            }
            Err(failure) => return judged(&failure),
        }
    }
    panic!("the calls never end");
}

fn is_sound_item(item: &Item) {
    match item {
        Item::Notification { mark, notification } => {
            assert!(i64::try_from(*mark).is_ok(), "{mark} fits into no database");
            is_sound(notification);
            let pictures = [&notification.icon_url, &notification.image_url].into_iter().flatten();
            let files = notification.attachment.iter().map(|file| &file.url);
            for url in pictures.chain(files) {
                assert!(url.starts_with("http://") || url.starts_with("https://"), "{url}");
            }
        }
        Item::Read(of) | Item::Deleted(of) => assert_eq!(of.ids.len(), 1),
    }
}
