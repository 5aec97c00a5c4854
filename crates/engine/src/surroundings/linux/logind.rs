//! The login manager's word that the machine has slept: `PrepareForSleep(false)` on the system bus. Where there is no
//! such bus, nothing is said about it; where it goes away, it is looked for again.
//!
//! The signal before a sleep is not made use of. Closing would need an inhibitor lock, else the frame races with the
//! freezing of this very process; and it would gain nothing: the server finds a sleeping client by its own keepalive,
//! a sleep shorter than the server's patience keeps the connection, and what was missed is replayed in either case.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::{sync::mpsc, time::sleep};
use zbus::{MatchRule, MessageStream, connection::Builder, message::Type};

/// Time until a bus is looked for again. After a sleep on a machine whose bus was away just then, the clocks tell.
const AGAIN: Duration = Duration::from_secs(60);

/// The same when it has gone: it is likely to be started anew.
const SOON: Duration = Duration::from_secs(2);

/// Tells of every awakening, until nobody listens.
pub(super) async fn run(awakenings: mpsc::Sender<()>) {
    tell(&awakenings, Builder::system).await;
}

async fn tell(awakenings: &mpsc::Sender<()>, bus: impl Fn() -> zbus::Result<Builder<'static>>) {
    loop {
        let wait = match listen(&bus).await {
            Ok(mut signals) => {
                tracing::debug!("listening to the login manager");
                while let Some(Ok(signal)) = signals.next().await {
                    let awake =
                        signal.body().deserialize::<bool>().is_ok_and(|about_to_sleep| !about_to_sleep);
                    if awake && awakenings.send(()).await.is_err() {
                        return;
                    }
                }
                SOON
            }
            Err(error) => {
                tracing::debug!(%error, "no login manager is heard");
                AGAIN
            }
        };
        sleep(wait).await;
    }
}

async fn listen(bus: impl Fn() -> zbus::Result<Builder<'static>>) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.login1")?
        .path("/org/freedesktop/login1")?
        .interface("org.freedesktop.login1.Manager")?
        .member("PrepareForSleep")?
        .build();
    let connection = bus()?.build().await?;
    // one signal in a sleep: there is nothing to queue
    MessageStream::for_match_rule(rule, &connection, Some(1)).await
}

#[cfg(test)]
#[path = "logind_tests.rs"]
mod tests;
