//! What the kernel knows of a process.

use std::fs;

use rustix::{
    io::Errno,
    process::{Pid, getpriority_process, setpriority_process},
};
use tidings_lab::{Outcome, Trouble};

/// A tenth of the weight that it had (sched(7), "The nice value").
const AFTER_OTHERS: i32 = 10;

/// A process's share of memory, in KiB (proc(5), `smaps_rollup`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// Its own pages and its share of those that it shares.
    pub(crate) pss: u64,
    /// Its own, written by it: these alone must stay in memory.
    pub(crate) private_dirty: u64,
    /// Its own, as they are in a file: mostly its program, dropped when memory is short.
    pub(crate) private_clean: u64,
    /// As they are in a file that others have in memory too: the C library and the like. Only a share of it counts.
    pub(crate) shared_clean: u64,
}

pub(crate) fn weight(pid: u32) -> Outcome<Weight> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok(Weight {
        pss: number(&text, "Pss:")?,
        private_dirty: number(&text, "Private_Dirty:")?,
        private_clean: number(&text, "Private_Clean:")?,
        shared_clean: number(&text, "Shared_Clean:")?,
    })
}

/// How often its threads have gone to sleep of their own will, and so have been woken.
pub(crate) fn voluntary_switches(pid: u32) -> Outcome<u64> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(thread?.path().join("status"))?;
        sum += number(&text, "voluntary_ctxt_switches:")?;
    }
    Ok(sum)
}

pub(crate) fn threads(pid: u32) -> Outcome<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/task"))?.count())
}

pub(crate) fn descriptors(pid: u32) -> Outcome<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

/// Has a process, with all that it will start, leave the processor to others that want it.
pub(crate) fn give_way(pid: u32) -> Outcome {
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let thread = thread?.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
        let lower = |nice: i32| setpriority_process(thread, nice + AFTER_OTHERS);
        match getpriority_process(thread).and_then(lower) {
            // it has ended meanwhile
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => return Err(std::io::Error::from(error).into()),
        }
    }
    Ok(())
}

fn number(text: &str, name: &str) -> Outcome<u64> {
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| Trouble::Unexpected(format!("the kernel tells no {name}")))
}
