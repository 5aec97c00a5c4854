//! How long work is told: which step of how many, how long it took, and a table at the end.

use std::time::{Duration, Instant};

/// What became of a step that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It is done.
    Ok,
    /// It could not be done here, and need not be; why.
    Skipped(String),
}

/// A number of steps, one after the other.
#[derive(Debug)]
pub(crate) struct Steps {
    total: usize,
    started: Instant,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    took: Duration,
    result: Result<Done, String>,
}

impl Steps {
    pub(crate) fn of(total: usize) -> Self {
        Self { total, started: Instant::now(), rows: Vec::new() }
    }

    /// A step without which the others make no sense.
    pub(crate) fn need(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        if self.step(name, || work().map(|()| Done::Ok)) { Ok(()) } else { self.finish() }
    }

    /// A step whose failure lets the others go on.
    pub(crate) fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<(), String>) {
        self.step(name, || work().map(|()| Done::Ok));
    }

    /// A step that may turn out not to be possible here.
    pub(crate) fn check_if_possible(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Done, String>,
    ) {
        self.step(name, work);
    }

    /// Tells how all of them went.
    pub(crate) fn finish(&self) -> Result<(), String> {
        println!("\n{}", self.table());
        let failed: Vec<_> = self.rows.iter().filter(|row| row.result.is_err()).map(|row| row.name).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("Failed: {}.", failed.join(", "))) }
    }

    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Done, String>) -> bool {
        let label = format!("[{}/{}] {name}", self.rows.len() + 1, self.total);
        println!("\n{label} ({} so far)", clock(self.started.elapsed()));
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        match &result {
            Ok(Done::Ok) => println!("{label}: done in {}", clock(took)),
            Ok(Done::Skipped(why)) => println!("{label}: skipped, as {why}"),
            Err(problem) => println!("{label}: FAILED after {}: {problem}", clock(took)),
        }
        let went_well = result.is_ok();
        self.rows.push(Row { name, took, result });
        went_well
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let mut table = String::new();
        for Row { name, took, result } in &self.rows {
            let result = match result {
                Ok(Done::Ok) => "ok".to_owned(),
                Ok(Done::Skipped(why)) => format!("skipped: {why}"),
                Err(problem) => format!("FAILED: {problem}"),
            };
            table += &format!("  {name:width$}  {:>10}  {result}\n", clock(*took));
        }
        table + &format!("  {:width$}  {:>10}", "in all", clock(self.started.elapsed()))
    }
}

/// A time as people read it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn clock(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_check_lets_the_rest_go_on_and_fails_the_whole() {
        let mut steps = Steps::of(3);
        steps.check("first", || Err("broken".to_owned()));
        let mut ran = false;
        steps.check("second", || {
            ran = true;
            Ok(())
        });
        steps.check_if_possible("third", || Ok(Done::Skipped("no network".to_owned())));
        assert!(ran);
        let table = steps.table();
        assert!(table.contains("FAILED: broken") && table.contains("skipped: no network"), "{table}");
        assert_eq!(steps.finish(), Err("Failed: first.".to_owned()));
    }

    #[test]
    fn a_failed_need_ends_it() {
        assert!(Steps::of(2).need("first", || Err("broken".to_owned())).is_err());
        assert!(Steps::of(2).need("first", || Ok(())).is_ok());
    }

    #[test]
    fn times_are_short() {
        let shown = [0.42, 12.9, 185.0].map(|seconds| clock(Duration::from_secs_f64(seconds)));
        assert_eq!(shown, ["0.4 s", "12 s", "3 min 05 s"]);
    }
}
