//! A caller and an agent talk over a real socket.

use secrecy::ExposeSecret;
use tidings_control::{
    BindError, Client, ConnectError, Event, Failure, FailureCode, Hello, Home, Listener, Reply, Request,
    Role, SignIn,
};

fn hello() -> Hello {
    Hello { version: "1".into(), pid: 1, window_open: false, activation: None }
}

#[tokio::test]
async fn requests_are_answered_and_events_arrive_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    let listener = Listener::bind(&home).unwrap();
    let agent = tokio::spawn(async move {
        let mut peer = listener.accept().await.unwrap();
        let outbox = peer.outbox();
        while let Some((id, request)) = peer.request().await {
            match request {
                Request::Hello { .. } => outbox.answer(id, Ok(Reply::Hello(hello()))).await,
                Request::SignIn(SignIn { password, .. }) => {
                    assert_eq!(password.expose_secret(), "hunter2");
                    assert!(outbox.tell(Event::Show { item: Some(1), activation: None }));
                    assert!(outbox.tell(Event::Read { ids: vec![2] }));
                    outbox.answer(id, Ok(Reply::Done)).await;
                }
                _ => outbox.answer(id, Err(Failure::new(FailureCode::BadRequest, "no"))).await,
            }
        }
    });
    let (client, mut events) = Client::connect(&home, Role::Cli).await.unwrap();
    let sign_in = SignIn {
        server: "example.com".into(),
        username: "alice".into(),
        password: "hunter2".to_owned().into(),
        ..SignIn::default()
    };
    assert_eq!(client.call(Request::SignIn(sign_in)).await, Ok(Reply::Done));
    assert_eq!(events.recv().await, Some(Event::Show { item: Some(1), activation: None }));
    assert_eq!(events.recv().await, Some(Event::Read { ids: vec![2] }));
    assert_eq!(client.call(Request::Quit).await.unwrap_err().code, FailureCode::BadRequest);
    drop((client, events));
    agent.await.unwrap();
}

#[tokio::test]
async fn there_is_one_agent_for_a_home_and_a_dead_one_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    let first = Listener::bind(&home).unwrap();
    assert!(matches!(Listener::bind(&home), Err(BindError::AlreadyRunning)));
    drop(first);
    // what a killed agent leaves behind
    std::fs::write(home.run().join("control.sock"), "").unwrap();
    Listener::bind(&home).unwrap();
}

#[tokio::test]
async fn without_an_agent_the_caller_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Client::connect(&Home::under(folder.path()), Role::Cli).await.unwrap_err();
    assert!(matches!(error, ConnectError::NotRunning(_)));
}

#[cfg(unix)]
#[tokio::test]
async fn the_socket_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    let _listener = Listener::bind(&home).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.run().join("control.sock")), 0o600);
    assert_eq!(mode(home.run()), 0o700);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_answered_without_its_content() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    let listener = Listener::bind(&home).unwrap();
    tokio::spawn(async move {
        let mut peer = listener.accept().await.unwrap();
        assert!(peer.request().await.is_none());
    });
    let stream = tokio::net::UnixStream::connect(home.run().join("control.sock")).await.unwrap();
    let (read, mut write) = stream.into_split();
    write
        .write_all(b"{\"id\":7,\"method\":\"sign_in\",\"params\":{\"password\":\"hunter2\"}}\n")
        .await
        .unwrap();
    let line = BufReader::new(read).lines().next_line().await.unwrap().unwrap();
    assert!(line.contains("\"id\":7") && line.contains("BAD_REQUEST"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}
