//! The `ntfy` command line: a default server, and topics to follow, each of which may be elsewhere and somebody else's.

use std::path::Path;

use tidings_control::{Dialect, Program};
use tidings_protocol::Secret;

use super::{
    Found, Key, Unreadable, legible, server,
    yaml::{self, Line, scalar},
};
use crate::kinds;

/// Where topics are that name no server, unless the file says otherwise.
const USUAL: &str = "https://ntfy.sh";

/// What is said of who asks.
#[derive(Default)]
struct Said {
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
}

#[derive(Default)]
struct Subscription {
    topic: Option<String>,
    said: Said,
}

pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Found>, Unreadable> {
    let (mut host, mut usual, mut subscriptions) = (None, Said::default(), Vec::<Subscription>::new());
    // what is below `subscribe`, and how far what its entries say is indented
    let (mut subscribing, mut inside) = (false, None);
    // a name that is asked for was said last: what is indented below it goes on with its text
    let mut goes_on = false;
    for line in yaml::lines(text) {
        let refused = Unreadable::Line(line.number);
        if line.depth == 0 && !line.entry {
            if !line.has_plain_name() {
                return Err(refused);
            }
            (subscribing, inside, goes_on) = (line.name == "subscribe", None, true);
            match line.name {
                "default-host" => host = scalar(&line)?,
                "default-user" => usual.user = scalar(&line)?,
                "default-password" => usual.password = scalar(&line)?,
                "default-token" => usual.token = scalar(&line)?,
                "subscribe" if !matches!(line.value, "" | "[]") && !line.value.starts_with('#') => {
                    return Err(refused);
                }
                _ => goes_on = false,
            }
        } else if subscribing {
            if line.entry && inside.is_none_or(|depth| line.depth <= depth) {
                inside = Some(line.depth);
                subscriptions.push(Subscription::default());
            }
            let of_entry = inside == Some(line.depth);
            match subscriptions.last_mut() {
                Some(subscription) if of_entry && line.has_plain_name() => {
                    goes_on = subscription.take(&line)?;
                }
                // of a name that is not asked for
                Some(_) if !of_entry && !goes_on => {}
                _ => return Err(refused),
            }
        } else if goes_on {
            return Err(refused);
        }
    }
    let usual_host = address(host.as_deref().unwrap_or(USUAL))?;
    let mut accounts: Vec<Found> = Vec::new();
    for Subscription { topic, said } in subscriptions {
        let Some(topic) = topic else { continue };
        let (there, topic) = split(&topic, &usual_host)?;
        let own = said.key()?;
        // the keys to one's own server are for that alone
        let key = match own {
            Some(key) => key,
            None if there == usual_host => usual.key()?.unwrap_or(Key::Nothing),
            None => Key::Nothing,
        };
        let topic = kinds::read_topics(&[topic]).map_err(|_| Unreadable::Names("what is no topic"))?;
        match accounts.iter_mut().find(|known| known.server == there && known.key == key) {
            Some(known) => known
                .topics
                .extend(topic.into_iter().filter(|topic| !known.topics.contains(topic)).collect::<Vec<_>>()),
            None => accounts.push(Found {
                program: Program::Ntfy,
                file: file.to_owned(),
                dialect: Dialect::Ntfy,
                server: there,
                key,
                topics: topic,
            }),
        }
    }
    Ok(accounts)
}

impl Subscription {
    /// Returns whether it is what is asked for.
    fn take(&mut self, line: &Line<'_>) -> Result<bool, Unreadable> {
        match line.name {
            "topic" => self.topic = scalar(line)?,
            // said to be nothing is said, too
            "user" => self.said.user = Some(scalar(line)?.unwrap_or_default()),
            "password" => self.said.password = Some(scalar(line)?.unwrap_or_default()),
            "token" => self.said.token = Some(scalar(line)?.unwrap_or_default()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Said {
    fn key(&self) -> Result<Option<Key>, Unreadable> {
        Ok(match (&self.token, &self.user, &self.password) {
            (Some(token), ..) if !token.is_empty() => Some(Key::Token(Secret::from(legible(token)?))),
            (_, Some(user), Some(password)) if !user.is_empty() && !password.is_empty() => {
                Some(Key::Password {
                    username: legible(user)?.to_owned(),
                    password: Secret::from(legible(password)?),
                })
            }
            (None, None, None) => None,
            _ => Some(Key::Nothing),
        })
    }
}

/// A topic may be a bare name, `host/name`, or a whole address.
fn split(topic: &str, usual: &str) -> Result<(String, String), Unreadable> {
    match topic.rsplit_once('/') {
        None => Ok((usual.to_owned(), topic.to_owned())),
        Some((there, topic)) => Ok((address(there)?, topic.to_owned())),
    }
}

fn address(typed: &str) -> Result<String, Unreadable> {
    let typed = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    server(&typed, Dialect::Ntfy)
}
