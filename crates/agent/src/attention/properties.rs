//! What holds of the rule whatever comes.

use proptest::prelude::*;

use super::*;

const NOON: OffsetDateTime = time::macros::datetime!(2026-03-01 12:00 UTC);

const PRIORITIES: [Priority; 5] =
    [Priority::Min, Priority::Low, Priority::Default, Priority::High, Priority::Urgent];

fn priority() -> impl Strategy<Value = Priority> {
    proptest::sample::select(PRIORITIES.to_vec())
}

fn topic() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(vec!["t".to_owned(), "u".to_owned()]))
}

fn account() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["a".to_owned(), "b".to_owned()])
}

prop_compose! {
    fn facts()(
        account in account(),
        topic in topic(),
        priority in priority(),
        expires in proptest::option::of(-2i64..3),
        read in proptest::bool::weighted(0.1),
    ) -> Facts {
        let expires_at = expires.map(|minutes| NOON + time::Duration::minutes(minutes));
        Facts { account, topic, priority, expires_at, read }
    }
}

prop_compose! {
    fn rules()(rules in proptest::collection::vec(
        (account(), topic(), any::<bool>(), proptest::option::of(priority())), 0..4,
    )) -> Vec<Rule> {
        rules
            .into_iter()
            .map(|(account, topic, muted, least_priority)| Rule { account, topic, muted, least_priority })
            .collect()
    }
}

/// All but the rules, which it borrows.
fn moment() -> impl Strategy<Value = Circumstances<'static>> {
    (any::<[bool; 4]>(), proptest::bool::weighted(0.9), priority()).prop_map(
        |(yes, toasts, least_priority)| {
            let [do_not_disturb, quiet_hours, desktop_quiet, urgent_passes] = yes;
            Circumstances {
                now: NOON,
                do_not_disturb,
                quiet_hours,
                desktop_quiet,
                urgent_passes,
                least_priority,
                rules: &[],
                toasts,
            }
        },
    )
}

/// The nearest rule that there is, by looking at them one by one.
fn muted(facts: &Facts, rules: &[Rule]) -> bool {
    let of = |topic: &Option<String>| {
        rules.iter().find(|rule| rule.account == facts.account && rule.topic == *topic).map(|rule| rule.muted)
    };
    let of_topic = facts.topic.as_ref().and_then(|_| of(&facts.topic));
    of_topic.or_else(|| of(&None)).unwrap_or_default()
}

proptest! {
    #[test]
    fn what_is_muted_is_never_shown_however_urgent(
        due in proptest::collection::vec(facts(), 0..20), rules in rules(), moment in moment(), room in 0usize..6,
    ) {
        let circumstances = Circumstances { rules: &rules, ..moment };
        for (facts, verdict) in due.iter().zip(decide(&due, &circumstances, &Crowd::new(room))) {
            if muted(facts, &rules) {
                let shown = !matches!(verdict, Verdict::Suppress(_));
                prop_assert!(!shown, "{:?} is {:?}", facts, verdict);
            }
        }
    }

    #[test]
    fn a_higher_priority_is_never_a_reason_against(
        facts in facts(), higher in priority(), rules in rules(), moment in moment(),
    ) {
        let circumstances = Circumstances { rules: &rules, ..moment };
        let lifted = Facts { priority: facts.priority.max(higher), ..facts.clone() };
        if reason_against(&facts, &circumstances).is_none() {
            prop_assert_eq!(reason_against(&lifted, &circumstances), None);
        }
    }

    #[test]
    fn more_quiet_never_shows_more(facts in facts(), rules in rules(), moment in moment()) {
        let calm = Circumstances {
            rules: &rules, do_not_disturb: false, quiet_hours: false, desktop_quiet: false, ..moment
        };
        let circumstances = Circumstances { rules: &rules, ..moment };
        if let Some(reason) = reason_against(&facts, &calm) && reason != Disposition::NoToasts {
            prop_assert_eq!(reason_against(&facts, &circumstances), Some(reason));
        }
        if let Some(reason) = reason_against(&facts, &circumstances) {
            prop_assert!(reason_against(&facts, &calm).is_some() || Some(reason) == silence(&circumstances));
        }
    }

    #[test]
    fn everyone_gets_one_verdict_and_no_more_are_shown_than_there_is_room_for(
        due in proptest::collection::vec(facts(), 0..40), moment in moment(), room in 0usize..6,
    ) {
        let verdicts = decide(&due, &moment, &Crowd::new(room));
        prop_assert_eq!(verdicts.len(), due.len());
        let shown = verdicts.iter().filter(|verdict| **verdict == Verdict::Show).count();
        let mut topics: Vec<_> = due.iter().zip(&verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Fold(Fold::Topic))
            .map(|(facts, _)| Topic::of(facts))
            .collect();
        prop_assert!(topics.iter().all(Option::is_some), "one without a topic is folded into its topic");
        topics.sort_unstable();
        topics.dedup();
        prop_assert!(shown + topics.len() <= room);
        for (facts, verdict) in due.iter().zip(&verdicts) {
            let reason = reason_against(facts, &moment);
            prop_assert_eq!(matches!(verdict, Verdict::Suppress(_)), reason.is_some());
        }
    }
}
