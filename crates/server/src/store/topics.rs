//! Who is subscribed to what.

use rusqlite::Connection;

use super::StoreError;

pub(crate) fn subscribe(connection: &Connection, user: &str, topic: &str) -> Result<(), StoreError> {
    connection
        .execute("INSERT OR IGNORE INTO subscriptions (topic, user_id) VALUES (?1, ?2)", [topic, user])?;
    Ok(())
}

/// False when there was no such subscription.
pub(crate) fn unsubscribe(connection: &Connection, user: &str, topic: &str) -> Result<bool, StoreError> {
    Ok(connection.execute("DELETE FROM subscriptions WHERE topic = ?1 AND user_id = ?2", [topic, user])? == 1)
}

pub(crate) fn is_subscribed(connection: &Connection, user: &str, topic: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM subscriptions WHERE topic = ?1 AND user_id = ?2")?
        .exists([topic, user])?)
}

pub(crate) fn subscribers(connection: &Connection, topic: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT user_id FROM subscriptions WHERE topic = ?1")?;
    let users = statement.query_map([topic], |row| row.get(0))?;
    Ok(users.collect::<Result<_, _>>()?)
}
