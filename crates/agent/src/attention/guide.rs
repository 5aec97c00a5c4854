//! The table of the user guide against the rule: whoever changes one of them hears of the other here.

use super::*;

const GUIDE: &str = include_str!("../../../../docs/guide.md");
const NOON: OffsetDateTime = time::macros::datetime!(2026-03-01 12:00 UTC);

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    when: &'a str,
    happens: &'a str,
    inbox: &'a str,
}

fn table() -> Vec<Line<'static>> {
    GUIDE
        .lines()
        .skip_while(|line| !line.starts_with("| When | A notification | The inbox says |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| "))
        .map(|line| {
            let cells: Vec<&str> = line.trim_end_matches('|').split('|').map(str::trim).collect();
            let [when, happens, inbox] = cells[..] else { panic!("three cells are expected: {line}") };
            Line { when, happens, inbox }
        })
        .collect()
}

/// What the rule says of a notification that came after these.
struct Case {
    facts: Facts,
    rules: Vec<Rule>,
    moment: Circumstances<'static>,
    /// How many of each came within the last seconds, of its topic and of none.
    before: (usize, usize),
}

fn case(when: &str) -> Case {
    let plain = Facts {
        account: "a".into(),
        topic: Some("t".into()),
        priority: Priority::Default,
        expires_at: None,
        read: false,
    };
    let calm = Circumstances {
        now: NOON,
        do_not_disturb: false,
        quiet_hours: false,
        desktop_quiet: false,
        urgent_passes: true,
        least_priority: Priority::Low,
        rules: &[],
        toasts: true,
    };
    let rule = |topic: Option<&str>, muted, least_priority| Rule {
        account: "a".into(),
        topic: topic.map(str::to_owned),
        muted,
        least_priority,
    };
    let (quiet, night) =
        (Circumstances { do_not_disturb: true, ..calm }, Circumstances { quiet_hours: true, ..calm });
    let desktop = Circumstances { desktop_quiet: true, ..calm };
    let urgent = Facts { priority: Priority::Urgent, ..plain.clone() };
    let (high, low) = (Some(Priority::High), Some(Priority::Low));
    let is = |facts: &Facts, moment, rules: &[Rule]| Case {
        facts: facts.clone(),
        rules: rules.to_vec(),
        moment,
        before: (0, 0),
    };
    let demanding = Circumstances { least_priority: Priority::High, ..calm };
    match when {
        "You read it on another device before it arrived here" => {
            is(&Facts { read: true, ..plain }, calm, &[])
        }
        "It is past the time at which it says it expires" => {
            is(&Facts { expires_at: Some(NOON), ..plain }, calm, &[])
        }
        "Its topic is muted" => is(&plain, calm, &[rule(Some("t"), true, None)]),
        "Its account is muted, and its topic has no rule of its own" => {
            is(&plain, calm, &[rule(None, true, None)])
        }
        "Its account is muted, and its topic has a rule that does not mute" => {
            is(&plain, calm, &[rule(None, true, None), rule(Some("t"), false, None)])
        }
        "It is urgent, and muted" => is(&urgent, calm, &[rule(None, true, None)]),
        "Its priority is below what its topic's rule asks for" => {
            is(&plain, calm, &[rule(None, false, low), rule(Some("t"), false, high)])
        }
        "Its priority is below what its account's rule asks for, and its topic's rule asks for none" => {
            is(&plain, calm, &[rule(None, false, high), rule(Some("t"), false, None)])
        }
        "Its priority is below what you ask for in general, and no rule asks for another" => {
            is(&plain, demanding, &[rule(None, false, None)])
        }
        "Its priority is below what you ask for in general, and its topic's rule asks for less" => {
            is(&plain, demanding, &[rule(Some("t"), false, low)])
        }
        "Its priority is the lowest, and you have changed nothing" => {
            is(&Facts { priority: Priority::Min, ..plain }, calm, &[])
        }
        "“Do not disturb” is on" => is(&plain, quiet, &[]),
        "“Do not disturb” is on, it is urgent, and urgent ones may pass" => is(&urgent, quiet, &[]),
        "“Do not disturb” is on, it is urgent, and urgent ones may not pass" => {
            is(&urgent, Circumstances { urgent_passes: false, ..quiet }, &[])
        }
        "It is within your quiet hours" => is(&plain, night, &[]),
        "It is within your quiet hours, it is urgent, and urgent ones may pass" => is(&urgent, night, &[]),
        "The desktop's own “do not disturb” is on" => is(&plain, desktop, &[]),
        "The desktop's own “do not disturb” is on, it is urgent, and urgent ones may pass" => {
            is(&urgent, desktop, &[])
        }
        "Nothing on this desktop shows notifications" => {
            is(&plain, Circumstances { toasts: false, ..calm }, &[])
        }
        "Nothing of all this" => is(&plain, calm, &[]),
        "It is the fourth of a topic within ten seconds" => {
            Case { before: (OF_TOPIC, 0), ..is(&plain, calm, &[]) }
        }
        "It is the fifth of all within ten seconds" => Case { before: (0, AT_ONCE), ..is(&plain, calm, &[]) },
        "It is urgent, and the fourth of a topic within ten seconds" => {
            Case { before: (OF_TOPIC, 0), ..is(&urgent, calm, &[]) }
        }
        other => panic!("the guide speaks of what is not checked here: {other}"),
    }
}

/// What the window says beside a notification (`ui/src/words/en.ts`), without what it begins with.
fn inbox_words(reason: Disposition) -> &'static str {
    match reason {
        Disposition::AlreadyRead => "you had read it on another device",
        Disposition::Expired => "it had expired",
        Disposition::Muted => "its account or topic is muted",
        Disposition::LowPriority => "its priority is too low",
        Disposition::DoNotDisturb => "do not disturb was on",
        Disposition::QuietHours => "quiet hours",
        Disposition::DesktopQuiet => "your desktop was set to do not disturb",
        Disposition::NoToasts => "nothing here could show it",
        Disposition::Pending | Disposition::Shown | Disposition::Summarized => "",
    }
}

#[test]
fn the_guide_says_what_the_rule_does() {
    let lines = table();
    assert!(lines.len() >= 20, "the table is not where it was: {lines:?}");
    for Line { when, happens, inbox } in lines {
        let Case { facts, rules, moment, before: (of_topic, others) } = case(when);
        let circumstances = Circumstances { rules: &rules, ..moment };
        let mut crowd = Crowd::new(AT_ONCE);
        for row in 0..of_topic {
            crowd.appeared();
            crowd.came(Topic::of(&facts).unwrap(), i64::try_from(row).ok());
        }
        (0..others).for_each(|_| crowd.appeared());
        let verdict = decide([&facts], &circumstances, &crowd)[0];
        let expected = match verdict {
            Verdict::Show => ("pops up", ""),
            Verdict::Fold(Fold::Topic) => ("is counted in one toast for the topic", "in one summary"),
            Verdict::Fold(Fold::All) => ("is counted in one toast for all", "in one summary"),
            Verdict::Suppress(reason) => ("stays quiet", inbox_words(reason)),
        };
        assert_eq!((happens, inbox), expected, "{when}");
    }
}

#[test]
fn the_guide_speaks_of_every_reason() {
    let lines = table();
    use Disposition::*;
    for reason in [AlreadyRead, Expired, Muted, LowPriority, DoNotDisturb, QuietHours, DesktopQuiet, NoToasts]
    {
        assert!(lines.iter().any(|line| line.inbox == inbox_words(reason)), "{reason:?}");
    }
}
