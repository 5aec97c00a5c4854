//! How fast the agent answers about an inbox of 100,000 rows, from request to reply over control, beside a request about
//! nothing in the same run.

use std::time::{Duration, Instant};

use tidings_control::{Client, Failure, InboxQuery, Page, Priority, ROWS_AT_ONCE, Reply, Request};
use tidings_inbox::{AccountRow, Disposition, Inbox, Incoming, Look, Query, Recorded};
use tidings_lab::{
    Agent, AgentOptions, Outcome, Trouble,
    desktop::{Desktop, Furniture},
};
use time::{Duration as Span, OffsetDateTime};

use crate::{
    Row,
    numbers::{Times, written},
};

const ROWS: u64 = 100_000;

/// Enough for a steady 95 %.
const TIMES: usize = 40;

/// Rows that a person might select.
const MANY: i64 = 1000;

const ACCOUNTS: [&str; 3] = ["work", "home", "other"];
const TOPICS: [&str; 6] = ["builds", "disks", "doors", "nightly", "releases", "weather"];
const WORDS: &str = "backup finished build failed passed disk full on server deploy production staging database replica \
    lagging behind certificate expires soon user logged in from new device temperature above threshold door \
    open queue length exceeded worker restarted memory usage high network latency resolved incident review \
    requested merged branch release published";

const FIRST_PAGE: &str = "at most 20 ms";
const SEARCH: &str = "at most 50 ms";
const OTHERS: &str = "at most 50 ms";

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let home = Agent::home_in(&desktop);
    let data = tidings_control::Home::under(&home).data().to_owned();
    let built = Instant::now();
    let size = tokio::task::spawn_blocking(move || fill(&data)).await.map_err(trouble)??;
    let mut rows = vec![
        ("rows".to_owned(), ROWS.to_string(), ""),
        ("file".to_owned(), format!("{} MiB", size / 1024 / 1024), ""),
        (
            "recorded one by one, each".to_owned(),
            written(built.elapsed() / u32::try_from(ROWS).unwrap_or(1)),
            "",
        ),
    ];
    let options = AgentOptions { arguments: vec!["--no-toasts".to_owned()], ..AgentOptions::default() };
    let agent = Agent::start_with(&desktop, options).await?;
    let (client, _events) = agent.connect().await?;
    let mut floors = Vec::new();
    let mut asked = Vec::new();
    for (name, query, limit) in questions() {
        let (times, pages, whole, found) = ask(&client, &query, &mut floors).await?;
        // an answer about nothing is fast, and no figure
        if (found == 0) != (name.ends_with("none") || name.ends_with("nothing found")) {
            return Err(Trouble::Unexpected(format!("{name}: {found} rows were found")));
        }
        let more = match pages {
            1 => String::new(),
            pages => format!(" (all of it: {pages} replies, {})", written(whole)),
        };
        asked.push((name.to_owned(), format!("{}{more}", told(&times)), limit));
    }
    let snapshot: fn() -> Request = || Request::Snapshot;
    for (name, request) in [("counts: snapshot", snapshot), ("counts: topics", || Request::Topics)] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            times.push(timed(&client, request()).await?.0);
        }
        asked.push((name.to_owned(), told(&Times::of(times)), ""));
    }
    rows.push(("floor: a request about nothing".to_owned(), told(&Times::of(floors)), ""));
    rows.append(&mut asked);
    for (name, requests, limit) in large() {
        rows.extend(meanwhile(&agent, name, requests, limit).await?);
    }
    Ok(rows)
}

/// Every kind of page, search and filter, and what it is held against.
fn questions() -> Vec<(&'static str, InboxQuery, &'static str)> {
    let all = InboxQuery::default;
    let search = |text: &str| InboxQuery { search: Some(text.to_owned()), ..all() };
    let account = |name: &str| Some(name.to_owned());
    let nowhere = InboxQuery {
        account: account("home"),
        topic: Some("rarely".to_owned()),
        least_priority: Some(Priority::Urgent),
        unread: true,
        ..all()
    };
    vec![
        ("first page", all(), FIRST_PAGE),
        ("page in the middle", InboxQuery { before: Some(50_000), ..all() }, FIRST_PAGE),
        ("page at the end", InboxQuery { before: Some(60), ..all() }, FIRST_PAGE),
        ("account, 1 in 100", InboxQuery { account: account("other"), ..all() }, FIRST_PAGE),
        ("topic, 1 in 1000", InboxQuery { topic: Some("rarely".to_owned()), ..all() }, FIRST_PAGE),
        ("urgent, 1 in 50", InboxQuery { least_priority: Some(Priority::Urgent), ..all() }, FIRST_PAGE),
        ("unread, 1 in 20", InboxQuery { unread: true, ..all() }, FIRST_PAGE),
        ("kept, 1 in 5000", InboxQuery { kept: true, ..all() }, FIRST_PAGE),
        ("all filters, nothing found", nowhere.clone(), FIRST_PAGE),
        ("search: a word in every third", search("backup"), SEARCH),
        ("search: a word in five rows", search("zyxgloop"), SEARCH),
        ("search: a word in none", search("restaurant"), SEARCH),
        ("search: two common words", search("backup server"), SEARCH),
        ("search: part of a word and of another", search("erver fin"), SEARCH),
        ("search: a common and a rare word", search("backup zyxgloop"), SEARCH),
        ("search: two letters, common", search("ed"), SEARCH),
        ("search: two letters, rare", search("zy"), SEARCH),
        ("search: two letters, in none", search("qj"), SEARCH),
        ("search: one letter", search("e"), SEARCH),
        ("search: a common word and two letters", search("backup zy"), SEARCH),
        ("search and account", InboxQuery { account: account("other"), ..search("backup") }, SEARCH),
        ("search and topic", InboxQuery { topic: Some("rarely".to_owned()), ..search("backup") }, SEARCH),
        (
            "search and urgent",
            InboxQuery { least_priority: Some(Priority::Urgent), ..search("backup") },
            SEARCH,
        ),
        ("search and unread", InboxQuery { unread: true, ..search("backup") }, SEARCH),
        ("search and kept", InboxQuery { kept: true, ..search("backup") }, SEARCH),
        (
            "search and all filters, nothing found",
            InboxQuery { search: account("backup"), ..nowhere },
            SEARCH,
        ),
    ]
}

/// What takes its time, in the order in which it is done.
fn large() -> Vec<(&'static str, Vec<Request>, &'static str)> {
    // each on a page of its own, which is the most that there is to be written
    let spread: Vec<i64> = (1..=MANY).map(|number| number * 97).collect();
    let portions = |request: fn(Vec<i64>) -> Request| {
        spread.chunks(ROWS_AT_ONCE).map(|some| request(some.to_vec())).collect::<Vec<_>>()
    };
    vec![
        ("export of all", vec![Request::Export { query: InboxQuery::default(), path: None }], OTHERS),
        ("1000 marked unread", portions(|ids| Request::MarkUnread { ids }), OTHERS),
        ("1000 kept", portions(|ids| Request::Keep { ids, kept: true }), OTHERS),
        ("1000 deleted", portions(|ids| Request::Delete { ids }), OTHERS),
        ("1000 restored", portions(|ids| Request::Restore { ids }), OTHERS),
        ("mark all read", vec![Request::MarkAllRead], OTHERS),
        // once in its life: in one go, so that nothing of it is found from then on
        (
            "account with 79,000 forgotten",
            vec![Request::Forget { account: ACCOUNTS[0].to_owned() }],
            "at most 500 ms",
        ),
    ]
}

/// Times of the first reply; and how many replies it takes, and how long, until a page is full or all was looked at; and
/// how many rows that are.
async fn ask(
    client: &Client,
    query: &InboxQuery,
    floors: &mut Vec<Duration>,
) -> Outcome<(Times, usize, Duration, usize)> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        floors.push(timed(client, Request::OpenLink { id: 0, url: None }).await?.0);
        times.push(timed(client, Request::Inbox(query.clone())).await?.0);
    }
    let began = Instant::now();
    let (mut query, mut found, mut pages) = (query.clone(), 0, 0);
    loop {
        pages += 1;
        let Page { items, next } = page(timed(client, Request::Inbox(query.clone())).await?.1)?;
        found += items.len();
        query.before = next;
        if next.is_none() || found >= Query::USUAL as usize {
            return Ok((Times::of(times), pages, began.elapsed(), found));
        }
    }
}

/// What others wait for an answer while something large is done.
async fn meanwhile(
    agent: &Agent,
    name: &str,
    requests: Vec<Request>,
    limit: &'static str,
) -> Outcome<Vec<Row>> {
    let ((large, _large), (small, _small)) = (agent.connect().await?, agent.connect().await?);
    let began = Instant::now();
    let done = tokio::spawn(async move {
        for request in requests {
            large.call(request).await?;
        }
        Ok::<_, Failure>(())
    });
    let mut times = Vec::new();
    while !done.is_finished() {
        times.push(timed(&small, Request::OpenLink { id: 0, url: None }).await?.0);
    }
    done.await.map_err(trouble)??;
    let (took, times) = (began.elapsed(), Times::of(times));
    Ok(vec![
        (name.to_owned(), written(took), ""),
        (format!("{name}: the longest that others wait"), written(times.quantile(100)), limit),
    ])
}

async fn timed(client: &Client, request: Request) -> Outcome<(Duration, Result<Reply, Failure>)> {
    let asked = Instant::now();
    let reply = client.call(request).await;
    Ok((asked.elapsed(), reply))
}

fn page(reply: Result<Reply, Failure>) -> Outcome<Page> {
    match reply? {
        Reply::Inbox(page) => Ok(page),
        other => Err(Trouble::Unexpected(format!("an inbox query was answered by {other:?}"))),
    }
}

fn told(times: &Times) -> String {
    format!("{}, 95 %: {}", written(times.median()), written(times.quantile(95)))
}

fn trouble(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unexpected(error.to_string())
}

/// An inbox as it is after some years. Returns how large its file is.
fn fill(data: &std::path::Path) -> Outcome<u64> {
    let (inbox, _) = Inbox::open(data).map_err(trouble)?;
    let now = OffsetDateTime::now_utc();
    for id in ACCOUNTS {
        let account = AccountRow {
            id: id.to_owned(),
            server: "http://127.0.0.1:9/".to_owned(),
            username: "alice".to_owned(),
            dialect: "ticket".into(),
            topics: None,
            anonymous: false,
            paused: false,
            deletes_on_server: false,
            allow_unencrypted: false,
            paths: None,
            ca_file: None,
            client_certificate: None,
            client_key: None,
            created_at: now,
            signed_out: true,
            look: Look::default(),
        };
        inbox.put_account(&account).map_err(trouble)?;
    }
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut dice = Dice { state: 7, words: &words };
    for seq in 1..=ROWS {
        let account = ACCOUNTS[match seq % 100 {
            0 => 2,
            1..=20 => 1,
            _ => 0,
        }];
        let received_at = now - Span::seconds(i64::try_from(ROWS - seq).unwrap_or_default() * 60);
        let incoming = Incoming {
            epoch: Some("e".to_owned()),
            mark: None,
            notification: dice.notification(seq)?,
            received_at,
        };
        let Recorded::New(row) = inbox.record(account, incoming).map_err(trouble)? else {
            return Err(Trouble::Unexpected(format!("number {seq} is not new")));
        };
        inbox.decide(row.id, Disposition::Shown).map_err(trouble)?;
        if seq % 20 != 0 {
            inbox.mark_read(&[row.id]).map_err(trouble)?;
        }
        if seq % 5000 == 0 {
            inbox.keep(&[row.id], true).map_err(trouble)?;
        }
    }
    for account in ACCOUNTS {
        let unsent = inbox.unsent_reads(account).map_err(trouble)?;
        inbox.reads_sent(account, &unsent).map_err(trouble)?;
    }
    drop(inbox);
    Ok(std::fs::metadata(data.join("inbox.db"))?.len())
}

/// The same inbox in every run.
struct Dice<'a> {
    state: u64,
    words: &'a [&'a str],
}

impl Dice<'_> {
    /// Less than `sides` (Knuth's linear congruence, of which the upper bits are good).
    fn roll(&mut self, sides: usize) -> usize {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or_default() % sides
    }

    fn words(&mut self, least: usize, most: usize) -> String {
        let count = least + self.roll(most - least);
        (0..count).map(|_| self.words[self.roll(self.words.len())]).collect::<Vec<_>>().join(" ")
    }

    fn notification(&mut self, seq: u64) -> Outcome<tidings_protocol::Notification> {
        let rare = if seq % 20_000 == 77 { " zyxgloop" } else { "" };
        let topic = if seq.is_multiple_of(1000) { "rarely" } else { TOPICS[self.roll(TOPICS.len())] };
        let json = serde_json::json!({
            "seq": seq, "id": format!("22f90000-0000-4000-8000-{seq:012}"), "title": self.words(2, 6),
            "body": format!("{}{rare}", self.words(8, 40)), "topic": topic, "tags": ["ci"],
            "priority": if seq.is_multiple_of(50) { 5 } else { 3 }, "click_url": "https://ci.example.com/builds/1234",
        });
        serde_json::from_value(json).map_err(trouble)
    }
}
