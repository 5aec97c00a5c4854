//! What keeps a notification quiet, and what is said of it afterwards.

use tidings_control::{
    Disposition, DoNotDisturb, Event, Priority, Quiet, QuietHours, Request, Rule, Setting, Silence, Weekday,
};
use tidings_protocol::{Priority as Published, To};

use crate::stage::{Computer, Running, World};

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Hours without an end, so that no test depends on the time of day.
fn always() -> Setting {
    Setting::QuietHours(vec![QuietHours {
        days: EVERY_DAY.into(),
        from: "00:00".into(),
        until: "00:00".into(),
    }])
}

async fn silence(agent: &mut Running, expected: Option<Disposition>) -> Option<Silence> {
    if agent.snapshot().await.silence.map(|silence| silence.reason) == expected {
        return agent.snapshot().await.silence;
    }
    agent
        .event("the silence", |event| match event {
            Event::Snapshot(snapshot) if snapshot.silence.map(|silence| silence.reason) == expected => {
                Some(snapshot.silence)
            }
            _ => None,
        })
        .await
}

async fn arrives(agent: &mut Running, world: &World, title: &str, priority: Published) -> Disposition {
    world.publish_as(title, |request| request.priority = priority).await;
    let item = agent.notification().await;
    assert_eq!(item.title, title);
    item.disposition
}

#[tokio::test]
async fn do_not_disturb_says_until_when_and_urgent_ones_pass() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let asked = time::OffsetDateTime::now_utc();
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::HalfHour }).await;
    let snapshot = agent.snapshot().await;
    let until = snapshot.do_not_disturb.until.unwrap();
    assert!((until - asked - time::Duration::minutes(30)).abs() < time::Duration::minutes(1), "{until}");
    assert_eq!(snapshot.silence, Some(Silence { reason: Disposition::DoNotDisturb, until: Some(until) }));
    agent.views.wait_for(|view| view.silence == snapshot.silence).await.unwrap();
    assert_eq!(arrives(&mut agent, &world, "one", Published::High).await, Disposition::DoNotDisturb);
    assert_eq!(arrives(&mut agent, &world, "two", Published::Urgent).await, Disposition::Shown);
    agent.done(Request::Set(Setting::UrgentPasses(false))).await;
    assert_eq!(arrives(&mut agent, &world, "three", Published::Urgent).await, Disposition::DoNotDisturb);
    agent.kill();
    let agent = computer.start().await;
    let again = agent.snapshot().await;
    assert_eq!(
        (again.do_not_disturb, again.silence.unwrap().until),
        (DoNotDisturb { on: true, until: until.replace_nanosecond(0).ok() }, Some(until))
    );
}

#[tokio::test]
async fn after_quiet_there_is_one_toast_for_what_is_unread_also_after_a_restart() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.done(Request::Set(always())).await;
    let told = silence(&mut agent, Some(Disposition::QuietHours)).await;
    assert_eq!(told.unwrap().until, None);
    for title in ["one", "two", "three"] {
        assert_eq!(arrives(&mut agent, &world, title, Published::Default).await, Disposition::QuietHours);
    }
    let first = agent.inbox().await.pop().unwrap();
    agent.done(Request::MarkRead { ids: vec![first.id] }).await;
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
    assert_eq!(agent.orders_so_far(), []);
    agent.done(Request::Set(Setting::QuietHours(Vec::new()))).await;
    assert_eq!(silence(&mut agent, None).await, None);
    let toast = agent.toast().await;
    assert_eq!(
        (toast.title.as_str(), toast.body.as_str()),
        ("2 notifications while you were away", "three\ntwo")
    );
    // and not again
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
    world.publish("next").await;
    assert_eq!(agent.toast().await.title, "next");
}

#[tokio::test]
async fn after_quiet_nothing_is_said_of_what_is_of_low_priority() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::UntilTurnedOff }).await;
    assert_eq!(arrives(&mut agent, &world, "low", Published::Low).await, Disposition::DoNotDisturb);
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::Off }).await;
    silence(&mut agent, None).await;
    world.publish("next").await;
    assert_eq!(agent.toast().await.title, "next");
}

#[tokio::test]
async fn the_desktops_own_quiet_is_followed_unless_the_person_says_otherwise() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.desktop_quiet.send(true).unwrap();
    silence(&mut agent, Some(Disposition::DesktopQuiet)).await;
    assert_eq!(arrives(&mut agent, &world, "one", Published::Low).await, Disposition::DesktopQuiet);
    agent.done(Request::Set(Setting::FollowDesktop(false))).await;
    silence(&mut agent, None).await;
    assert_eq!(arrives(&mut agent, &world, "two", Published::Low).await, Disposition::Shown);
}

#[tokio::test]
async fn rules_hold_from_the_moment_in_which_they_are_made() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    world.admin.subscribe("alice", "builds").await.unwrap();
    let account = agent.sign_in(&world).await.id;
    let rule = |topic: Option<&str>, muted, least_priority| Rule {
        account: account.clone(),
        topic: topic.map(str::to_owned),
        muted,
        least_priority,
    };
    let rules = vec![rule(None, true, None), rule(Some("builds"), false, Some(Priority::High))];
    agent.done(Request::Set(Setting::Rules(rules))).await;
    assert_eq!(arrives(&mut agent, &world, "muted", Published::Urgent).await, Disposition::Muted);
    for (priority, disposition) in
        [(Published::Default, Disposition::LowPriority), (Published::High, Disposition::Shown)]
    {
        world
            .publish_as("build", |request| {
                request.priority = priority;
                request.to = To::Topic("builds".into());
            })
            .await;
        assert_eq!(agent.notification().await.disposition, disposition);
    }
}

#[tokio::test]
async fn a_preview_is_shown_whatever_the_hour() {
    let computer = Computer::new();
    let mut agent = computer.start().await;
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::UntilTurnedOff }).await;
    agent.done(Request::PreviewToast).await;
    assert_eq!(agent.toast().await.title, "This is how it looks");
}
