//! Calls that follow from one another: what is asked next depends on what was answered. Owns no I/O but the one loop.

use super::{Answer, Call};
use crate::{transport::Reach, verdict::Failure};

/// A number of calls with a result.
pub(crate) trait Course<T>: Send {
    /// Takes in the answer to the last call; there is none at first, nor after a result.
    ///
    /// # Errors
    /// Whatever ends it before there is a result.
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<T>, Failure>;

    /// Takes in that the last call could not be made, or was cut off. There may be a result all the same.
    ///
    /// # Errors
    /// The failure, unless there is.
    fn failed(&mut self, failure: Failure) -> Result<Step<T>, Failure> {
        Err(failure)
    }
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// This call.
    Ask(Call),
    /// The result.
    Done(T),
}

/// Makes the calls up to the next result.
pub(crate) async fn run<R: Reach, T>(reach: &R, course: &mut dyn Course<T>) -> Result<T, Failure> {
    let mut step = course.next(None)?;
    loop {
        match step {
            Step::Ask(call) => {
                step = match reach.call(call).await {
                    Ok(answer) => course.next(Some(answer))?,
                    Err(failure) => course.failed(failure)?,
                }
            }
            Step::Done(result) => return Ok(result),
        }
    }
}
