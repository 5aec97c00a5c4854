//! The round trips of a day, in little room: a long one is thinned out where it is densest, so that what is left still
//! covers all of it. Refuses to know the time by itself.

use std::{collections::VecDeque, time::Duration};

use time::OffsetDateTime;

use crate::RoundTrip;

/// One for every five minutes of a day.
const KEPT: usize = 288;

const DAY: u32 = 24 * 60 * 60;

/// The round trips of the last 24 hours, oldest first.
#[derive(Default)]
pub(super) struct RoundTrips(VecDeque<Trip>);

/// Eight bytes of one.
#[derive(Clone, Copy)]
struct Trip {
    /// Seconds since 1970.
    at: u32,
    took_us: u32,
}

impl RoundTrips {
    pub(super) fn note(&mut self, trip: RoundTrip) {
        let at = seconds(trip.at);
        let took_us = u32::try_from(trip.took.as_micros()).unwrap_or(u32::MAX);
        // what claims to be of the future was noted by a clock that has been put right since
        self.0.retain(|earlier| earlier.at <= at && at - earlier.at <= DAY);
        self.0.push_back(Trip { at, took_us });
        if self.0.len() > KEPT {
            let dense = (1..KEPT).min_by_key(|&index| self.0[index + 1].at - self.0[index - 1].at);
            dense.and_then(|index| self.0.remove(index));
        }
    }

    /// Those that are less than a day old at `now`.
    pub(super) fn until(&self, now: OffsetDateTime) -> Vec<RoundTrip> {
        let now = seconds(now);
        let recent = self.0.iter().filter(|trip| now.saturating_sub(trip.at) <= DAY);
        recent
            .map(|trip| RoundTrip {
                took: Duration::from_micros(trip.took_us.into()),
                at: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(trip.at.into()),
            })
            .collect()
    }
}

/// A clock outside of 1970 to 2106 is broken anyway.
fn seconds(at: OffsetDateTime) -> u32 {
    u32::try_from(at.unix_timestamp().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-05-04 10:00 UTC);

    fn trip(second: u64) -> RoundTrip {
        RoundTrip { took: Duration::from_micros(second + 1), at: START + Duration::from_secs(second) }
    }

    fn noted(seconds: impl IntoIterator<Item = u64>) -> RoundTrips {
        let mut trips = RoundTrips::default();
        seconds.into_iter().for_each(|second| trips.note(trip(second)));
        trips
    }

    #[test]
    fn a_trip_is_kept_as_it_was() {
        let trips = noted([0, 30, 60]);
        assert_eq!(trips.until(START + Duration::from_secs(60)), [trip(0), trip(30), trip(60)]);
    }

    #[test]
    fn a_day_of_pings_is_thinned_out_evenly_and_keeps_both_ends() {
        let (every, last) = (30, u64::from(DAY));
        let kept = noted((0..=last).step_by(every)).until(START + Duration::from_secs(last));
        assert_eq!(kept.len(), KEPT);
        assert_eq!((kept[0], kept[KEPT - 1]), (trip(0), trip(last)));
        let widest = kept.windows(2).map(|pair| pair[1].at - pair[0].at).max().unwrap();
        assert!(widest <= time::Duration::minutes(20), "{widest}");
    }

    #[test]
    fn a_burst_gives_way_before_what_stands_alone() {
        let lonely = [0, 20_000, 40_000];
        let kept = noted(lonely.into_iter().chain(50_000..51_000)).until(START + Duration::from_secs(51_000));
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[..3], lonely.map(trip));
    }

    #[test]
    fn what_is_older_than_a_day_goes_also_when_no_other_comes() {
        let day = u64::from(DAY);
        let trips = noted([0, 10, day + 5]);
        assert_eq!(trips.until(START + Duration::from_secs(day + 5)), [trip(10), trip(day + 5)]);
        assert_eq!(trips.until(START + Duration::from_secs(day + 11)), [trip(day + 5)]);
        assert_eq!(trips.until(START + Duration::from_secs(3 * day)), []);
    }

    #[test]
    fn a_clock_that_is_put_back_takes_its_future_along() {
        let trips = noted([0, 5_000, 6_000, 30]);
        assert_eq!(trips.until(START + Duration::from_secs(30)), [trip(0), trip(30)]);
    }

    proptest! {
        #[test]
        fn any_clock_leaves_a_bounded_and_ordered_day_with_the_last_at_its_end(
            stamps in vec(any::<i32>(), 1..600),
        ) {
            let mut trips = RoundTrips::default();
            for stamp in stamps {
                let at = OffsetDateTime::from_unix_timestamp(i64::from(stamp) * 2).unwrap();
                trips.note(RoundTrip { took: Duration::MAX, at });
                let kept = trips.until(at);
                prop_assert!(kept.len() <= KEPT && kept.is_sorted_by_key(|trip| trip.at));
                prop_assert_eq!(kept.last().unwrap().at, at.max(OffsetDateTime::UNIX_EPOCH));
            }
        }
    }
}
