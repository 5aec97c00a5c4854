//! The watcher on paused time, with an operating system that the test plays.

use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{advance, sleep},
};

use super::*;
use crate::surroundings::{Change, Surroundings, View};

const A: Look = Look::Usable(1);
const B: Look = Look::Usable(2);

#[derive(Default)]
struct Stage {
    look: Option<Look>,
    looks: usize,
    wakes: usize,
    unread: usize,
    deaf: bool,
    /// What the clocks are ahead by.
    wall: Duration,
    asleep: Duration,
    stirs: Vec<bool>,
}

/// The operating system, as the test plays it.
#[derive(Clone)]
struct Played {
    started: Instant,
    stage: Arc<Mutex<Stage>>,
    spoke: Arc<Notify>,
    stirred: Arc<Notify>,
}

impl Played {
    fn new() -> Self {
        let (stage, spoke, stirred) = Default::default();
        Self { started: Instant::now(), stage, spoke, stirred }
    }

    fn on<T>(&self, act: impl FnOnce(&mut Stage) -> T) -> T {
        act(&mut self.stage.lock().unwrap())
    }

    /// Shows another network, without a word.
    fn show(&self, look: Look) {
        self.on(|stage| stage.look = Some(look));
    }

    fn hint(&self) {
        self.on(|stage| stage.unread += 1);
        self.spoke.notify_one();
    }

    fn becomes(&self, look: Look) {
        self.show(look);
        self.hint();
    }

    fn stir(&self, told: bool) {
        self.on(|stage| stage.stirs.push(told));
        self.stirred.notify_one();
    }

    fn looks(&self) -> usize {
        self.on(|stage| stage.looks)
    }
}

impl Network for Played {
    async fn hint(&mut self) {
        while self.on(|stage| std::mem::take(&mut stage.unread)) == 0 {
            self.spoke.notified().await;
        }
        self.on(|stage| stage.wakes += 1);
    }

    fn drain(&mut self) -> bool {
        self.on(|stage| std::mem::take(&mut stage.unread)) > 0
    }

    fn hints(&self) -> bool {
        self.on(|stage| !stage.deaf)
    }

    fn look(&mut self) -> Option<Look> {
        self.on(|stage| {
            stage.looks += 1;
            stage.look
        })
    }
}

impl Rest for Played {
    async fn stirred(&mut self) -> bool {
        loop {
            if let Some(told) = self.on(|stage| stage.stirs.pop()) {
                return told;
            }
            self.stirred.notified().await;
        }
    }

    fn clocks(&self) -> Clocks {
        let now = Instant::now();
        self.on(|stage| Clocks {
            at: now.into_std(),
            wall: OffsetDateTime::UNIX_EPOCH + (now - self.started) + stage.wall,
            asleep: stage.asleep,
        })
    }
}

struct Watched {
    system: Played,
    view: View,
    watcher: JoinHandle<()>,
}

fn watch(look: Look) -> Watched {
    let system = Played::new();
    system.show(look);
    watch_on(system)
}

fn watch_on(system: Played) -> Watched {
    let (surroundings, announcer) = Surroundings::announced();
    let watcher = Watcher::new(announcer, system.clone(), system.clone());
    Watched { system, view: surroundings.into_view(), watcher: tokio::spawn(watcher.run()) }
}

impl Watched {
    /// What is told within that time, and not a moment later.
    async fn told_within(&mut self, time: Duration) -> Vec<Change> {
        let until = Instant::now() + time;
        let mut told = Vec::new();
        while let Ok(change) = tokio::time::timeout_at(until, self.view.next()).await {
            told.push(change);
        }
        told
    }

    async fn told(&mut self) -> Vec<Change> {
        self.told_within(MOST + QUIET).await
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_change_is_told_once_after_a_hint() {
    let mut watched = watch(A);
    for (look, change) in
        [(B, Change::Other), (Look::Nothing, Change::Down), (A, Change::Up), (B, Change::Other)]
    {
        watched.system.becomes(look);
        assert_eq!(watched.told().await, [change]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_about_nothing_that_matters_tells_nothing() {
    let mut watched = watch(A);
    watched.system.hint();
    assert_eq!(watched.told().await, []);
    assert_eq!(watched.system.looks(), 2, "it was looked at");
}

#[tokio::test(start_paused = true)]
async fn a_flap_shorter_than_the_quiet_is_none() {
    let mut watched = watch(A);
    watched.system.becomes(Look::Nothing);
    assert_eq!(watched.told_within(Duration::from_millis(200)).await, []);
    watched.system.becomes(A);
    assert_eq!(watched.told().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_told_once_it_is_quiet() {
    let mut watched = watch(A);
    watched.system.becomes(Look::Nothing);
    assert_eq!(watched.told_within(QUIET + Duration::from_millis(1)).await, [Change::Down]);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_comes_back_is_told_of_sooner_than_one_that_changes() {
    let mut watched = watch(Look::Nothing);
    assert!(watched.view.is_down());
    watched.system.becomes(A);
    assert_eq!(watched.told_within(QUIET_OFFLINE + Duration::from_millis(1)).await, [Change::Up]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_hints_neither_hides_the_change_nor_wakes_for_each() {
    let mut watched = watch(A);
    let system = watched.system.clone();
    let storm = tokio::spawn(async move {
        loop {
            system.hint();
            sleep(Duration::from_millis(1)).await;
        }
    });
    watched.system.show(B);
    assert_eq!(watched.told_within(MOST + Duration::from_millis(1)).await, [Change::Other]);
    sleep(Duration::from_secs(10)).await;
    let wakes = watched.system.on(|stage| stage.wakes);
    assert!(wakes <= 12, "woken {wakes} times by ten thousand hints");
    storm.abort();
}

#[tokio::test(start_paused = true)]
async fn a_change_without_a_hint_is_found_within_a_minute() {
    let mut watched = watch(A);
    watched.system.show(B);
    assert_eq!(watched.told_within(SLOWLY - Duration::from_secs(1)).await, []);
    assert_eq!(watched.told_within(Duration::from_secs(2)).await, [Change::Other]);
}

#[tokio::test(start_paused = true)]
async fn without_hints_a_network_that_comes_back_is_found_within_seconds() {
    let system = Played::new();
    system.show(Look::Nothing);
    system.on(|stage| stage.deaf = true);
    let mut watched = watch_on(system);
    watched.system.show(A);
    assert_eq!(watched.told_within(SLOWLY_OFFLINE + Duration::from_secs(1)).await, [Change::Up]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_at_more_than_once_a_minute_while_nothing_happens() {
    for look in [A, Look::Nothing] {
        let watched = watch(look);
        sleep(Duration::from_secs(3600)).await;
        assert!(watched.system.looks() <= 61);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_a_network_that_stays() {
    let mut watched = watch_on(Played::new());
    assert!(!watched.view.is_down());
    watched.system.hint();
    assert_eq!(watched.told().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_sleep_is_told_at_once_whoever_gives_it_away() {
    let mut watched = watch(A);
    let moment = Duration::from_millis(1);
    watched.system.on(|stage| stage.wall += Duration::from_secs(3600));
    watched.system.stir(false);
    assert_eq!(watched.told_within(moment).await, [Change::Woke], "the wall clock jumped");

    sleep(Duration::from_secs(60)).await;
    watched.system.on(|stage| stage.asleep += Duration::from_secs(3600));
    watched.system.stir(false);
    assert_eq!(watched.told_within(moment).await, [Change::Woke], "the clock set back, but time asleep");
    watched.system.stir(true);
    assert_eq!(watched.told_within(moment).await, [], "the login manager says it, too");

    sleep(Duration::from_secs(60)).await;
    watched.system.stir(true);
    assert_eq!(watched.told_within(moment).await, [Change::Woke], "the login manager alone");
    watched.system.stir(false);
    assert_eq!(watched.told_within(moment).await, [], "the clock was set, and nobody slept");
}

#[tokio::test(start_paused = true)]
async fn a_sleep_that_nobody_tells_of_is_found_with_the_next_look() {
    let mut watched = watch(A);
    watched.system.on(|stage| stage.wall += Duration::from_secs(3600));
    assert_eq!(watched.told_within(SLOWLY + Duration::from_secs(1)).await, [Change::Woke]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stood_still_has_slept() {
    let mut watched = watch(A);
    sleep(Duration::from_secs(1)).await;
    advance(Duration::from_secs(300)).await;
    assert_eq!(watched.told_within(Duration::from_millis(1)).await, [Change::Woke]);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_went_while_asleep_is_told_of_first() {
    let mut watched = watch(A);
    watched.system.show(Look::Nothing);
    watched.system.on(|stage| stage.wall += Duration::from_secs(3600));
    watched.system.stir(false);
    assert_eq!(watched.told_within(Duration::from_millis(1)).await, [Change::Down, Change::Woke]);
}

#[tokio::test(start_paused = true)]
async fn a_sleep_in_the_middle_of_a_burst_is_not_held_up() {
    let mut watched = watch(A);
    watched.system.hint();
    sleep(Duration::from_millis(10)).await;
    watched.system.on(|stage| stage.wall += Duration::from_secs(3600));
    watched.system.stir(false);
    assert_eq!(watched.told_within(Duration::from_millis(1)).await, [Change::Woke]);
    watched.system.show(B);
    assert_eq!(watched.told().await, [Change::Other]);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_last_who_listens() {
    let watched = watch(A);
    sleep(Duration::from_secs(600)).await;
    assert!(!watched.watcher.is_finished());
    drop(watched.view);
    watched.watcher.await.unwrap();
}
