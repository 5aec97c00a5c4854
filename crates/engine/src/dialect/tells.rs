//! What tells one kind of server from another, before anybody is signed in.

use serde_json::Value;

use super::{Answer, Call, Dialect, Proof};
use crate::{Endpoint, Found, verdict::Place};

/// A question that servers of one kind answer in their own way.
pub(crate) struct Tell {
    pub(crate) call: Call,
    pub(crate) reads: fn(&Answer) -> Option<Found>,
}

/// What to ask where a Tidings server did not answer, one after the other.
pub(crate) fn tells(endpoint: &Endpoint) -> Vec<Tell> {
    let ask =
        |path: &str, reads| Tell { call: Call::get(Place::Kind, endpoint.at(path), Proof::None), reads };
    // the last one is there in every version, but the others say more
    vec![
        ask("/gotifyinfo", gotify_info),
        ask("/version", gotify_version),
        ask("/v1/config", ntfy_config),
        ask("/v1/health", ntfy_health),
    ]
}

fn object(answer: &Answer) -> Option<Value> {
    if !(200..300).contains(&answer.status) {
        return None;
    }
    serde_json::from_slice(&answer.body).ok().filter(Value::is_object)
}

fn found(dialect: Dialect, guests: bool, version: Option<&str>) -> Found {
    let version = version.map(|version| version.chars().take(64).collect());
    Found { dialects: vec![dialect], guests, version }
}

/// Version 3: `{"version","register","oidc"}`.
fn gotify_info(answer: &Answer) -> Option<Found> {
    let info = object(answer)?;
    info["register"].as_bool()?;
    Some(found(Dialect::Gotify, false, Some(info["version"].as_str()?)))
}

/// `{"version","commit","buildDate"}`. Many a server answers a path of this name.
fn gotify_version(answer: &Answer) -> Option<Found> {
    let info = object(answer)?;
    info["buildDate"].as_str()?;
    info["commit"].as_str()?;
    Some(found(Dialect::Gotify, false, Some(info["version"].as_str()?)))
}

/// `{"base_url","enable_login",…}`; the web app needs no more to know.
fn ntfy_config(answer: &Answer) -> Option<Found> {
    let config = object(answer)?;
    config["enable_login"].as_bool()?;
    let login = config["require_login"].as_bool().unwrap_or_default();
    config["base_url"].as_str()?;
    Some(found(Dialect::Ntfy, !login, None))
}

/// `{"healthy":true}`.
fn ntfy_health(answer: &Answer) -> Option<Found> {
    object(answer)?["healthy"].as_bool()?;
    Some(found(Dialect::Ntfy, true, None))
}
