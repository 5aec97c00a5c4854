//! Machine and a model server in one process, on virtual time: every run is made of one number, and the same number
//! makes the same run. It draws what kind of server there is, what goes wrong and when; then all is calm, and the
//! connection has to come and to bring everything, once and in order. `watch` looks on at every step.
//!
//! A run that fails prints its number, and how to see it again, step by step.

mod chaos;
mod client;
mod dice;
mod foreign;
mod herd;
mod inbox;
mod network;
mod seen;
mod server;
mod sessions;
mod storm;
mod watch;
mod world;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use self::{
    dice::Dice,
    seen::{Seen, Tally},
    world::World,
};

/// One run to see again.
const SEED: &str = "TIDINGS_SEED";

/// How many runs; 100,000 if it does not say.
const SCHEDULES: &str = "TIDINGS_SCHEDULES";

fn run(seed: u64, trace: bool) -> Tally {
    let mut world = World::new(seed, trace);
    world.sign_in();
    let storm = world.mix.storm;
    world.pass(storm, |_| false);
    world.calm_down();
    world.seen
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// Runs these on all cores; returns what was seen, or the first that failed.
fn run_all(seeds: &[u64]) -> Result<Tally, u64> {
    let outcome = &Mutex::new(Ok(Tally::default()));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in seeds.chunks(seeds.len().div_ceil(cores)) {
            scope.spawn(move || {
                let mut seen = Tally::default();
                for seed in part {
                    match catch_unwind(AssertUnwindSafe(|| run(*seed, false))) {
                        Ok(tally) => seen.add(&tally),
                        Err(_) => {
                            *outcome.lock().unwrap() = Err(*seed);
                            return;
                        }
                    }
                    if outcome.lock().unwrap().is_err() {
                        return;
                    }
                }
                if let Ok(all) = &mut *outcome.lock().unwrap() {
                    all.add(&seen);
                }
            });
        }
    });
    outcome.lock().unwrap().clone()
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_or_doubled_and_calm_brings_a_connection() {
    if let Some(seed) = number(SEED) {
        run(seed, true);
        return;
    }
    let count = number(SCHEDULES).unwrap_or(100_000);
    // half of them are the same in every run, the others are new each time: what those find is a bug like any other
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let mut fresh = Dice::new(u64::try_from(now.as_nanos()).unwrap_or_default());
    let seeds: Vec<_> =
        (0..count).map(|number| if number % 2 == 0 { number } else { fresh.roll() }).collect();
    let seen = match run_all(&seeds) {
        Ok(seen) => seen,
        Err(seed) => panic!(
            "schedule {seed} fails; see it step by step with\n    \
             {SEED}={seed} cargo test -p tidings-engine --lib simulation -- --nocapture"
        ),
    };
    for what in Seen::ALL {
        eprintln!("{:>10}  {what:?}", seen.of(*what));
    }
    // a few schedules cannot have seen everything
    if count >= 10_000 {
        let never: Vec<_> = Seen::ALL.iter().filter(|what| seen.of(**what) == 0).collect();
        assert!(never.is_empty(), "never happened: {never:?}");
    }
}

#[test]
fn a_seed_makes_the_same_run_again() {
    for seed in 0..20 {
        let tallies = [(); 2].map(|()| run(seed, false));
        assert_eq!(tallies[0], tallies[1], "{seed}");
    }
}
