//! What a person chooses.

use tidings_agent::policy::Policy;
use tidings_control::{Autostart, FailureCode, Request, Setting, Sound};

use crate::stage::{self, Computer, World};

#[tokio::test]
async fn a_setting_holds_at_once_for_everybody_who_looks_and_after_a_kill() {
    let computer = Computer::new();
    let mut agent = computer.start().await;
    agent.done(Request::Set(Setting::Sound(Sound::Bell))).await;
    let told = agent
        .event("the snapshot", |event| match event {
            tidings_control::Event::Snapshot(snapshot) if snapshot.settings.sound == Sound::Bell => {
                Some(snapshot)
            }
            _ => None,
        })
        .await;
    assert_eq!(told.settings, agent.snapshot().await.settings);
    agent.kill();
    let agent = computer.start().await;
    assert_eq!(agent.snapshot().await.settings.sound, Sound::Bell);
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_is_refused_in_words() {
    let computer = Computer::new();
    let agent = computer.start().await;
    let refused = agent.client.call(Request::Set(Setting::KeepDays(0))).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadRequest);
    assert_eq!(refused.message, "what is read can be kept for 1 to 3650 days, not for 0");
    assert_eq!(agent.snapshot().await.settings.keep_days, 90);
}

#[tokio::test]
async fn what_an_administrator_has_decided_is_shown_and_cannot_be_changed() {
    let world = World::start().await;
    let mut computer = Computer::new();
    computer.policy = Policy::parse(
        "[preset]\nautostart = true\n[locked]\nsound = \"off\"\nserver = \"https://alerts.example.com\"",
    )
    .unwrap();
    let mut agent = computer.start().await;
    let snapshot = agent.snapshot().await;
    assert_eq!(snapshot.settings.locked, ["sound", "server"]);
    assert_eq!(snapshot.settings.sound, Sound::Off);
    assert_eq!(snapshot.hint.server.as_deref(), Some("https://alerts.example.com"));
    assert!(snapshot.hint.server_locked);
    let refused = agent.client.call(Request::Set(Setting::Sound(Sound::Bell))).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::SettingLocked);
    let refused = agent.try_sign_in(&world, stage::PASSWORD, None).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::SettingLocked);
    // a preset is followed once, and then it is the person's
    assert_eq!(snapshot.autostart, Autostart::On);
    agent.done(Request::SetAutostart { on: false }).await;
    agent.kill();
    agent = computer.start().await;
    assert_eq!(agent.snapshot().await.autostart, Autostart::Off);
    agent.kill();
    computer.policy = Policy::parse("[locked]\nautostart = true").unwrap();
    agent = computer.start().await;
    assert_eq!(agent.snapshot().await.autostart, Autostart::On);
    let refused = agent.client.call(Request::SetAutostart { on: false }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::SettingLocked);
}

#[tokio::test]
async fn the_server_that_an_administrator_has_decided_can_be_signed_in_to_as_ever() {
    let world = World::start().await;
    let mut computer = Computer::new();
    computer.policy = Policy::parse(&format!("[locked]\nserver = \"{}/\"", world.url)).unwrap();
    computer.start().await.sign_in(&world).await;
}
