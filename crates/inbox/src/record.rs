//! What arrives is stored here, exactly once, together with the cursor behind it; and what became of it is decided once.

use rusqlite::{Connection, OptionalExtension as _, named_params, params};
use tidings_protocol::Notification;

use crate::{
    Disposition, Inbox, InboxError, Incoming, Recorded, Result, Row, accounts,
    cursor::{self, Held},
    query, read, row, text,
};

impl Inbox {
    /// Stores a notification and moves the account's cursor behind it, in one transaction.
    ///
    /// One is a duplicate if the account has seen its `(epoch, seq)` or its id before, even if that one was replaced
    /// since. Without either, everything is new.
    ///
    /// # Errors
    /// Nothing was stored and the cursor stays before it, so that the server sends it again after the next connect;
    /// later ones may be stored meanwhile, but do not move the cursor past it.
    pub fn record(&self, account: &str, incoming: Incoming) -> Result<Recorded> {
        let Incoming { epoch, mark, notification, received_at } = incoming;
        let notification = text::clean(notification);
        // neither means anything but within an epoch
        let within = |number: Option<u64>| {
            let number = number.and_then(|number| i64::try_from(number).ok())?;
            Some((epoch.clone()?, number))
        };
        let place = within(notification.seq);
        // where the cursor goes
        let mark = place.clone().or_else(|| within(mark));
        let mut state = self.state();
        let held = state.held.remove(account);
        // the one that is stored now holds the cursor no more; should that fail, it is put back below. Several have the same
        // mark, so that nothing is known of the one that holds it
        let held = match &place {
            Some((epoch, seq)) => held.and_then(|held| held.stored(epoch, *seq)),
            None => held,
        };
        let stored = (|| {
            let transaction = state.begin()?;
            accounts::require(&transaction, account)?;
            let recorded = if is_known(&transaction, account, place.as_ref(), &notification)? {
                Recorded::Duplicate
            } else {
                insert(&transaction, account, place.as_ref(), &notification, received_at)?
            };
            if let Some((epoch, seq)) = &mark {
                cursor::advance(&transaction, account, epoch, *seq, held.as_ref())?;
            }
            if let (None, Recorded::New(row) | Recorded::Replaced { row, .. }) = (&place, &recorded) {
                cursor::note_latest(&transaction, account, row::stored(row.created_at))?;
            }
            transaction.commit()?;
            Ok(recorded)
        })();
        let held = match (&stored, held, mark) {
            (Err(InboxError::NoSuchAccount(_)), _, _) => None,
            (Err(_), held, Some((epoch, seq))) => Some(Held::also(held, epoch, seq)),
            (_, held, _) => held,
        };
        if let Some(held) = held {
            state.held.insert(account.to_owned(), held);
        }
        stored
    }

    /// Decides what becomes of a pending row. Returns whether this call did it: whoever gets `true` may show it, and
    /// nobody else ever will, whatever crashes in between.
    pub fn decide(&self, id: i64, disposition: Disposition) -> Result<bool> {
        let state = self.state();
        let decided = state
            .db
            .prepare_cached(
                "UPDATE notification SET disposition = ?2 WHERE id = ?1 AND disposition = 0 AND superseded = 0
                 AND deleted_at IS NULL",
            )?
            .execute(params![id, disposition as u8])?;
        Ok(decided > 0 && disposition != Disposition::Pending)
    }
}

fn is_known(
    db: &Connection,
    account: &str,
    place: Option<&(String, i64)>,
    notification: &Notification,
) -> Result<bool> {
    if let Some((epoch, seq)) = place {
        let mut select =
            db.prepare_cached("SELECT 1 FROM notification WHERE account = ?1 AND epoch = ?2 AND seq = ?3")?;
        if select.exists(params![account, epoch, seq])? {
            return Ok(true);
        }
    }
    let Some(id) = &notification.id else { return Ok(false) };
    let mut select = db.prepare_cached("SELECT 1 FROM notification WHERE account = ?1 AND server_id = ?2")?;
    Ok(select.exists([account, id])?)
}

fn insert(
    db: &Connection,
    account: &str,
    place: Option<&(String, i64)>,
    notification: &Notification,
    received_at: time::OffsetDateTime,
) -> Result<Recorded> {
    let read = read::take_early(db, account, notification.id.as_deref())?;
    let replaced = match &notification.replaces {
        Some(replaced) => supersede(db, account, replaced, notification.topic.as_deref())?,
        None => None,
    };
    db.prepare_cached(
        "INSERT INTO notification (account, epoch, seq, server_id, title, body, priority, topic, tags, click_url,
            actions, icon_url, image_url, attachment, plain, replaces, created_at, received_at, expires_at, read, kept,
            place)
         VALUES (:account, :epoch, :seq, :server_id, :title, :body, :priority, :topic, :tags, :click_url,
            :actions, :icon_url, :image_url, :attachment, :plain, :replaces, :created_at, :received_at, :expires_at,
            :read, :kept, :place)",
    )?
    .execute(named_params! {
        ":account": account,
        ":epoch": place.map(|(epoch, _)| epoch),
        ":seq": place.map(|(_, seq)| *seq).or(notification.seq.and_then(|seq| i64::try_from(seq).ok())),
        ":server_id": notification.id,
        ":title": notification.title,
        ":body": notification.body,
        ":priority": notification.priority.number(),
        ":topic": notification.topic,
        ":tags": row::joined(&notification.tags),
        ":click_url": notification.click_url,
        ":actions": row::json(&notification.actions)?,
        ":icon_url": notification.icon_url,
        ":image_url": notification.image_url,
        ":attachment": notification.attachment.as_ref().map(row::json).transpose()?,
        ":plain": notification.plain,
        ":replaces": notification.replaces,
        ":created_at": row::stored(notification.created_at.unwrap_or(received_at)),
        ":received_at": row::stored(received_at),
        ":expires_at": notification.expires_at.map(row::stored),
        ":read": read,
        ":kept": replaced.is_some_and(|replaced| replaced.kept),
        ":place": replaced.map(|replaced| replaced.place),
    })?;
    let id = db.last_insert_rowid();
    let row = query::row(db, id)?.ok_or_else(|| InboxError::Other(format!("row {id} is gone")))?;
    Ok(match replaced.and_then(|replaced| replaced.listed) {
        Some(previous) => Recorded::Replaced { row, previous },
        None => Recorded::New(row),
    })
}

#[derive(Clone, Copy)]
struct Superseded {
    place: i64,
    /// The row that stood there, if it was listed: what a person has deleted is not replaced in their eyes.
    listed: Option<i64>,
    /// It was kept, and so is what takes its place.
    kept: bool,
}

/// The place of the row with this id, else that of the last one that takes the same one's place and is of the same topic:
/// what both replace may never have been here.
fn place_of(db: &Connection, account: &str, replaced: &str, topic: Option<&str>) -> Result<Option<i64>> {
    let by_id = db
        .prepare_cached("SELECT coalesce(place, id) FROM notification WHERE account = ?1 AND server_id = ?2")?
        .query_row([account, replaced], |row| row.get(0))
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    let mut select = db.prepare_cached(
        "SELECT coalesce(place, id) FROM notification WHERE account = ?1 AND replaces = ?2 AND topic IS ?3
         ORDER BY id DESC LIMIT 1",
    )?;
    Ok(select.query_row(params![account, replaced, topic], |row| row.get(0)).optional()?)
}

/// Takes the row that stands in the place of `replaced` out of the list and empties it. Its ids stay known.
fn supersede(
    db: &Connection,
    account: &str,
    replaced: &str,
    topic: Option<&str>,
) -> Result<Option<Superseded>> {
    let Some(place) = place_of(db, account, replaced, topic)? else { return Ok(None) };
    let standing: Option<(i64, bool, bool)> = db
        .prepare_cached(
            "SELECT id, deleted_at IS NULL, kept FROM notification
             WHERE superseded = 0 AND (place = ?1 OR (id = ?1 AND place IS NULL))",
        )?
        .query_row([place], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((id, listed, kept)) = standing else {
        return Ok(Some(Superseded { place, listed: None, kept: false }));
    };
    db.prepare_cached(
        "UPDATE notification SET superseded = 1, place = ?2, deleted_at = NULL, kept = 0, unsent_read = 0, title = '',
            body = '', topic = NULL, tags = '', click_url = NULL, actions = '[]', icon_url = NULL,
            image_url = NULL, attachment = NULL
         WHERE id = ?1",
    )?
    .execute([id, place])?;
    Ok(Some(Superseded { place, listed: listed.then_some(id), kept: kept && listed }))
}

/// Rows that were recorded but never decided.
pub(crate) fn pending(db: &Connection) -> Result<Vec<Row>> {
    query::select(db, "n.disposition = 0 AND n.superseded = 0 ORDER BY n.id", [])
}
