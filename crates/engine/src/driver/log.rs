//! The log of a connection: an attempt reads as a story at info level, and every line is inside of its span. Holds no
//! secret, as nothing here ever sees one.

use tidings_protocol::MalformedMessage;
use tracing::{Span, debug, info, info_span, warn};

use crate::{
    State, Status,
    machine::{Attempt, Note},
    verdict::Failure,
};

/// What every line of an attempt, and of the connection that comes of it, is inside of.
pub(super) fn attempt(Attempt(attempt): Attempt) -> Span {
    info_span!("attempt", attempt)
}

pub(super) fn token_ready() {
    info!("token ready");
}

pub(super) fn ticket_requested() {
    info!("ticket requested");
}

pub(super) fn ticket_obtained() {
    info!("ticket obtained");
}

pub(super) fn opening() {
    info!("opening");
}

/// Only the states that no other line speaks of.
pub(super) fn status(before: &Status, after: &Status) {
    match (&before.state, &after.state) {
        (State::Connected, State::Connected) => info!("the connection has lasted"),
        (_, State::Connected) => info!(retries = after.attempt, "connected"),
        (_, State::Disconnecting) => info!("disconnecting"),
        _ => debug!(state = ?after.state, "state"),
    }
}

pub(super) fn unknown(kind: &str) {
    let kind: String = kind.chars().take(40).collect();
    debug!(kind, "skipped a message of an unknown type");
}

pub(super) fn unreadable(error: &MalformedMessage, so_far: u64) {
    // a server that sends nothing but garbage must not fill the log with it
    if so_far.is_power_of_two() {
        warn!(%error, so_far, "skipped an unreadable message");
    } else {
        debug!(%error, so_far, "skipped an unreadable message");
    }
}

pub(super) fn note(note: Note) {
    match note {
        Note::Failed { failure, hard } => failed(&failure, hard),
        Note::Next { delay, at } => {
            let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            info!(delay_ms, %at, "next attempt in {:.1} s", delay.as_secs_f64());
        }
        Note::Offline => info!("offline: next attempt when the network is back"),
        Note::NoNext => info!("no further attempt"),
        Note::NotRefreshed(failure) => warn!(%failure, "the token could not be renewed ahead of its expiry"),
        Note::NewEpoch { old, new } => warn!(old, new, "the server keeps another log now"),
        Note::Gap { after } => info!(after, "asking for what is missing in between"),
        Note::CatchesUp { again: false } => info!("fetching what was missed"),
        Note::CatchesUp { again: true } => info!("fetching what the socket did not bring whole"),
        Note::ReplayStalled => warn!("the server did not end its replay"),
        Note::Goodbye(goodbye) => {
            let [from_ms, to_ms] = goodbye.reconnect_after_ms;
            info!(reason = goodbye.reason, from_ms, to_ms, "the server says goodbye");
        }
        Note::Probe => info!("asking whether the connection still lives"),
    }
}

fn failed(failure: &Failure, hard: bool) {
    let hardness = if hard { "hard" } else { "soft" };
    let code = failure.code();
    match failure {
        Failure::Refused(refusal) => {
            warn!(at = %refusal.at, status = refusal.status, code, hardness, "refused: {failure}");
        }
        Failure::Closed { code: close, .. } => {
            warn!(close, code, hardness, "the connection ended: {failure}");
        }
        _ => warn!(code, hardness, "failed: {failure}"),
    }
}
