//! The agent at rest: one account connected over TLS, the tray shown.

use std::time::{Duration, Instant};

use tidings_control::{Client, Event, Home, Reply, Request, Role, Snapshot, State};
use tidings_lab::{
    Agent, AgentOptions, Authority, Outcome, PATIENCE, Programs, Server, Trouble,
    desktop::{Desktop, Furniture, WINDOW},
    until, within,
};

use crate::{
    Row,
    numbers::{Times, mebibytes, written},
    process::{Weight, threads, voluntary_switches, weight},
};

/// From connected to measured: what a start has left over is given back by then.
const SETTLING: Duration = Duration::from_secs(15);

/// For how long it is watched at rest: two keepalives.
const RESTING: Duration = Duration::from_secs(60);

/// How often it is started with a stored token.
const STARTS: usize = 10;

/// Within which a closed window must have left nothing behind.
const LINGER: Duration = Duration::from_secs(90);

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let authority = Authority::new()?;
    let server = Server::start(authority.server_options()).await?;
    let window = Programs::find()?.window()?;
    let environment = vec![
        ("SSL_CERT_FILE".to_owned(), authority.root().clone().into_os_string()),
        ("TIDINGS_WINDOW".to_owned(), window.into_os_string()),
    ];
    let options = AgentOptions { environment, ..AgentOptions::default() };
    let mut agent = Agent::start_with(&desktop, options.clone()).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    agent.stop().await?;

    let mut rows = starts(&desktop, &options).await?;
    let mut agent = Agent::start_with(&desktop, options).await?;
    agent.connected().await?;
    desktop.tray().await?;
    rows.extend(at_rest(&agent).await?);
    rows.extend(closed_window(&desktop, &agent).await?);
    if !agent.runs()? {
        return Err(Trouble::Ended { program: "tidings-agent".to_owned(), said: agent.said() });
    }
    Ok(rows)
}

async fn starts(desktop: &Desktop, options: &AgentOptions) -> Outcome<Vec<Row>> {
    let (mut agents, mut keychains) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let asked = Instant::now();
        desktop.fresh_keychain().await?.entry().await?;
        keychains.push(asked.elapsed());
        let started = Instant::now();
        let (mut agent, at) = started_and_connected(desktop, options).await?;
        agents.push(at.duration_since(started));
        agent.stop().await?;
    }
    let (agents, keychains) = (Times::of(agents), Times::of(keychains));
    let beyond = agents.median().saturating_sub(keychains.median());
    Ok(vec![
        ("start → connected, stored token, median".to_owned(), written(agents.median()), ""),
        ("the keychain alone, median".to_owned(), written(keychains.median()), ""),
        ("start → connected beyond the keychain".to_owned(), written(beyond), "at most 300 ms"),
    ])
}

/// Starts an agent and tells when its account was connected.
async fn started_and_connected(desktop: &Desktop, options: &AgentOptions) -> Outcome<(Agent, Instant)> {
    let home = Home::under(&Agent::home_in(desktop));
    let connected = async {
        // asked without a pause, as what is measured is short
        let (client, mut events) = loop {
            match Client::connect(&home, Role::Cli).await {
                Ok(connected) => break connected,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let Reply::Snapshot(snapshot) = client.call(Request::Subscribe).await? else {
            return Err(Trouble::Unexpected("a subscription was not answered by a snapshot".to_owned()));
        };
        let mut there = is_connected(&snapshot);
        while !there {
            there = match events.recv().await {
                Some(Event::Snapshot(snapshot)) => is_connected(&snapshot),
                Some(Event::Status { status, .. }) => status.state == State::Connected,
                Some(_) => false,
                None => return Err(Trouble::Unexpected("the agent has gone".to_owned())),
            };
        }
        Ok(Instant::now())
    };
    let start = Agent::start_with(desktop, options.clone());
    let both = async { tokio::try_join!(start, connected) };
    within(PATIENCE, "the agent connects with its stored token", both).await?
}

fn is_connected(snapshot: &Snapshot) -> bool {
    snapshot.accounts.iter().any(|account| account.status.state == State::Connected)
}

/// What an agent weighs and does while it rests.
pub(crate) struct Resting {
    pub(crate) weight: Weight,
    pub(crate) threads: usize,
    /// Voluntary switches a second.
    pub(crate) switches: f64,
}

/// Lets it settle and watches it rest.
pub(crate) async fn rest(agent: &Agent) -> Outcome<Resting> {
    let pid = agent.pid().ok_or_else(|| Trouble::Unexpected("the agent has gone".to_owned()))?;
    tokio::time::sleep(SETTLING).await;
    let before = voluntary_switches(pid)?;
    tokio::time::sleep(RESTING).await;
    let switches = voluntary_switches(pid)?.saturating_sub(before);
    let switches = Duration::from_secs(switches).as_secs_f64() / RESTING.as_secs_f64();
    Ok(Resting { weight: weight(pid)?, threads: threads(pid)?, switches })
}

async fn at_rest(agent: &Agent) -> Outcome<Vec<Row>> {
    let Resting { weight, threads, switches } = rest(agent).await?;
    Ok(vec![
        ("agent at rest, PSS".to_owned(), mebibytes(weight.pss), "at most 8 MiB"),
        (
            "agent at rest, private and written to".to_owned(),
            mebibytes(weight.private_dirty),
            "cannot be dropped",
        ),
        (
            "agent at rest, private and clean".to_owned(),
            mebibytes(weight.private_clean),
            "the program itself",
        ),
        ("agent at rest, shared and clean".to_owned(), mebibytes(weight.shared_clean), "counts by its share"),
        ("agent at rest, threads".to_owned(), threads.to_string(), ""),
        ("agent at rest, voluntary switches".to_owned(), format!("{switches:.2} /s"), "at most 0.5 /s"),
    ])
}

async fn closed_window(desktop: &Desktop, agent: &Agent) -> Outcome<Vec<Row>> {
    let asked = Instant::now();
    agent.connect().await?.0.call(Request::OpenWindow).await?;
    let screen = desktop.screen()?;
    let window = screen.window(WINDOW).await?;
    let shown = asked.elapsed();
    let open: u64 =
        desktop.window_processes().iter().filter_map(|process| weight(process.pid).ok()).map(|w| w.pss).sum();
    screen.close(&window)?;
    screen.window_closed(WINDOW).await?;
    let closed = Instant::now();
    until(LINGER, "the window's processes end", async || {
        Ok(desktop.window_processes().is_empty().then_some(()))
    })
    .await?;
    Ok(vec![
        ("window, asked for → shown".to_owned(), written(shown), ""),
        ("window while open, PSS of its processes".to_owned(), format!("{} MiB", open / 1024), ""),
        ("window closed → only the agent left".to_owned(), written(closed.elapsed()), "at most 90 s"),
    ])
}
