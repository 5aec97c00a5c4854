use tidings_control::{Language, Priority, Proxy, QuietHours, Rule, Sound, Theme, Weekday};
use time::macros::datetime;

use super::*;

fn load(inbox: Arc<Inbox>) -> Settings {
    Settings::load(inbox, &Policy::default())
}

fn inbox() -> Arc<Inbox> {
    Arc::new(Inbox::in_memory().unwrap())
}

/// One of each, none of them as on the first day.
fn one_of_each() -> Vec<Setting> {
    let hours = QuietHours { days: vec![Weekday::Friday], from: "22:00".into(), until: "07:00".into() };
    let rule = Rule {
        account: "a".into(),
        topic: Some("t".into()),
        muted: true,
        least_priority: Some(Priority::High),
    };
    vec![
        Setting::Language(Language::BrazilianPortuguese),
        Setting::Theme(Theme::Dark),
        Setting::QuietHours(vec![hours]),
        Setting::UrgentPasses(false),
        Setting::FollowDesktop(false),
        Setting::LeastPriority(Priority::Urgent),
        Setting::Sound(Sound::UrgentOnly),
        Setting::Rules(vec![rule]),
        Setting::KeepDays(7),
        Setting::KeepCount(100),
        Setting::Proxy(Proxy::Through("socks5h://localhost:1080".into())),
    ]
}

#[test]
fn every_setting_survives_a_restart() {
    let inbox = inbox();
    let mut settings = load(Arc::clone(&inbox));
    assert_eq!(settings.held(), &control::Settings::default());
    for setting in one_of_each() {
        let before = settings.held().clone();
        settings.set(setting.clone()).unwrap();
        assert_ne!(&before, settings.held(), "{setting:?}");
    }
    let again = load(inbox);
    assert_eq!((again.held(), again.quiet_hours().len()), (settings.held(), 1));
}

#[test]
fn names_are_those_of_the_contract() {
    let names: Vec<&str> = one_of_each().iter().map(names::name).collect();
    assert_eq!(names, names::ALL);
    for setting in one_of_each() {
        let told = serde_json::to_value(&setting).unwrap();
        let (name, value) = names::text(&setting);
        let value: serde_json::Value = serde_json::from_str(&value).unwrap();
        assert_eq!((told["name"].as_str(), &told["value"]), (Some(name), &value));
    }
}

#[test]
fn what_cannot_be_read_is_as_on_the_first_day_and_takes_nothing_with_it() {
    let inbox = inbox();
    for (name, text) in [
        ("language", "\"tlh\""),
        ("theme", "dark"),
        ("quiet_hours", r#"[{"days":["monday"],"from":"25:00","until":"07:00"}]"#),
        ("keep_days", "0"),
        ("keep_count", "-5"),
        ("proxy", r#"{"kind":"through","url":"http://a:b@proxy"}"#),
        ("do_not_disturb", "{"),
    ] {
        inbox.put_setting(name, text).unwrap();
    }
    inbox.put_setting("sound", "\"bell\"").unwrap();
    let settings = load(inbox);
    assert_eq!(settings.held(), &control::Settings { sound: Sound::Bell, ..control::Settings::default() });
    assert_eq!(settings.do_not_disturb(), DoNotDisturb::default());
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let inbox = inbox();
    let mut settings = load(Arc::clone(&inbox));
    assert!(matches!(settings.set(Setting::KeepDays(0)), Err(SetError::Senseless(_))));
    assert_eq!(settings.held().keep_days, 90);
    assert_eq!(inbox.setting("keep_days").unwrap(), None);
}

#[test]
fn do_not_disturb_survives_a_restart_also_as_it_was_written_before_it_could_end_by_itself() {
    let inbox = inbox();
    for now in [
        DoNotDisturb { on: true, until: None },
        DoNotDisturb { on: true, until: Some(datetime!(2026-03-01 07:00 UTC)) },
        DoNotDisturb::default(),
    ] {
        load(Arc::clone(&inbox)).set_do_not_disturb(now).unwrap();
        assert_eq!(load(Arc::clone(&inbox)).do_not_disturb(), now);
    }
    for (text, on) in [("on", true), ("off", false)] {
        inbox.put_setting(DO_NOT_DISTURB, text).unwrap();
        assert_eq!(load(Arc::clone(&inbox)).do_not_disturb(), DoNotDisturb { on, until: None });
    }
}

#[test]
fn an_account_takes_its_rules_along() {
    let inbox = inbox();
    let rule =
        |account: &str| Rule { account: account.into(), topic: None, muted: true, least_priority: None };
    let mut settings = load(Arc::clone(&inbox));
    settings.set(Setting::Rules(vec![rule("a"), rule("b")])).unwrap();
    settings.forget("a");
    assert_eq!(settings.held().rules, [rule("b")]);
    assert_eq!(load(inbox).held().rules, [rule("b")]);
}

#[test]
fn a_preset_holds_until_a_person_chooses_and_a_lock_for_good() {
    let inbox = inbox();
    let policy = Policy::parse(
        "[preset]\ntheme = \"dark\"\nkeep_days = 7\n[locked]\nsound = \"off\"\nproxy = \"direct\"\nserver = \"a.example\"",
    )
    .unwrap();
    let mut settings = Settings::load(Arc::clone(&inbox), &Policy::default());
    settings.set(Setting::Sound(Sound::Bell)).unwrap();
    settings.set(Setting::KeepDays(30)).unwrap();
    let mut settings = Settings::load(Arc::clone(&inbox), &policy);
    assert_eq!(
        *settings.held(),
        control::Settings {
            theme: Theme::Dark,
            keep_days: 30,
            sound: Sound::Off,
            proxy: Proxy::Direct,
            locked: vec!["proxy".into(), "sound".into(), "server".into()],
            ..control::Settings::default()
        }
    );
    settings.set(Setting::Theme(Theme::Light)).unwrap();
    assert!(matches!(settings.set(Setting::Sound(Sound::Bell)), Err(SetError::Locked("sound"))));
    assert_eq!((settings.held().theme, settings.held().sound), (Theme::Light, Sound::Off));
    // without the file there is what the person has chosen
    let settings = load(inbox);
    assert_eq!((settings.held().theme, settings.held().sound), (Theme::Light, Sound::Bell));
}
