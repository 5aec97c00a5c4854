//! Rows, as the window shows them: a page at a time, whatever they are filtered by and searched for.
//!
//! Owns how far one call looks. It looks through the ids from the newest down, a stretch at a time, and may be told
//! between two stretches that it has looked for long enough: then the page ends there, and the next goes on.

use rusqlite::{Connection, Params, params_from_iter, types::Value};

use crate::{Inbox, Page, Query, Result, Row, record, row, words::Words};

/// Bytes of text after which a page ends early: it travels to the window in one piece, and strangers fill it.
const PAGE_TEXT: usize = 1024 * 1024;

/// Ids in the first stretch, enough for a page of nearly any list. Each further one is twice as long as that before it.
const STRETCH: i64 = 1024;

/// Ids in the longest stretch: some ten milliseconds, whatever has to be looked at.
const LONGEST: i64 = 16 * 1024;

/// The same where the words of every row have to be read, of which each can be 32 KiB long.
const LONGEST_READ: i64 = 1024;

impl Inbox {
    /// A page of rows, newest first. It can be shorter than asked for; only a page without `next` is the last.
    pub fn list(&self, query: &Query) -> Result<Page> {
        self.list_while(query, || true)
    }

    /// As [`Inbox::list`], for as long as it may go on: the page may end before anything was found.
    pub fn list_while(&self, query: &Query, may_go_on: impl Fn() -> bool) -> Result<Page> {
        let limit = query.limit.unwrap_or(Query::USUAL).clamp(1, Query::MOST) as usize;
        let words = Words::of(query.search.as_deref().unwrap_or_default());
        let statement = statement(query, &words);
        let state = self.state();
        let mut page = Page::default();
        let Some((oldest, newest)) = bounds(&state.db)? else { return Ok(page) };
        let mut select = state.db.prepare_cached(&statement)?;
        let mut below = query.before.map_or(newest + 1, |before| before.min(newest + 1));
        let longest = if words.short.is_empty() { LONGEST } else { LONGEST_READ };
        let mut stretch = STRETCH.min(longest);
        let mut text = 0;
        while below > oldest {
            let from = (below - stretch).max(oldest);
            let mut rows = select.query(params_from_iter(values(query, &words, below, from)))?;
            while let Some(columns) = rows.next()? {
                if !words.short.is_empty() && !words.are_in(columns)? {
                    continue;
                }
                // one more than is wanted tells whether there is another page
                if page.rows.len() == limit || text >= PAGE_TEXT {
                    page.next = page.rows.last().map(|last: &Row| last.id);
                    return Ok(page);
                }
                let row = row::from_columns(columns)?;
                text += row.weight();
                page.rows.push(row);
            }
            below = from;
            stretch = (stretch * 2).min(longest);
            if below > oldest && !may_go_on() {
                page.next = Some(below);
                return Ok(page);
            }
        }
        Ok(page)
    }

    /// One row; `None` if there is none, or it is listed no more.
    pub fn row(&self, id: i64) -> Result<Option<Row>> {
        row(&self.state().db, id)
    }

    /// Rows that were recorded but never decided, oldest first: a crash came in between, and they are decided now.
    pub fn pending(&self) -> Result<Vec<Row>> {
        record::pending(&self.state().db)
    }
}

/// The ids between which everything is that is listed.
fn bounds(db: &Connection) -> Result<Option<(i64, i64)>> {
    // two statements, as SQLite looks only one end up without a scan
    let end = |which: &str| -> Result<Option<i64>> {
        Ok(db.prepare_cached(&format!("SELECT {which}(id) FROM listing"))?.query_row([], |row| row.get(0))?)
    };
    Ok(end("min")?.zip(end("max")?))
}

/// The planner is told its way: from the search or the listing, by id, to the row. Any other would sort what it finds,
/// all of it, before the first row is out.
fn statement(query: &Query, words: &Words) -> String {
    let columns = row::COLUMNS;
    let mut statement = if words.long.is_empty() {
        format!(
            "SELECT {columns} FROM listing AS l NOT INDEXED CROSS JOIN notification AS n ON n.id = l.id
             WHERE l.id < ? AND l.id >= ?"
        )
    } else {
        format!(
            "SELECT {columns} FROM search AS s CROSS JOIN listing AS l NOT INDEXED ON l.id = s.rowid
             CROSS JOIN notification AS n ON n.id = s.rowid
             WHERE s.rowid < ? AND s.rowid >= ? AND s.search MATCH ?"
        )
    };
    if query.account.is_some() {
        statement.push_str(" AND l.account = (SELECT position FROM account WHERE id = ?)");
    }
    if query.topic.is_some() {
        statement.push_str(" AND l.topic IN (SELECT position FROM topic WHERE name = ?)");
    }
    if query.least_priority.is_some() {
        statement.push_str(" AND l.priority >= ?");
    }
    if query.unread {
        statement.push_str(" AND l.read = 0");
    }
    if query.kept {
        statement.push_str(" AND l.kept = 1");
    }
    statement.push_str(if words.long.is_empty() { " ORDER BY l.id DESC" } else { " ORDER BY s.rowid DESC" });
    statement
}

/// The values of a [`statement`], in its order.
fn values(query: &Query, words: &Words, below: i64, from: i64) -> Vec<Value> {
    let mut values: Vec<Value> = vec![below.into(), from.into()];
    if !words.long.is_empty() {
        values.push(words.long.clone().into());
    }
    values.extend([&query.account, &query.topic].into_iter().flatten().map(|text| text.clone().into()));
    values.extend(query.least_priority.map(|least| Value::from(i64::from(least.number()))));
    values
}

pub(crate) fn row(db: &Connection, id: i64) -> Result<Option<Row>> {
    Ok(select(db, "n.id = ?", [id])?.pop())
}

/// Rows that are listed and of which the condition is true.
pub(crate) fn select(db: &Connection, condition: &str, values: impl Params) -> Result<Vec<Row>> {
    let columns = row::COLUMNS;
    let mut select = db.prepare_cached(&format!(
        "SELECT {columns} FROM notification AS n CROSS JOIN listing AS l ON l.id = n.id WHERE {condition}"
    ))?;
    let rows = select.query_map(values, row::from_columns)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
