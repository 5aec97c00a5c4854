//! What goes wrong, and when: decided by a seed.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tidings_lab::{Agent, Meddler, Mood, Outcome, Server};
use tokio::time::sleep;

use crate::Row;

/// Between two disturbances: sometimes shorter than it takes to recover, sometimes long enough to settle.
const PAUSE: (u64, u64) = (500, 40_000);

/// Up to how long a disturbance lasts: longer than the deadline of a pong.
const LASTS: (u64, u64) = (200, 15_000);

/// Frames that can be skipped, each whole: text and binary, well-formed or not, and a ping that wants its answer.
const SKIPPED: &[&[u8]] = &[
    b"\x81\x08not json",
    b"\x81\x00",
    b"\x81\x02{}",
    b"\x81\x0e{\"type\":\"new\"}\x81\x04null",
    b"\x81\x17{\"type\":\"notification\"}",
    b"\x82\x03\x00\x01\x02",
    b"\x89\x04ping",
];

/// What no connection survives: reserved bits, and a frame of which only the beginning comes.
const FATAL: &[&[u8]] = &[b"\xff\xff\xff\xff", b"\x81\x7e\x10\x00half of it"];

/// Chance that comes again (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, (least, most): (u64, u64)) -> Duration {
        Duration::from_millis(least + self.next() % (most - least))
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at = self.next() % u64::try_from(all.len().max(1)).unwrap_or(1);
        usize::try_from(at).ok().and_then(|at| all.get(at)).copied()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Kill,
    Restart,
    Stop,
    Refuse,
    Silence,
    Busy,
    Noise,
    Cut,
    Garbage,
    Fatal,
    Reconnect,
}

const DEEDS: [Deed; 11] = [
    Deed::Kill,
    Deed::Restart,
    Deed::Stop,
    Deed::Refuse,
    Deed::Silence,
    Deed::Busy,
    Deed::Noise,
    Deed::Cut,
    Deed::Garbage,
    Deed::Fatal,
    Deed::Reconnect,
];

/// Does it, and counts.
#[derive(Debug)]
pub(super) struct Mischief {
    chance: Chance,
    done: BTreeMap<Deed, usize>,
}

impl Mischief {
    pub(super) fn new(chance: Chance) -> Self {
        Self { chance, done: BTreeMap::new() }
    }

    pub(super) async fn until(
        &mut self,
        end: Instant,
        server: &mut Server,
        meddler: &Meddler,
        agent: &Agent,
    ) -> Outcome {
        while Instant::now() < end {
            sleep(self.chance.between(PAUSE)).await;
            let Some(deed) = self.chance.one_of(&DEEDS) else { return Ok(()) };
            *self.done.entry(deed).or_default() += 1;
            let lasts = self.chance.between(LASTS);
            self.commit(deed, lasts, server, meddler).await?;
            // some of it stops the attempts for a minute or for good, as it should: then a person looks after it
            let asks = matches!(deed, Deed::Noise | Deed::Garbage | Deed::Fatal | Deed::Reconnect);
            if asks {
                agent.cli().run(&["reconnect"]).await?.success()?;
            }
        }
        Ok(())
    }

    async fn commit(
        &mut self,
        deed: Deed,
        lasts: Duration,
        server: &mut Server,
        meddler: &Meddler,
    ) -> Outcome {
        match deed {
            Deed::Kill => {
                server.kill().await?;
                sleep(lasts).await;
                server.restart().await?;
            }
            Deed::Restart => {
                server.stop().await?;
                sleep(lasts).await;
                server.restart().await?;
            }
            Deed::Stop => {
                server.pause()?;
                sleep(lasts).await;
                server.resume()?;
            }
            Deed::Refuse => Self::mood(Mood::Refusing, lasts, meddler).await,
            Deed::Silence => Self::mood(Mood::Silent, lasts, meddler).await,
            Deed::Busy => Self::mood(Mood::Busy, lasts, meddler).await,
            Deed::Noise => Self::mood(Mood::Noise, lasts, meddler).await,
            Deed::Cut => meddler.cut(),
            Deed::Garbage => {
                for _ in 0..20 {
                    meddler.say(self.chance.one_of(SKIPPED).unwrap_or_default());
                }
            }
            Deed::Fatal => {
                meddler.say(self.chance.one_of(FATAL).unwrap_or_default());
                sleep(lasts).await;
                meddler.cut();
            }
            Deed::Reconnect => {}
        }
        Ok(())
    }

    async fn mood(mood: Mood, lasts: Duration, meddler: &Meddler) {
        meddler.be(mood);
        if mood != Mood::Silent {
            meddler.cut();
        }
        sleep(lasts).await;
        meddler.be(Mood::Passing);
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let told: Vec<_> = self.done.iter().map(|(deed, times)| format!("{deed:?} {times}")).collect();
        let all: usize = self.done.values().sum();
        vec![("disturbances".to_owned(), all.to_string(), ""), (told.join(", "), String::new(), "")]
    }
}
