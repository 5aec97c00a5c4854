//! Token buckets: how often somebody may do something. Pure: the caller brings the clock.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::config::Limit;

/// Buckets kept before full ones are swept out.
const SWEEP_AT: usize = 10_000;
/// No sooner, as a sweep looks at all of them.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// Buckets kept at all. Beyond, one goes for each that comes: whoever has as many addresses is held by no limit on
/// one, and must not fill the memory.
const MOST: usize = 100_000;

/// One bucket for each key.
pub(crate) struct Buckets<K> {
    limit: Limit,
    kept: Mutex<Kept<K>>,
}

struct Kept<K> {
    buckets: HashMap<K, Bucket>,
    swept_at: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, kept: Mutex::new(Kept { buckets: HashMap::new(), swept_at: None }) }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// How long until there is one.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { buckets, swept_at } = &mut *kept;
        let due = swept_at.is_none_or(|at| now.saturating_duration_since(at) >= SWEEP_EVERY);
        if due && buckets.len() >= SWEEP_AT {
            let full = f64::from(self.limit.burst);
            buckets.retain(|_, bucket| self.refilled(*bucket, now).tokens < full);
            *swept_at = Some(now);
        }
        if buckets.len() >= MOST
            && !buckets.contains_key(&key)
            && let Some(one) = buckets.keys().next().cloned()
        {
            buckets.remove(&one);
        }
        let fresh = Bucket { tokens: f64::from(self.limit.burst), at: now };
        let bucket = buckets.entry(key).or_insert(fresh);
        *bucket = self.refilled(*bucket, now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            Ok(())
        } else {
            Err(self.limit.refill.mul_f64(1.0 - bucket.tokens))
        }
    }

    /// Gives one back: it did not count after all.
    pub(crate) fn give_back(&self, key: &K) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = kept.buckets.get_mut(key) {
            bucket.tokens = (bucket.tokens + 1.0).min(f64::from(self.limit.burst));
        }
    }

    fn refilled(&self, bucket: Bucket, now: Instant) -> Bucket {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        let refill = self.limit.refill.as_secs_f64().max(f64::EPSILON);
        Bucket { tokens: (bucket.tokens + passed / refill).min(f64::from(self.limit.burst)), at: now }
    }
}

/// What counts as one address: a whole /64 in IPv6, as that is what one host is given.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { burst: 2, refill: Duration::from_secs(30) };

    #[test]
    fn a_burst_passes_and_then_the_wait_is_told() {
        let (buckets, now) = (Buckets::new(LIMIT), Instant::now());
        assert_eq!(buckets.take("a", now), Ok(()));
        assert_eq!(buckets.take("a", now), Ok(()));
        assert_eq!(buckets.take("a", now), Err(Duration::from_secs(30)));
        assert_eq!(buckets.take("b", now), Ok(()));
        assert_eq!(buckets.take("a", now + Duration::from_secs(30)), Ok(()));
    }

    #[test]
    fn what_is_given_back_was_never_taken() {
        let (buckets, now) = (Buckets::new(LIMIT), Instant::now());
        for _ in 0..5 {
            assert_eq!(buckets.take("a", now), Ok(()));
            buckets.give_back(&"a");
        }
    }

    #[test]
    fn a_crowd_is_swept_now_and_then_and_never_fills_the_memory() {
        let (buckets, now) = (Buckets::new(LIMIT), Instant::now());
        let kept = || buckets.kept.lock().unwrap().buckets.len();
        for key in 0..=MOST {
            assert_eq!(buckets.take(key, now), Ok(()));
        }
        assert_eq!(kept(), MOST);
        // none of them can be swept yet, and who comes is limited all the same
        for expected in [Ok(()), Ok(()), Err(LIMIT.refill)] {
            assert_eq!(buckets.take(MOST + 1, now), expected);
        }
        assert_eq!(buckets.take(0, now + LIMIT.refill), Ok(()));
        assert!(kept() <= 2, "{} are full and still kept", kept());
    }

    #[test]
    fn one_ipv6_host_is_one_address_however_many_it_has() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
