//! Lines and frames as a server of version 2 sends them.

use serde_json::{Value, json};
use tidings_protocol::{Notification, Platform, Priority};
use time::{OffsetDateTime, macros::datetime};

use super::*;
use crate::{
    Dialect, Following,
    dialect::{Answer, Method, Step},
    machine::{Item, Topical},
    verdict::{Credentials, Pace, Verdict},
};

const FRAME: &str = r#"{"id":"sPs71M8A2T","time":1643935928,"expires":1643979128,"event":"message",
    "topic":"mytopic","priority":5,"tags":["warning","skull"],"click":"https://homecam.example/x",
    "icon":"https://example.com/i.png","content_type":"text/markdown","title":"Unauthorized access",
    "message":"Movement **here**","attachment":{"name":"camera.jpg","type":"image/png","size":33848,
    "expires":1643946728,"url":"https://ntfy.sh/file/sPs71M8A2T.png"},"actions":[
    {"id":"a1","action":"view","label":"Open","url":"https://homecam.example"},
    {"id":"a2","action":"http","label":"Close","url":"https://api.example/","headers":{"Authorization":"Bearer z"},
     "body":"{}"},
    {"id":"a3","action":"broadcast","label":"Photo","intent":"io.example"},
    {"id":"a4","action":"copy","label":"Code","value":"1234"}]}"#;

fn endpoint(topics: &[&str]) -> Endpoint {
    let since = datetime!(2022-01-01 0:00 UTC);
    let topics = topics.iter().map(|topic| Following { topic: (*topic).to_owned(), since }).collect();
    Endpoint { topics, ..Endpoint::parse("https://example.com", Dialect::Ntfy, false).unwrap() }
}

fn decode(text: &str) -> Incoming {
    Ntfy.decode(text, &Known::default()).unwrap()
}

fn notification(text: &str) -> Notification {
    match decode(text) {
        Incoming::Item(Item::Notification { notification, .. }) => *notification,
        other => panic!("{other:?}"),
    }
}

/// A message with these fields beside the usual ones.
fn with(fields: &Value) -> Notification {
    let mut message = json!({ "id": "m1", "time": 7, "event": "message", "topic": "t", "message": "hello" });
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    notification(&message.to_string())
}

#[test]
fn a_message_is_read_with_all_that_it_carries() {
    let read = notification(FRAME);
    assert_eq!((read.title.as_str(), read.body.as_str()), ("Unauthorized access", "Movement **here**"));
    assert_eq!((read.id.as_deref(), read.topic.as_deref()), (Some("sPs71M8A2T"), Some("mytopic")));
    assert_eq!((read.priority, read.plain, read.replaces), (Priority::Urgent, false, None));
    assert_eq!(read.tags, ["warning", "skull"]);
    assert_eq!(read.created_at, Some(datetime!(2022-02-04 0:52:08 UTC)));
    assert_eq!(read.expires_at, None, "what the server forgets may still be of use");
    let file = read.attachment.unwrap();
    assert_eq!((file.name.as_str(), file.size), ("camera.jpg", Some(33848)));
    assert_eq!(file.expires_at, Some(datetime!(2022-02-04 3:52:08 UTC)));
    let [view, http, copy] = &read.actions[..] else { panic!("{:?}", read.actions) };
    assert_eq!((view.url.as_str(), &view.method), ("https://homecam.example/", &None));
    assert_eq!((http.method.as_deref(), http.body.as_deref()), (Some("POST"), Some("{}")));
    assert_eq!(http.headers.get("Authorization").map(String::as_str), Some("Bearer z"));
    assert_eq!((copy.copy.as_deref(), copy.url.as_str()), (Some("1234"), ""));
}

#[test]
fn without_a_title_the_first_line_is_one_if_it_is_as_short() {
    let titled = |message: &str| {
        let read = with(&json!({ "message": message }));
        (read.title, read.body)
    };
    assert_eq!(titled("hello"), ("hello".into(), String::new()));
    assert_eq!(titled("done\n\nall of it"), ("done".into(), "all of it".into()));
    assert_eq!(titled(&"x".repeat(81)), ("t".into(), "x".repeat(81)));
    assert_eq!(titled(""), ("t".into(), String::new()));
    let markdown = with(&json!({ "message": "# a\nb", "content_type": "text/markdown" }));
    assert_eq!((markdown.title.as_str(), markdown.body.as_str()), ("t", "# a\nb"));
}

#[test]
fn absent_is_the_default_and_odd_addresses_are_dropped() {
    let read = with(&json!({ "click": "/x", "icon": "ftp://example.com/i", "attachment": { "url": "x" },
        "actions": [{ "action": "view", "label": "a", "url": "x" }, { "action": "http", "label": "b", "url": "file:///x" }] }));
    assert_eq!((read.priority, read.plain), (Priority::Default, true));
    assert_eq!((read.click_url, read.icon_url, read.attachment), (None, None, None));
    assert!(read.actions.is_empty());
    // what opens is for the one who shows it to judge
    assert_eq!(
        with(&json!({ "click": "mailto:a@example.com" })).click_url.as_deref(),
        Some("mailto:a@example.com")
    );
}

#[test]
fn bytes_are_text_or_counted() {
    let body = |message: &str| with(&json!({ "title": "x", "message": message, "encoding": "base64" })).body;
    assert_eq!(body("aMOpbGxv"), "héllo");
    assert_eq!(body("/w=="), "(binary, 1 bytes)");
    assert_eq!(body("not base64"), "not base64");
}

#[test]
fn a_later_edition_names_the_first() {
    assert_eq!(with(&json!({ "sequence_id": "s1" })).replaces.as_deref(), Some("s1"));
    assert_eq!(with(&json!({ "sequence_id": "m1" })).replaces, None);
}

#[test]
fn events_are_told_apart() {
    let of = |event: &str| {
        decode(&format!(r#"{{"id":"x","time":100,"event":"{event}","topic":"t","sequence_id":"s1"}}"#))
    };
    let told = || Topical { ids: vec!["s1".into()], topic: Some("t".into()) };
    let Incoming::Message(ServerMessage::AuthSuccess(greeting)) = of("open") else { panic!() };
    assert_eq!((greeting.epoch.as_deref(), greeting.head), (Some("ntfy"), Some(385)));
    assert_eq!(of("keepalive"), Incoming::Alive);
    assert_eq!(of("poll_request"), Incoming::Behind(None));
    assert_eq!(of("message_clear"), Incoming::Item(Item::Read(told())));
    assert_eq!(of("message_delete"), Incoming::Item(Item::Deleted(told())));
    assert_eq!(of("confetti"), Incoming::Unknown { kind: "confetti".into() });
}

#[test]
fn garbage_is_no_message() {
    for garbage in
        ["", "{", "[]", "null", r#"{"event":"message"}"#, r#"{"time":1}"#, r#"{"time":-1,"event":"open"}"#]
    {
        assert!(Ntfy.decode(garbage, &Known::default()).is_err(), "{garbage}");
    }
}

#[test]
fn all_topics_share_a_socket_and_the_token_a_header_field() {
    let upgrade = Ntfy.socket(&endpoint(&["a", "b-c"]), &Secret::from("tk_hunter2"));
    assert_eq!(upgrade.expose().as_str(), "https://example.com/a,b-c/ws");
    assert_eq!(*upgrade.proof(), Proof::Bearer(Secret::from("tk_hunter2")));
    assert_eq!(*Ntfy.socket(&endpoint(&["a"]), &Secret::from("")).proof(), Proof::None);
    assert!(!format!("{upgrade:?} {:?}", upgrade.proof()).contains("hunter2"));
}

#[test]
fn names_of_topics_are_as_the_server_has_them() {
    for (name, fits) in
        [("mytopic", true), ("a-b_C9", true), ("", false), ("a/b", false), ("ä", false), ("a b", false)]
    {
        assert_eq!(Ntfy.is_topic(name), fits, "{name}");
    }
    assert!(Ntfy.is_topic(&"x".repeat(64)) && !Ntfy.is_topic(&"x".repeat(65)));
}

#[test]
fn refusals_stop_wait_or_ask_for_a_sign_in() {
    let judged = |status, token: &str| {
        let refusal = Refusal { at: Place::Upgrade, status, code: None, retry_after: None };
        Ntfy.refused(refusal, &Secret::from(token)).judge(Credentials::default()).0
    };
    assert_eq!(judged(401, "tk_x"), Verdict::SignIn);
    assert_eq!(judged(403, "tk_x"), Verdict::Blocked);
    assert_eq!((judged(401, ""), judged(403, "")), (Verdict::SignIn, Verdict::SignIn));
    assert_eq!(judged(429, "tk_x"), Verdict::Retry(Pace::After(Duration::from_secs(60))));
    assert_eq!(judged(404, "tk_x"), Verdict::Retry(Pace::Cap));
    assert_eq!(judged(502, "tk_x"), Verdict::Retry(Pace::Backoff));
}

// ---- catching up

/// Seconds of the beginning of a server's log.
const START: u64 = 1_700_000_000;

fn line(id: &str, time: u64) -> Value {
    json!({ "id": id, "time": START + time, "event": "message", "topic": "a", "message": id })
}

fn answer(lines: &[Value], most: usize) -> Answer {
    let mut body: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
    let cut = body.len() > most;
    body.truncate(most);
    let received_at = datetime!(2030-01-01 0:00 UTC);
    Answer { status: 200, retry_after: None, body, cut, broken: None, received_at, sent_at: None }
}

/// What a server with this log answers, in the order of time.
fn asked(log: &[Value], call: &Call, most: usize) -> Answer {
    let since = call.url.query_pairs().find(|(name, _)| name == "since").unwrap().1.into_owned();
    let from =
        |line: &&Value| since.parse::<u64>().map_or(true, |since| line["time"].as_u64().unwrap() >= since);
    let behind = log.iter().position(|line| line["id"] == since.as_str()).map_or(0, |at| at + 1);
    answer(&log[behind..].iter().filter(from).cloned().collect::<Vec<_>>(), most)
}

fn caught(log: &[Value], after: u64, most: usize) -> Vec<String> {
    let mut course = Ntfy.catch_up(&endpoint(&["a"]), &Secret::from("t"), Some(START + after)).unwrap();
    let (mut told, mut answered, mut calls) = (Vec::new(), None, 0);
    loop {
        calls += 1;
        assert!(calls < 1000, "it never ends");
        match course.next(answered.take()).unwrap() {
            Step::Ask(call) => answered = Some(asked(log, &call, most)),
            Step::Done(Caught { page, .. }) => {
                told.extend(page.items.iter().map(|item| match item {
                    Item::Notification { notification, .. } => notification.id.clone().unwrap(),
                    Item::Read(of) => format!("read {}", of.ids.join(",")),
                    Item::Deleted(of) => format!("deleted {}", of.ids.join(",")),
                }));
                if !page.more {
                    return told;
                }
            }
        }
    }
}

#[test]
fn it_asks_by_time_with_an_overlap() {
    let mut course = Ntfy.catch_up(&endpoint(&["a", "b"]), &Secret::from("tk_x"), Some(1000)).unwrap();
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    assert_eq!(call.url.as_str(), "https://example.com/a,b/json?poll=1&since=700");
    assert_eq!(call.proof, Proof::Bearer(Secret::from("tk_x")));
}

#[test]
fn what_was_missed_comes_in_order() {
    let log: Vec<_> = [("x", 0), ("y", 500), ("z", 600), ("w", 600)].map(|(id, time)| line(id, time)).into();
    assert_eq!(caught(&log, 540, usize::MAX), ["y", "z", "w"]);
}

#[test]
fn an_answer_that_was_cut_goes_on_behind_its_last_whole_line() {
    let log: Vec<_> = (0..300).map(|number| line(&format!("m{number}"), number / 3)).collect();
    let all: Vec<_> = (0..300).map(|number| format!("m{number}")).collect();
    assert_eq!(caught(&log, 0, 1500), all);
    // all of one second: the time would not move on
    let log: Vec<_> = (0..300).map(|number| line(&format!("m{number}"), 7)).collect();
    assert_eq!(caught(&log, 0, 1500), all);
}

#[test]
fn of_several_editions_the_last_comes_and_none_of_what_was_deleted() {
    let with = |id: &str, event: &str, sequence: &str, time: u64| json!({ "id": id, "time": START + time, "event": event, "topic": "a", "message": "m", "sequence_id": sequence });
    let log = [
        line("s1", 1),
        with("e2", "message", "s1", 2),
        line("gone", 3),
        with("d1", "message_delete", "gone", 4),
        line("seen", 5),
        with("c1", "message_clear", "seen", 6),
        with("e3", "message", "s1", 7),
    ];
    assert_eq!(caught(&log, 0, usize::MAX), ["deleted gone", "seen", "read seen", "e3"]);
}

#[test]
fn what_was_published_before_a_topic_was_followed_is_not_news() {
    let since = OffsetDateTime::from_unix_timestamp(START.cast_signed() + 1000).unwrap();
    let mut endpoint = endpoint(&["a"]);
    endpoint.topics[0].since = since;
    let brought = |ours: i64, server: i64| {
        let mut course = Ntfy.catch_up(&endpoint, &Secret::from("t"), Some(START)).unwrap();
        assert!(course.next(None).is_ok());
        let at = |seconds| since + time::Duration::seconds(seconds);
        let came = answer(&[line("old", 10), line("new", 1000)], usize::MAX);
        let came = Answer { received_at: at(ours), sent_at: Some(at(server)), ..came };
        let Ok(Step::Done(caught)) = course.next(Some(came)) else { panic!() };
        caught.page.items.iter().filter_map(|item| item.id().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(brought(3000, 3000), ["new"]);
    // by our clock it is followed since an hour later than it is
    assert_eq!(brought(3600 + 20, 20), ["old", "new"]);
    assert_eq!(brought(700 + 20, 20), ["new"]);
    // our clock was an hour ahead then, and was put right since
    assert_eq!(brought(-3000, -3000), ["old", "new"]);
}

#[test]
fn a_server_that_answers_topic_by_topic_hides_none_of_them() {
    let of = |topic: &str, number: u64| {
        let mut line = line(&format!("{topic}{number}"), number);
        line["topic"] = json!(topic);
        line
    };
    let log: Vec<_> =
        ["a", "b"].iter().flat_map(|topic| (0..60).map(move |number| of(topic, number))).collect();
    // the answer ends amid the first topic, and is in the order of time as far as it goes
    let mut course = Ntfy.catch_up(&endpoint(&["a", "b"]), &Secret::from("t"), Some(START)).unwrap();
    let (mut told, mut answered) = (Vec::new(), None);
    loop {
        match course.next(answered.take()).unwrap() {
            Step::Ask(call) => {
                let topics = call.url.path().split('/').nth(1).unwrap().to_owned();
                let asked_for = |line: &&Value| topics.split(',').any(|topic| line["topic"] == topic);
                let log: Vec<_> = log.iter().filter(asked_for).cloned().collect();
                answered = Some(asked(&log, &call, 1500));
            }
            Step::Done(Caught { page, .. }) => {
                told.extend(page.items.iter().filter_map(|item| item.id().map(str::to_owned)));
                if !page.more {
                    break;
                }
            }
        }
    }
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 120);
}

#[test]
fn an_answer_that_breaks_off_brings_what_came_of_it() {
    let failure = || Failure::Unreachable("no answer in time".into());
    let log: Vec<_> = (0..30).map(|number| line(&format!("m{number}"), number)).collect();
    let mut course = Ntfy.catch_up(&endpoint(&["a"]), &Secret::from("t"), Some(START)).unwrap();
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    let broken = Answer { broken: Some(failure()), ..asked(&log, &call, 1500) };
    let Ok(Step::Done(caught)) = course.next(Some(broken)) else { panic!() };
    assert!(caught.page.more && !caught.page.items.is_empty());
    // where nothing of use has come, it is the network's fault and not the message's
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    let broken = Answer { broken: Some(failure()), ..asked(&log, &call, 10) };
    assert_eq!(course.next(Some(broken)).unwrap_err(), failure());
}

#[test]
fn editions_that_something_later_took_the_place_of_are_named() {
    let mut later = line("e2", 2);
    later["sequence_id"] = json!("s1");
    let mut course = Ntfy.catch_up(&endpoint(&["a"]), &Secret::from("t"), Some(START)).unwrap();
    assert!(course.next(None).is_ok());
    let Ok(Step::Done(caught)) = course.next(Some(answer(&[line("s1", 1), later], usize::MAX))) else {
        panic!()
    };
    assert_eq!(caught.page.passed_over, ["s1"]);
}

#[test]
fn a_page_of_another_kind_is_not_taken_for_silence() {
    let mut course = Ntfy.catch_up(&endpoint(&["a"]), &Secret::from("t"), Some(START)).unwrap();
    assert!(course.next(None).is_ok());
    let page = Answer { body: b"<html>".to_vec(), ..answer(&[], usize::MAX) };
    assert!(matches!(course.next(Some(page)), Err(Failure::NotSuchServer(_))));
    assert_eq!(caught(&[], 0, usize::MAX), Vec::<String>::new(), "but silence is silence");
}

// ---- signing in and out

#[test]
fn signing_in_makes_a_token_that_lasts() {
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    let mut course = Ntfy.sign_in(&endpoint(&[]), "alice", &Secret::from("hunter2"), &device);
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    assert_eq!((call.method, call.url.path()), (Method::Post, "/v1/account/token"));
    assert_eq!(call.proof, Proof::Basic { username: "alice".into(), password: Secret::from("hunter2") });
    let asked: Value = serde_json::from_str(call.body.unwrap().expose()).unwrap();
    assert_eq!(asked, json!({ "label": "Tidings on desk", "expires": 0 }));
    let Ok(Step::Done(signed_in)) = course.next(Some(answer(&[json!({ "token": "tk_1" })], usize::MAX)))
    else {
        panic!()
    };
    assert_eq!(signed_in.session.access_token, Secret::from("tk_1"));
    let mut out = Ntfy.sign_out(&endpoint(&[]), &signed_in.session).unwrap();
    let Ok(Step::Ask(call)) = out.next(None) else { panic!() };
    assert_eq!((call.method, call.url.path()), (Method::Delete, "/v1/account/token"));
    assert_eq!(call.proof, Proof::Bearer(Secret::from("tk_1")));
}

#[test]
fn a_token_of_ones_own_is_looked_at_and_left_alone() {
    let look = |account: Value| {
        let mut course = Ntfy.sign_in_with_token(&endpoint(&[]), &Secret::from("tk_1")).unwrap();
        assert!(matches!(course.next(None), Ok(Step::Ask(call)) if call.url.path() == "/v1/account"));
        course.next(Some(answer(&[account], usize::MAX)))
    };
    let Ok(Step::Done(signed_in)) = look(json!({ "username": "alice", "role": "user" })) else { panic!() };
    assert!(Ntfy.sign_out(&endpoint(&[]), &signed_in.session).is_none());
    assert!(look(json!({ "username": "*", "role": "anonymous" })).is_err());
}
