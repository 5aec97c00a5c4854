use std::{future::Future, time::Duration};

use crate::{Outcome, Trouble};

/// How long anything may take before it counts as not happening. Far above what is usual, as machines are shared.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often [`until`] looks.
const LOOK: Duration = Duration::from_millis(50);

/// Awaits an event, and says in words what did not happen when it does not within `limit`.
///
/// # Errors
/// [`Trouble::Late`].
pub async fn within<F: Future>(limit: Duration, what: &str, event: F) -> Outcome<F::Output> {
    tokio::time::timeout(limit, event).await.map_err(|_| Trouble::Late { what: what.to_owned(), limit })
}

/// Looks again and again until `look` finds something: for what tells of no event, such as processes in `/proc`, a
/// port that is not listened on yet, or a page that draws itself.
///
/// # Errors
/// [`Trouble::Late`]; whatever `look` fails with.
pub async fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Outcome<Option<T>>,
) -> Outcome<T> {
    let look_again = async {
        let mut beat = tokio::time::interval(LOOK);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            if let Some(found) = look().await? {
                return Ok(found);
            }
        }
    };
    within(limit, what, look_again).await?
}
