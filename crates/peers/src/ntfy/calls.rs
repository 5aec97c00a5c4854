use hyper::Method;
use serde_json::{Value, json};

use super::{
    Ntfy,
    access::Caller,
    fault::{self, Fault},
    history::Since,
    publishing,
    store::{Store, Token, frame, now, spoken},
};
use crate::{
    answer::{Answer, Reply},
    ask::Ask,
    seats::Guest,
};

/// Longest name of a topic.
const LONGEST_TOPIC: usize = 64;

/// Names that are places.
const NO_TOPICS: [&str; 10] =
    ["docs", "static", "file", "app", "metrics", "account", "settings", "signup", "login", "v1"];

/// How long a token is good for whose maker says nothing of it: three days, in seconds.
const TOKEN_FOR: i64 = 72 * 60 * 60;

pub(super) fn answer(store: &mut Store, ask: &Ask) -> Answer {
    let answer = store.caller(ask).and_then(|caller| route(store, caller, ask));
    match answer {
        Ok(answer) => answer,
        // a handshake is refused with nothing but the status
        Err(fault) if ask.is_upgrade() => Reply::empty(fault.status()).into(),
        Err(fault) => fault.reply().into(),
    }
}

fn route(store: &mut Store, caller: Caller, ask: &Ask) -> Result<Answer, Fault> {
    let segments = ask.segments();
    if let Some((event, topic, sequence)) = publishing::withdrawal(&ask.method, &segments)
        && let Some(topics) = topics(topic)
    {
        may(store, caller, &topics, |access| access.writes())?;
        return Ok(Reply::ok(&store.withdraw(event, topic, sequence)).into());
    }
    let reply = match (&ask.method, &segments[..]) {
        (&Method::GET, ["v1", "health"]) => Reply::ok(&json!({ "healthy": true })),
        (&Method::GET, ["v1", "config"]) => config(),
        (method, ["v1", "account"]) => account(store, method, caller)?,
        (method, ["v1", "account", "token"]) => token(store, method, caller, ask)?,
        (&Method::GET, [list, "ws"]) => return socket(store, caller, list, ask),
        (&Method::GET, [list, "json"]) => poll(store, caller, list, ask)?,
        (&Method::GET, [list, "auth"]) => {
            let topics = topics(list).ok_or(fault::NOT_FOUND)?;
            may(store, caller, &topics, |access| access.reads())?;
            Reply::ok(&json!({ "success": true }))
        }
        (&Method::POST | &Method::PUT, [""]) => {
            let fields: Value = serde_json::from_slice(&ask.body).map_err(|_| fault::JSON)?;
            publish(store, caller, &fields)?
        }
        (&Method::POST | &Method::PUT, [topic]) if topics(topic).is_some_and(|topics| topics.len() == 1) => {
            let fields = publishing::from_request(topic, ask);
            match ask.header("x-poll-id").or_else(|| ask.header("poll-id")) {
                Some(id) => Reply::ok(&store.poll_request(topic, id)),
                None => publish(store, caller, &fields)?,
            }
        }
        // whatever could be a topic has a page
        (&Method::GET, ["" | "index.html"]) => page(),
        (&Method::GET, [topic]) if topics(topic).is_some() => page(),
        _ => return Err(fault::NOT_FOUND),
    };
    Ok(reply.into())
}

fn page() -> Reply {
    Reply::page(200, "<!doctype html><title>ntfy web</title>")
}

fn config() -> Reply {
    Reply::ok(&json!({
        "base_url": "", "app_root": "/", "enable_login": true, "require_login": false, "enable_signup": false,
        "enable_payments": false, "enable_calls": false, "enable_emails": false, "enable_reservations": false,
        "enable_web_push": false, "billing_contact": "", "web_push_public_key": "", "disallowed_topics": NO_TOPICS
    }))
}

/// All of a list, if every one could be a topic.
fn topics(list: &str) -> Option<Vec<String>> {
    let could_be = |topic: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=LONGEST_TOPIC).contains(&topic.len()) && topic.bytes().all(known) && !NO_TOPICS.contains(&topic)
    };
    list.split(',').map(|topic| could_be(topic).then(|| topic.to_owned())).collect()
}

fn may(
    store: &Store,
    caller: Caller,
    topics: &[String],
    enough: impl Fn(super::Access) -> bool,
) -> Result<(), Fault> {
    let all = topics.iter().all(|topic| enough(store.access(caller, topic)));
    if all { Ok(()) } else { Err(fault::FORBIDDEN) }
}

fn publish(store: &mut Store, caller: Caller, fields: &Value) -> Result<Reply, Fault> {
    let topics = fields["topic"].as_str().and_then(topics).filter(|topics| topics.len() == 1);
    may(store, caller, &topics.ok_or(fault::TOPIC)?, |access| access.writes())?;
    Ok(Reply::ok(&store.publish_checked(fields)?))
}

fn socket(store: &Store, caller: Caller, list: &str, ask: &Ask) -> Result<Answer, Fault> {
    let topics = topics(list).ok_or(fault::NOT_FOUND)?;
    if !ask.is_upgrade() {
        return Err(fault::NO_UPGRADE);
    }
    may(store, caller, &topics, |access| access.reads())?;
    let since = Since::parse(ask.query("since").as_deref(), false)?;
    if store.seats.taken() >= store.options.most_sockets {
        return Err(fault::TOO_MANY_SOCKETS);
    }
    if since != Since::Nothing {
        store.seats.ledger.count(|counts| counts.catch_ups += 1);
    }
    let mut first = vec![frame("open", list).to_string()];
    first.extend(store.past(&topics, &since, false).iter().map(spoken));
    let token = ask.bearer().map(str::to_owned);
    Ok(Answer::Socket(store.seats.take(Guest { token, topics: Some(topics) }, first)))
}

/// Without `poll=1` the real one stays open; nobody here asks for that.
fn poll(store: &Store, caller: Caller, list: &str, ask: &Ask) -> Result<Reply, Fault> {
    let topics = topics(list).ok_or(fault::NOT_FOUND)?;
    may(store, caller, &topics, |access| access.reads())?;
    let on = |name: &str| ask.query(name).is_some_and(|value| value == "1" || value == "true");
    let since = Since::parse(ask.query("since").as_deref(), on("poll"))?;
    store.seats.ledger.count(|counts| counts.catch_ups += 1);
    let lines = store.past(&topics, &since, on("scheduled") || on("sched"));
    let body = lines.into_iter().map(|line| format!("{line}\n")).collect::<String>();
    Ok(Reply { status: 200, kind: "application/x-ndjson; charset=utf-8", body: body.into_bytes() })
}

fn told(token: &Token) -> Value {
    let mut told = json!({
        "token": token.token, "label": token.label, "last_access": now(), "last_origin": "127.0.0.1"
    });
    if let Some(expires) = token.expires {
        told["expires"] = json!(expires);
    }
    told
}

fn account(store: &Store, method: &Method, caller: Caller) -> Result<Reply, Fault> {
    if *method != Method::GET {
        return Err(fault::NOT_FOUND);
    }
    Ok(Reply::ok(&match caller {
        Caller::Nobody => json!({ "username": "*", "role": "anonymous" }),
        Caller::Alice => json!({
            "username": Ntfy::USER, "role": "user", "tokens": store.tokens.iter().map(told).collect::<Vec<_>>()
        }),
    }))
}

fn token(store: &mut Store, method: &Method, caller: Caller, ask: &Ask) -> Result<Reply, Fault> {
    if caller == Caller::Nobody {
        return Err(fault::UNAUTHORIZED);
    }
    match *method {
        Method::POST => {
            let wish: Value = serde_json::from_slice(&ask.body).map_err(|_| fault::JSON)?;
            let expires = match wish["expires"].as_i64() {
                None => Some(now() + TOKEN_FOR),
                Some(0) => None,
                given => given,
            };
            store.token(wish["label"].as_str().unwrap_or_default(), expires);
            Ok(Reply::ok(&store.tokens.last().map(told).unwrap_or_default()))
        }
        Method::DELETE => {
            let named = ask.header("x-token").or_else(|| ask.bearer()).ok_or(fault::NO_TOKEN)?.to_owned();
            store.tokens.retain(|known| known.token != named);
            Ok(Reply::ok(&json!({ "success": true })))
        }
        _ => Err(fault::NOT_FOUND),
    }
}
