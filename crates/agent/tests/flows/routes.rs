//! How connections are made is a person's choice: flow, paths, files, and the proxy.

use std::{collections::BTreeMap, net::Ipv4Addr};

use tidings_control::{
    CauseKind, Dialect, FailureCode, Proxy, Reply, Request, Route, Setting, SignIn, State, Status,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::stage::{self, Computer, PASSWORD, Running, World};

async fn route(agent: &Running, account: &str) -> Route {
    match agent.client.call(Request::Route { account: account.to_owned() }).await {
        Ok(Reply::Route(route)) => route,
        other => panic!("{other:?}"),
    }
}

fn set(account: &str, route: Route) -> Request {
    Request::SetRoute { account: account.to_owned(), route }
}

fn path(name: &str, path: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), path.to_owned())])
}

fn is_cut_off(status: &Status) -> bool {
    status.cause.as_ref().is_some_and(|cause| cause.kind == CauseKind::NotSuchServer)
}

fn sign_in(server: &str) -> SignIn {
    SignIn {
        server: server.to_owned(),
        username: "alice".into(),
        password: PASSWORD.to_owned().into(),
        allow_unencrypted: true,
        ..SignIn::default()
    }
}

#[tokio::test]
async fn another_flow_is_taken_at_once_and_for_good() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in_by(&world, Some(Dialect::Ticket)).await.id;
    let known = route(&agent, &account).await;
    assert_eq!(known, Route { dialect: Some(Dialect::Ticket), ..Route::default() });
    let by_token = Route { dialect: Some(Dialect::Token), ..known };
    agent.done(set(&account, by_token.clone())).await;
    agent.connected().await;
    for again in [false, true] {
        if again {
            agent.kill();
            agent = computer.start().await;
            agent.connected().await;
        }
        assert_eq!(route(&agent, &account).await, by_token);
        assert_eq!(agent.snapshot().await.accounts[0].dialect, Dialect::Token);
        world.publish("by token").await;
        assert_eq!(agent.notification().await.title, "by token");
    }
    assert_eq!((world.sessions().await, computer.vault.entries().len()), (1, 1));
}

#[tokio::test]
async fn other_paths_are_taken_at_once_and_taken_back() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in_by(&world, Some(Dialect::Ticket)).await.id;
    let elsewhere = Route { paths: path("socket_ticket", "/nowhere"), ..Route::default() };
    agent.done(set(&account, elsewhere.clone())).await;
    agent.status(is_cut_off).await;
    assert_eq!(route(&agent, &account).await.paths, elsewhere.paths);
    agent.done(set(&account, Route::default())).await;
    agent.connected().await;
    assert_eq!(route(&agent, &account).await.paths, BTreeMap::new());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    let known = route(&agent, &account).await;
    let usual = Route::default;
    for (new, code) in [
        (Route { paths: path("ticket", "no path"), ..usual() }, FailureCode::BadRequest),
        (Route { paths: path("socket", "/ws"), ..usual() }, FailureCode::BadRequest),
        (Route { ca_file: Some("/nowhere/ca.pem".into()), ..usual() }, FailureCode::CaFileUnusable),
        (
            Route { client_certificate: Some("me.pem".into()), ..usual() },
            FailureCode::ClientCertificateUnusable,
        ),
        (Route { client_key: Some("/nowhere/me.key".into()), ..usual() }, FailureCode::ClientKeyUnusable),
    ] {
        assert_eq!(agent.client.call(set(&account, new)).await.unwrap_err().code, code);
    }
    let stranger = agent.client.call(set("stranger", usual())).await.unwrap_err();
    assert_eq!(stranger.code, FailureCode::UnknownAccount);
    assert_eq!(route(&agent, &account).await, known);
    assert_eq!(agent.snapshot().await.accounts[0].status.state, State::Connected);
}

#[tokio::test]
async fn one_that_is_signed_out_connects_by_its_new_route_when_it_signs_in() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    agent.done(Request::SignOut { account: account.clone() }).await;
    let own = Route {
        dialect: Some(Dialect::Token),
        paths: path("login", "/api/auth/login?v=2"),
        ..Route::default()
    };
    agent.done(set(&account, own.clone())).await;
    assert!(!agent.snapshot().await.accounts[0].signed_in);
    agent.sign_in_by(&world, Some(Dialect::Token)).await;
    assert_eq!(route(&agent, &account).await, own);
}

#[tokio::test]
async fn a_server_of_ones_own_is_signed_in_to_by_its_own_paths() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let call = |paths| Request::SignIn(SignIn { paths: Some(paths), ..sign_in(&world.url) });
    let lost = agent.client.call(call(path("login", "/api/signin"))).await.unwrap_err();
    assert_eq!(lost.code, FailureCode::NotATidingsServer);
    let own = path("login", "/api/auth/login?v=2");
    let Ok(Reply::Account(account)) = agent.client.call(call(own.clone())).await else { panic!() };
    agent.connected().await;
    assert_eq!(route(&agent, &account.id).await.paths, own);
}

/// A SOCKS5 proxy that lets everybody through to this machine, and tells of each.
#[cfg(unix)]
async fn proxy() -> (Proxy, mpsc::UnboundedReceiver<()>) {
    async fn serve(mut stream: TcpStream, passed: mpsc::UnboundedSender<()>) -> Option<()> {
        stream.read_u8().await.ok()?;
        let mut methods = vec![0; usize::from(stream.read_u8().await.ok()?)];
        stream.read_exact(&mut methods).await.ok()?;
        stream.write_all(&[5, 0]).await.ok()?;
        let mut request = [0; 8];
        stream.read_exact(&mut request).await.ok()?;
        let port = stream.read_u16().await.ok()?;
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
        passed.send(()).ok()?;
        copy_bidirectional(&mut stream, &mut server).await.ok().map(drop)
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("socks5://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (tell, passed) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, tell.clone()));
        }
    });
    (Proxy::Through(address), passed)
}

// every system but Windows takes 0.0.0.0 for this machine, and no program takes it for a loopback address
#[cfg(unix)]
#[tokio::test]
async fn a_proxy_is_gone_through_as_soon_as_it_is_chosen_and_no_longer_than_that() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let server = world.url.replace("127.0.0.1", "0.0.0.0");
    let choose = |proxy| Request::Set(Setting::Proxy(proxy));
    agent.done(choose(Proxy::Direct)).await;
    agent.client.call(Request::SignIn(sign_in(&server))).await.unwrap();
    agent.connected().await;

    let (through, mut passed) = proxy().await;
    agent.done(choose(through)).await;
    stage::soon("it is connected through the proxy", passed.recv()).await.unwrap();
    agent.connected().await;
    world.publish("through the proxy").await;
    assert_eq!(agent.notification().await.title, "through the proxy");
    agent.kill();
    while passed.try_recv().is_ok() {}
    let mut agent = computer.start().await;
    stage::soon("so it is after a restart", passed.recv()).await.unwrap();
    agent.connected().await;

    agent.done(choose(Proxy::Through("http://127.0.0.1:1".into()))).await;
    let cut_off = agent.status(|status| status.cause.is_some()).await;
    assert!(cut_off.cause.unwrap().detail.contains("the proxy http://127.0.0.1:1"));
    while passed.try_recv().is_ok() {}
    agent.done(choose(Proxy::Direct)).await;
    agent.connected().await;
    assert!(passed.try_recv().is_err());
}
