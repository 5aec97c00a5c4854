//! `inbox`, what is done with its rows, and `export`.

use std::{
    collections::HashMap,
    io::{BufWriter, Write as _},
};

use tidings_control::{Client, Failure, InboxQuery, Page, ROWS_AT_ONCE, Reply, Request};

use super::{
    args, full,
    print::{Printer, gone},
    snapshot, unexpected, which,
};
use crate::export::{self, Origin};

/// Rows in a page when nothing is said, and most of them.
const USUAL: usize = 50;
const MOST: u32 = 200;

/// Lists as many as are wanted: a search may answer with fewer at first, and where it goes on.
pub(super) async fn list(client: &Client, asked: args::Inbox) -> Result<Page, Failure> {
    let args::Inbox { filter, limit, before } = asked;
    let mut query = InboxQuery { before, ..query(client, filter).await? };
    let wanted = limit.map_or(USUAL, |limit| limit.clamp(1, MOST) as usize);
    let mut items = Vec::new();
    loop {
        query.limit = u32::try_from(wanted - items.len()).ok();
        let page = page(client, query.clone()).await?;
        items.extend(page.items);
        if page.next.is_none() || items.len() >= wanted {
            return Ok(Page { items, next: page.next });
        }
        query.before = page.next;
    }
}

/// Does the same to all of these.
pub(super) async fn change(
    client: &Client,
    ids: &[i64],
    request: impl Fn(Vec<i64>) -> Request,
) -> Result<(), Failure> {
    for some in ids.chunks(ROWS_AT_ONCE) {
        client.call(request(some.to_vec())).await?;
    }
    Ok(())
}

pub(super) async fn export(client: &Client, asked: args::Export, printer: Printer) -> Result<(), Failure> {
    let args::Export { filter, output } = asked;
    let query = query(client, filter).await?;
    if output.as_ref().is_some_and(|output| output == "-") {
        return print_all(client, query).await;
    }
    match client.call(Request::Export { query, path: full(output)? }).await? {
        Reply::Exported(exported) if printer.json => printer.line(&exported),
        Reply::Exported(exported) => {
            printer.text(&format!("{} notifications are in {}", exported.count, exported.path))
        }
        other => Err(unexpected(&other)),
    }
}

async fn print_all(client: &Client, query: InboxQuery) -> Result<(), Failure> {
    let origins: HashMap<String, Origin> = snapshot(client)
        .await?
        .accounts
        .into_iter()
        .map(|account| (account.id, Origin { server: account.server, user: account.username }))
        .collect();
    let mut query = InboxQuery { limit: Some(MOST), ..query };
    let mut count = 0;
    loop {
        let page = page(client, query.clone()).await?;
        // not across a wait: what is printed holds the terminal
        let mut out = BufWriter::new(std::io::stdout().lock());
        for item in &page.items {
            export::write_entry(&mut out, count == 0, &origins, item).map_err(|error| gone(&error))?;
            count += 1;
        }
        query.before = page.next;
        if page.next.is_none() {
            export::write_end(&mut out, count).map_err(|error| gone(&error))?;
        }
        out.flush().map_err(|error| gone(&error))?;
        if page.next.is_none() {
            return Ok(());
        }
    }
}

async fn query(client: &Client, filter: args::Filter) -> Result<InboxQuery, Failure> {
    let args::Filter { account, unread, kept, topic, min_priority, search } = filter;
    let account = match account {
        Some(typed) => Some(which::one(&snapshot(client).await?.accounts, Some(&typed))?.id.clone()),
        None => None,
    };
    let least_priority = min_priority.map(Into::into);
    Ok(InboxQuery { account, unread, kept, topic, least_priority, search, ..InboxQuery::default() })
}

async fn page(client: &Client, query: InboxQuery) -> Result<Page, Failure> {
    match client.call(Request::Inbox(query)).await? {
        Reply::Inbox(page) => Ok(page),
        other => Err(unexpected(&other)),
    }
}
