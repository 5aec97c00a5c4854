use tokio::time::Instant;

use super::*;
use Disposition::{
    AlreadyRead, DesktopQuiet, DoNotDisturb, Expired, LowPriority, Muted, NoToasts, QuietHours,
};
use Verdict::{Show, Suppress};

const NOON: OffsetDateTime = time::macros::datetime!(2026-03-01 12:00 UTC);
const ALL: Verdict = Verdict::Fold(Fold::All);
const TOPIC: Verdict = Verdict::Fold(Fold::Topic);

fn plain() -> Facts {
    Facts { account: "a".into(), topic: None, priority: Priority::Default, expires_at: None, read: false }
}

fn of(priority: Priority) -> Facts {
    Facts { priority, ..plain() }
}

fn in_topic(topic: &str) -> Facts {
    Facts { topic: Some(topic.into()), ..plain() }
}

fn calm() -> Circumstances<'static> {
    Circumstances {
        now: NOON,
        do_not_disturb: false,
        quiet_hours: false,
        desktop_quiet: false,
        urgent_passes: true,
        least_priority: Priority::Low,
        rules: &[],
        toasts: true,
    }
}

fn rule(topic: Option<&str>, muted: bool, least_priority: Option<Priority>) -> Rule {
    Rule { account: "a".into(), topic: topic.map(str::to_owned), muted, least_priority }
}

fn room(room: usize) -> Crowd {
    Crowd::new(room)
}

#[test]
fn every_reason_against_a_toast_has_its_name_and_its_turn() {
    let quiet = Circumstances { do_not_disturb: true, ..calm() };
    let night = Circumstances { quiet_hours: true, ..calm() };
    let desktop = Circumstances { desktop_quiet: true, ..calm() };
    let blind = Circumstances { toasts: false, ..calm() };
    let all = Circumstances { quiet_hours: true, desktop_quiet: true, toasts: false, ..quiet };
    let strict = |moment| Circumstances { urgent_passes: false, ..moment };
    let muting = [rule(None, true, None)];
    let muted = Circumstances { rules: &muting, ..all };
    let minute = time::Duration::MINUTE;
    let table = [
        (plain(), calm(), None),
        (of(Priority::Low), calm(), None),
        (of(Priority::Urgent), calm(), None),
        (of(Priority::Min), calm(), Some(LowPriority)),
        (Facts { read: true, ..plain() }, calm(), Some(AlreadyRead)),
        (Facts { expires_at: Some(NOON), ..plain() }, calm(), Some(Expired)),
        (Facts { expires_at: Some(NOON - minute), ..plain() }, calm(), Some(Expired)),
        (Facts { expires_at: Some(NOON + minute), ..plain() }, calm(), None),
        (plain(), quiet, Some(DoNotDisturb)),
        (plain(), night, Some(QuietHours)),
        (plain(), desktop, Some(DesktopQuiet)),
        (plain(), blind, Some(NoToasts)),
        (of(Priority::High), night, Some(QuietHours)),
        (of(Priority::Urgent), quiet, None),
        (of(Priority::Urgent), night, None),
        (of(Priority::Urgent), desktop, None),
        (of(Priority::Urgent), strict(quiet), Some(DoNotDisturb)),
        (of(Priority::Urgent), strict(night), Some(QuietHours)),
        (of(Priority::Urgent), strict(desktop), Some(DesktopQuiet)),
        (of(Priority::Urgent), blind, Some(NoToasts)),
        // each of them stands before those that follow
        (plain(), Circumstances { do_not_disturb: false, quiet_hours: false, ..all }, Some(DesktopQuiet)),
        (plain(), Circumstances { do_not_disturb: false, ..all }, Some(QuietHours)),
        (plain(), all, Some(DoNotDisturb)),
        (of(Priority::Min), all, Some(LowPriority)),
        (of(Priority::Min), muted, Some(Muted)),
        (of(Priority::Urgent), muted, Some(Muted)),
        (Facts { expires_at: Some(NOON), ..plain() }, muted, Some(Expired)),
        (Facts { read: true, expires_at: Some(NOON), ..plain() }, muted, Some(AlreadyRead)),
    ];
    for (facts, circumstances, reason) in table {
        assert_eq!(reason_against(&facts, &circumstances), reason, "{facts:?} {circumstances:?}");
    }
}

#[test]
fn the_topics_rule_stands_before_the_accounts_and_that_before_all() {
    use Priority::{High, Low, Urgent};
    let elsewhere = Rule { account: "b".into(), ..rule(None, true, Some(Urgent)) };
    let of_topic = |facts: Priority| Facts { priority: facts, ..in_topic("t") };
    let table: [(Vec<Rule>, Facts, Option<Disposition>); 12] = [
        (vec![elsewhere], plain(), None),
        (vec![rule(None, true, None)], in_topic("t"), Some(Muted)),
        (vec![rule(Some("t"), true, None)], in_topic("t"), Some(Muted)),
        (vec![rule(Some("t"), true, None)], in_topic("u"), None),
        (vec![rule(Some("t"), true, None)], plain(), None),
        // an exception from a muted account
        (vec![rule(None, true, None), rule(Some("t"), false, None)], in_topic("t"), None),
        (vec![rule(None, true, None), rule(Some("t"), false, None)], in_topic("u"), Some(Muted)),
        (vec![rule(None, false, Some(High))], plain(), Some(LowPriority)),
        (vec![rule(None, false, Some(High)), rule(Some("t"), false, Some(Low))], of_topic(Low), None),
        // a rule that says no priority leaves it to the next
        (vec![rule(None, false, Some(High)), rule(Some("t"), false, None)], of_topic(Low), Some(LowPriority)),
        (vec![rule(Some("t"), false, Some(Urgent))], of_topic(High), Some(LowPriority)),
        (vec![rule(Some("t"), false, Some(Priority::Min))], of_topic(Priority::Min), None),
    ];
    for (rules, facts, reason) in table {
        let circumstances = Circumstances { rules: &rules, ..calm() };
        assert_eq!(reason_against(&facts, &circumstances), reason, "{facts:?} {rules:?}");
    }
    let demanding = Circumstances { least_priority: High, ..calm() };
    assert_eq!(reason_against(&plain(), &demanding), Some(LowPriority));
}

#[test]
fn more_than_there_is_room_for_become_one_summary_but_for_the_urgent() {
    let (p, u, m) = (plain(), of(Priority::Urgent), of(Priority::Min));
    let quiet = Suppress(LowPriority);
    let table: [(Vec<&Facts>, usize, Vec<Verdict>); 7] = [
        (vec![], 0, vec![]),
        (vec![&p, &p, &p], 3, vec![Show, Show, Show]),
        (vec![&p, &p, &p], 2, vec![ALL, ALL, ALL]),
        (vec![&p, &m, &p], 2, vec![Show, quiet, Show]),
        (vec![&p, &u, &p, &p], 2, vec![ALL, Show, ALL, ALL]),
        (vec![&u, &u, &u], 2, vec![Show, Show, ALL]),
        (vec![&u, &m], 0, vec![ALL, quiet]),
    ];
    for (due, at_once, verdicts) in table {
        assert_eq!(decide(due.iter().copied(), &calm(), &room(at_once)), verdicts, "{due:?} room {at_once}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_three_of_a_topic_become_one_of_the_topic() {
    let (t, v, p) = (in_topic("t"), in_topic("v"), plain());
    let urgent = Facts { priority: Priority::Urgent, ..t.clone() };
    let elsewhere = Facts { account: "b".into(), ..t.clone() };
    let decided = |due: &[&Facts], crowd: &Crowd| decide(due.iter().copied(), &calm(), crowd);
    let crowd = room(4);
    assert_eq!(decided(&[&t, &t, &t, &elsewhere], &crowd), [Show; 4]);
    assert_eq!(decided(&[&t, &t, &t, &t, &p], &crowd), [TOPIC, TOPIC, TOPIC, TOPIC, Show]);
    assert_eq!(decided(&[&t, &t, &t, &urgent], &crowd), [TOPIC, TOPIC, TOPIC, Show]);
    // two topics and a few besides do not fit any more
    assert_eq!(decided(&[&t, &t, &t, &t, &v, &v, &p, &p], &crowd), [ALL; 8]);

    let mut crowd = room(4);
    crowd.advance(Instant::now());
    for row in 1..=3 {
        crowd.appeared();
        crowd.came(Topic::of(&t).unwrap(), Some(row));
    }
    // it takes the place of those that it has, so it needs no room, also when there is none
    assert_eq!(decided(&[&t, &p], &crowd), [TOPIC, Show]);
    assert_eq!(decided(&[&t, &p, &v], &crowd), [TOPIC, ALL, ALL]);
    tokio::time::advance(WITHIN).await;
    crowd.advance(Instant::now());
    assert_eq!(decided(&[&t, &p, &v], &crowd), [Show; 3]);
}

#[test]
fn a_night_of_forty_is_no_toast_of_its_own() {
    let night = vec![plain(); 40];
    assert_eq!(decide(&night, &calm(), &room(AT_ONCE)), vec![ALL; 40]);
}

#[tokio::test(start_paused = true)]
async fn room_comes_back_with_time_and_not_while_it_is_asked_for() {
    let mut crowd = room(2);
    crowd.advance(Instant::now());
    assert_eq!(crowd.room(), 2);
    crowd.appeared();
    tokio::time::advance(WITHIN / 2).await;
    crowd.advance(Instant::now());
    crowd.appeared();
    assert_eq!(crowd.room(), 0);
    tokio::time::advance(WITHIN / 2).await;
    crowd.advance(Instant::now());
    assert_eq!((crowd.room(), crowd.urgent_room()), (1, 1));
    for _ in 0..5 {
        crowd.overflowed();
        tokio::time::advance(WITHIN / 5).await;
        crowd.advance(Instant::now());
    }
    assert_eq!((crowd.room(), crowd.urgent_room()), (0, 2), "others keep coming; an urgent one is heard");
    tokio::time::advance(WITHIN).await;
    crowd.advance(Instant::now());
    assert_eq!(crowd.room(), 2);
}
