//! Accounts, without their secrets.

use rusqlite::params;

use crate::{AccountRow, Inbox, InboxError, Look, Result, gap, history, row};

impl Inbox {
    /// All accounts, in the order that a person has given them, else in that in which they were added.
    pub fn accounts(&self) -> Result<Vec<AccountRow>> {
        let state = self.state();
        let mut select = state.db.prepare(
            "SELECT id, server, username, flow, allow_unencrypted, paths, created_at, ca_file, client_certificate,
                client_key, signed_out, name, colour, pictures, topics, anonymous, paused, deletes_on_server
             FROM account WHERE gone = 0 ORDER BY place IS NULL, place, position",
        )?;
        let accounts = select.query_map([], |columns| {
            Ok(AccountRow {
                id: columns.get(0)?,
                server: columns.get(1)?,
                username: columns.get(2)?,
                dialect: columns.get(3)?,
                allow_unencrypted: columns.get(4)?,
                paths: columns.get(5)?,
                created_at: row::moment(columns.get(6)?),
                ca_file: columns.get(7)?,
                client_certificate: columns.get(8)?,
                client_key: columns.get(9)?,
                signed_out: columns.get(10)?,
                look: Look { name: columns.get(11)?, colour: columns.get(12)?, pictures: columns.get(13)? },
                topics: columns.get(14)?,
                anonymous: columns.get(15)?,
                paused: columns.get(16)?,
                deletes_on_server: columns.get(17)?,
            })
        })?;
        Ok(accounts.collect::<rusqlite::Result<_>>()?)
    }

    /// Adds an account, or changes the one with its id.
    pub fn put_account(&self, account: &AccountRow) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        // one by this name that is still being forgotten must not come back with this one
        if transaction.query_row(
            "SELECT count(*) FROM account WHERE id = ?1 AND gone = 1",
            [&account.id],
            |row| row.get::<_, i64>(0),
        )? > 0
        {
            transaction.execute("DELETE FROM notification WHERE account = ?1", [&account.id])?;
            transaction.execute("DELETE FROM topic WHERE account = ?1", [&account.id])?;
            transaction.execute("DELETE FROM account WHERE id = ?1", [&account.id])?;
        }
        transaction.execute(
            "INSERT INTO account (id, server, username, flow, allow_unencrypted, paths, created_at, ca_file,
                client_certificate, client_key, signed_out, name, colour, pictures, topics, anonymous, paused,
                deletes_on_server)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                ?18)
             ON CONFLICT (id) DO UPDATE SET server = ?2, username = ?3, flow = ?4, allow_unencrypted = ?5, paths = ?6,
                created_at = ?7, ca_file = ?8, client_certificate = ?9, client_key = ?10, signed_out = ?11, name = ?12,
                colour = ?13, pictures = ?14, topics = ?15, anonymous = ?16, paused = ?17, deletes_on_server = ?18",
            params![
                account.id,
                account.server,
                account.username,
                account.dialect,
                account.allow_unencrypted,
                account.paths,
                row::stored(account.created_at),
                account.ca_file,
                account.client_certificate,
                account.client_key,
                account.signed_out,
                account.look.name,
                account.look.colour,
                account.look.pictures,
                account.topics,
                account.anonymous,
                account.paused,
                account.deletes_on_server,
            ],
        )?;
        Ok(transaction.commit()?)
    }

    /// Puts the accounts into this order. One that is not named keeps the place that it has.
    pub fn order_accounts(&self, ids: &[&str]) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        for (place, id) in (0_i64..).zip(ids) {
            transaction.execute("UPDATE account SET place = ?2 WHERE id = ?1", params![id, place])?;
        }
        Ok(transaction.commit()?)
    }

    /// Forgets an account with its notifications, its cursor and all else of it. Returns whether there was one.
    ///
    /// Nothing of it is seen or found from now on. To take its words out of the file is slow, and left to the next
    /// [`Inbox::sweep`], which goes on with it after a crash, too.
    pub fn remove_account(&self, id: &str) -> Result<bool> {
        let mut state = self.state();
        let transaction = state.begin()?;
        transaction.execute(
            "DELETE FROM listing WHERE account = (SELECT position FROM account WHERE id = ?1 AND gone = 0)",
            [id],
        )?;
        for table in ["early_read", "cursor"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE account = ?1"), [id])?;
        }
        gap::forget(&transaction, id)?;
        history::forget(&transaction, id)?;
        let removed = transaction.execute("UPDATE account SET gone = 1 WHERE id = ?1 AND gone = 0", [id])?;
        transaction.commit()?;
        state.held.remove(id);
        Ok(removed > 0)
    }
}

/// Fails for an account that is not there, such as one that was removed while its last notification was on its way.
pub(crate) fn require(db: &rusqlite::Connection, id: &str) -> Result<()> {
    let found = db.prepare_cached("SELECT 1 FROM account WHERE id = ?1 AND gone = 0")?.exists([id])?;
    if found { Ok(()) } else { Err(InboxError::NoSuchAccount(id.to_owned())) }
}
