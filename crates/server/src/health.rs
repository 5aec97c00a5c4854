//! Whether the database takes writes, found out by writing.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::store::{Store, StoreError, schema};

/// However often it is asked, the disk is written to no more often than this.
const FRESH: Duration = Duration::from_secs(5);

/// What was found last.
#[derive(Default)]
pub(crate) struct Health {
    // held while it is found out, so that those who ask meanwhile share the answer
    last: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

impl Health {
    /// Writes, or answers what a write came to a moment ago.
    pub(crate) async fn check(&self, store: &Store, now: Instant) -> Result<(), StoreError> {
        let mut last = self.last.lock().await;
        if let Some((at, found)) = &*last
            && now.saturating_duration_since(*at) < FRESH
        {
            return found.clone();
        }
        let found = store.write(schema::touch).await;
        *last = Some((now, found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_write_is_tried_again_only_after_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("server.db")).unwrap();
        let (health, now) = (Health::default(), Instant::now());
        assert!(health.check(&store, now).await.is_ok());
        let block = "CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'disk full'); END";
        store.write(move |connection| Ok(connection.execute_batch(block)?)).await.unwrap();
        assert!(health.check(&store, now).await.is_ok());
        assert!(health.check(&store, now + FRESH).await.is_err());
        store.write(|connection| Ok(connection.execute_batch("DROP TRIGGER full")?)).await.unwrap();
        assert!(health.check(&store, now + FRESH).await.is_err());
        assert!(health.check(&store, now + FRESH * 2).await.is_ok());
    }
}
