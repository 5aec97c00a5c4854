use hyper::Method;
use serde_json::{Value, json};

use super::{Edition, Gotify, store::Store};
use crate::{
    answer::{Answer, Reply},
    ask::Ask,
    seats::Guest,
};

/// Most messages of a page, and how many there are without a wish.
const LIMITS: (u64, u64) = (200, 100);

const NO_ACCESS: &str = "you need to provide a valid access token or user credentials to access this api";

/// Who asks.
enum Caller {
    User,
    Client(String),
}

/// Every error has a body of this form.
pub(super) fn error(status: u16, description: &str) -> Reply {
    let reason = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let body = json!({
        "error": reason.unwrap_or_default(), "errorCode": status, "errorDescription": description
    });
    Reply::json(status, &body)
}

pub(super) fn answer(store: &mut Store, ask: &Ask) -> Answer {
    let segments = ask.segments();
    match (&ask.method, &segments[..]) {
        (&Method::GET, ["version"]) => {
            let version = if store.edition == Edition::Two { "2.6.3" } else { "3.0.0" };
            let body = json!({ "version": version, "commit": "0", "buildDate": "2026-01-01" });
            return Reply::ok(&body).into();
        }
        (&Method::GET, ["gotifyinfo"]) if store.edition == Edition::Three => {
            return Reply::ok(&json!({ "version": "3.0.0", "register": false, "oidc": false })).into();
        }
        (&Method::GET, ["health"]) => {
            return Reply::ok(&json!({ "health": "green", "database": "green" })).into();
        }
        (&Method::GET, ["image", name]) => return image(store, name).into(),
        (&Method::POST, ["message"]) => return publish(store, ask).into(),
        (_, ["current", "user"] | ["message" | "client" | "application" | "stream"])
        | (_, ["message" | "client", _]) => {}
        (&Method::POST, ["auth", "logout"]) if store.edition == Edition::Three => {}
        _ => return error(404, "page not found").into(),
    }
    let Some(caller) = caller(store, ask) else {
        store.seats.ledger.count(|counts| counts.strangers += 1);
        return error(401, NO_ACCESS).into();
    };
    match (&ask.method, &segments[..]) {
        (&Method::GET, ["stream"]) => stream(store, ask, caller),
        (&Method::GET, ["current", "user"]) => {
            Reply::ok(&json!({ "id": 1, "name": Gotify::USER, "admin": true })).into()
        }
        (&Method::GET, ["message"]) => page(store, ask).into(),
        (&Method::DELETE, ["message", id]) => {
            let deleted = id.parse().ok().and_then(|id: u64| store.messages.remove(&id));
            let missing = || error(404, "message does not exist");
            deleted.map_or_else(missing, |_| Reply::empty(200)).into()
        }
        (&Method::GET, ["application"]) => applications(store).into(),
        (&Method::GET, ["client"]) => {
            let told =
                |token: &str| if store.edition == Edition::Two { token.to_owned() } else { String::new() };
            let clients = store.clients.iter();
            let clients = clients
                .map(|client| json!({ "id": client.id, "name": client.name, "token": told(&client.token) }));
            Reply::ok(&clients.collect()).into()
        }
        (&Method::POST, ["client"]) => {
            let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
            let Some(name) = body["name"].as_str().filter(|name| !name.is_empty()) else {
                return error(400, "Field 'name' is required").into();
            };
            let (id, token) = store.client(name);
            Reply::ok(&json!({ "id": id, "name": name, "token": token })).into()
        }
        (&Method::DELETE, ["client", id]) => {
            if store.edition == Edition::Three && matches!(caller, Caller::Client(_)) {
                let why = "session not elevated, use basic auth or call /client:elevate";
                return error(403, why).into();
            }
            let id = id.parse().unwrap_or(0);
            let deleted = store.delete_clients(|client| client.id == id);
            if deleted { Reply::empty(200).into() } else { error(404, "client does not exist").into() }
        }
        (&Method::POST, ["auth", "logout"]) => {
            if let Caller::Client(token) = caller {
                store.delete_clients(|client| client.token == token);
            }
            Reply::empty(200).into()
        }
        _ => error(404, "page not found").into(),
    }
}

fn caller(store: &Store, ask: &Ask) -> Option<Caller> {
    if ask.basic().is_some_and(|(user, password)| user == Gotify::USER && password == Gotify::PASSWORD) {
        return Some(Caller::User);
    }
    let token = token(ask)?;
    store.clients.iter().any(|client| client.token == token).then_some(Caller::Client(token))
}

fn token(ask: &Ask) -> Option<String> {
    let header = || ask.header("x-gotify-key").or_else(|| ask.bearer()).map(str::to_owned);
    ask.query("token").or_else(header)
}

fn stream(store: &Store, ask: &Ask, caller: Caller) -> Answer {
    if !ask.is_upgrade() {
        return Reply::empty(400).into();
    }
    if ask.is_from_elsewhere() {
        return Reply::empty(403).into();
    }
    let token = if let Caller::Client(token) = caller { Some(token) } else { None };
    Answer::Socket(store.seats.take(Guest { token, topics: None }, Vec::new()))
}

fn publish(store: &mut Store, ask: &Ask) -> Reply {
    let known = token(ask)
        .and_then(|token| store.applications.iter().find(|known| known.token == token))
        .map(|application| application.id);
    let Some(application) = known else { return error(401, NO_ACCESS) };
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    if body["message"].as_str().is_none_or(str::is_empty) {
        return error(400, "Field 'message' is required");
    }
    let message = store.number(application, &body);
    store.commit(message.clone());
    Reply::ok(&message)
}

/// From the newest to the oldest, of those that are older than `since`.
fn page(store: &Store, ask: &Ask) -> Reply {
    store.seats.ledger.count(|counts| counts.catch_ups += 1);
    let number = |name: &str| ask.query(name).map(|text| text.parse::<u64>());
    let (Ok(limit), Ok(since)) = (number("limit").unwrap_or(Ok(LIMITS.1)), number("since").unwrap_or(Ok(0)))
    else {
        return error(400, "a number was expected");
    };
    if !(1..=LIMITS.0).contains(&limit) {
        return error(400, "Field 'limit' must be between 1 and 200");
    }
    let below = if since == 0 { u64::MAX } else { since };
    let mut older = store.messages.range(..below).rev();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let messages = older.by_ref().take(limit).collect::<Vec<_>>();
    let mut paging = json!({ "size": messages.len(), "limit": limit, "since": 0 });
    if let (Some((last, _)), true) = (messages.last(), older.next().is_some()) {
        let host = ask.header("host").unwrap_or_default();
        paging["since"] = json!(last);
        paging["next"] = json!(format!("http://{host}/message?limit={limit}&since={last}"));
    }
    let messages = messages.into_iter().map(|(_, message)| message).collect::<Vec<_>>();
    Reply::ok(&json!({ "messages": messages, "paging": paging }))
}

fn applications(store: &Store) -> Reply {
    let told = |token: &str| if store.edition == Edition::Two { token.to_owned() } else { String::new() };
    let applications = store.applications.iter().map(|known| {
        let image = match &known.image {
            Some(_) => format!("image/{}.png", known.id),
            None => "static/defaultapp.png".to_owned(),
        };
        json!({
            "id": known.id, "token": told(&known.token), "name": known.name, "description": "", "internal": false,
            "image": image, "defaultPriority": 0
        })
    });
    Reply::ok(&applications.collect())
}

fn image(store: &Store, name: &str) -> Reply {
    let id = name.strip_suffix(".png").and_then(|id| id.parse::<u64>().ok());
    let known = store.applications.iter().find(|known| Some(known.id) == id);
    match known.and_then(|known| known.image.clone()) {
        Some(body) => Reply { status: 200, kind: "image/png", body },
        None => error(404, "page not found"),
    }
}
