//! Publishing for later: accepted and stored now, delivered once it is due, over restarts and once.
//!
//! Who receives it is looked up when it is due. Owns how much may wait; when somebody may ask for it, and for how long, is
//! for the dialect that knows such a wish.

use std::sync::Arc;

use time::OffsetDateTime;
use tracing::error;

use crate::{
    app::App,
    publish::{self, PublishError, Wish},
    random,
    store::{StoreError, scheduled},
};

/// What may wait for one publisher.
const MOST: i64 = 1000;
/// Deliveries in one transaction.
const BATCH: usize = 64;

/// What became of a wish.
pub(crate) enum Accepted {
    /// It is on the disk, under this id.
    Waiting(String),
    /// Nobody would receive it.
    ForNobody,
    /// Too many wait already.
    TooMany,
}

/// Keeps a wish until it is due.
pub(crate) async fn accept(
    app: &Arc<App>,
    wish: Wish,
    due: OffsetDateTime,
    publisher: String,
) -> Result<Accepted, PublishError> {
    publish::check(&wish.request)?;
    let id = random::id();
    let accepted = app.store.write(move |connection| {
        if publish::recipients(connection, &wish.request.to)?.is_none_or(|recipients| recipients.is_empty()) {
            return Ok(Accepted::ForNobody);
        }
        let added = scheduled::add(connection, &id, &wish, due, &publisher, MOST)?;
        Ok(if added { Accepted::Waiting(id) } else { Accepted::TooMany })
    });
    Ok(accepted.await?)
}

/// Delivers all that is due.
pub(crate) async fn release(app: &Arc<App>, now: OffsetDateTime) -> Result<(), StoreError> {
    while app.store.read(move |connection| scheduled::is_due(connection, now)).await? {
        let fan_out = Arc::clone(app);
        let released = app
            .store
            .write_then(
                move |connection| {
                    let mut stored = Vec::new();
                    let due = scheduled::take(connection, now, BATCH)?;
                    let released = due.len() as u64;
                    for one in due {
                        let Some(wish) = one.wish else {
                            error!(id = one.id, "what was scheduled cannot be read and is dropped");
                            continue;
                        };
                        stored.extend(publish::store(connection, wish, one.id, now)?.into_iter().flatten());
                    }
                    Ok((released, stored))
                },
                move |(_, stored)| publish::deliver(&fan_out, stored.iter()),
            )
            .await?;
        app.metrics.published.add(released.0);
    }
    Ok(())
}
