//! Rows and counts, as the window and the tray show them.

use rusqlite::{Connection, Params, params_from_iter, types::Value};

use crate::{Inbox, Page, Query, Result, Row, record, row};

/// Bytes of text after which a page ends early: it travels to the window in one piece, and strangers fill it.
const PAGE_TEXT: usize = 1024 * 1024;

/// Words of a search that count.
const WORDS: usize = 16;

/// What the index is made of; a shorter word is looked for in the rows themselves.
const TRIGRAM: usize = 3;

impl Inbox {
    /// A page of rows, newest first. It can be shorter than asked for; only a page without `next` is the last.
    pub fn list(&self, query: &Query) -> Result<Page> {
        let limit = query.limit.unwrap_or(Query::USUAL).clamp(1, Query::MOST) as usize;
        let mut filter = Filter::default();
        if let Some(account) = &query.account {
            filter.and("account = ?", [account.clone().into()]);
        }
        if let Some(before) = query.before {
            filter.and("id < ?", [before.into()]);
        }
        if query.unread {
            filter.and("read = 0", []);
        }
        if query.kept {
            filter.and("kept = 1", []);
        }
        if let Some(topic) = &query.topic {
            filter.and("topic = ?", [topic.clone().into()]);
        }
        if let Some(least) = query.least_priority {
            filter.and("priority >= ?", [i64::from(least.number()).into()]);
        }
        filter.search(query.search.as_deref().unwrap_or_default());
        // one more than is wanted tells whether there is another page
        filter.values.push(Value::Integer(limit as i64 + 1));
        let state = self.state();
        let mut select = state.db.prepare_cached(&statement(&format!(
            "superseded = 0{} ORDER BY id DESC LIMIT ?",
            filter.condition
        )))?;
        let mut page = Page::default();
        let mut text = 0;
        for row in select.query_map(params_from_iter(filter.values), row::from_columns)? {
            let row = row?;
            if page.rows.len() == limit || text >= PAGE_TEXT {
                page.next = page.rows.last().map(|last: &Row| last.id);
                break;
            }
            text += row.title.len() + row.body.len();
            page.rows.push(row);
        }
        Ok(page)
    }

    /// One row; `None` if there is none, or another has taken its place.
    pub fn row(&self, id: i64) -> Result<Option<Row>> {
        row(&self.state().db, id)
    }

    /// Rows that were recorded but never decided, oldest first: a crash came in between, and they are decided now.
    pub fn pending(&self) -> Result<Vec<Row>> {
        record::pending(&self.state().db)
    }

    /// Unread rows over all accounts.
    pub fn unread(&self) -> Result<u32> {
        let state = self.state();
        let mut select =
            state.db.prepare_cached("SELECT count(*) FROM notification WHERE read = 0 AND superseded = 0")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Unread rows of one account.
    pub fn unread_of(&self, account: &str) -> Result<u32> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT count(*) FROM notification WHERE account = ?1 AND read = 0 AND superseded = 0",
        )?;
        Ok(select.query_row([account], |row| row.get(0))?)
    }
}

#[derive(Default)]
struct Filter {
    condition: String,
    values: Vec<Value>,
}

impl Filter {
    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
        self.values.extend(values);
    }

    /// Every word must be found somewhere. Nothing that is typed has a meaning of its own.
    fn search(&mut self, typed: &str) {
        let typed = typed.replace('\0', " ");
        let (long, short): (Vec<_>, Vec<_>) =
            typed.split_whitespace().take(WORDS).partition(|word| word.chars().count() >= TRIGRAM);
        if !long.is_empty() {
            let quoted =
                long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect::<Vec<_>>();
            self.and("id IN (SELECT rowid FROM search WHERE search MATCH ?)", [quoted.join(" ").into()]);
        }
        for word in short {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            self.and(
                "title || char(10) || body || char(10) || coalesce(topic, '') || char(10) || tags LIKE ? ESCAPE '\\'",
                [format!("%{escaped}%").into()],
            );
        }
    }
}

pub(crate) fn row(db: &Connection, id: i64) -> Result<Option<Row>> {
    Ok(select(db, "id = ? AND superseded = 0", [id])?.pop())
}

pub(crate) fn select(db: &Connection, condition: &str, values: impl Params) -> Result<Vec<Row>> {
    let mut select = db.prepare_cached(&statement(condition))?;
    let rows = select.query_map(values, row::from_columns)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn statement(condition: &str) -> String {
    format!("SELECT {} FROM notification WHERE {condition}", row::COLUMNS)
}
