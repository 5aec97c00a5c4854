//! Catching up. The server lists messages from the newest to older ones, a page at a time, and they have to pass the other
//! way round: so the pages are gone through backwards, remembering only where each begins, and fetched again forwards.

use serde_json::Value;
use tidings_protocol::Secret;
use url::Url;

use super::{
    message::{self, Message, Place as Spot},
    proof,
};
use crate::{
    Endpoint,
    dialect::{Answer, Call, Caught, Course, Known, Proof, Source, Step, answers, refusal},
    machine::{Item, Page},
    verdict::{Failure, Place},
};

/// Messages of a page; the server gives no more than 200.
const LIMIT: u64 = 100;

/// Numbers may be given in another order than messages appear in: so far back may one appear late,
const LATE: u64 = 20;

/// and so many seconds.
const LATE_SECONDS: u64 = 60;

/// Where nothing was received yet, what is older than the newest message is not news, however little it is older.
const BASELINE_SECONDS: u64 = LATE_SECONDS + 1;

/// See the module.
pub(super) struct Pages {
    endpoint: Endpoint,
    proof: Proof,
    after: Option<Spot>,
    stage: Stage,
    /// Where pages end that are yet to be passed on, the oldest last; none is the newest end of the log.
    ends: Vec<Option<u64>>,
    /// All up to this number were passed on.
    passed: Option<u64>,
    limit: u64,
    known: Known,
    told: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Applications,
    Messages,
    Over,
}

impl Pages {
    pub(super) fn new(endpoint: &Endpoint, token: &Secret, after: Option<u64>) -> Self {
        Self {
            endpoint: endpoint.clone(),
            proof: proof(token),
            after: after.map(Spot::of_mark),
            stage: Stage::Applications,
            ends: vec![None],
            passed: None,
            limit: LIMIT,
            known: Known::default(),
            told: false,
        }
    }

    fn ask(&self) -> Step<Caught> {
        let call = match self.stage {
            Stage::Applications => {
                Call::get(Place::CatchUp, self.endpoint.at("/application"), self.proof.clone()).with_list()
            }
            Stage::Messages | Stage::Over => {
                let limit = if self.after.is_some() { self.limit } else { 1 };
                let end = self.ends.last().copied().flatten();
                list(&self.endpoint, &self.proof, limit, end)
            }
        };
        Step::Ask(call)
    }

    /// Whether one may not have been received yet.
    fn is_wanted(&self, at: Spot) -> bool {
        let Some(after) = self.after else { return false };
        if let Some(passed) = self.passed {
            return at.id > passed;
        }
        let late = at.id != after.id
            && at.id.saturating_add(LATE) > after.id
            && at.second + LATE_SECONDS >= after.second;
        // the numbers have begun anew: what is newer than the last one received was not received
        let anew = at.second > after.second;
        at.id > after.id || late || anew
    }

    fn applications(&mut self, answer: &Answer) -> Result<(), Failure> {
        let all: Vec<Value> = answers::read(Place::CatchUp, answer)?;
        for application in all {
            let Some(id) = application["id"].as_u64() else { continue };
            let name = application["name"].as_str().unwrap_or_default().to_owned();
            let image = application["image"].as_str().filter(|image| !image.is_empty());
            let icon_url = image.and_then(|image| picture(&self.endpoint, image));
            self.known.sources.insert(id, Some(Source { name, icon_url }));
        }
        self.stage = Stage::Messages;
        Ok(())
    }

    fn messages(&mut self, answer: &Answer) -> Result<Step<Caught>, Failure> {
        let end = self.ends.last().copied().flatten();
        let Some(Listed { messages, spots, more }) = read(answer)? else {
            if self.limit == 1 {
                return Err(answer.useless());
            }
            self.limit = (self.limit / 2).max(1);
            return Ok(self.ask());
        };
        if end.is_some_and(|end| spots.iter().any(|spot| spot.id >= end)) {
            return Err(Failure::NotSuchServer("a page came that was not asked for".into()));
        }
        let newest = spots.iter().max_by_key(|spot| spot.id).copied();
        if self.after.is_none() {
            self.stage = Stage::Over;
            let head = Some(baseline(newest));
            return Ok(Step::Done(self.page(Vec::new(), head, false)));
        }
        let full = more || spots.len() as u64 >= self.limit;
        let oldest = spots.iter().min_by_key(|spot| spot.id).copied();
        let next = self.passed.map(|passed| passed.saturating_add(1));
        let beyond = |oldest: &Spot| full && self.is_wanted(*oldest) && Some(oldest.id) != next;
        if let Some(oldest) = oldest.filter(beyond) {
            // there may be older ones, which go first; and the newest end moves on while they are fetched
            if let (Some(end @ None), Some(newest)) = (self.ends.last_mut(), newest) {
                *end = Some(newest.id.saturating_add(1));
            }
            self.ends.push(Some(oldest.id));
            return Ok(self.ask());
        }
        self.ends.pop();
        let newest = newest.map(|newest| newest.id);
        let mut wanted: Vec<_> =
            messages.into_iter().filter(|message| self.is_wanted(message.place())).collect();
        wanted.sort_by_key(|message| message.id);
        let before_end = end.map(|end| end.saturating_sub(1));
        self.passed = self.passed.max(newest).max(before_end).or(Some(0));
        let more = !self.ends.is_empty();
        if !more {
            self.stage = Stage::Over;
        }
        Ok(Step::Done(self.page(wanted, None, more)))
    }

    fn page(&mut self, messages: Vec<Message>, head: Option<u64>, more: bool) -> Caught {
        let mut items = Vec::with_capacity(messages.len());
        for message in messages {
            // one that is not listed has no name, and asking again would not give it one
            let source = self.known.sources.entry(message.application).or_default().clone();
            let mark = message.mark();
            let notification = Box::new(message.into_notification(source.as_ref()));
            items.push(Item::Notification { mark, notification });
        }
        let known = (!std::mem::replace(&mut self.told, !more)).then(|| self.known.clone());
        Caught { page: Page { items, head, more, ..Page::default() }, known }
    }
}

impl Course<Caught> for Pages {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<Caught>, Failure> {
        match (answer, self.stage) {
            (None, Stage::Over) => Ok(Step::Done(self.page(Vec::new(), None, false))),
            (None, _) => Ok(self.ask()),
            (Some(answer), Stage::Applications) => {
                self.applications(&answer)?;
                Ok(self.ask())
            }
            (Some(answer), _) => self.messages(&answer),
        }
    }
}

/// Where a log stands from which nothing was received.
pub(super) fn baseline(newest: Option<Spot>) -> u64 {
    let at = newest.unwrap_or(Spot { second: 0, id: 0 });
    let second = if at.id == 0 { 0 } else { at.second + BASELINE_SECONDS };
    Spot { second, ..at }.mark()
}

/// A place from which this message, and what came after it, was not received yet, and nothing older is wanted.
pub(super) fn before(message: &Message) -> u64 {
    let at = message.place();
    Spot { second: at.second + BASELINE_SECONDS, id: at.id.saturating_sub(1) }.mark()
}

/// `GET /message`: those before `end`, the newest first.
pub(super) fn list(endpoint: &Endpoint, proof: &Proof, limit: u64, end: Option<u64>) -> Call {
    let mut path = format!("/message?limit={limit}");
    if let Some(end) = end {
        path.push_str(&format!("&since={end}"));
    }
    Call::get(Place::CatchUp, endpoint.at(&path), proof.clone()).with_page()
}

/// A page, read.
#[derive(Debug)]
pub(super) struct Listed {
    messages: Vec<Message>,
    /// Where they stand, and whatever else was listed that nobody can read: it must not hide what is older.
    pub(super) spots: Vec<Spot>,
    /// The server says that there are older ones.
    more: bool,
}

/// A page; `None` where it was too large to be read whole.
pub(super) fn read(answer: &Answer) -> Result<Option<Listed>, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(Failure::Refused(refusal(Place::CatchUp, answer)));
    }
    if answer.cut {
        return Ok(None);
    }
    let mut page: Value = answers::read(Place::CatchUp, answer)?;
    let Some(Value::Array(listed)) = page.get_mut("messages").map(Value::take) else {
        return Err(Failure::NotSuchServer("a page without messages came".into()));
    };
    Ok(Some(Listed {
        messages: listed.iter().filter_map(message::of).collect(),
        spots: listed.iter().filter_map(message::spot).collect(),
        more: page["paging"]["next"].as_str().is_some_and(|next| !next.is_empty()),
    }))
}

/// Below the server's address, or a whole one.
fn picture(endpoint: &Endpoint, image: &str) -> Option<String> {
    match Url::parse(image) {
        Ok(url) => matches!(url.scheme(), "http" | "https").then(|| url.into()),
        Err(_) => Some(endpoint.at(image).into()),
    }
}
