//! The way through a proxy that the environment names. The environment belongs to a process, so each case runs in one
//! of its own: this very program, told to run [`in_a_process_of_its_own`].

use std::{fs::File, path::Path, process::Stdio};

use tempfile::TempDir;
use tidings_engine::{
    CauseKind, Endpoint, MemoryStore, ProxyChoice, Retry, SignInError, Store as _, StoredSession, TlsFiles,
    Transport, probe, sign_in,
};
use tidings_protocol::{Flow, Secret};

use crate::{
    authority::Authority,
    front::Front,
    house::{Client, House, PASSWORD, device},
    proxy::{BASIC, Manner, Proxy},
};

const SERVER: &str = "TIDINGS_TEST_SERVER";
const FOLDER: &str = "TIDINGS_TEST_FOLDER";
const CHOICE: &str = "TIDINGS_TEST_PROXY";
const VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// A server that is known by a name that only a proxy can resolve, and by two addresses.
struct World {
    _house: House,
    port: u16,
    folder: TempDir,
}

/// What became of it.
struct Outcome {
    /// What was reported, one line for each of what was tried.
    report: Vec<String>,
    log: String,
}

impl World {
    async fn new() -> Self {
        let (house, authority) = (House::new().await, Authority::new("Ours"));
        let pair = authority.certify(&["alerts.test", "127.0.0.1", "0.0.0.0"], |_| {});
        let port = Front::new(&pair).of(&house).await;
        let folder = TempDir::new().unwrap();
        std::fs::copy(authority.file(), folder.path().join("ca.pem")).unwrap();
        Self { _house: house, port, folder }
    }

    /// Tries everything with the server at this host, in this environment.
    async fn visit(&self, host: &str, environment: &[(&str, &str)]) -> Outcome {
        self.visit_at(&format!("https://{host}:{}", self.port), environment).await
    }

    async fn visit_at(&self, server: &str, environment: &[(&str, &str)]) -> Outcome {
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "proxies::in_a_process_of_its_own", "--ignored"]);
        for name in VARIABLES {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        child.envs(environment.iter().copied()).env(SERVER, server).env(FOLDER, self.folder.path());
        let output = child.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let read = |name| std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        let report: Vec<_> = read("report").lines().map(str::to_owned).collect();
        assert_eq!(report.len(), 2, "{report:?}");
        Outcome { report, log: read("log") }
    }
}

impl Outcome {
    fn is_whole(&self) {
        assert_eq!(self.report, ["connected by ticket", "connected by token"], "{}", self.log);
    }

    fn keeps_secrets(&self) {
        assert!(self.log.contains("connected"), "{}", self.log);
        for secret in ["hunter2", BASIC] {
            assert!(!self.log.contains(secret), "{secret} is in the log");
        }
    }
}

#[tokio::test]
#[ignore = "the other half of each of these tests"]
async fn in_a_process_of_its_own() {
    let (Some(server), Some(folder)) = (std::env::var_os(SERVER), std::env::var_os(FOLDER)) else { return };
    let (server, folder) = (server.into_string().unwrap(), Path::new(&folder));
    let log = File::create(folder.join("log")).unwrap();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(log).init();
    let files = TlsFiles { ca: Some(folder.join("ca.pem")), ..TlsFiles::default() };
    let transport = Transport::new().unwrap().with(files);
    match std::env::var(CHOICE).as_deref() {
        Ok("direct") => transport.choose_proxy(ProxyChoice::Direct),
        Ok(proxy) => transport.choose_proxy(ProxyChoice::Through(proxy.parse().unwrap())),
        Err(_) => {}
    }
    let mut report = Vec::new();
    for (flow, name) in [(Flow::Ticket, "ticket"), (Flow::Token, "token")] {
        let endpoint = Endpoint::parse(&server, flow, true).unwrap();
        report.push(match visit(&transport, &endpoint).await {
            Ok(()) => format!("connected by {name}"),
            Err(error) => {
                let session: StoredSession = serde_json::from_str(r#"{"access_token":"a"}"#).unwrap();
                let store = MemoryStore::signed_in(session);
                let client = Client::begin_by(transport.clone(), endpoint, store.clone());
                let (kind, detail, retry) = client.disconnected().await;
                assert!(store.load().await.unwrap().is_some(), "the session is kept");
                assert!(error.to_string().contains(&detail), "{error} / {detail}");
                let hard = if retry == Retry::No { "hard" } else { "soft" };
                let kind = match kind {
                    CauseKind::Proxy => "proxy",
                    CauseKind::Unreachable => "unreachable",
                    other => panic!("{other:?}"),
                };
                format!("{hard} {kind}: {detail}")
            }
        });
    }
    std::fs::write(folder.join("report"), report.join("\n")).unwrap();
}

async fn visit(transport: &Transport, endpoint: &Endpoint) -> Result<(), SignInError> {
    probe(transport, endpoint).await?;
    let signed_in = sign_in(transport, endpoint, "alice", &Secret::from(PASSWORD), &device()).await?;
    let store = MemoryStore::signed_in(signed_in.session);
    Client::begin_by(transport.clone(), endpoint.clone(), store).connected().await;
    Ok(())
}

#[tokio::test]
async fn sign_in_ticket_and_socket_go_through_a_connect_proxy_with_a_password() {
    let (world, proxy) = (World::new().await, Proxy::http(Manner::Locked).await);
    let address = format!("http://alice:hunter2@127.0.0.1:{}", proxy.port);
    let outcome = world.visit("alerts.test", &[("HTTPS_PROXY", &address)]).await;
    outcome.is_whole();
    outcome.keeps_secrets();
    let asked_for = proxy.asked_for();
    // who is there, sign-in, ticket and socket; who is there, sign-in and socket
    assert_eq!(asked_for.len(), 7, "{asked_for:?}");
    assert!(asked_for.iter().all(|target| *target == format!("alerts.test:{}", world.port)));
}

#[tokio::test]
async fn sign_in_ticket_and_socket_go_through_a_socks_proxy() {
    let (world, locked) = (World::new().await, Proxy::socks(Manner::Locked).await);
    // the proxy looks the name up
    let address = format!("socks5h://alice:hunter2@127.0.0.1:{}", locked.port);
    let outcome = world.visit("alerts.test", &[("all_proxy", &address)]).await;
    outcome.is_whole();
    outcome.keeps_secrets();
    let asked_for = locked.asked_for();
    assert_eq!(asked_for.len(), 7, "{asked_for:?}");
    assert!(asked_for.iter().all(|target| *target == format!("alerts.test:{}", world.port)));
    // or it is told an address
    let open = Proxy::socks(Manner::Open).await;
    let address = format!("socks5://127.0.0.1:{}", open.port);
    world.visit("0.0.0.0", &[("ALL_PROXY", &address)]).await.is_whole();
    assert!(open.asked_for().iter().all(|target| *target == format!("0.0.0.0:{}", world.port)));
}

#[tokio::test]
async fn a_proxy_that_wants_other_credentials_stops_a_connection_and_keeps_its_session() {
    let world = World::new().await;
    let (http, socks) = (Proxy::http(Manner::Locked).await, Proxy::socks(Manner::Locked).await);
    for (scheme, proxy, credentials) in [
        ("http", &http, ""),
        ("http", &http, "alice:wrong@"),
        ("socks5h", &socks, ""),
        ("socks5h", &socks, "alice:wrong@"),
    ] {
        let address = format!("{scheme}://{credentials}127.0.0.1:{}", proxy.port);
        let outcome = world.visit("alerts.test", &[("HTTPS_PROXY", &address)]).await;
        let named = format!("hard proxy: the proxy {scheme}://127.0.0.1:{} ", proxy.port);
        assert!(outcome.report.iter().all(|line| line.starts_with(&named)), "{:?}", outcome.report);
        assert!(!outcome.log.contains("wrong"));
    }
    // without TLS there is no tunnel, and the proxy answers in the server's place
    let address = format!("http://127.0.0.1:{}", http.port);
    let outcome = world.visit_at("http://alerts.test", &[("HTTP_PROXY", &address)]).await;
    assert!(outcome.report.iter().all(|line| line.starts_with("hard proxy: ")), "{:?}", outcome.report);
}

#[tokio::test]
async fn a_proxy_that_does_not_connect_is_named_and_tried_again() {
    let world = World::new().await;
    for status in ["403 Forbidden", "502 Bad Gateway", "504 Gateway Timeout"] {
        let proxy = Proxy::http(Manner::Says(status)).await;
        let address = format!("http://127.0.0.1:{}", proxy.port);
        let outcome = world.visit("alerts.test", &[("HTTPS_PROXY", &address)]).await;
        let expected = format!("soft unreachable: the proxy {address} does not connect to the server");
        assert!(outcome.report.iter().all(|line| *line == expected), "{:?}", outcome.report);
    }
    let proxy = Proxy::socks(Manner::Says("")).await;
    let address = format!("socks5h://127.0.0.1:{}", proxy.port);
    let outcome = world.visit("alerts.test", &[("HTTPS_PROXY", &address)]).await;
    let named = |line: &String| line.starts_with("soft unreachable: ") && line.contains(&address);
    assert!(outcome.report.iter().all(named), "{:?}", outcome.report);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_and_tried_again() {
    let world = World::new().await;
    for scheme in ["http", "socks5h"] {
        // port 1 of this machine: nobody listens there
        let address = format!("{scheme}://alice:hunter2@127.0.0.1:1");
        let outcome = world.visit("alerts.test", &[("HTTPS_PROXY", &address)]).await;
        let named = format!("soft unreachable: the proxy {scheme}://127.0.0.1:1 cannot be reached");
        assert!(outcome.report.iter().all(|line| line.starts_with(&named)), "{:?}", outcome.report);
        assert!(!outcome.log.contains("hunter2"));
    }
}

#[tokio::test]
async fn no_proxy_and_loopback_are_reached_directly() {
    let (world, proxy) = (World::new().await, Proxy::http(Manner::Open).await);
    let address = format!("http://127.0.0.1:{}", proxy.port);
    world.visit("127.0.0.1", &[("ALL_PROXY", &address)]).await.is_whole();
    // every system takes 0.0.0.0 for this machine, but it is no loopback address: it stands for one elsewhere
    #[cfg(unix)]
    world
        .visit("0.0.0.0", &[("ALL_PROXY", &address), ("NO_PROXY", "10.0.0.0/8, 0.0.0.0/8")])
        .await
        .is_whole();
    // a name that nobody but the proxy knows
    let outcome = world.visit("alerts.test", &[("ALL_PROXY", &address), ("NO_PROXY", ".test")]).await;
    assert!(outcome.report.iter().all(|line| line.starts_with("soft unreachable: ")), "{:?}", outcome.report);
    assert_eq!(proxy.asked_for(), Vec::<String>::new());
    #[cfg(unix)]
    {
        world.visit("0.0.0.0", &[("ALL_PROXY", &address), ("NO_PROXY", "10.0.0.0/8")]).await.is_whole();
        assert_eq!(proxy.asked_for().len(), 7);
    }
}

#[tokio::test]
async fn a_persons_choice_stands_before_the_environment() {
    let (world, chosen) = (World::new().await, Proxy::http(Manner::Open).await);
    let (socks, other) = (Proxy::socks(Manner::Open).await, Proxy::http(Manner::Open).await);
    let environment = format!("http://127.0.0.1:{}", other.port);
    for (scheme, proxy) in [("http", &chosen), ("socks5h", &socks)] {
        let choice = format!("{scheme}://127.0.0.1:{}", proxy.port);
        let variables = [("ALL_PROXY", &*environment), ("NO_PROXY", ".test"), (CHOICE, &*choice)];
        world.visit("alerts.test", &variables).await.is_whole();
        assert_eq!(proxy.asked_for().len(), 7);
        // this very machine is beyond every proxy's reach
        world.visit("127.0.0.1", &variables).await.is_whole();
        assert_eq!(proxy.asked_for().len(), 7);
    }
    let locked = Proxy::http(Manner::Locked).await;
    let choice = format!("http://127.0.0.1:{}", locked.port);
    let outcome = world.visit("alerts.test", &[(CHOICE, &choice)]).await;
    let named = format!("hard proxy: the proxy {choice} ");
    assert!(outcome.report.iter().all(|line| line.starts_with(&named)), "{:?}", outcome.report);
    #[cfg(unix)]
    world.visit("0.0.0.0", &[("ALL_PROXY", &environment), (CHOICE, "direct")]).await.is_whole();
    assert_eq!(other.asked_for(), Vec::<String>::new());
}
