//! Whether the other end still lives. Owns the times of pings and the deadline for an answer; sends nothing.

use std::time::{Duration, Instant};

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Send a ping.
    Ping,
    /// Nothing was heard in time.
    Dead,
}

/// Pings at once and then at an interval; each asks for a sign of life within a deadline.
#[derive(Debug)]
pub(crate) struct Keepalive {
    interval: Option<Duration>,
    pong: Duration,
    next: Option<Instant>,
    answer_by: Option<Instant>,
    /// When the first ping was sent that is not answered yet.
    asked_at: Option<Instant>,
}

impl Keepalive {
    /// The first ping is due at once. Without an interval there are only probes.
    pub(crate) fn new(now: Instant, interval: Option<Duration>, pong: Duration) -> Self {
        Self { interval, pong, next: interval.map(|_| now), answer_by: None, asked_at: None }
    }

    /// When [`Keepalive::due`] has to be asked again.
    pub(crate) fn timeout(&self) -> Option<Instant> {
        [self.next, self.answer_by].into_iter().flatten().min()
    }

    /// What is due now. `Ping` moves the schedule on: the caller sends it.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Due> {
        if self.answer_by.is_some_and(|by| by <= now) {
            return Some(Due::Dead);
        }
        if self.next.is_some_and(|next| next <= now) {
            self.next = self.interval.map(|interval| now + interval);
            self.ask(now, self.pong);
            return Some(Due::Ping);
        }
        None
    }

    /// Any inbound frame is a sign of life.
    pub(crate) fn heard(&mut self) {
        self.answer_by = None;
    }

    /// The answer to a ping: how long it took.
    pub(crate) fn answered(&mut self, now: Instant) -> Option<Duration> {
        self.asked_at.take().map(|asked| now.saturating_duration_since(asked))
    }

    /// A ping is sent now, out of turn, and wants an answer within `deadline`; an earlier deadline stands.
    pub(crate) fn probe(&mut self, now: Instant, deadline: Duration) {
        self.ask(now, deadline);
    }

    fn ask(&mut self, now: Instant, deadline: Duration) {
        let by = now + deadline;
        self.answer_by = Some(self.answer_by.map_or(by, |earlier| earlier.min(by)));
        // an answer belongs to the first ping that waits for one; a server that answers otherwise is not waited for
        self.asked_at = self.asked_at.filter(|asked| now < *asked + self.pong).or(Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(30);
    const PONG: Duration = Duration::from_secs(10);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn pings_at_once_and_then_every_interval() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        assert_eq!(keepalive.timeout(), Some(start));
        assert_eq!(keepalive.due(start), Some(Due::Ping));
        assert_eq!(keepalive.due(start), None);
        keepalive.heard();
        assert_eq!(keepalive.timeout(), Some(start + INTERVAL));
        assert_eq!(keepalive.due(start + seconds(29)), None);
        assert_eq!(keepalive.due(start + INTERVAL), Some(Due::Ping));
    }

    #[test]
    fn silence_after_a_ping_is_death_at_the_deadline() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        assert_eq!(keepalive.timeout(), Some(start + PONG));
        assert_eq!(keepalive.due(start + seconds(9)), None);
        assert_eq!(keepalive.due(start + PONG), Some(Due::Dead));
    }

    #[test]
    fn any_frame_is_life() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        keepalive.heard();
        assert_eq!(keepalive.due(start + PONG), None);
    }

    #[test]
    fn a_probe_shortens_the_deadline_and_never_lengthens_it() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        keepalive.probe(start + seconds(1), seconds(3));
        assert_eq!(keepalive.due(start + seconds(4)), Some(Due::Dead));
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        keepalive.probe(start + seconds(9), seconds(3));
        assert_eq!(keepalive.due(start + PONG), Some(Due::Dead));
    }

    #[test]
    fn without_an_interval_only_probes_are_judged() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, None, PONG);
        assert_eq!(keepalive.timeout(), None);
        keepalive.probe(start, seconds(3));
        assert_eq!(keepalive.due(start + seconds(3)), Some(Due::Dead));
    }

    #[test]
    fn a_round_trip_is_measured_once() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        assert_eq!(keepalive.answered(start + seconds(2)), Some(seconds(2)));
        assert_eq!(keepalive.answered(start + seconds(3)), None);
    }

    #[test]
    fn an_answer_belongs_to_the_first_ping_that_waits_for_one() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(start, Some(INTERVAL), PONG);
        keepalive.due(start);
        keepalive.probe(start + seconds(1), seconds(3));
        assert_eq!(keepalive.answered(start + seconds(2)), Some(seconds(2)));
        keepalive.due(start + INTERVAL);
        keepalive.heard();
        // nothing but other frames came meanwhile
        keepalive.due(start + 2 * INTERVAL);
        assert_eq!(keepalive.answered(start + 2 * INTERVAL + seconds(1)), Some(seconds(1)));
        keepalive.probe(start + 3 * INTERVAL, PONG);
        keepalive.heard();
        keepalive.probe(start + 3 * INTERVAL + PONG, PONG);
        assert_eq!(
            keepalive.answered(start + 3 * INTERVAL + PONG),
            Some(seconds(0)),
            "too late for the first"
        );
    }
}
