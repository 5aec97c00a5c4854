//! What somebody who looks for a fault is told.

use tidings_agent::desktop::Availability;
use tidings_control::{
    CauseKind, Diagnosis, Diagnostics, Dialect, FailureCode, Health, PartKind, Reply, Request, Route, State,
};

use crate::stage::{self, Computer, Mood, PASSWORD, Running, World};

async fn diagnostics(agent: &Running, account: Option<String>) -> Diagnostics {
    match agent.client.call(Request::Diagnostics { account }).await {
        Ok(Reply::Diagnostics(diagnostics)) => diagnostics,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn diagnostics_show_where_a_connection_is_and_how_it_came_there() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let known = stage::soon("a round trip", async {
        loop {
            let [known]: [Diagnosis; 1] =
                diagnostics(&agent, None).await.connections.try_into().expect("one account");
            if known.round_trip.is_some() {
                return known;
            }
        }
    })
    .await;
    assert_eq!(
        (known.account.as_str(), known.server.as_str()),
        (account.id.as_str(), account.server.as_str())
    );
    assert_eq!(known.status.state, State::Connected);
    let states: Vec<_> = known.transitions.iter().map(|change| change.state).collect();
    assert_eq!(states, [State::Connecting, State::Connected]);
    let (trips, last) = (&known.round_trips, known.round_trip.unwrap());
    assert!((trips.last().unwrap().ms - last.ms).abs() < 0.01, "{last:?} is the last of {trips:?}");
    let link = known.link.as_ref().unwrap();
    let place = account.server.trim_start_matches("http://").trim_end_matches('/');
    assert!(link.url.starts_with(&format!("ws://{place}/")) && !link.url.contains('?'), "{link:?}");
    assert_eq!((link.peer.as_deref(), &link.tls), (Some(place), &None));
    assert!(link.epoch.is_some() && link.seq.is_some() && link.keepalive_s > 0, "{link:?}");
    assert!(trips.is_sorted_by_key(|trip| trip.at) && trips.iter().all(|trip| trip.at <= last.at));

    drop(world);
    agent.status(|status| status.state == State::Disconnected).await;
    let known = diagnostics(&agent, Some(account.id)).await.connections.remove(0);
    let changes: Vec<_> = known.transitions.iter().filter_map(|change| change.cause.as_ref()).collect();
    assert!(!changes.is_empty() && known.transitions.len() <= 10, "{known:?}");
    assert!(matches!(changes[0].kind, CauseKind::Unreachable | CauseKind::Restarting), "{changes:?}");
}

fn states(known: &Diagnosis) -> Vec<Option<State>> {
    known.history.iter().map(|spell| spell.state).collect()
}

async fn known(agent: &Running) -> Diagnosis {
    diagnostics(agent, None).await.connections.remove(0)
}

#[tokio::test]
async fn what_a_connection_went_through_outlives_the_agent_and_tells_when_there_was_none() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    let up = [Some(State::Connecting), Some(State::Connected)];
    assert_eq!(states(&known(&agent).await), up);
    agent.done(Request::Quit).await;
    agent.ended();

    let mut agent = computer.start().await;
    agent.connected().await;
    assert_eq!(states(&known(&agent).await), [&up[..], &[None], &up].concat());
    agent.kill();

    let mut agent = computer.start().await;
    agent.connected().await;
    assert_eq!(states(&known(&agent).await), [&up[..], &[None], &up, &[None], &up].concat());
    agent.done(Request::SignOut { account }).await;
    let last = known(&agent).await.history.pop().unwrap();
    assert_eq!((last.state, last.cause), (Some(State::Disconnected), Some(CauseKind::Stopped)));
    let history = known(&agent).await.history;
    assert!(history.windows(2).all(|pair| pair[0].from < pair[1].from), "{history:?}");
}

#[tokio::test]
async fn diagnostics_hold_no_secret_and_nothing_that_was_received() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in_by(&world, Some(Dialect::Token)).await.id;
    // by both flows: the one has a token in its address, the other a ticket
    let by_ticket = Route { dialect: Some(Dialect::Ticket), ..Route::default() };
    agent.done(Request::SetRoute { account, route: by_ticket }).await;
    agent.connected().await;
    let received = ["a title of theirs", "a body of theirs", "tag-of-theirs"];
    world
        .publish_as(received[0], |request| {
            request.body = received[1].into();
            request.tags = vec![received[2].into()];
        })
        .await;
    let item = agent.notification().await;
    let told = serde_json::to_string(&diagnostics(&agent, None).await).unwrap();
    let session: serde_json::Value = serde_json::from_str(&computer.vault.entries()[0].2).unwrap();
    let tokens = ["access_token", "refresh_token"].map(|name| session[name].as_str().unwrap());
    let ids = [item.server_id.as_deref().unwrap()];
    for secret in tokens.iter().chain(&received).chain(&ids).chain(&[PASSWORD]) {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    for word in ["token=", "ticket=", "Bearer"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
}

#[tokio::test]
async fn the_parts_of_the_desktop_are_told() {
    let (world, mut computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let parts = async |agent: &Running| {
        let parts = diagnostics(agent, None).await.parts;
        parts.into_iter().map(|part| (part.kind, part.health)).collect::<Vec<_>>()
    };
    let with = |keychain| {
        vec![
            (PartKind::Keychain, keychain),
            (PartKind::Tray, Health::Well),
            (PartKind::Notifications, Health::Well),
            (PartKind::Network, Health::Well),
            (PartKind::Inbox, Health::Well),
        ]
    };
    assert_eq!(parts(&agent).await, with(Health::Limited), "nobody has needed the keychain");
    agent.sign_in(&world).await;
    assert_eq!(parts(&agent).await, with(Health::Well));
    agent.tray.send(Availability::Missing("no tray here".into())).unwrap();
    stage::soon("the tray is missing", async { while parts(&agent).await[1].1 != Health::Missing {} }).await;
    agent.kill();
    computer.vault.set(Mood::Absent);
    computer.patience = std::time::Duration::from_millis(20);
    let agent = computer.start().await;
    stage::soon("the keychain is missing", async { while parts(&agent).await[0].1 != Health::Missing {} })
        .await;
}

#[tokio::test]
async fn diagnostics_of_nobody_are_empty_and_of_a_stranger_refused() {
    let computer = Computer::new();
    let agent = computer.start().await;
    assert_eq!(diagnostics(&agent, None).await.connections, []);
    let stranger = Request::Diagnostics { account: Some("stranger".into()) };
    assert_eq!(agent.client.call(stranger).await.unwrap_err().code, FailureCode::UnknownAccount);
}
