//! What has to be done now and then: delivering what was published for later, retention, sessions that ran out, and sockets of sessions that another process
//! (the command line) has ended.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info};

use crate::{
    app::App,
    later,
    store::{StoreError, log, sequences, sessions, users},
};

/// How soon a change by another process is noticed, and how late what is due may be.
const GLANCE: Duration = Duration::from_secs(2);
/// Glances from one cleaning to the next.
const GLANCES_PER_CLEANING: u32 = 150;
/// How long what ran out is remembered, so that a client is told why it is refused.
const MEMORY: time::Duration = time::Duration::days(7);

/// Runs until the server goes down.
pub(crate) async fn run(app: Arc<App>) {
    let mut ticks = interval(GLANCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    let mut glances = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.closing.cancelled() => return,
        }
        let cleaning = glances % GLANCES_PER_CLEANING == 0;
        glances = glances.wrapping_add(1);
        let done = async {
            later::release(&app, OffsetDateTime::now_utc()).await?;
            if cleaning {
                clean(&app, OffsetDateTime::now_utc()).await?;
            }
            glance(&app, &mut seen, cleaning).await
        };
        if let Err(error) = done.await {
            error!(%error, "housekeeping failed");
        }
    }
}

/// Ends sockets of sessions that are gone, if another process has written, or for those that ran out.
async fn glance(app: &App, seen: &mut Option<i64>, always: bool) -> Result<(), StoreError> {
    // asked on the writing connection: there it changes only when another process has written
    let version: i64 = app
        .store
        .write(|connection| Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?))
        .await?;
    if seen.replace(version) == Some(version) && !always {
        return Ok(());
    }
    let open = app.hub.sessions();
    let missing = app
        .store
        .read(move |connection| sessions::missing(connection, &open, OffsetDateTime::now_utc()))
        .await?;
    for session in missing {
        app.hub.end_session(&session);
    }
    Ok(())
}

/// Removes what is too old.
pub(crate) async fn clean(app: &App, now: OffsetDateTime) -> Result<(), StoreError> {
    app.tickets.forget_old(App::now());
    let token_life = time::Duration::try_from(app.config.refresh_token_life).unwrap_or(time::Duration::MAX);
    let retention = app.config.retention;
    let sessions = app
        .store
        .write(move |connection| {
            sequences::forget(connection, retention, now)?;
            let sessions = sessions::forget(connection, MEMORY, token_life, now)?;
            users::remove_stranded_guests(connection)?;
            Ok(sessions)
        })
        .await?;
    let overdue = app.store.read(move |connection| log::overdue(connection, retention, now)).await?;
    let mut pruned = 0;
    // one user at a time, so that publishing gets its turn in between
    for user in overdue {
        pruned += app.store.write(move |connection| log::prune(connection, &user, retention, now)).await?;
    }
    app.metrics.pruned.add(pruned);
    if sessions + pruned > 0 {
        info!(sessions, notifications = pruned, "removed what was too old");
    }
    Ok(())
}
