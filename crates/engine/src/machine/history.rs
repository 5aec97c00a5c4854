//! What a machine remembers of itself, for whoever looks for a fault. Nothing is decided by it.

use std::{collections::VecDeque, time::Duration};

use time::OffsetDateTime;

use super::{Machine, round_trips::RoundTrips};
use crate::{Diagnosis, Reported, RoundTrip, Status};

/// Enough to see the last five attempts fail.
const TRANSITIONS: usize = 10;

#[derive(Default)]
pub(super) struct History {
    transitions: VecDeque<Status>,
    round_trip: Option<RoundTrip>,
    round_trips: RoundTrips,
    reported: Option<Reported>,
}

impl History {
    /// A state was entered.
    pub(super) fn entered(&mut self, status: Status) {
        if self.transitions.len() == TRANSITIONS {
            self.transitions.pop_front();
        }
        self.transitions.push_back(status);
    }

    /// A ping was answered.
    pub(super) fn answered(&mut self, took: Duration, at: OffsetDateTime) {
        let trip = RoundTrip { took, at };
        self.round_trip = Some(trip);
        self.round_trips.note(trip);
    }

    /// The server has said that something failed.
    pub(super) fn reported(&mut self, code: String, message: String, at: OffsetDateTime) {
        self.reported = Some(Reported { code, message, at });
    }
}

impl Machine {
    /// What is known of the connection at `now`; how it was made and what could not be read is for the
    /// driver to add.
    pub(crate) fn diagnosis(&self, now: OffsetDateTime, unreadable: u64) -> Diagnosis {
        let History { transitions, round_trip, round_trips, reported } = &self.history;
        Diagnosis {
            status: self.status(),
            round_trip: *round_trip,
            round_trips: round_trips.until(now),
            transitions: transitions.iter().cloned().collect(),
            unreadable,
            keepalive: self.rules.keepalive,
            link: None,
            reported: reported.clone(),
        }
    }
}
