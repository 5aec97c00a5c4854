//! Accounts that are put to rest, beside others that are not.

use tidings_control::{Account, AccountChange, CauseKind, Event, FailureCode, Reply, Request, State};

use crate::stage::{self, Computer, Running, World};

fn pause(account: &Account, paused: bool) -> Request {
    Request::SetAccount(AccountChange {
        account: account.id.clone(),
        paused: Some(paused),
        ..AccountChange::default()
    })
}

async fn is(agent: &mut Running, account: &Account, state: State) {
    let standing =
        |accounts: &[Account]| accounts.iter().any(|a| a.id == account.id && a.status.state == state);
    if standing(&agent.snapshot().await.accounts) {
        return;
    }
    let id = account.id.clone();
    agent
        .event("its state", |event| match event {
            Event::Status { account, status } => (account == id && status.state == state).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn a_paused_account_hears_nothing_stays_signed_in_over_a_restart_and_catches_up_when_woken() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    agent.done(pause(&account, true)).await;
    let paused = agent.snapshot().await.accounts.remove(0);
    let cause = paused.status.cause.unwrap();
    assert_eq!((paused.paused, paused.signed_in, paused.status.state), (true, true, State::Disconnected));
    assert_eq!((cause.kind, cause.detail.as_str()), (CauseKind::Stopped, "paused"));
    let reconnect = Request::Reconnect { account: Some(account.id.clone()) };
    assert_eq!(agent.client.call(reconnect).await.unwrap_err().code, FailureCode::BadRequest);
    world.publish("while paused").await;
    agent.kill();

    let mut agent = computer.start().await;
    let paused = agent.snapshot().await.accounts.remove(0);
    assert_eq!((paused.paused, paused.status.state), (true, State::Disconnected));
    assert!(agent.inbox().await.is_empty());
    assert_eq!(world.sessions().await, 1, "it is signed in still");
    agent.done(pause(&account, false)).await;
    assert_eq!(agent.notification().await.title, "while paused");
    is(&mut agent, &account, State::Connected).await;
    assert!(!agent.snapshot().await.accounts[0].paused);
}

#[tokio::test]
async fn pausing_one_account_leaves_the_other_alone_and_is_no_trouble_in_the_tray() {
    let (home, work) = (World::start().await, World::start().await);
    let computer = Computer::new();
    let mut agent = computer.start().await;
    let resting = agent.sign_in(&home).await;
    let other = agent.sign_in(&work).await;
    is(&mut agent, &other, State::Connected).await;
    let since = agent.snapshot().await.accounts[1].status.since;
    agent.done(pause(&resting, true)).await;
    home.publish("unheard").await;
    work.publish("heard").await;
    assert_eq!(agent.notification().await.title, "heard");
    let shown = agent.snapshot().await.accounts;
    assert_eq!(
        (shown[1].status.state, shown[1].status.since),
        (State::Connected, since),
        "the same connection"
    );
    let model = stage::soon("the tray says so", agent.views.wait_for(|view| view.accounts[0].paused))
        .await
        .map(|view| tidings_agent::tray::model::draw(&view))
        .unwrap();
    assert!(model.tooltip[0].starts_with("Connected to "), "{:?}", model.tooltip);
    agent.done(pause(&resting, false)).await;
    assert_eq!(agent.notification().await.title, "unheard");
}

#[tokio::test]
async fn whatever_is_said_last_about_pausing_holds() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let (first, second, third) = tokio::join!(
        agent.client.call(pause(&account, true)),
        agent.client.call(pause(&account, false)),
        agent.client.call(pause(&account, true)),
    );
    assert_eq!([first, second, third], [Ok(Reply::Done), Ok(Reply::Done), Ok(Reply::Done)]);
    let paused = agent.snapshot().await.accounts.remove(0);
    assert_eq!((paused.paused, paused.status.state), (true, State::Disconnected));
    let (first, second) =
        tokio::join!(agent.client.call(pause(&account, false)), agent.client.call(pause(&account, false)));
    assert_eq!([first, second], [Ok(Reply::Done), Ok(Reply::Done)]);
    is(&mut agent, &account, State::Connected).await;
    world.publish("awake").await;
    assert_eq!(agent.notification().await.title, "awake");
}

#[tokio::test]
async fn a_paused_account_can_be_signed_out_and_in_and_is_awake_then() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    agent.done(pause(&account, true)).await;
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    assert_eq!(world.sessions().await, 0);
    let again = agent.sign_in(&world).await;
    assert_eq!((again.id, again.paused), (account.id, false));
}
