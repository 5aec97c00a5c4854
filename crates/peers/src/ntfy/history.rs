use std::time::Duration;

use serde_json::Value;

use super::{
    fault::{self, Fault},
    store::{Store, now},
};

/// From where on somebody wants the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Nothing,
    All,
    Latest,
    /// And that second too.
    Time(i64),
    /// But without that one; all, if nobody knows it.
    Id(String),
}

impl Since {
    /// Without a wish a socket gets nothing and a poll all.
    pub(super) fn parse(text: Option<&str>, poll: bool) -> Result<Self, Fault> {
        match text {
            None | Some("") => Ok(if poll { Self::All } else { Self::Nothing }),
            // the first second of all stands for none of them there
            Some("none" | "1") => Ok(Self::Nothing),
            Some("all") => Ok(Self::All),
            Some("latest") => Ok(Self::Latest),
            Some(text) if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Ok(Self::Id(text.to_owned()))
            }
            Some(text) => {
                let ago = || Some(now() - i64::try_from(span(text)?.as_secs()).ok()?);
                text.parse().ok().or_else(ago).map(Self::Time).ok_or(fault::SINCE)
            }
        }
    }
}

/// `10m`, for example.
pub(super) fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok().map(|number| Duration::from_secs(number * seconds))
}

impl Store {
    /// What is said of the past: found by place in the store where an id is given, and told by time.
    pub(super) fn past(&self, topics: &[String], since: &Since, scheduled: bool) -> Vec<Value> {
        let of_these = self.history.iter().enumerate().filter(|(_, kept)| {
            (scheduled || !kept.scheduled) && topics.iter().any(|topic| topic == kept.topic())
        });
        let mut found = match since {
            Since::Nothing => Vec::new(),
            Since::All => of_these.collect::<Vec<_>>(),
            // of each topic
            Since::Latest => {
                let of_these = of_these.collect::<Vec<_>>();
                let latest = |topic: &String| of_these.iter().rev().find(|(_, kept)| kept.topic() == topic);
                topics.iter().filter_map(latest).copied().collect()
            }
            Since::Time(from) => of_these.filter(|(_, kept)| kept.time() >= *from).collect(),
            Since::Id(id) => {
                let known = self.history.iter().position(|kept| kept.id() == id);
                of_these.filter(|(place, _)| known.is_none_or(|known| *place > known)).collect()
            }
        };
        found.sort_by_key(|(_, kept)| kept.time());
        found.into_iter().map(|(_, kept)| kept.said.clone()).collect()
    }
}
