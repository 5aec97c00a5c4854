//! What the kernel knows of the agent, every few seconds.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tidings_lab::Outcome;
use tokio::task::JoinHandle;

use crate::{
    Row,
    process::{descriptors, threads, weight},
};

const EVERY: Duration = Duration::from_secs(5);

/// What a start leaves over is given back by then.
const SETTLING: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug)]
struct Sample {
    pss: u64,
    dirty: u64,
    descriptors: u64,
    threads: u64,
}

#[derive(Debug)]
pub(super) struct Samples {
    taken: Arc<Mutex<Vec<Sample>>>,
    task: JoinHandle<()>,
}

impl Samples {
    pub(super) fn start(pid: u32) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            tokio::time::sleep(SETTLING).await;
            let mut beat = tokio::time::interval(EVERY);
            while let Ok(sample) = sample(pid) {
                into.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
                beat.tick().await;
            }
        });
        Self { taken, task }
    }

    pub(super) fn stop(self) -> Taken {
        self.task.abort();
        Taken(std::mem::take(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn sample(pid: u32) -> Outcome<Sample> {
    let weight = weight(pid)?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(Sample {
        pss: weight.pss,
        dirty: weight.private_dirty,
        descriptors: count(descriptors(pid)?),
        threads: count(threads(pid)?),
    })
}

/// Those that were taken, in their order.
#[derive(Debug)]
pub(super) struct Taken(Vec<Sample>);

impl Taken {
    pub(super) fn rows(&self) -> Vec<Row> {
        let mebibytes =
            |kibibytes: u64| format!("{:.2} MiB", Duration::from_secs(kibibytes).as_secs_f64() / 1024.0);
        let number = |number: u64| number.to_string();
        let mut rows = vec![("samples of the agent".to_owned(), self.0.len().to_string(), "")];
        let mut row = |name: &str,
                       of: fn(&Sample) -> u64,
                       written: &dyn Fn(u64) -> String,
                       verdict: fn(u64, u64) -> bool| {
            let quarter = self.0.len() / 4;
            let all = |samples: &[Sample]| samples.iter().map(of).collect::<Vec<_>>();
            let first = median(all(self.0.get(..quarter).unwrap_or_default()));
            let last = median(all(self.0.get(self.0.len() - quarter..).unwrap_or_default()));
            let most = self.0.iter().map(of).max().unwrap_or_default();
            let flat = if verdict(first, last) { "flat" } else { "NOT FLAT" };
            rows.push((
                format!("{name}: median of the first quarter, of the last, most"),
                format!("{}, {}, {}", written(first), written(last), written(most)),
                flat,
            ));
        };
        // a sixteenth: what an allocator and a page cache of bounded size do
        row("PSS", |sample| sample.pss, &mebibytes, |first, last| last <= first + first / 16);
        row("private dirty", |sample| sample.dirty, &mebibytes, |first, last| last <= first + first / 16);
        row("descriptors", |sample| sample.descriptors, &number, |first, last| last <= first + 1);
        row("threads", |sample| sample.threads, &number, |first, last| last <= first + 1);
        rows
    }
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
