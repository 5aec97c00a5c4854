//! `integrate`: the one command that asks no agent, as it is about the program and not about what it does.

use tidings_control::{Failure, FailureCode};

use super::{exit::Exit, print::Printer};
use crate::integration::{self, Outcome};

pub(super) fn run(remove: bool, printer: Printer) -> Exit {
    let words = if remove {
        integration::remove()
            .map(|removed| if removed { "taken away" } else { "there was nothing of ours to take away" })
    } else {
        integration::put().map(|outcome| match outcome {
            Outcome::Written => "written",
            Outcome::Ours => "all was as it should be",
            Outcome::Theirs => "that is taken care of already",
            Outcome::NoWindow => "there is no window's program beside this one that links could lead to",
        })
    };
    let told = words
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))
        .and_then(|words| printer.done(words));
    match told {
        Ok(()) => Exit::Done,
        Err(failure) => printer.failure(&failure),
    }
}
