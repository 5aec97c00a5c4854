//! Signing out, which keeps an account and its history, and forgetting it, which keeps nothing.

use tidings_control::{
    AccountChange, CauseKind, FailureCode, NoticeCode, Reply, Request, Role, SignIn, State,
};
use tidings_peers::{Gotify, GotifyOptions};

use crate::stage::{self, Computer, Mood, PASSWORD, Running, World, inbox_file};

fn sign_out(account: &str) -> Request {
    Request::SignOut { account: account.to_owned() }
}

fn forget(account: &str) -> Request {
    Request::Forget { account: account.to_owned() }
}

async fn titles(agent: &Running) -> Vec<String> {
    agent.inbox().await.into_iter().map(|item| item.title).collect()
}

#[tokio::test]
async fn signing_out_ends_the_session_and_keeps_the_history() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    world.publish("Hello").await;
    agent.toast().await;
    agent.done(sign_out(&account.id)).await;
    assert_eq!(world.sessions().await, 0);
    assert!(computer.vault.entries().is_empty());
    for again in [false, true] {
        if again {
            agent.kill();
            agent = computer.start().await;
        }
        assert_eq!(titles(&agent).await, ["Hello"]);
        let snapshot = agent.snapshot().await;
        let [left] = &snapshot.accounts[..] else { panic!("{snapshot:?}") };
        assert_eq!((left.id.as_str(), left.signed_in, left.unread), (account.id.as_str(), false, 1));
        let cause = left.status.cause.as_ref().map(|cause| cause.kind);
        assert_eq!((left.status.state, cause), (State::Disconnected, Some(CauseKind::Stopped)));
        // nothing is wrong: no notice, no toast, and a tray as with nobody signed in
        assert_eq!(snapshot.notices, []);
        assert!(agent.orders_so_far().is_empty());
        assert_eq!(agent.views.borrow().accounts, []);
        agent.done(Request::Reconnect { account: None }).await;
        agent.done(sign_out(&account.id)).await;
    }
}

#[tokio::test]
async fn signing_in_again_goes_on_where_it_was_left() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let named = Request::SetAccount(AccountChange {
        account: account.id.clone(),
        name: Some("Work".into()),
        ..AccountChange::default()
    });
    agent.done(named).await;
    world.publish("before").await;
    agent.notification().await;
    agent.done(sign_out(&account.id)).await;
    world.publish("meanwhile").await;
    let again = agent.sign_in(&world).await;
    assert_eq!((again.id, again.name.as_deref(), again.signed_in), (account.id, Some("Work"), true));
    assert_eq!(agent.notification().await.title, "meanwhile");
    assert_eq!(titles(&agent).await, ["meanwhile", "before"]);
    assert_eq!((computer.vault.entries().len(), agent.snapshot().await.accounts.len()), (1, 1));
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
}

#[tokio::test]
async fn signing_in_while_the_old_session_is_being_erased_comes_after_it_and_holds() {
    let (world, mut computer) = (World::start().await, Computer::new());
    computer.patience = std::time::Duration::from_secs(60);
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    computer.vault.set(Mood::Prompts);
    let signing_out = agent.done(sign_out(&account));
    let signing_in = async {
        // the session to end is being read, and somebody sits in the prompt for it
        computer.vault.prompted().await;
        let granted = async {
            while world.sessions().await != 2 {
                agent.snapshot().await;
            }
            computer.vault.set(Mood::Works);
        };
        let (signed_in, ()) = tokio::join!(agent.try_sign_in(&world, PASSWORD, None), granted);
        signed_in.unwrap()
    };
    let ((), again) = tokio::join!(signing_out, signing_in);
    assert_eq!((again.id, again.signed_in), (account, true));
    agent.connected().await;
    assert_eq!((computer.vault.entries().len(), world.sessions().await), (1, 1));
}

#[tokio::test]
async fn forgetting_leaves_nothing_here_and_ends_the_session_there() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    world.publish("Hello").await;
    agent.notification().await;
    assert_eq!(world.sessions().await, 1);
    agent.done(forget(&account.id)).await;
    assert_eq!(world.sessions().await, 0);
    assert!(computer.vault.entries().is_empty());
    assert!(agent.inbox().await.is_empty());
    let snapshot = agent.snapshot().await;
    assert_eq!((snapshot.accounts.len(), snapshot.unread), (0, 0));
    for request in [sign_out(&account.id), forget(&account.id)] {
        let unknown = agent.client.call(request).await.unwrap_err();
        assert_eq!(unknown.code, FailureCode::UnknownAccount);
    }
    // whoever comes back is new, and begins where the server is by then
    let again = agent.sign_in(&world).await;
    assert_ne!(again.id, account.id);
    assert!(agent.inbox().await.is_empty());
}

#[tokio::test]
async fn one_that_is_signed_out_can_be_forgotten() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    world.publish("Hello").await;
    agent.notification().await;
    agent.done(sign_out(&account)).await;
    agent.done(forget(&account)).await;
    assert_eq!((agent.snapshot().await.accounts, titles(&agent).await), (vec![], vec![]));
    agent.kill();
    assert_eq!(computer.start().await.snapshot().await.accounts, []);
}

#[tokio::test]
async fn forgetting_leaves_no_setting_and_says_so_if_the_keychain_keeps_the_entry() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let inbox = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    let settings = || {
        let key = format!("%{}%", account.id);
        inbox.query_row("SELECT count(*) FROM setting WHERE key LIKE ?1", [key], |row| row.get::<_, u32>(0))
    };
    assert_ne!(settings().unwrap(), 0);
    computer.vault.set(Mood::Locked);
    agent.done(forget(&account.id)).await;
    assert_eq!(settings().unwrap(), 0);
    let notices = agent.snapshot().await.notices;
    assert_eq!(
        notices.iter().map(|n| (n.code, n.account.clone())).collect::<Vec<_>>(),
        [(NoticeCode::KeychainLocked, None)]
    );
    assert!(notices[0].detail.contains("Tidings: alice at 127.0.0.1"), "{}", notices[0].detail);
}

#[tokio::test]
async fn a_session_that_the_keychain_would_not_let_go_of_is_not_used_again() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    computer.vault.set(Mood::Locked);
    agent.done(sign_out(&account)).await;
    computer.vault.set(Mood::Works);
    assert_eq!(computer.vault.entries().len(), 1);
    agent.kill();
    let agent = computer.start().await;
    agent.done(Request::Reconnect { account: None }).await;
    assert!(!agent.snapshot().await.accounts[0].signed_in);
    agent.done(sign_out(&account)).await;
    stage::soon("the keychain lets go of it", async {
        while !computer.vault.entries().is_empty() {
            agent.snapshot().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_being_left_when_the_agent_ends_is_left() {
    for (leave, accounts) in [(sign_out as fn(&str) -> Request, 1), (forget, 0)] {
        let (world, mut computer) = (World::start().await, Computer::new());
        computer.patience = std::time::Duration::from_secs(60);
        let mut agent = computer.start().await;
        let account = agent.sign_in(&world).await.id;
        computer.vault.set(Mood::Prompts);
        let (other, _events) = computer.call(Role::Cli).await;
        let quitting = async {
            // the session to end is being read, and somebody sits in the prompt for it
            computer.vault.prompted().await;
            assert_eq!(other.call(Request::Quit).await, Ok(Reply::Done));
            computer.vault.set(Mood::Works);
        };
        // whether it is answered still is nobody's promise
        let _ = tokio::join!(agent.client.call(leave(&account)), quitting);
        tokio::task::spawn_blocking(move || agent.ended()).await.unwrap();
        assert_eq!((world.sessions().await, computer.vault.entries()), (0, vec![]));
        let left = computer.start().await.snapshot().await.accounts;
        assert_eq!((left.len(), left.iter().any(|account| account.signed_in)), (accounts, false));
    }
}

#[tokio::test]
async fn an_account_is_forgotten_while_it_connects_to_somebody_who_does_not_answer() {
    let (mut server, computer) = (Gotify::start(GotifyOptions::default()).await.unwrap(), Computer::new());
    let token = server.client("mine");
    let mut agent = computer.start().await;
    let sign_in = SignIn { server: server.url(), token: token.into(), ..SignIn::default() };
    let Ok(Reply::Account(account)) = agent.client.call(Request::SignIn(sign_in)).await else { panic!() };
    agent.connected().await;
    server.stop().await;
    let silent = tokio::net::TcpListener::bind(server.address()).await.unwrap();
    agent.done(Request::Reconnect { account: None }).await;
    let (mut waiting, _) = stage::soon("an attempt", silent.accept()).await.unwrap();
    agent.status(|status| status.state == State::Connecting).await;
    agent.done(forget(&account.id)).await;
    assert_eq!((agent.snapshot().await.accounts, computer.vault.entries()), (vec![], vec![]));
    // whatever was asked on it, nobody waits for the answer
    let mut nowhere = tokio::io::sink();
    let hung_up = tokio::io::copy(&mut waiting, &mut nowhere);
    assert!(stage::soon("the attempt is given up", hung_up).await.is_ok());
}
