//! Sequences: notifications of a topic, each of which takes the place of the one before, under a name of the publisher's.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::OffsetDateTime;

use super::StoreError;
use crate::config::Retention;

/// Appends `id` to a sequence, and answers which one it follows.
pub(crate) fn follow(
    connection: &Connection,
    topic: &str,
    name: &str,
    id: &str,
    now: OffsetDateTime,
) -> Result<Option<String>, StoreError> {
    let last = connection
        .prepare_cached("SELECT id FROM sequences WHERE topic = ?1 AND name = ?2")?
        .query_row([topic, name], |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO sequences (topic, name, id, used_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![topic, name, id, now.unix_timestamp()])?;
    Ok(last)
}

/// Forgets those whose newest notification is forgotten, too.
pub(crate) fn forget(
    connection: &Connection,
    retention: Retention,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    connection.execute("DELETE FROM sequences WHERE used_at < ?1", [retention.cutoff(now)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_sequence_is_forgotten_with_its_notifications() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("server.db")).unwrap();
        let retention = Retention { age: Duration::from_secs(60), per_user: 1 };
        let then = OffsetDateTime::from_unix_timestamp(1_000_000).unwrap();
        let later = |seconds| then + time::Duration::seconds(seconds);
        let follow = async |id: &'static str, now| {
            store.write(move |connection| follow(connection, "alerts", "disk", id, now)).await.unwrap()
        };
        let forget =
            async |now| store.write(move |connection| forget(connection, retention, now)).await.unwrap();
        assert_eq!(follow("a", then).await, None);
        forget(later(60)).await;
        assert_eq!(follow("b", later(60)).await.as_deref(), Some("a"));
        forget(later(121)).await;
        assert_eq!(follow("c", later(121)).await, None);
    }
}
