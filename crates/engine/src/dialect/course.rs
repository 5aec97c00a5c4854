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
    let mut answer = None;
    loop {
        match course.next(answer.take())? {
            Step::Ask(call) => answer = Some(reach.call(call).await?),
            Step::Done(result) => return Ok(result),
        }
    }
}
