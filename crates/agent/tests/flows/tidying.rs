//! What a person does with what is in the inbox: unread again, kept, deleted, restored, exported.

use std::fs;

use serde_json::Value;
use tidings_agent::arrival::Order;
use tidings_control::{Event, Exported, FailureCode, InboxQuery, Item, ROWS_AT_ONCE, Reply, Request, Topic};

use crate::stage::{Computer, Running, World, inbox_file};

/// An agent with these in its inbox, all of them toasted.
async fn agent_with(computer: &Computer, world: &World, titles: &[&str]) -> (Running, Vec<Item>) {
    let mut agent = computer.start().await;
    agent.sign_in(world).await;
    let mut items = Vec::new();
    for title in titles {
        world.publish(title).await;
        items.push(agent.notification().await);
        agent.toast().await;
    }
    (agent, items)
}

async fn titles(agent: &Running, query: InboxQuery) -> Vec<String> {
    match agent.client.call(Request::Inbox(query)).await {
        Ok(Reply::Inbox(page)) => page.items.into_iter().map(|item| item.title).collect(),
        other => panic!("{other:?}"),
    }
}

async fn refused(agent: &Running, request: Request) -> FailureCode {
    agent.client.call(request).await.unwrap_err().code
}

/// Waits until the counts are told anew.
async fn counted(agent: &mut Running, unread: u32) {
    agent
        .event("the count", |event| match event {
            Event::Snapshot(snapshot) if snapshot.unread == unread => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn what_is_unread_again_is_so_here_alone() {
    let (world, computer) = (World::start().await, Computer::new());
    let (mut agent, items) = agent_with(&computer, &world, &["one"]).await;
    let ids = vec![items[0].id];
    agent.done(Request::MarkRead { ids: ids.clone() }).await;
    agent.done(Request::MarkUnread { ids: ids.clone() }).await;
    let unread = agent.event("unread", |event| match event {
        Event::Unread { ids } => Some(ids),
        _ => None,
    });
    assert_eq!(unread.await, ids);
    counted(&mut agent, 1).await;
    let account = &items[0].account;
    agent.kill();
    let inbox = tidings_inbox::Inbox::open(computer.home.data()).unwrap().0;
    assert_eq!(inbox.unsent_reads(account).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_kept_is_listed_as_such() {
    let (world, computer) = (World::start().await, Computer::new());
    let (mut agent, items) = agent_with(&computer, &world, &["one", "two"]).await;
    let ids = vec![items[0].id];
    for (kept, listed) in [(true, vec!["one"]), (false, vec![])] {
        agent.done(Request::Keep { ids: ids.clone(), kept }).await;
        let told = agent.event("kept", |event| match event {
            Event::Kept { ids, kept } => Some((ids, kept)),
            _ => None,
        });
        assert_eq!(told.await, (ids.clone(), kept));
        assert_eq!(titles(&agent, InboxQuery { kept: true, ..InboxQuery::default() }).await, listed);
    }
}

#[tokio::test]
async fn what_is_deleted_leaves_list_count_and_screen_and_comes_back_when_restored() {
    let (world, computer) = (World::start().await, Computer::new());
    let (mut agent, items) = agent_with(&computer, &world, &["one", "two"]).await;
    let ids = vec![items[0].id];
    agent.done(Request::Delete { ids: ids.clone() }).await;
    let removed = agent.event("removed", |event| match event {
        Event::Removed { ids } => Some(ids),
        _ => None,
    });
    assert_eq!(removed.await, ids);
    counted(&mut agent, 1).await;
    assert_eq!(agent.order().await, Order::Close(items[0].id));
    assert_eq!(titles(&agent, InboxQuery::default()).await, ["two"]);
    let search = InboxQuery { search: Some("one".into()), ..InboxQuery::default() };
    assert_eq!(titles(&agent, search).await, Vec::<String>::new());
    assert_eq!(
        refused(&agent, Request::OpenLink { id: items[0].id, url: None }).await,
        FailureCode::UnknownNotification
    );
    // a replay does not bring it back
    agent.done(Request::Reconnect { account: None }).await;
    agent.connected().await;
    agent.done(Request::Restore { ids: ids.clone() }).await;
    let restored = agent.event("restored", |event| match event {
        Event::Restored { items } => Some(items),
        _ => None,
    });
    assert_eq!(restored.await, items[..1]);
    counted(&mut agent, 2).await;
    assert_eq!(titles(&agent, InboxQuery::default()).await, ["two", "one"]);
}

#[tokio::test]
async fn what_was_deleted_too_long_ago_is_erased_and_the_server_hears_that_it_needs_no_attention() {
    let (world, computer, lap) = (World::start().await, Computer::new(), Computer::new());
    let mut elsewhere = lap.start().await;
    elsewhere.sign_in(&world).await;
    let (agent, items) = agent_with(&computer, &world, &["a most private matter"]).await;
    let theirs = elsewhere.notification().await;
    agent.done(Request::Delete { ids: vec![items[0].id] }).await;
    agent.kill();
    let file = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    file.execute("UPDATE notification SET deleted_at = deleted_at - 600000", []).unwrap();
    drop(file);

    let agent = computer.start().await;
    let restored = refused(&agent, Request::Restore { ids: vec![items[0].id] }).await;
    assert_eq!(restored, FailureCode::UnknownNotification);
    let read = elsewhere.event("read", |event| match event {
        Event::Read { ids } => Some(ids),
        _ => None,
    });
    assert_eq!(read.await, [theirs.id]);
    agent.kill();
    // whoever opens it last folds the log into it
    drop(tidings_inbox::Inbox::open(computer.home.data()).unwrap());
    let words = b"most private";
    assert!(!computer.files().windows(words.len()).any(|found| found == words), "its words are still there");
}

#[tokio::test]
async fn all_are_read_some_at_a_time_and_what_comes_meanwhile_is_not() {
    let (world, computer) = (World::start().await, Computer::new());
    let (mut agent, items) = agent_with(&computer, &world, &["one", "two", "three"]).await;
    agent.done(Request::MarkAllRead).await;
    let read = agent.event("read", |event| match event {
        Event::Read { ids } => Some(ids),
        _ => None,
    });
    assert_eq!(read.await, items.iter().rev().map(|item| item.id).collect::<Vec<_>>());
    counted(&mut agent, 0).await;
    world.publish("four").await;
    agent.notification().await;
    counted(&mut agent, 1).await;
    agent.done(Request::MarkAllRead).await;
    agent.done(Request::MarkAllRead).await;
}

#[tokio::test]
async fn a_request_about_no_notification_is_refused_and_one_about_too_many_too() {
    let (world, computer) = (World::start().await, Computer::new());
    let (agent, items) = agent_with(&computer, &world, &["one"]).await;
    let about = |ids: Vec<i64>| {
        [
            Request::MarkRead { ids: ids.clone() },
            Request::MarkUnread { ids: ids.clone() },
            Request::Keep { ids: ids.clone(), kept: true },
            Request::Restore { ids: ids.clone() },
            Request::Delete { ids },
        ]
    };
    for request in about(vec![999]) {
        assert_eq!(refused(&agent, request).await, FailureCode::UnknownNotification);
    }
    for request in about((0..=ROWS_AT_ONCE as i64).collect()) {
        assert_eq!(refused(&agent, request).await, FailureCode::BadRequest);
    }
    for request in about(vec![items[0].id, 999]) {
        agent.done(request).await;
    }
}

#[tokio::test]
async fn topics_are_told_with_what_is_unread_of_them() {
    let (world, computer) = (World::start().await, Computer::new());
    let (agent, items) = agent_with(&computer, &world, &["one"]).await;
    let topics = || async {
        match agent.client.call(Request::Topics).await {
            Ok(Reply::Topics(topics)) => topics,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(topics().await, []);
    let file = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    let account = items[0].account.clone();
    let insert = "INSERT INTO notification (account, title, body, priority, topic, tags, actions, created_at, received_at,
        read) VALUES (?1, 't', '', 3, ?2, '', '[]', 0, 0, ?3)";
    for (topic, read) in [("builds", false), ("disks", true), ("builds", true)] {
        file.execute(insert, rusqlite::params![account, topic, read]).unwrap();
    }
    let topic = |name: &str, unread| Topic { account: account.clone(), name: name.into(), unread };
    assert_eq!(topics().await, [topic("builds", 1), topic("disks", 0)]);
    let query = InboxQuery { topic: Some("builds".into()), unread: true, ..InboxQuery::default() };
    assert_eq!(titles(&agent, query).await, ["t"]);
}

async fn exported(agent: &Running, query: InboxQuery, path: Option<String>) -> Exported {
    match agent.client.call(Request::Export { query, path }).await {
        Ok(Reply::Exported(exported)) => exported,
        other => panic!("{other:?}"),
    }
}

fn entries(path: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn an_export_is_a_file_of_ones_own_that_says_whose_each_is_and_takes_no_others_place() {
    let (world, computer) = (World::start().await, Computer::new());
    let (agent, items) = agent_with(&computer, &world, &["one", "two"]).await;
    let all = exported(&agent, InboxQuery { limit: Some(1), ..InboxQuery::default() }, None).await;
    assert_eq!(all.count, 2, "all, whatever its limit");
    let downloads = computer.home.downloads().unwrap();
    assert!(all.path.starts_with(downloads.to_str().unwrap()), "{}", all.path);
    assert!(all.path.contains("tidings-20"), "{}", all.path);
    let found = entries(&all.path);
    assert_eq!(found.iter().map(|entry| &entry["title"]).collect::<Vec<_>>(), ["two", "one"]);
    let account = &agent.snapshot().await.accounts[0];
    assert_eq!((&found[1]["user"], &found[1]["server"]), (&"alice".into(), &account.server.as_str().into()));
    assert_eq!((found[1]["read"].as_bool(), found[1]["disposition"].as_str()), (Some(false), Some("shown")));
    let second = exported(&agent, InboxQuery::default(), None).await;
    assert_eq!(second.path, all.path.replace(".json", "-2.json"));

    let path = computer.folder.path().join("mine.json").to_str().unwrap().to_owned();
    let query = InboxQuery { search: Some("one".into()), ..InboxQuery::default() };
    assert_eq!(exported(&agent, query, Some(path.clone())).await, Exported { path: path.clone(), count: 1 });
    let before = fs::read(&path).unwrap();
    let again = Request::Export { query: InboxQuery::default(), path: Some(path.clone()) };
    assert_eq!(refused(&agent, again).await, FailureCode::ExportFailed);
    assert_eq!(fs::read(&path).unwrap(), before);
    for nowhere in ["relative.json", "/", computer.folder.path().join("missing/x.json").to_str().unwrap()] {
        let request = Request::Export { query: InboxQuery::default(), path: Some(nowhere.into()) };
        assert_eq!(refused(&agent, request).await, FailureCode::ExportFailed, "{nowhere}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let left = fs::read_dir(computer.folder.path()).unwrap().chain(fs::read_dir(downloads).unwrap());
    assert!(left.flatten().all(|entry| !entry.file_name().to_string_lossy().contains("partial")));
    agent.done(Request::Delete { ids: items.iter().map(|item| item.id).collect() }).await;
    let none = exported(&agent, InboxQuery::default(), None).await;
    assert_eq!((none.count, entries(&none.path).len()), (0, 0));
}
