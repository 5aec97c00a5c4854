//! What the kernel knows of a process.

use std::fs;

use tidings_lab::{Outcome, Trouble};

/// A process's share of memory, in KiB (proc(5), `smaps_rollup`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// Its own pages and its share of those that it shares.
    pub(crate) pss: u64,
    /// Of these, what is its own and cannot be dropped.
    pub(crate) dirty: u64,
}

pub(crate) fn weight(pid: u32) -> Outcome<Weight> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok(Weight { pss: number(&text, "Pss:")?, dirty: number(&text, "Private_Dirty:")? })
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

fn number(text: &str, name: &str) -> Outcome<u64> {
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| Trouble::Unexpected(format!("the kernel tells no {name}")))
}
