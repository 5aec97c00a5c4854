//! What time it is. The one place that reads a clock, behind a trait so that a test can hold it.

use time::OffsetDateTime;

use crate::machine::Now;

/// Tells both times.
pub(crate) trait Clock: Clone + Send + Sync + 'static {
    fn now(&self) -> Now;
}

/// The operating system's clocks. The monotonic one is tokio's view of it, so that paused time holds here too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct System;

impl Clock for System {
    fn now(&self) -> Now {
        Now { at: tokio::time::Instant::now().into_std(), wall: OffsetDateTime::now_utc() }
    }
}
