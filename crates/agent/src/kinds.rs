//! The kinds of server, as a person tells them apart, and what each asks of an account.
//!
//! Owns which ways to speak belong to one kind, which of them is taken, and how names of topics are read. Refuses to know
//! how any of them is spoken: that is the engine's.

use tidings_control::{Failure, FailureCode};
use tidings_engine::{Dialect, Following, SignInError};
use time::OffsetDateTime;

use crate::convert;

/// Longest name of a topic, as ntfy has it.
const LONGEST_TOPIC: usize = 64;
/// Topics of one account. All of them stand in the address of one request.
const TOPICS: usize = 100;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Tidings, and whatever speaks its protocol.
    Tidings,
    /// Gotify.
    Gotify,
    /// ntfy.
    Ntfy,
}

impl Kind {
    /// The kind that is spoken to like this.
    pub fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Ticket | Dialect::Token => Self::Tidings,
            Dialect::Gotify => Self::Gotify,
            Dialect::Ntfy => Self::Ntfy,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tidings => "Tidings",
            Self::Gotify => "Gotify",
            Self::Ntfy => "ntfy",
        }
    }

    fn one(self) -> &'static str {
        match self {
            Self::Tidings => "a Tidings server",
            Self::Gotify => "a Gotify server",
            Self::Ntfy => "an ntfy server",
        }
    }

    /// Whether an account says what it wants to hear of.
    pub fn asks_for_topics(self) -> bool {
        self == Self::Ntfy
    }

    /// Whether what it tells as read or deleted is a notification in all its editions, by the id of the first.
    pub fn names_editions(self) -> bool {
        self == Self::Ntfy
    }

    /// What somebody without a name is here, or why there can be none.
    pub(crate) fn nobody(self) -> Result<Nobody, Failure> {
        match self {
            Self::Tidings => Ok(Nobody::Guest),
            Self::Ntfy => Ok(Nobody::Anonymous),
            Self::Gotify => Err(Failure::new(
                FailureCode::Forbidden,
                "this is a Gotify server, which lets nobody in without a sign-in",
            )),
        }
    }

    /// Whether a person can have a token of their own, or why not.
    pub(crate) fn takes_tokens(self) -> Result<(), Failure> {
        match self {
            Self::Gotify | Self::Ntfy => Ok(()),
            Self::Tidings => Err(Failure::new(
                FailureCode::BadRequest,
                "this is a Tidings server, which is signed in to with user and password",
            )),
        }
    }
}

/// Somebody without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nobody {
    /// The server makes a session for them.
    Guest,
    /// They ask without any.
    Anonymous,
}

/// How to speak to a server that can be spoken to in these ways: as the person has chosen, else as it prefers.
///
/// # Errors
/// `OTHER_KIND_OF_SERVER`, which names both; `FLOW_NOT_OFFERED`.
pub fn choose(asked: Option<Dialect>, found: &[Dialect]) -> Result<Dialect, Failure> {
    let offered = found.iter().filter_map(|dialect| dialect.flow()).collect();
    let not_offered = || convert::sign_in_failure(&SignInError::FlowNotOffered { offered });
    let preferred = found.first().copied();
    match (asked, preferred) {
        (Some(asked), _) if found.contains(&asked) => Ok(asked),
        (Some(asked), Some(preferred)) => {
            let (wanted, is) = (Kind::of(asked), Kind::of(preferred));
            if wanted == is {
                return Err(not_offered());
            }
            let message = format!("this is {}, not {}", is.one(), wanted.name());
            Err(Failure::new(FailureCode::OtherKindOfServer, message))
        }
        (None, Some(preferred)) => Ok(preferred),
        (_, None) => Err(not_offered()),
    }
}

/// Names of topics as they were typed, each once.
///
/// # Errors
/// `BAD_REQUEST`, which names the first that is none.
pub fn read_topics(typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut topics: Vec<String> = Vec::new();
    for name in typed.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !letters || name.len() > LONGEST_TOPIC {
            return Err(convert::sign_in_failure(&SignInError::NoTopic(name.to_owned())));
        }
        if !topics.iter().any(|known| known == name) {
            topics.push(name.to_owned());
        }
    }
    if topics.len() > TOPICS {
        let message = format!("an account follows up to {TOPICS} topics");
        return Err(Failure::new(FailureCode::BadRequest, message));
    }
    Ok(topics)
}

/// These topics: those that were followed go on where they are, the others begin now.
///
/// # Errors
/// `TOPICS_NEEDED` without any.
pub fn follow(
    topics: Vec<String>,
    followed: &[Following],
    now: OffsetDateTime,
) -> Result<Vec<Following>, Failure> {
    if topics.is_empty() {
        let message = "name at least one topic to follow on this ntfy server";
        return Err(Failure::new(FailureCode::TopicsNeeded, message));
    }
    let since =
        |topic: &str| followed.iter().find(|known| known.topic == topic).map_or(now, |known| known.since);
    Ok(topics.into_iter().map(|topic| Following { since: since(&topic), topic }).collect())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_person_chooses_among_what_is_offered_else_the_server() {
        use Dialect::{Gotify, Ntfy, Ticket, Token};
        for (asked, found, chosen) in [
            (None, vec![Ticket, Token], Ok(Ticket)),
            (None, vec![Token], Ok(Token)),
            (None, vec![Ntfy], Ok(Ntfy)),
            (Some(Token), vec![Ticket, Token], Ok(Token)),
            (Some(Gotify), vec![Gotify], Ok(Gotify)),
            (Some(Ticket), vec![Token], Err(FailureCode::FlowNotOffered)),
            (Some(Ntfy), vec![Gotify], Err(FailureCode::OtherKindOfServer)),
            (Some(Token), vec![Ntfy], Err(FailureCode::OtherKindOfServer)),
            (None, vec![], Err(FailureCode::FlowNotOffered)),
        ] {
            assert_eq!(choose(asked, &found).map_err(|failure| failure.code), chosen, "{asked:?} {found:?}");
        }
    }

    #[test]
    fn the_wrong_kind_is_told_by_both_names() {
        let told = |asked, found| choose(Some(asked), &[found]).unwrap_err().message;
        assert_eq!(told(Dialect::Ntfy, Dialect::Gotify), "this is a Gotify server, not ntfy");
        assert_eq!(told(Dialect::Gotify, Dialect::Ntfy), "this is an ntfy server, not Gotify");
        assert_eq!(told(Dialect::Gotify, Dialect::Ticket), "this is a Tidings server, not Gotify");
    }

    #[test]
    fn topics_are_read_each_once_and_the_first_that_is_none_is_named() {
        let read =
            |typed: &[&str]| read_topics(&typed.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            read(&[" disk-alerts ", "Builds_2", "", "disk-alerts"]).unwrap(),
            ["disk-alerts", "Builds_2"]
        );
        let long = "a".repeat(LONGEST_TOPIC + 1);
        for wrong in ["a b", "a,b", "a/b", "ä", "..", "a?b", &long] {
            let failure = read(&["fine", wrong]).unwrap_err();
            assert_eq!(failure.code, FailureCode::BadRequest);
            assert!(failure.message.contains(wrong), "{}", failure.message);
        }
        let many: Vec<String> = (0..=TOPICS).map(|topic| topic.to_string()).collect();
        assert!(read_topics(&many[1..]).is_ok());
        assert_eq!(read_topics(&many).unwrap_err().code, FailureCode::BadRequest);
    }

    #[test]
    fn a_topic_that_stays_goes_on_and_a_new_one_begins_now() {
        let (then, now) = (datetime!(2026-05-04 10:00 UTC), datetime!(2026-05-05 10:00 UTC));
        let followed =
            [Following { topic: "a".into(), since: then }, Following { topic: "b".into(), since: then }];
        let topics = follow(vec!["c".into(), "b".into()], &followed, now).unwrap();
        assert_eq!(
            topics,
            [Following { topic: "c".into(), since: now }, Following { topic: "b".into(), since: then }]
        );
        assert_eq!(follow(Vec::new(), &followed, now).unwrap_err().code, FailureCode::TopicsNeeded);
    }
}
