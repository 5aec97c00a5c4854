//! From the end of an outage to a connection, beside the least that a connection takes.

use std::time::{Duration, Instant};

use tidings_control::{CauseKind, Client, Event, Events, Request, State, Status};
use tidings_lab::{
    Agent, AgentOptions, Authority, Knocker, Network, Outcome, Outpost, PATIENCE, Server, ServerOptions,
    Trouble,
    desktop::{Desktop, Furniture},
    within,
};

use crate::{
    Row,
    numbers::{Times, written},
};

/// Of each kind of outage. The 99th percentile of so few is their worst.
const ROUNDS: usize = 40;

/// What the outages happen to.
struct Scene {
    events: Events,
    server: Server,
    knocker: Knocker,
    network: Network,
    agent: Agent,
    _client: Client,
    _authority: Authority,
    _greeter: tidings_lab::Spawned,
    _desktop: Desktop,
}

/// How long it took, each time.
#[derive(Default)]
struct Rounds {
    floor: Vec<Duration>,
    /// From the end of the outage.
    whole: Vec<Duration>,
    /// From the beginning of the attempt that succeeded, or the end of the outage if that was later.
    attempt: Vec<Duration>,
}

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let mut scene = Scene::set().await?;
    let mut rows = vec![(
        "rounds of each".to_owned(),
        ROUNDS.to_string(),
        "over TLS by ticket, between two network namespaces; the last column is × the floor",
    )];
    let restored = scene.restored().await?;
    rows.extend(restored.floor_rows());
    rows.extend(restored.rows("network restored → connected"));
    let killed = scene.restarted(false).await?;
    rows.extend(killed.rows("killed server listens again → connected"));
    rows.extend(killed.attempt_rows());
    let stopped = scene.restarted(true).await?;
    rows.extend(stopped.rows("stopped server listens again → connected"));
    rows.extend(stopped.attempt_rows());
    if !scene.agent.runs()? {
        return Err(Trouble::Ended { program: "tidings-agent".to_owned(), said: scene.agent.said() });
    }
    Ok(rows)
}

impl Scene {
    async fn set() -> Outcome<Self> {
        let network = Network::start().await?;
        let authority = Authority::new()?;
        let address = Network::server_address();
        let identity = authority.identity(&[&address.ip().to_string()])?;
        let beside = (address.ip(), address.port() + 1).into();
        let greeter = Outpost::new(network.server())?.greeter(beside, &identity).await?;
        let knocker = Outpost::new(network.client())?.knocker(beside, authority.root()).await?;
        let inside = Some((network.server().clone(), address));
        let tls = Some(identity);
        let server = Server::start(ServerOptions { tls, inside, ..ServerOptions::default() }).await?;
        let desktop = Desktop::start(Furniture::NONE).await?;
        let environment = vec![("SSL_CERT_FILE".to_owned(), authority.root().clone().into_os_string())];
        let inside = Some(network.client().clone());
        let options = AgentOptions { environment, inside, ..AgentOptions::default() };
        let agent = Agent::start_with(&desktop, options).await?;
        agent.cli().log_in(&server, "ticket").await?;
        agent.connected().await?;
        let (client, events) = agent.connect().await?;
        client.call(Request::Subscribe).await?;
        let (_client, _authority, _greeter, _desktop) = (client, authority, greeter, desktop);
        Ok(Self { events, server, knocker, network, agent, _client, _authority, _greeter, _desktop })
    }

    async fn restored(&mut self) -> Outcome<Rounds> {
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            rounds.floor.push(self.knocker.knock().await?);
            self.network.unplug().await?;
            self.is_offline().await?;
            let restored = self.network.plug_quickly().await?;
            rounds.take(restored, self.connected().await?);
        }
        Ok(rounds)
    }

    async fn restarted(&mut self, orderly: bool) -> Outcome<Rounds> {
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            rounds.floor.push(self.knocker.knock().await?);
            if orderly {
                self.server.stop().await?;
            } else {
                self.server.kill().await?;
            }
            self.status("it is disconnected", |status| status.state == State::Disconnected).await?;
            self.server.restart().await?;
            let listening = Instant::now();
            rounds.take(listening, self.connected().await?);
            // each round is to be the first failure of a connection that had lasted; a network that comes back counts anew
            self.network.unplug().await?;
            self.is_offline().await?;
            self.network.plug().await?;
            self.connected().await?;
        }
        Ok(rounds)
    }

    async fn is_offline(&mut self) -> Outcome {
        let offline =
            |status: &Status| status.cause.as_ref().is_some_and(|cause| cause.kind == CauseKind::Offline);
        self.status("it is offline", offline).await.map(drop)
    }

    /// When the attempt that succeeded had begun, and when it was there.
    async fn connected(&mut self) -> Outcome<(Instant, Instant)> {
        let mut begun = Instant::now();
        let mut connecting = false;
        let connected = |status: &Status| {
            // an attempt tells of each of its phases
            if status.state == State::Connecting && !connecting {
                begun = Instant::now();
            }
            connecting = status.state == State::Connecting;
            status.state == State::Connected
        };
        let there = self.status("it is connected", connected).await?;
        Ok((begun, there))
    }

    async fn status(&mut self, what: &str, mut wanted: impl FnMut(&Status) -> bool) -> Outcome<Instant> {
        let comes = async {
            while let Some(event) = self.events.recv().await {
                let now = Instant::now();
                if matches!(&event, Event::Status { status, .. } if wanted(status)) {
                    return Ok(now);
                }
            }
            Err(Trouble::Unexpected("the agent has gone".to_owned()))
        };
        within(PATIENCE, what, comes).await?
    }
}

impl Rounds {
    fn take(&mut self, restored: Instant, (begun, there): (Instant, Instant)) {
        self.whole.push(there.saturating_duration_since(restored));
        self.attempt.push(there.saturating_duration_since(begun.max(restored)));
    }

    fn floor_rows(&self) -> Vec<Row> {
        let floor = Times::of(self.floor.clone());
        let of = |percent| {
            (
                "floor: TCP, TLS, WebSocket".to_owned() + percent_of(percent),
                written(floor.quantile(percent)),
                "",
            )
        };
        vec![of(50), of(99)]
    }

    fn rows(&self, name: &str) -> Vec<Row> {
        self.against_floor(name, &self.whole)
    }

    fn attempt_rows(&self) -> Vec<Row> {
        self.against_floor("  of which the attempt, without the wait before it", &self.attempt)
    }

    /// Each percentile against the floor's median.
    fn against_floor(&self, name: &str, times: &[Duration]) -> Vec<Row> {
        let floor = Times::of(self.floor.clone()).median().as_secs_f64();
        let times = Times::of(times.to_vec());
        let of = |percent| {
            let time = times.quantile(percent);
            let figure = format!("{}  {:>7.1} ×", written(time), time.as_secs_f64() / floor);
            (format!("{name}{}", percent_of(percent)), figure, "")
        };
        vec![of(50), of(99)]
    }
}

fn percent_of(percent: usize) -> &'static str {
    if percent == 50 { ", median" } else { ", 99 %" }
}
