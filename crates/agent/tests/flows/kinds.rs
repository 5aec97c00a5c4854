//! Accounts of other kinds of server, against models of them.

use serde_json::json;
use tidings_agent::foreign::Places;
use tidings_control::{
    Account, AccountChange, Dialect, Disposition, Event, Failure, FailureCode, Foreign, Priority, Reply,
    Request, Rule, Setting, SignIn, State,
};
use tidings_peers::{Access, Door, Gotify, GotifyOptions, Ntfy, NtfyOptions};

use crate::stage::{self, Computer, Running, World};

fn asked(server: String) -> SignIn {
    SignIn { server, ..SignIn::default() }
}

fn alice(server: String) -> SignIn {
    SignIn { username: Ntfy::USER.into(), password: Ntfy::PASSWORD.to_owned().into(), ..asked(server) }
}

fn following(topics: &[&str], sign_in: SignIn) -> SignIn {
    SignIn { topics: topics.iter().map(|topic| (*topic).to_owned()).collect(), ..sign_in }
}

async fn enter(agent: &Running, sign_in: SignIn) -> Result<Account, Failure> {
    match agent.client.call(Request::SignIn(sign_in)).await? {
        Reply::Account(account) => Ok(account),
        other => panic!("{other:?}"),
    }
}

async fn ntfy() -> Ntfy {
    Ntfy::start(NtfyOptions::default()).await.unwrap()
}

async fn gotify() -> Gotify {
    Gotify::start(GotifyOptions::default()).await.unwrap()
}

async fn removed(agent: &mut Running) -> Vec<i64> {
    agent
        .event("rows go away", |event| match event {
            Event::Removed { ids } => Some(ids),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn gotify_is_signed_in_to_by_password_heard_and_left_without_a_trace_on_it() {
    let (server, computer) = (gotify().await, Computer::new());
    let before = server.clients().len();
    let mut agent = computer.start().await;
    let account = enter(&agent, alice(server.url())).await.unwrap();
    assert_eq!((account.dialect, account.username.as_str()), (Dialect::Gotify, "alice"));
    assert!(account.topics.is_empty());
    agent.connected().await;
    server.publish(&json!({ "title": "Disk", "message": "full", "priority": 8 }));
    assert_eq!(agent.notification().await.title, "Disk");
    assert_eq!(server.clients().len(), before + 1);
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    assert_eq!(server.clients().len(), before, "what was made for it is revoked");
    assert!(computer.vault.entries().is_empty());
    assert_eq!(enter(&agent, alice(server.url())).await.unwrap().id, account.id);
}

#[tokio::test]
async fn a_token_of_ones_own_is_whose_the_server_says_and_stays_when_it_is_left() {
    let (server, computer) = (gotify().await, Computer::new());
    let token = server.client("mine");
    let mut agent = computer.start().await;
    let with = |token: &str| SignIn { token: token.to_owned().into(), ..asked(server.url()) };
    let refused = enter(&agent, with("Cnothing")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::TokenRefused);
    let account = enter(&agent, with(&token)).await.unwrap();
    assert_eq!(account.username, "alice");
    agent.connected().await;
    assert_eq!(enter(&agent, with(&token)).await.unwrap_err().code, FailureCode::AlreadySignedIn);
    let files = computer.files();
    assert!(!files.windows(token.len()).any(|window| window == token.as_bytes()));
    agent.done(Request::Forget { account: account.id }).await;
    assert!(server.clients().iter().any(|client| client == "mine"));
}

#[tokio::test]
async fn a_token_is_taken_for_the_one_account_that_waits_for_one() {
    let (server, computer) = (ntfy().await, Computer::new());
    let token = server.token("mine");
    let agent = computer.start().await;
    let with =
        |topics: &[&str]| following(topics, SignIn { token: token.clone().into(), ..asked(server.url()) });
    assert_eq!(enter(&agent, with(&[])).await.unwrap_err().code, FailureCode::TopicsNeeded);
    let account = enter(&agent, with(&["disks"])).await.unwrap();
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    let again = enter(&agent, with(&[])).await.unwrap();
    assert_eq!((again.id, again.topics), (account.id.clone(), account.topics));
    assert_eq!(enter(&agent, with(&["disks"])).await.unwrap_err().code, FailureCode::AlreadySignedIn);
    assert_eq!(server.tokens(), ["mine"]);
}

#[tokio::test]
async fn signing_in_another_way_leaves_nothing_of_the_sign_in_before() {
    let (gotify, ntfy, computer) = (gotify().await, ntfy().await, Computer::new());
    let agent = computer.start().await;
    let mine = gotify.client("mine");
    let before = gotify.clients().len();
    let other_paths = |sign_in: SignIn| {
        let paths = [("login".to_owned(), "/elsewhere".to_owned())].into();
        SignIn { paths: Some(paths), ..sign_in }
    };
    let by_token = SignIn { token: mine.into(), ..asked(gotify.url()) };
    for (sign_in, made) in [
        (by_token, before),
        // a token of one's own that is used no more is still one's own
        (other_paths(alice(gotify.url())), before + 1),
        (SignIn { paths: Some([].into()), ..alice(gotify.url()) }, before + 1),
    ] {
        enter(&agent, sign_in).await.unwrap();
        let settled = async {
            while gotify.clients().len() != made {
                agent.snapshot().await;
            }
        };
        stage::soon("no client is left that nobody uses", settled).await;
    }
    enter(&agent, following(&["disks"], alice(ntfy.url()))).await.unwrap();
    enter(&agent, other_paths(alice(ntfy.url()))).await.unwrap();
    let settled = async {
        while ntfy.tokens().len() != 1 {
            agent.snapshot().await;
        }
    };
    stage::soon("no token is left that nobody uses", settled).await;
    assert_eq!((agent.snapshot().await.accounts.len(), computer.vault.entries().len()), (2, 2));
}

#[tokio::test]
async fn the_wrong_kind_is_told_by_both_names_and_nothing_is_made() {
    let (gotify, ntfy, tidings) = (gotify().await, ntfy().await, World::start().await);
    let computer = Computer::new();
    let agent = computer.start().await;
    let (clients, tokens) = (gotify.clients().len(), ntfy.tokens().len());
    for (url, dialect, message) in [
        (gotify.url(), Dialect::Ntfy, "this is a Gotify server, not ntfy"),
        (ntfy.url(), Dialect::Gotify, "this is an ntfy server, not Gotify"),
        (tidings.url.clone(), Dialect::Ntfy, "this is a Tidings server, not ntfy"),
    ] {
        let sign_in = SignIn { dialect: Some(dialect), ..following(&["disks"], alice(url)) };
        let refused = enter(&agent, sign_in).await.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (FailureCode::OtherKindOfServer, message));
    }
    assert_eq!((gotify.clients().len(), ntfy.tokens().len()), (clients, tokens));
    assert!(agent.snapshot().await.accounts.is_empty());
}

#[tokio::test]
async fn ntfy_needs_topics_that_may_be_read_and_a_token_that_came_to_nothing_is_revoked() {
    let (server, computer) = (ntfy().await, Computer::new());
    server.allow(Some(Ntfy::USER), "secret", Access::Deny);
    let agent = computer.start().await;
    for (topics, code, word) in [
        (&[][..], FailureCode::TopicsNeeded, "topic"),
        (&["disks", "a b"], FailureCode::BadRequest, "a b"),
        (&["disks", "secret"], FailureCode::Forbidden, "secret"),
    ] {
        let refused = enter(&agent, following(topics, alice(server.url()))).await.unwrap_err();
        assert_eq!(refused.code, code, "{topics:?}: {}", refused.message);
        assert!(refused.message.contains(word), "{}", refused.message);
        assert!(server.tokens().is_empty(), "{topics:?}: {:?}", server.tokens());
    }
    assert!(computer.vault.entries().is_empty() && agent.snapshot().await.accounts.is_empty());
}

#[tokio::test]
async fn topics_are_followed_and_left_while_it_runs_and_one_that_may_not_be_read_changes_nothing() {
    let (server, computer) = (ntfy().await, Computer::new());
    server.allow(Some(Ntfy::USER), "secret", Access::Deny);
    let mut agent = computer.start().await;
    let account = enter(&agent, following(&["disks"], alice(server.url()))).await.unwrap();
    assert_eq!(account.topics, ["disks"]);
    agent.connected().await;
    server.publish("disks", &json!({ "title": "first" }));
    assert_eq!(agent.notification().await.title, "first");
    let set = |topics: &[&str]| Request::SetTopics {
        account: account.id.clone(),
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
    };
    for (topics, code) in [
        (&["disks", "secret"][..], FailureCode::Forbidden),
        (&["a b"], FailureCode::BadRequest),
        (&[], FailureCode::TopicsNeeded),
    ] {
        assert_eq!(agent.client.call(set(topics)).await.unwrap_err().code, code, "{topics:?}");
    }
    assert_eq!(agent.snapshot().await.accounts[0].topics, ["disks"]);
    server.publish("builds", &json!({ "title": "before its time" }));
    agent.done(set(&["builds"])).await;
    agent.connected().await;
    server.publish("disks", &json!({ "title": "nobody's any more" }));
    server.publish("builds", &json!({ "title": "second" }));
    assert_eq!(agent.snapshot().await.accounts[0].topics, ["builds"]);
    let heard = async {
        loop {
            if agent.notification().await.title == "second" {
                return;
            }
        }
    };
    stage::soon("the new topic is heard", heard).await;
    assert!(agent.inbox().await.iter().all(|item| item.title != "nobody's any more"));
}

#[tokio::test]
async fn offline_topics_can_be_left_and_none_is_added_unasked() {
    let (mut server, computer) = (ntfy().await, Computer::new());
    let mut agent = computer.start().await;
    let account = enter(&agent, following(&["disks", "builds"], alice(server.url()))).await.unwrap();
    agent.connected().await;
    let set = |topics: &[&str]| Request::SetTopics {
        account: account.id.clone(),
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
    };
    server.stop().await;
    agent.status(|status| status.state == State::Disconnected).await;
    let refused = agent.client.call(set(&["disks", "news"])).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::ServerUnreachable);
    assert_eq!(agent.snapshot().await.accounts[0].topics, ["disks", "builds"]);
    agent.done(set(&["disks"])).await;
    server.publish("builds", &json!({ "title": "left" }));
    server.publish("disks", &json!({ "title": "heard" }));
    server.start_again().await.unwrap();
    agent.done(Request::Reconnect { account: None }).await;
    assert_eq!(agent.notification().await.title, "heard");
    agent.done(set(&["disks", "news"])).await;
    assert_eq!(agent.snapshot().await.accounts[0].topics, ["disks", "news"]);
    assert_eq!(agent.inbox().await.len(), 1);
}

#[tokio::test]
async fn a_rule_holds_for_a_topic_or_an_application_of_its_own_account() {
    let (gotify, ntfy, computer) = (gotify().await, ntfy().await, Computer::new());
    let application = gotify.application("disks", None).id;
    let mut agent = computer.start().await;
    let first = enter(&agent, alice(gotify.url())).await.unwrap().id;
    let second = enter(&agent, following(&["disks", "builds"], alice(ntfy.url()))).await.unwrap().id;
    let all = async {
        while agent.snapshot().await.accounts.iter().any(|a| a.status.state != State::Connected) {
            tokio::task::yield_now().await;
        }
    };
    stage::soon("both are connected", all).await;
    let rule = |account: &str, topic: &str, muted, least_priority| Rule {
        account: account.to_owned(),
        topic: Some(topic.to_owned()),
        muted,
        least_priority,
    };
    let rules = vec![rule(&first, "disks", true, None), rule(&second, "builds", false, Some(Priority::High))];
    agent.done(Request::Set(Setting::Rules(rules))).await;
    gotify.publish_from(application, &json!({ "title": "muted here", "message": "x", "priority": 8 }));
    assert_eq!(agent.notification().await.disposition, Disposition::Muted);
    ntfy.publish("disks", &json!({ "title": "and not there" }));
    assert_eq!(agent.notification().await.disposition, Disposition::Shown);
    ntfy.publish("builds", &json!({ "title": "too quiet" }));
    assert_eq!(agent.notification().await.disposition, Disposition::LowPriority);
    ntfy.publish("builds", &json!({ "title": "loud", "priority": 4 }));
    assert_eq!(agent.notification().await.disposition, Disposition::Shown);
}

#[tokio::test]
async fn nobody_follows_public_topics_without_any_entry_in_the_keychain() {
    let (server, computer) = (ntfy().await, Computer::new());
    let mut agent = computer.start().await;
    let nobody = |topics: &[&str]| following(topics, SignIn { guest: true, ..asked(server.url()) });
    let account = enter(&agent, nobody(&["news"])).await.unwrap();
    assert_eq!(account.username, "");
    agent.connected().await;
    assert!(computer.vault.entries().is_empty());
    assert_eq!(enter(&agent, nobody(&["other"])).await.unwrap_err().code, FailureCode::AlreadySignedIn);
    // somebody with a name is somebody else
    enter(&agent, following(&["news"], alice(server.url()))).await.unwrap();
    assert_eq!(agent.snapshot().await.accounts.len(), 2);
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    assert!(!agent.snapshot().await.accounts[0].signed_in);
    assert_eq!(enter(&agent, nobody(&[])).await.unwrap().topics, ["news"], "as it was left");
}

#[tokio::test]
async fn what_its_publisher_deletes_goes_and_what_was_read_elsewhere_is_read_in_its_last_edition() {
    let (server, computer) = (ntfy().await, Computer::new());
    let mut agent = computer.start().await;
    enter(&agent, following(&["disks", "others"], alice(server.url()))).await.unwrap();
    agent.connected().await;
    // a name of another topic's
    server.publish("others", &json!({ "title": "another's", "sequence_id": "root" }));
    agent.notification().await;
    server.publish("disks", &json!({ "title": "90 %", "sequence_id": "root" }));
    let first = agent.notification().await;
    server.publish("disks", &json!({ "title": "95 %", "sequence_id": "root" }));
    let second = agent.replaced(first.id).await;
    server.clear("disks", "root");
    let read = agent.event("read", |event| match event {
        Event::Read { ids } => Some(ids),
        _ => None,
    });
    assert_eq!(read.await, [second.id]);
    server.delete("disks", "root");
    assert_eq!(removed(&mut agent).await, [second.id]);
    let restored = agent.client.call(Request::Restore { ids: vec![second.id] }).await.unwrap_err();
    assert_eq!(restored.code, FailureCode::UnknownNotification);
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
    server.publish("disks", &json!({ "title": "after" }));
    assert_eq!(agent.notification().await.title, "after");
    let left: Vec<_> = agent.inbox().await.into_iter().map(|item| (item.title, item.read)).collect();
    assert_eq!(left, [("after".to_owned(), false), ("another's".to_owned(), false)]);
}

#[tokio::test]
async fn what_another_program_has_is_shown_without_its_secret_and_moves_in() {
    let (server, mut computer) = (ntfy().await, Computer::new());
    let token = server.token("of the command line");
    let file = computer.folder.path().join("client.yml");
    let config =
        format!("default-host: {}\ndefault-token: {token}\nsubscribe:\n  - topic: disks\n", server.url());
    computer.foreign = Places { ntfy: vec![file.clone()], ..Places::default() };
    let mut agent = computer.start().await;
    let find = async |agent: &Running| match agent.client.call(Request::FindForeign).await {
        Ok(Reply::Foreigners(found)) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(find(&agent).await, [] as [Foreign; 0]);
    std::fs::write(&file, &config).unwrap();
    let found = find(&agent).await;
    assert_eq!((found.len(), found[0].topics[0].as_str(), found[0].known), (1, "disks", false));
    assert!(!serde_json::to_string(&found).unwrap().contains(&token));
    let strange = agent.client.call(Request::Import { id: "ntfy:strange".into() }).await.unwrap_err();
    assert_eq!(strange.code, FailureCode::UnknownAccount);
    let moved = agent.client.call(Request::Import { id: found[0].id.clone() }).await.unwrap();
    let Reply::Account(account) = moved else { panic!("{moved:?}") };
    assert_eq!(
        (account.dialect, account.topics.as_slice()),
        (Dialect::Ntfy, ["disks".to_owned()].as_slice())
    );
    agent.connected().await;
    server.publish("disks", &json!({ "title": "heard" }));
    assert_eq!(agent.notification().await.title, "heard");
    assert!(find(&agent).await[0].known);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), config, "its own file stays as it is");
}

#[tokio::test]
async fn each_of_several_kinds_stands_by_itself() {
    let (tidings, gotify, ntfy) = (World::start().await, gotify().await, ntfy().await);
    let computer = Computer::new();
    let mut agent = computer.start().await;
    agent.sign_in(&tidings).await;
    let second = enter(&agent, alice(gotify.url())).await.unwrap();
    let third = enter(&agent, following(&["disks"], alice(ntfy.url()))).await.unwrap();
    let all = async {
        while agent.snapshot().await.accounts.iter().any(|a| a.status.state != State::Connected) {
            tokio::task::yield_now().await;
        }
    };
    stage::soon("all are connected", all).await;
    let change = AccountChange { account: second.id, paused: Some(true), ..AccountChange::default() };
    agent.done(Request::SetAccount(change)).await;
    gotify.publish(&json!({ "title": "unheard", "message": "x" }));
    ntfy.publish("disks", &json!({ "title": "by ntfy" }));
    assert_eq!(agent.notification().await.title, "by ntfy");
    agent.done(Request::Forget { account: third.id }).await;
    tidings.publish("by tidings").await;
    assert_eq!(agent.notification().await.title, "by tidings");
}

#[tokio::test]
async fn what_is_deleted_for_good_is_deleted_on_the_server_as_soon_as_it_lets_it_be() {
    let (server, computer) = (gotify().await, Computer::new());
    let mut agent = computer.start().await;
    let account = enter(&agent, alice(server.url())).await.unwrap();
    agent.connected().await;
    let deletes =
        AccountChange { account: account.id, deletes_on_server: Some(true), ..AccountChange::default() };
    agent.done(Request::SetAccount(deletes)).await;
    let number = server.publish(&json!({ "title": "Disk", "message": "full" }));
    let row = agent.notification().await.id;
    agent.done(Request::Delete { ids: vec![row] }).await;
    assert_eq!(server.messages(), [number], "it can be restored");
    agent.kill();
    let file = rusqlite::Connection::open(stage::inbox_file(&computer.home)).unwrap();
    file.execute("UPDATE notification SET deleted_at = deleted_at - 600000", []).unwrap();
    drop(file);
    // a server that is away when it is erased hears of it later
    server.refuse(Door::All, 503);
    let agent = computer.start().await;
    let refused = agent.client.call(Request::Restore { ids: vec![row] }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::UnknownNotification);
    assert_eq!(server.messages(), [number]);
    server.welcome();
    agent.done(Request::Reconnect { account: None }).await;
    let gone = async {
        while !server.messages().is_empty() {
            agent.snapshot().await;
        }
    };
    stage::soon("the server has deleted it", gone).await;
}
