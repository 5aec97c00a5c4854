//! What the kernel knows of a process.

use std::fs;

use tidings_lab::{Outcome, Trouble};

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

fn number(text: &str, name: &str) -> Outcome<u64> {
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| Trouble::Unexpected(format!("the kernel tells no {name}")))
}
