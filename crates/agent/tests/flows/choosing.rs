//! What a person chooses.

use tidings_control::{FailureCode, Request, Setting, Sound};

use crate::stage::Computer;

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
