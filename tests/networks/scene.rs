use std::{ffi::OsString, fs, net::SocketAddr, time::Duration};

use tidings_lab::{
    Agent, AgentOptions, Authority, Foreign, ForeignKind, Network, Outcome, Outpost, PATIENCE, Server,
    ServerOptions, Watch,
    desktop::{Desktop, Furniture},
    until,
};

/// How a scene is set, where that matters.
pub(crate) struct Setting {
    pub(crate) flow: &'static str,
    pub(crate) tls: bool,
    /// The agent's machine trusts the authority.
    pub(crate) trusted: bool,
    pub(crate) address: SocketAddr,
    pub(crate) server_arguments: &'static [&'static str],
    pub(crate) environment: Vec<(String, OsString)>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            flow: "ticket",
            tls: false,
            trusted: true,
            address: Network::server_address(),
            server_arguments: &[],
            environment: Vec::new(),
        }
    }
}

/// A server of any kind.
pub(crate) trait House {
    async fn publishes(&mut self, title: &str) -> Outcome;

    fn process(&self) -> Option<u32>;
}

impl House for Server {
    async fn publishes(&mut self, title: &str) -> Outcome {
        self.publish(title).await.map(drop)
    }

    fn process(&self) -> Option<u32> {
        self.pid()
    }
}

impl House for Foreign {
    async fn publishes(&mut self, title: &str) -> Outcome {
        self.publish(title).await
    }

    fn process(&self) -> Option<u32> {
        self.pid()
    }
}

/// An agent that is signed in to a server at the other end of a network, and connected.
pub(crate) struct Scene<S = Server> {
    pub(crate) watch: Watch,
    pub(crate) agent: Agent,
    pub(crate) server: S,
    pub(crate) network: Network,
    pub(crate) authority: Authority,
    _desktop: Desktop,
}

impl Scene {
    /// Sets it, up to the sign-in.
    pub(crate) async fn signed_out(setting: &Setting) -> Outcome<Self> {
        let network = Network::start().await?;
        let authority = Authority::new()?;
        let tls =
            setting.tls.then(|| authority.identity(&[&setting.address.ip().to_string()])).transpose()?;
        let server = Server::start(ServerOptions {
            tls,
            arguments: setting.server_arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            inside: Some((network.server().clone(), setting.address)),
            ..ServerOptions::default()
        })
        .await?;
        let desktop = Desktop::start(Furniture::NONE).await?;
        let mut environment = setting.environment.clone();
        if setting.trusted {
            environment.push(("SSL_CERT_FILE".to_owned(), authority.root().clone().into_os_string()));
        }
        let inside = Some(network.client().clone());
        let options = AgentOptions { environment, inside, ..AgentOptions::default() };
        let agent = Agent::start_with(&desktop, options).await?;
        let watch = agent.cli().watch().await?;
        Ok(Self { watch, agent, server, network, authority, _desktop: desktop })
    }

    /// Sets it, and waits until it is connected.
    pub(crate) async fn connected(setting: Setting) -> Outcome<Self> {
        let mut scene = Self::signed_out(&setting).await?;
        let further: &[&str] = if setting.tls { &[] } else { &["--allow-unencrypted"] };
        scene.sign_in(&[&["--dialect", setting.flow], further].concat()).await?;
        scene.arrives("first").await?;
        Ok(scene)
    }

    /// Signs in, and waits until it is connected.
    pub(crate) async fn sign_in(&mut self, further: &[&str]) -> Outcome {
        self.agent.cli().log_in_at(self.server.url(), Server::PASSWORD, further).await?.success()?;
        self.watch.state("connected").await.map(drop)
    }

    /// Whether a connection to the server stands, as one of both kernels sees it.
    pub(crate) fn stands(pid: Option<u32>) -> bool {
        // local and remote address, state: 01 is ESTABLISHED (proc_net_tcp)
        let tables = ["tcp", "tcp6"]
            .map(|table| fs::read_to_string(format!("/proc/{}/net/{table}", pid.unwrap_or(0))));
        let port = format!(":{:04X}", Network::server_address().port());
        tables
            .into_iter()
            .flatten()
            .flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>())
            .any(|line| {
                let columns: Vec<_> = line.split_whitespace().collect();
                columns.get(3) == Some(&"01")
                    && columns.get(1..3).is_some_and(|ends| ends.iter().any(|end| end.ends_with(&port)))
            })
    }
}

impl Scene<Foreign> {
    /// Sets it with a server of another kind, which pings this often, and waits until it is connected.
    pub(crate) async fn with(kind: ForeignKind, ping: Duration) -> Outcome<Self> {
        let (network, authority) = (Network::start().await?, Authority::new()?);
        let server = Outpost::new(network.server())?.foreign(kind, Network::server_address(), ping).await?;
        let desktop = Desktop::start(Furniture::NONE).await?;
        let inside = Some(network.client().clone());
        let agent = Agent::start_with(&desktop, AgentOptions { inside, ..AgentOptions::default() }).await?;
        let mut watch = agent.cli().watch().await?;
        let mut further = vec!["--dialect", kind.name(), "--allow-unencrypted"];
        if matches!(kind, ForeignKind::Ntfy) {
            further.extend(["--topic", Foreign::TOPIC]);
        }
        agent.cli().log_in_at(server.url(), Foreign::PASSWORD, &further).await?.success()?;
        watch.state("connected").await?;
        let mut scene = Self { watch, agent, server, network, authority, _desktop: desktop };
        scene.arrives("first").await?;
        Ok(scene)
    }
}

impl<S: House> Scene<S> {
    /// Publishes one, and waits until it is there.
    pub(crate) async fn arrives(&mut self, title: &str) -> Outcome {
        self.server.publishes(title).await?;
        self.has(title).await
    }

    /// Waits until one that was published is there.
    pub(crate) async fn has(&mut self, title: &str) -> Outcome {
        if !self.watch.titles().contains(&title) {
            self.watch.find(&format!("{title:?} arrives"), |event| event["title"] == title).await?;
        }
        Ok(())
    }

    /// Nothing was lost, doubled or turned round: neither where it was told of, nor in the inbox.
    pub(crate) async fn has_exactly(&self, titles: &[&str]) -> Outcome {
        assert_eq!(self.watch.titles(), titles);
        let inbox = self.agent.inbox().await?;
        let mut kept: Vec<_> = inbox.iter().map(|item| item.title.as_str()).collect();
        kept.reverse();
        assert_eq!(kept, titles);
        Ok(())
    }

    /// Waits until the server has no connection any more.
    pub(crate) async fn server_is_alone(&self) -> Outcome {
        until(PATIENCE, "the server gives the connection up", async || {
            Ok((!Scene::stands(self.server.process())).then_some(()))
        })
        .await
    }

    /// The states that were told of since the mark, a number of events.
    pub(crate) fn states_since(&self, mark: usize) -> Vec<&str> {
        let seen = self.watch.seen().get(mark..).unwrap_or_default();
        seen.iter()
            .filter(|event| event["event"] == "status")
            .filter_map(|event| event["state"].as_str())
            .collect()
    }

    /// For [`Self::states_since`].
    pub(crate) fn mark(&self) -> usize {
        self.watch.seen().len()
    }

    /// Why there is no connection, in words.
    pub(crate) async fn detail(&self) -> Outcome<String> {
        let accounts = self.agent.snapshot().await?.accounts;
        let cause = accounts.first().and_then(|account| account.status.cause.clone());
        Ok(cause.map(|cause| cause.detail).unwrap_or_default())
    }
}
