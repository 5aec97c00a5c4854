//! Catching up: by time, with an overlap. A message's name as a place in the log would be exact, but a server that has
//! forgotten it begins at the very beginning, and what was scheduled before it would be passed over.

use std::collections::{HashMap, HashSet, VecDeque};

use tidings_protocol::Secret;
use time::OffsetDateTime;

use super::{
    message::{self, Event, Said},
    topics,
};
use crate::{
    Endpoint,
    dialect::{Answer, Call, Caught, Course, Ntfy, Proof, Speech as _, Step, refusal},
    machine::{Item, Page},
    verdict::{Failure, Place},
};

/// A message appears so many seconds after its time at the latest: one that is scheduled waits for the server to look, and
/// one with a file has the time at which its upload began. Clocks of publishers have no say.
const LATE_SECONDS: u64 = 300;

/// Where nothing was received yet, less of that is taken: what is older is not news.
const BASELINE_SECONDS: u64 = LATE_SECONDS - 15;

/// A topic is followed since a moment of our own clock, which may be put right in between. In seconds.
const CLOCKS_DIFFER: i64 = 120;

/// A place from which nothing was received.
pub(super) fn baseline(time: u64) -> u64 {
    time.saturating_add(BASELINE_SECONDS)
}

/// See the module.
pub(super) struct Poll {
    endpoint: Endpoint,
    token: Secret,
    /// Questions that are not answered yet: topics, and where each begins.
    open: VecDeque<(String, Since)>,
    /// When each topic began to be followed, by our own clock.
    followed: HashMap<String, OffsetDateTime>,
    /// What came last, and may come again at the beginning of the next answer.
    last: HashSet<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Since {
    /// Unix seconds, inclusive.
    Time(u64),
    /// The name of a message that the server has just sent, exclusive.
    Message(String),
}

impl Poll {
    pub(super) fn new(endpoint: &Endpoint, token: &Secret, after: Option<u64>) -> Self {
        let since = after.map(|after| Since::Time(after.saturating_sub(LATE_SECONDS)));
        let followed = endpoint.topics.iter().map(|following| (following.topic.clone(), following.since));
        Self {
            endpoint: endpoint.clone(),
            token: token.clone(),
            open: since.into_iter().map(|since| (topics(endpoint), since)).collect(),
            followed: followed.collect(),
            last: HashSet::new(),
        }
    }

    fn ask(&self) -> Step<Caught> {
        let Some((topics, since)) = self.open.front() else { return nothing() };
        let since = match since {
            Since::Time(seconds) => seconds.to_string(),
            Since::Message(id) => id.clone(),
        };
        let url = self.endpoint.at(&format!("/{topics}/json?poll=1&since={since}"));
        Step::Ask(Call::get(Place::CatchUp, url, Proof::bearer(&self.token)).with_page())
    }

    fn read(&mut self, answer: &Answer) -> Result<Step<Caught>, Failure> {
        if !(200..300).contains(&answer.status) {
            return Err(Ntfy.refused(refusal(Place::CatchUp, answer), &self.token));
        }
        let lines = lines(answer)?;
        let Some((topics, since)) = self.open.pop_front() else { return Ok(nothing()) };
        if answer.cut && topics.contains(',') && !is_by_time(&lines) {
            // an old server answers topic by topic: what was cut off may be all of the last ones
            for topic in topics.split(',').rev() {
                self.open.push_front((topic.to_owned(), since.clone()));
            }
            return Ok(self.ask());
        }
        let mut next = HashSet::new();
        if answer.cut {
            let Some(last) = lines.last() else { return Err(answer.useless()) };
            let time = lines.iter().map(|line| line.time).max().unwrap_or_default();
            let moves_on = !matches!(since, Since::Time(before) if time <= before);
            let moves_on = moves_on && matches!(since, Since::Time(_));
            let from = if moves_on { Since::Time(time) } else { Since::Message(last.id.clone()) };
            if from == since {
                return Err(answer.useless());
            }
            next = lines.iter().filter(|line| line.time == time).map(|line| line.id.clone()).collect();
            self.open.push_front((topics, from));
        }
        let last = std::mem::replace(&mut self.last, next);
        let fresh = lines.into_iter().filter(|line| !last.contains(&line.id)).collect();
        let (items, passed_over) = Self::items(fresh, &self.followed_by_server(answer));
        let page = Page { items, passed_over, head: None, more: !self.open.is_empty() };
        Ok(Step::Done(Caught { page, known: None }))
    }

    /// When each topic began to be followed, in seconds of the server's clock. A moment that is yet to come says that our
    /// own was put back since, and nothing else.
    fn followed_by_server(&self, answer: &Answer) -> HashMap<&str, u64> {
        let ahead = answer.sent_at.map_or(0, |sent| (answer.received_at - sent).whole_seconds());
        let known = self.followed.iter().filter(|(_, since)| **since <= answer.received_at);
        let by_server = known.map(|(topic, since)| {
            let since = since.unix_timestamp() - ahead - CLOCKS_DIFFER;
            (topic.as_str(), u64::try_from(since).unwrap_or_default())
        });
        by_server.collect()
    }

    /// What is left of these in the end, in order: of several editions the last one, and none of what was deleted. Then the
    /// ids of the others.
    fn items(mut lines: Vec<Said>, followed: &HashMap<&str, u64>) -> (Vec<Item>, Vec<String>) {
        lines.sort_by_key(|line| line.time);
        let mut newest = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            if !matches!(line.event, Event::Item(Item::Read(_))) {
                newest.insert((line.topic.clone(), line.sequence.clone()), at);
            }
        }
        let (mut items, mut passed_over) = (Vec::new(), Vec::new());
        for (at, line) in lines.into_iter().enumerate() {
            let followed = followed.get(line.topic.as_str()).is_none_or(|since| line.time >= *since);
            let key = (line.topic, line.sequence);
            let Event::Item(item) = line.event else { continue };
            if newest.get(&key).is_some_and(|newest| at < *newest) {
                passed_over.push(line.id);
            } else if followed {
                items.push(item);
            }
        }
        (items, passed_over)
    }
}

/// Whether an answer about several topics is certain to be in the order of time: a topic comes back after another.
fn is_by_time(lines: &[Said]) -> bool {
    let mut blocks: Vec<&str> = lines.iter().map(|line| line.topic.as_str()).collect();
    blocks.dedup();
    let topics: HashSet<_> = blocks.iter().collect();
    topics.len() < blocks.len() && lines.is_sorted_by_key(|line| line.time)
}

/// The whole lines of an answer. What cannot be read is not there; if nothing can, it is no ntfy server's.
fn lines(answer: &Answer) -> Result<Vec<Said>, Failure> {
    let end = match answer.body.iter().rposition(|byte| *byte == b'\n') {
        Some(end) if answer.cut => end,
        None if answer.cut => 0,
        _ => answer.body.len(),
    };
    let text = answer.body[..end].split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let (mut read, mut unread) = (Vec::new(), 0);
    for line in text {
        match message::read(line) {
            Ok(line) => read.push(line),
            Err(_) => unread += 1,
        }
    }
    if read.is_empty() && unread > 0 {
        return Err(Failure::NotSuchServer("an answer of another kind came".into()));
    }
    Ok(read)
}

fn nothing() -> Step<Caught> {
    Step::Done(Caught { page: Page::default(), known: None })
}

impl Course<Caught> for Poll {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<Caught>, Failure> {
        match answer {
            Some(answer) => self.read(&answer),
            None => Ok(self.ask()),
        }
    }
}
