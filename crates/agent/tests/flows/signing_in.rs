//! Signing in and out.

use tidings_agent::arrival::Order;
use tidings_control::{AccountChange, CauseKind, Dialect, FailureCode, Request, SignIn, Status};

use crate::stage::{self, Computer, Mood, PASSWORD, World};

#[tokio::test]
async fn no_secret_is_in_any_file_or_answer() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Hello").await;
    agent.notification().await;
    let session: serde_json::Value = serde_json::from_str(&computer.vault.entries()[0].2).unwrap();
    let told = serde_json::to_string(&agent.snapshot().await).unwrap();
    let files = computer.files();
    for secret in [&session["access_token"], &session["refresh_token"]]
        .map(|s| s.as_str().unwrap())
        .into_iter()
        .chain([PASSWORD])
    {
        assert!(!files.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!told.contains(secret));
    }
}

#[tokio::test]
async fn a_wrong_password_leaves_nothing_behind() {
    let (world, computer) = (World::start().await, Computer::new());
    let agent = computer.start().await;
    let failure = agent.try_sign_in(&world, "wrong", None).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::InvalidCredentials);
    assert!(computer.vault.entries().is_empty());
    assert!(agent.snapshot().await.accounts.is_empty());
}

#[tokio::test]
async fn the_same_user_signs_in_once() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let (first, second) =
        tokio::join!(agent.try_sign_in(&world, PASSWORD, None), agent.try_sign_in(&world, PASSWORD, None));
    let mut codes = [first, second].map(|result| result.err().map(|failure| failure.code));
    codes.sort_by_key(Option::is_some);
    assert_eq!(codes, [None, Some(FailureCode::AlreadySignedIn)]);
    agent.connected().await;
    let again = agent.try_sign_in(&world, PASSWORD, None).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
}

#[tokio::test]
async fn a_user_is_the_same_however_the_name_is_typed() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let shouting = |username: &str| {
        Request::SignIn(SignIn {
            server: world.url.clone(),
            username: username.into(),
            password: PASSWORD.to_owned().into(),
            ..SignIn::default()
        })
    };
    // both at once, then one after the other
    let answers = tokio::join!(agent.client.call(shouting("ALICE")), agent.client.call(shouting("Alice")));
    assert!(answers.0.is_ok() != answers.1.is_ok(), "{answers:?}");
    agent.connected().await;
    let again = agent.try_sign_in(&world, PASSWORD, None).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
    let again = agent.client.call(shouting("aLICE")).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
    let accounts = agent.snapshot().await.accounts;
    assert_eq!(accounts.iter().map(|account| account.username.as_str()).collect::<Vec<_>>(), ["alice"]);
    assert_eq!(computer.vault.entries().len(), 1);
    stage::soon("the other sessions end", async {
        while world.sessions().await != 1 {
            agent.snapshot().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_comes_right_after_a_sign_in_is_not_missed_even_if_the_agent_is_killed_before_it_connects() {
    for flow in [Dialect::Ticket, Dialect::Token] {
        let (world, computer) = (World::start().await, Computer::new());
        world.publish("before the account's time").await;
        let agent = computer.start().await;
        agent.try_sign_in(&world, PASSWORD, Some(flow)).await.unwrap();
        agent.kill();
        world.publish("meanwhile").await;
        let mut agent = computer.start().await;
        agent.connected().await;
        world.publish("after").await;
        for title in ["meanwhile", "after"] {
            assert_eq!(agent.notification().await.title, title, "{flow:?}");
        }
        assert_eq!(agent.inbox().await.len(), 2);
    }
}

#[tokio::test]
async fn a_sign_in_that_the_server_ends_is_told_by_one_toast_and_never_again() {
    let ended = |status: &Status| status.cause.as_ref().is_some_and(|c| c.kind == CauseKind::SignInNeeded);
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.admin.set_password("alice", &"another password".into()).await.unwrap();
    assert_eq!(agent.status(ended).await.retry_at, None, "nothing is tried until somebody acts");
    assert_eq!(agent.toast().await.title, "Your sign-in has ended");
    stage::soon(
        "the tray turns",
        agent.views.wait_for(|view| view.accounts.iter().any(|a| ended(&a.status))),
    )
    .await
    .unwrap();
    stage::soon("the keychain lets go of it", async {
        while !computer.vault.entries().is_empty() {
            agent.snapshot().await;
        }
    })
    .await;
    // a person who tries all the same, and one who starts the computer again
    agent.done(Request::Reconnect { account: None }).await;
    agent.status(ended).await;
    agent.snapshot().await;
    assert_eq!(agent.orders_so_far().len(), 0);
    agent.kill();
    let mut agent = computer.start().await;
    agent.status(ended).await;
    agent.snapshot().await;
    assert_eq!(agent.orders_so_far().len(), 0);
}

#[tokio::test]
async fn the_toast_about_an_ended_sign_in_is_its_accounts_own_and_goes_when_there_is_nothing_to_say() {
    let ended = |status: &Status| status.cause.as_ref().is_some_and(|c| c.kind == CauseKind::SignInNeeded);
    let (first, second, computer) = (World::start().await, World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&first).await;
    let other = agent.try_sign_in(&second, PASSWORD, None).await.unwrap().id;
    let mut toasts = Vec::new();
    for world in [&first, &second] {
        world.admin.set_password("alice", &"another password".into()).await.unwrap();
        toasts.push(agent.toast().await.item);
        // whoever is moved takes no other's toast
        let up = AccountChange { account: other.clone(), place: Some(0), ..AccountChange::default() };
        agent.done(Request::SetAccount(up)).await;
    }
    assert_ne!(toasts[0], toasts[1]);
    agent.try_sign_in(&first, "another password", None).await.unwrap();
    assert_eq!(agent.order().await, Order::Close(toasts[0]));
    agent.status(ended).await;
    agent.done(Request::Forget { account: other }).await;
    assert_eq!(agent.order().await, Order::Close(toasts[1]));
}

#[tokio::test]
async fn signing_out_while_a_new_sign_in_is_being_stored_comes_after_it_and_holds() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    agent.kill();
    computer.vault.garble();
    let mut agent = computer.start().await;
    agent.status(|status| status.cause.as_ref().is_some_and(|c| c.kind == CauseKind::SignInNeeded)).await;

    computer.vault.set(Mood::PromptsToWrite);
    let signing_in = agent.try_sign_in(&world, PASSWORD, None);
    let signing_out = async {
        computer.vault.prompted().await;
        let asked_first = async {
            agent.snapshot().await;
            computer.vault.set(Mood::Works);
        };
        tokio::join!(agent.done(Request::SignOut { account: account.clone() }), asked_first);
    };
    let (signed_in, ()) = tokio::join!(signing_in, signing_out);
    assert_eq!(signed_in.unwrap().id, account);
    assert!(!agent.snapshot().await.accounts[0].signed_in);
    assert_eq!(computer.vault.entries(), []);
    agent.kill();
    assert!(!computer.start().await.snapshot().await.accounts[0].signed_in);
}
