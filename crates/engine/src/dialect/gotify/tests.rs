//! Frames and pages as a server of version 2 and 3 sends them.

use serde_json::{Value, json};
use tidings_protocol::{Notification, Platform, Priority};
use time::{OffsetDateTime, macros::datetime};

use super::{message::Place as Spot, *};
use crate::{
    dialect::{Answer, Method, Source, Step},
    verdict::Failure,
};

const FRAME: &str = r#"{"id":25,"appid":5,"message":"**Backup** was successfully finished.","title":"Backup",
    "priority":8,"date":"2018-02-27T19:36:10.5045044+01:00","extras":{"client::display":{"contentType":"text/markdown"},
    "client::notification":{"click":{"url":"https://gotify.net"},"bigImageUrl":"https://example.com/i.png"},
    "android::action":{"onReceive":{"intentUrl":"https://example.com"}}}}"#;

fn endpoint() -> Endpoint {
    Endpoint::parse("https://example.com/push", crate::Dialect::Gotify, false).unwrap()
}

fn known() -> Known {
    let source =
        Source { name: "Backups".into(), icon_url: Some("https://example.com/push/image/a.png".into()) };
    Known { sources: [(5, Some(source))].into() }
}

fn notification(text: &str) -> Notification {
    match Gotify.decode(text, &known()).unwrap() {
        Incoming::Item(Item::Notification { notification, .. }) => *notification,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_read_with_its_extras() {
    let read = notification(FRAME);
    assert_eq!(
        (read.title.as_str(), read.body.as_str()),
        ("Backup", "**Backup** was successfully finished.")
    );
    assert_eq!((read.priority, read.plain, read.seq), (Priority::High, false, None));
    assert_eq!(read.topic.as_deref(), Some("Backups"));
    assert_eq!(read.icon_url.as_deref(), Some("https://example.com/push/image/a.png"));
    assert_eq!(read.click_url.as_deref(), Some("https://gotify.net/"));
    assert_eq!(read.image_url.as_deref(), Some("https://example.com/i.png"));
    assert_eq!(read.created_at, Some(datetime!(2018-02-27 18:36:10.5045044 UTC)));
    assert!(read.actions.is_empty(), "what is for Android is for Android");
    assert!(read.id.unwrap().starts_with("25."));
}

#[test]
fn a_message_without_extras_is_plain() {
    let read = notification(r#"{"id":1,"appid":5,"message":"a *b*","title":"","priority":0,"date":"x"}"#);
    assert_eq!((read.title.as_str(), read.plain, read.priority), ("Backups", true, Priority::Min));
    assert_eq!((read.created_at, read.click_url), (None, None));
}

#[test]
fn priorities_are_as_loud_as_on_a_phone() {
    let of = |number: i64| {
        notification(&format!(r#"{{"id":1,"appid":5,"message":"","priority":{number}}}"#)).priority.number()
    };
    let all: Vec<_> = [-3, 0, 1, 3, 4, 7, 8, 9, 10, 99].map(of).into();
    assert_eq!(all, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
}

#[test]
fn what_cannot_be_opened_is_dropped() {
    let frame = json!({ "id": 1, "appid": 5, "message": "", "extras": { "client::notification": {
        "click": { "url": "/relative" }, "bigImageUrl": "javascript:alert(1)" } } });
    let read = notification(&frame.to_string());
    assert_eq!((read.click_url, read.image_url), (None, None));
}

#[test]
fn an_application_that_is_not_known_yet_is_asked_for() {
    let Ok(Incoming::Behind(Some(before))) = Gotify.decode(FRAME, &Known::default()) else { panic!() };
    let mut log = Log((1..=25).map(|id| (id, 1_519_756_570)).collect());
    assert_eq!(all(&mut log, before), [25], "and no older one with it");
    // one that nobody knows is not asked for again and again
    let nobody = Known { sources: [(5, None)].into() };
    assert!(matches!(Gotify.decode(FRAME, &nobody), Ok(Incoming::Item(_))));
}

#[test]
fn garbage_is_no_message() {
    for garbage in ["", "{", "[]", "null", "7", r#"{"id":"x"}"#, r#"{"id":1}"#, r#"{"id":-1,"message":""}"#] {
        assert!(Gotify.decode(garbage, &known()).is_err(), "{garbage}");
    }
}

#[test]
fn a_number_that_is_given_again_is_another_message() {
    let of = |text: &str| notification(&json!({ "id": 7, "appid": 5, "message": text }).to_string()).id;
    assert_ne!(of("a"), of("b"));
    assert_eq!(of("a"), of("a"));
}

#[test]
fn the_number_is_found_again_to_delete_it() {
    let id = notification(FRAME).id.unwrap();
    let call = Gotify.delete(&endpoint(), &Secret::from("t"), &id).unwrap();
    assert_eq!((call.method, call.url.as_str()), (Method::Delete, "https://example.com/push/message/25"));
    assert!(Gotify.delete(&endpoint(), &Secret::from("t"), "../user/1").is_none());
}

#[test]
fn the_token_travels_in_a_header_field() {
    let upgrade = Gotify.socket(&endpoint(), &Secret::from("hunter2"));
    assert_eq!(upgrade.expose().as_str(), "https://example.com/push/stream");
    assert_eq!(*upgrade.proof(), Proof::Field("X-Gotify-Key", Secret::from("hunter2")));
    assert!(!format!("{upgrade:?} {:?}", upgrade.proof()).contains("hunter2"));
    assert_eq!(Gotify.encode(Outgoing::Ping, &Secret::from("t")), None);
}

// ---- catching up

/// A server's log, by number and second.
struct Log(Vec<(u64, i64)>);

impl Log {
    fn upto(newest: u64) -> Self {
        Self((1..=newest).map(|id| (id, 1_000_000 + 100 * id.cast_signed())).collect())
    }

    fn answer(&self, url: &url::Url) -> Value {
        if url.path() == "/push/application" {
            return json!([{ "id": 5, "name": "Backups", "image": "image/a.png", "token": "x" }]);
        }
        let query = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.parse::<u64>().unwrap())
        };
        let (limit, since) = (query("limit").unwrap(), query("since").unwrap_or(u64::MAX));
        let mut older: Vec<_> = self.0.iter().filter(|(id, _)| *id < since).collect();
        older.sort_unstable_by(|a, b| b.cmp(a));
        let messages: Vec<_> = older
            .into_iter()
            .take(usize::try_from(limit).unwrap())
            .map(|(id, at)| {
                let date = OffsetDateTime::from_unix_timestamp(*at).unwrap();
                let date = date.format(&time::format_description::well_known::Rfc3339).unwrap();
                json!({ "id": id, "appid": 5, "message": format!("{id} at {at}"), "date": date })
            })
            .collect();
        json!({ "paging": { "size": messages.len(), "limit": limit }, "messages": messages })
    }

    fn mark(&self, id: u64) -> u64 {
        let (_, at) = self.0.iter().find(|(it, _)| *it == id).unwrap();
        Spot { second: at.unsigned_abs(), id }.mark()
    }
}

fn answer(body: &Value, most: usize) -> Answer {
    let body = body.to_string().into_bytes();
    let cut = body.len() > most;
    let received_at = OffsetDateTime::UNIX_EPOCH;
    Answer { status: 200, retry_after: None, body, cut, broken: None, received_at, sent_at: None }
}

/// All that a course brings, page by page; answers of more bytes than `most` are cut.
fn caught(
    log: &mut Log,
    after: Option<u64>,
    most: usize,
    mut meanwhile: impl FnMut(&mut Log),
) -> (Vec<u64>, Option<u64>) {
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), after).unwrap();
    let (mut told, mut asked, mut calls) = (Vec::new(), None, 0);
    loop {
        calls += 1;
        assert!(calls < 3000, "it never ends");
        match course.next(asked.take()).unwrap() {
            Step::Ask(call) => {
                asked = Some(answer(&log.answer(&call.url), most));
                meanwhile(log);
            }
            Step::Done(Caught { page, .. }) => {
                told.extend(
                    page.items
                        .iter()
                        .map(|item| item.id().unwrap().split('.').next().unwrap().parse::<u64>().unwrap()),
                );
                if !page.more {
                    return (told, page.head);
                }
            }
        }
    }
}

fn all(log: &mut Log, after: u64) -> Vec<u64> {
    caught(log, Some(after), usize::MAX, |_| {}).0
}

#[test]
fn many_pages_come_oldest_first_and_once() {
    let mut log = Log::upto(777);
    let after = log.mark(200);
    assert_eq!(all(&mut log, after), (201..=777).collect::<Vec<_>>());
}

#[test]
fn what_comes_while_pages_are_fetched_moves_none_of_them() {
    let mut log = Log::upto(500);
    let after = log.mark(10);
    let (told, _) = caught(&mut log, Some(after), usize::MAX, |log| {
        let next = log.0.len() as u64;
        log.0.extend((next + 1..=next + 70).map(|id| (id, 1_000_000 + 100 * id.cast_signed())));
    });
    assert!(told.is_sorted(), "{told:?}");
    for id in 11..=500 {
        assert_eq!(told.iter().filter(|it| **it == id).count(), 1, "{id}");
    }
}

#[test]
fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let mut log = Log::upto(150);
    let after = log.mark(20);
    let (told, _) = caught(&mut log, Some(after), 1000, |_| {});
    assert_eq!(told, (21..=150).collect::<Vec<_>>());
}

#[test]
fn what_nobody_can_read_hides_nothing_that_is_older() {
    let log = Log::upto(150);
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), Some(log.mark(20))).unwrap();
    let (mut told, mut asked) = (Vec::new(), None);
    loop {
        match course.next(asked.take()).unwrap() {
            Step::Ask(call) => {
                let mut body = log.answer(&call.url);
                for message in body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
                    if message["id"].as_u64().unwrap() % 3 == 0 {
                        message["message"] = Value::Null;
                    }
                }
                asked = Some(answer(&body, usize::MAX));
            }
            Step::Done(Caught { page, .. }) => {
                told.extend(page.items.iter().map(|item| item.id().unwrap().to_owned()));
                if !page.more {
                    break;
                }
            }
        }
    }
    assert_eq!(told.len(), (21..=150).filter(|id| id % 3 != 0).count());
}

#[test]
fn a_server_that_gives_less_than_was_asked_for_and_says_so_is_believed() {
    let log = Log::upto(150);
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), Some(log.mark(20))).unwrap();
    let (mut told, mut asked) = (0, None);
    loop {
        match course.next(asked.take()).unwrap() {
            Step::Ask(call) => {
                let mut body = log.answer(&call.url);
                if let Some(messages) = body.get_mut("messages").and_then(Value::as_array_mut)
                    && messages.len() > 7
                {
                    messages.truncate(7);
                    body["paging"]["next"] = json!("https://example.com/message?since=7");
                }
                asked = Some(answer(&body, usize::MAX));
            }
            Step::Done(Caught { page, .. }) => {
                told += page.items.len();
                if !page.more {
                    break;
                }
            }
        }
    }
    assert_eq!(told, 130);
}

#[test]
fn a_page_that_always_breaks_off_is_the_networks_fault_and_no_message_is_blamed() {
    let failure = || Failure::Unreachable("no answer in time".into());
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), Some(1)).unwrap();
    let (mut asked, mut limits) = (None, Vec::new());
    let failed = loop {
        match course.next(asked.take()) {
            Ok(Step::Ask(call)) => {
                let is_page = call.url.path().ends_with("message");
                let log = Log::upto(300);
                let whole = answer(&log.answer(&call.url), if is_page { 10 } else { usize::MAX });
                if is_page {
                    limits.extend(
                        call.url.query_pairs().find(|(name, _)| name == "limit").map(|(_, n)| n.into_owned()),
                    );
                }
                asked = Some(Answer { broken: whole.cut.then(failure), ..whole });
            }
            Ok(Step::Done(page)) => panic!("{page:?}"),
            Err(failed) => break failed,
        }
    };
    assert_eq!(failed, failure());
    assert_eq!(limits, ["100", "50", "25", "12", "6", "3", "1"], "smaller pages come sooner");
}

#[test]
fn a_message_that_fits_nowhere_is_said_to_be_too_large() {
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), Some(1)).unwrap();
    let mut asked = None;
    let failure = loop {
        match course.next(asked.take()) {
            Ok(Step::Ask(call)) => {
                let log = Log::upto(9);
                let most = if call.url.path().ends_with("message") { 10 } else { usize::MAX };
                asked = Some(answer(&log.answer(&call.url), most));
            }
            Ok(Step::Done(page)) => panic!("{page:?}"),
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure, Failure::Oversized);
}

#[test]
fn a_number_that_appears_late_is_brought_all_the_same() {
    // 198 was given before 200, and appeared after it had been received
    let mut log = Log((190..=200).map(|id| (id, 5_000)).collect());
    let after = log.mark(200);
    assert!(all(&mut log, after).contains(&198));
    // and what is long known is not brought again and again
    let mut log = Log::upto(200);
    let after = log.mark(200);
    assert_eq!(all(&mut log, after), Vec::<u64>::new());
}

#[test]
fn numbers_that_begin_anew_hide_nothing() {
    let old = Log::upto(500);
    let after = old.mark(500);
    let mut anew = Log((1..=120_u64).map(|id| (id, 2_000_000 + id.cast_signed())).collect());
    assert_eq!(all(&mut anew, after), (1..=120).collect::<Vec<_>>());
}

#[test]
fn a_newest_message_that_was_deleted_brings_back_nothing_old() {
    let mut log = Log::upto(500);
    let after = log.mark(500);
    log.0.truncate(490);
    assert_eq!(all(&mut log, after), Vec::<u64>::new());
}

#[test]
fn where_nothing_was_received_it_says_where_the_log_stands() {
    let mut log = Log::upto(500);
    let (told, head) = caught(&mut log, None, usize::MAX, |_| {});
    assert_eq!(told, Vec::<u64>::new());
    let head = head.unwrap();
    assert_eq!(all(&mut log, head), Vec::<u64>::new(), "none of what was there before");
    log.0.push((501, 1_050_001));
    assert_eq!(all(&mut log, head), [501]);
    let (_, empty) = caught(&mut Log(Vec::new()), None, usize::MAX, |_| {});
    assert_eq!(all(&mut Log::upto(3), empty.unwrap()), [1, 2, 3]);
}

#[test]
fn a_mark_fits_into_a_database_and_tells_messages_of_a_second_apart() {
    let spot = Spot { second: 1_790_000_000, id: 12_345 };
    assert_eq!(Spot::of_mark(spot.mark()), spot);
    assert!(Spot { second: u64::MAX, id: u64::MAX }.mark() <= i64::MAX.unsigned_abs());
}

#[test]
fn a_server_that_pages_the_wrong_way_is_not_followed() {
    let mut course = Gotify.catch_up(&endpoint(), &Secret::from("t"), Some(1)).unwrap();
    let mut asked = None;
    let page: Vec<_> = (1..=100).map(|id| json!({ "id": id + 1000, "appid": 5, "message": "" })).collect();
    let mut calls = 0;
    let failure = loop {
        calls += 1;
        assert!(calls < 20);
        match course.next(asked.take()) {
            Ok(Step::Ask(call)) if call.url.path().ends_with("application") => {
                asked = Some(answer(&json!([]), usize::MAX));
            }
            Ok(Step::Ask(_)) => asked = Some(answer(&json!({ "messages": page }), usize::MAX)),
            Ok(Step::Done(page)) => panic!("{page:?}"),
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::NotSuchServer(_)));
}

#[test]
fn an_answer_of_another_kind_is_no_page() {
    for body in [json!([]), json!([{ "id": 5 }]), json!(7), json!("x"), json!({}), json!({ "messages": 7 })] {
        assert!(matches!(pages::read(&answer(&body, usize::MAX)), Err(Failure::NotSuchServer(_))), "{body}");
    }
}

// ---- signing in and out

#[test]
fn signing_in_makes_a_client_and_says_where_the_log_stands() {
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    let mut course = Gotify.sign_in(&endpoint(), "alice", &Secret::from("hunter2"), &device);
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    let basic = Proof::Basic { username: "alice".into(), password: Secret::from("hunter2") };
    assert_eq!((call.url.path(), call.proof), ("/push/client", basic));
    assert_eq!(call.body.unwrap().expose(), r#"{"name":"Tidings on desk"}"#);
    let made = answer(&json!({ "id": 3, "token": "C123", "name": "Tidings on desk" }), usize::MAX);
    let Ok(Step::Ask(call)) = course.next(Some(made)) else { panic!() };
    assert_eq!((call.url.path(), call.proof), ("/push/current/user", proof(&Secret::from("C123"))));
    let user = answer(&json!({ "id": 2, "name": "alice", "admin": false }), usize::MAX);
    let Ok(Step::Ask(call)) = course.next(Some(user)) else { panic!() };
    let Ok(Step::Done(signed_in)) = course.next(Some(answer(&Log::upto(9).answer(&call.url), usize::MAX)))
    else {
        panic!()
    };
    assert_eq!(signed_in.session.access_token, Secret::from("C123"));
    assert_eq!(signed_in.session.session_id.as_deref(), Some("3"));
    assert_eq!(signed_in.session.user.unwrap().id, "2");
    assert_eq!(Spot::of_mark(signed_in.baseline.unwrap().seq).id, 9);
}

#[tokio::test]
async fn a_client_that_was_made_is_kept_whatever_is_cut_off_after_it() {
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    for answered in 0..3 {
        let (reach, mut server) = crate::fakes::played();
        let mut course = Gotify.sign_in(&endpoint(), "alice", &Secret::from("hunter2"), &device);
        let plays = async {
            let answers = [
                (Place::Login, r#"{"id":3,"token":"C123"}"#),
                (Place::Account, r#"{"id":2,"name":"Alice"}"#),
                (Place::CatchUp, r#"{"messages":[]}"#),
            ];
            for (number, (at, body)) in answers.into_iter().enumerate() {
                let asked = server.call(at).await;
                if number == answered {
                    return asked.fail();
                }
                asked.answer(200, body);
            }
        };
        let (signed_in, ()) = tokio::join!(crate::dialect::run(&reach, &mut *course), plays);
        match (answered, signed_in) {
            (0, Err(Failure::Unreachable(_))) => {}
            (_, Ok(signed_in)) => {
                assert_eq!(signed_in.session.session_id.as_deref(), Some("3"));
                let name = signed_in.session.user.unwrap().name;
                assert_eq!(name, if answered == 1 { "alice" } else { "Alice" });
                assert_eq!(signed_in.baseline, None, "the first connection asks");
            }
            (_, other) => panic!("{answered}: {other:?}"),
        }
    }
}

#[test]
fn a_token_of_ones_own_is_looked_at_and_left_alone() {
    let mut course = Gotify.sign_in_with_token(&endpoint(), &Secret::from("C9")).unwrap();
    let Ok(Step::Ask(call)) = course.next(None) else { panic!() };
    assert_eq!(call.url.path(), "/push/current/user");
    let refused = Answer { status: 401, ..answer(&json!({ "error": "Unauthorized" }), usize::MAX) };
    assert!(matches!(course.next(Some(refused)), Err(Failure::Refused(_))));
    let session = StoredSession {
        access_token: Secret::from("C9"),
        expires_at: None,
        refresh_token: None,
        session_id: None,
        user: None,
    };
    assert!(Gotify.sign_out(&endpoint(), &session).is_none());
}

#[test]
fn signing_out_works_for_both_versions() {
    let session = StoredSession {
        access_token: Secret::from("C9"),
        expires_at: None,
        refresh_token: None,
        session_id: Some("3".into()),
        user: None,
    };
    let with = |status| Answer { status, ..answer(&json!({}), usize::MAX) };
    let mut third = Gotify.sign_out(&endpoint(), &session).unwrap();
    assert!(matches!(third.next(None), Ok(Step::Ask(call)) if call.url.path() == "/push/auth/logout"));
    assert!(matches!(third.next(Some(with(200))), Ok(Step::Done(()))));
    let mut second = Gotify.sign_out(&endpoint(), &session).unwrap();
    assert!(second.next(None).is_ok());
    let Ok(Step::Ask(call)) = second.next(Some(with(404))) else { panic!() };
    assert_eq!((call.method, call.url.path()), (Method::Delete, "/push/client/3"));
    assert!(matches!(second.next(Some(with(404))), Ok(Step::Done(()))), "it is gone already");
}
