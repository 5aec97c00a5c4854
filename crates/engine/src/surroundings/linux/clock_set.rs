//! The kernel's word that the wall clock has jumped. It gives it when the machine resumes, too, so a sleep is found at
//! once, without anybody else's help and without a timer that wakes up to look.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::{Errno, read},
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};
use tokio::io::unix::AsyncFd;

use crate::surroundings::descriptor::readable;

/// A timer that is never due, and is cancelled when the wall clock jumps.
#[derive(Debug)]
pub(super) struct ClockSet(AsyncFd<OwnedFd>);

impl ClockSet {
    pub(super) fn open() -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let never = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec { tv_sec: i64::MAX, tv_nsec: 0 },
        };
        timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &never)?;
        Ok(Self(readable(timer)?))
    }

    /// Returns at the next jump. Cancel safe.
    ///
    /// # Errors
    /// When there will be no more word of it.
    pub(super) async fn next(&self) -> io::Result<()> {
        loop {
            let mut ready = self.0.readable().await?;
            // reading takes the word in; the timer itself stands
            match read(self.0.get_ref(), &mut [0; 8]) {
                Err(Errno::CANCELED) => return Ok(()),
                Err(Errno::WOULDBLOCK) => ready.clear_ready(),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_clock_that_runs_as_it_should_wakes_nobody() {
        let clock = ClockSet::open().unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(50), clock.next()).await.is_err());
    }
}
