//! What somebody who looks for a fault is told.

use tidings_control::{CauseKind, Diagnosis, Diagnostics, FailureCode, Reply, Request, State};

use crate::stage::{self, Computer, Running, World};

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
async fn diagnostics_hold_no_secret() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let told = serde_json::to_string(&diagnostics(&agent, None).await).unwrap();
    let session: serde_json::Value = serde_json::from_str(&computer.vault.entries()[0].2).unwrap();
    for secret in ["access_token", "refresh_token"] {
        assert!(!told.contains(session[secret].as_str().unwrap()), "{told}");
    }
}

#[tokio::test]
async fn diagnostics_of_nobody_are_empty_and_of_a_stranger_refused() {
    let computer = Computer::new();
    let agent = computer.start().await;
    assert_eq!(diagnostics(&agent, None).await.connections, []);
    let stranger = Request::Diagnostics { account: Some("stranger".into()) };
    assert_eq!(agent.client.call(stranger).await.unwrap_err().code, FailureCode::UnknownAccount);
}
