//! What was published and what has arrived, held against each other.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde_json::json;
use tidings_control::{Event, Events, InboxQuery, Item, Reply, Request, State};
use tidings_lab::{Agent, Outcome, Publisher, Trouble};
use tokio::{sync::watch, task::JoinHandle};

use crate::Row;

/// How often something is published, while the server takes it.
const EVERY: Duration = Duration::from_millis(200);

/// The title of the one after which nothing comes.
pub(super) const LAST: &str = "the last";

/// What became of what was published.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    accepted: HashSet<String>,
    /// The server went away before it answered: such a one may have been taken or not.
    uncertain: HashSet<String>,
}

/// Publishes on and on.
#[derive(Debug)]
pub(super) struct Published {
    stop: watch::Sender<bool>,
    task: JoinHandle<Accounts>,
}

impl Published {
    pub(super) fn start(publisher: Publisher) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let mut accounts = Accounts::default();
            let mut beat = tokio::time::interval(EVERY);
            beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            for number in 0_u64.. {
                beat.tick().await;
                if *stopped.borrow() {
                    break;
                }
                let title = format!("number {number}");
                let taken = publisher.publish_all(json!({ "title": title, "body": "while it soaks" })).await;
                let of = if taken.is_ok() { &mut accounts.accepted } else { &mut accounts.uncertain };
                of.insert(title);
            }
            accounts
        });
        Self { stop, task }
    }

    pub(super) async fn stop(self) -> Accounts {
        self.stop.send_replace(true);
        self.task.await.unwrap_or_default()
    }
}

/// What the agent tells of, from the beginning.
#[derive(Debug)]
pub(super) struct Flow {
    task: JoinHandle<Outcome<Told>>,
    told: Told,
}

#[derive(Debug, Default)]
struct Told {
    titles: Vec<String>,
    connections: usize,
}

impl Flow {
    pub(super) async fn watch(agent: &Agent) -> Outcome<Self> {
        let (client, events) = agent.connect().await?;
        client.call(Request::Subscribe).await?;
        let task = tokio::spawn(async move {
            let told = listen(events).await;
            drop(client);
            told
        });
        Ok(Self { task, told: Told::default() })
    }

    /// Waits for the last one.
    pub(super) async fn ends(&mut self) -> Outcome {
        let ended = (&mut self.task).await.map_err(|error| Trouble::Unexpected(error.to_string()))?;
        self.told = ended?;
        Ok(())
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        vec![("connections made".to_owned(), self.told.connections.to_string(), "")]
    }

    /// Held against what was published, and against the inbox.
    ///
    /// # Errors
    /// When something was lost, doubled or turned round.
    pub(super) async fn against(&self, published: &Accounts, agent: &Agent) -> Outcome<Vec<Row>> {
        let mut kept: Vec<String> = inbox(agent).await?.into_iter().map(|item| item.title).collect();
        kept.reverse();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for title in &self.told.titles {
            *times.entry(title).or_default() += 1;
        }
        let lost = published.accepted.iter().filter(|title| !times.contains_key(title.as_str())).count();
        let doubled = times.values().filter(|times| **times > 1).count();
        let unasked = |title: &&&str| {
            **title != LAST && !published.accepted.contains(**title) && !published.uncertain.contains(**title)
        };
        let strange = times.keys().filter(unasked).count();
        let number = |title: &String| title.strip_prefix("number ")?.parse::<u64>().ok();
        let numbers: Vec<_> = self.told.titles.iter().filter_map(number).collect();
        let turned = numbers.windows(2).filter(|pair| pair.first() > pair.get(1)).count();
        let row = |what: &str, figure: usize, note| (what.to_owned(), figure.to_string(), note);
        let rows = vec![
            row("published and accepted", published.accepted.len(), ""),
            row("published, and the server went away before it answered", published.uncertain.len(), ""),
            row("arrived", self.told.titles.len(), ""),
            row("lost", lost, "must be 0"),
            row("doubled", doubled, "must be 0"),
            row("that nobody published", strange, "must be 0"),
            row("out of order", turned, "must be 0"),
        ];
        if kept != self.told.titles {
            return Err(Trouble::Unexpected(format!("the inbox is not what was told of; {rows:#?}")));
        }
        if lost + doubled + strange + turned > 0 {
            return Err(Trouble::Unexpected(format!("{rows:#?}")));
        }
        Ok(rows)
    }
}

async fn listen(mut events: Events) -> Outcome<Told> {
    let mut told = Told::default();
    while let Some(event) = events.recv().await {
        match event {
            Event::Notification(item) => {
                let is_last = item.title == LAST;
                told.titles.push(item.title);
                if is_last {
                    return Ok(told);
                }
            }
            Event::Status { status, .. } if status.state == State::Connected => told.connections += 1,
            _ => {}
        }
    }
    Err(Trouble::Unexpected("the agent has gone".to_owned()))
}

/// All rows, newest first.
async fn inbox(agent: &Agent) -> Outcome<Vec<Item>> {
    let (client, _events) = agent.connect().await?;
    let (mut items, mut before) = (Vec::new(), None);
    loop {
        let query = InboxQuery { before, limit: Some(200), ..InboxQuery::default() };
        let Reply::Inbox(page) = client.call(Request::Inbox(query)).await? else {
            return Err(Trouble::Unexpected("an inbox query was answered by something else".to_owned()));
        };
        items.extend(page.items);
        before = page.next;
        if before.is_none() {
            return Ok(items);
        }
    }
}
