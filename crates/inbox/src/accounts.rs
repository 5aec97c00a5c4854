//! Accounts, without their secrets.

use rusqlite::params;
use tidings_protocol::Flow;

use crate::{AccountRow, Inbox, InboxError, Look, Result, gap, row};

impl Inbox {
    /// All accounts, in the order that a person has given them, else in that in which they were added.
    pub fn accounts(&self) -> Result<Vec<AccountRow>> {
        let state = self.state();
        let mut select = state.db.prepare(
            "SELECT id, server, username, flow, allow_unencrypted, paths, created_at, ca_file, client_certificate,
                client_key, signed_out, name, colour, pictures
             FROM account ORDER BY place IS NULL, place, position",
        )?;
        let accounts = select.query_map([], |columns| {
            Ok(AccountRow {
                id: columns.get(0)?,
                server: columns.get(1)?,
                username: columns.get(2)?,
                flow: match columns.get_ref(3)?.as_str()? {
                    "token" => Flow::Token,
                    _ => Flow::Ticket,
                },
                allow_unencrypted: columns.get(4)?,
                paths: columns.get(5)?,
                created_at: row::moment(columns.get(6)?),
                ca_file: columns.get(7)?,
                client_certificate: columns.get(8)?,
                client_key: columns.get(9)?,
                signed_out: columns.get(10)?,
                look: Look { name: columns.get(11)?, colour: columns.get(12)?, pictures: columns.get(13)? },
            })
        })?;
        Ok(accounts.collect::<rusqlite::Result<_>>()?)
    }

    /// Adds an account, or changes the one with its id.
    pub fn put_account(&self, account: &AccountRow) -> Result<()> {
        let flow = match account.flow {
            Flow::Ticket => "ticket",
            Flow::Token => "token",
        };
        self.state().db.execute(
            "INSERT INTO account (id, server, username, flow, allow_unencrypted, paths, created_at, ca_file,
                client_certificate, client_key, signed_out, name, colour, pictures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (id) DO UPDATE SET server = ?2, username = ?3, flow = ?4, allow_unencrypted = ?5, paths = ?6,
                created_at = ?7, ca_file = ?8, client_certificate = ?9, client_key = ?10, signed_out = ?11, name = ?12,
                colour = ?13, pictures = ?14",
            params![
                account.id,
                account.server,
                account.username,
                flow,
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
            ],
        )?;
        Ok(())
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
    pub fn remove_account(&self, id: &str) -> Result<bool> {
        let mut state = self.state();
        let transaction = state.begin()?;
        for table in ["notification", "early_read", "cursor"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE account = ?1"), [id])?;
        }
        gap::forget(&transaction, id)?;
        let removed = transaction.execute("DELETE FROM account WHERE id = ?1", [id])?;
        transaction.commit()?;
        state.held.remove(id);
        Ok(removed > 0)
    }
}

/// Fails for an account that is not there, such as one that was removed while its last notification was on its way.
pub(crate) fn require(db: &rusqlite::Connection, id: &str) -> Result<()> {
    let found = db.prepare_cached("SELECT 1 FROM account WHERE id = ?1")?.exists([id])?;
    if found { Ok(()) } else { Err(InboxError::NoSuchAccount(id.to_owned())) }
}
