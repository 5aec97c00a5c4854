//! The order of an attempt, and that there is never more than one.

use super::*;
use crate::verdict::Refusal;

const EXPIRED: &str = r#"{"error":{"code":"TOKEN_EXPIRED","message":"m"}}"#;

fn ticket(name: &str) -> String {
    format!(r#"{{"ticket":"{name}","expires_in":30}}"#)
}

fn bearer(asked: &crate::fakes::Asked) -> Option<&str> {
    asked.bearer()
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_asked_of_the_server() {
    let mut client = start_with(Flow::Ticket, MemoryStore::new());
    assert_eq!(client.disconnected().await, (CauseKind::SignInNeeded, Retry::No));
    assert!(client.server.is_quiet());
}

#[tokio::test(start_paused = true)]
async fn no_ticket_is_asked_for_before_the_token_is_there() {
    let mut client = start_with(Flow::Ticket, MemoryStore::signed_in(session("a1", Some("r1"), Some(5))));
    let refreshing = client.server.call(Place::Refresh).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(client.server.is_quiet());
    refreshing.answer(200, &refreshed("a2", "r2", 900));
    assert_eq!(bearer(&client.server.call(Place::Ticket).await), Some("a2"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_the_ticket_is_fetched_is_renewed() {
    let mut client = start_with(Flow::Ticket, MemoryStore::signed_in(session("a1", Some("r1"), Some(40))));
    client.server.call(Place::Ticket).await.answer(401, EXPIRED);
    client.server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    let asked = client.server.call(Place::Ticket).await;
    assert_eq!(bearer(&asked), Some("a2"));
    asked.answer(200, &ticket("t2"));
    let _socket = client.server.open().await;
    client.connected().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_between_ticket_and_socket_is_renewed_and_so_is_the_ticket() {
    let mut client = start_with(Flow::Ticket, MemoryStore::signed_in(session("a1", Some("r1"), Some(40))));
    client.server.call(Place::Ticket).await.answer(200, &ticket("t1"));
    let (_, opening) = client.server.upgrade().await;
    let code = Some(tidings_protocol::Code::TOKEN_EXPIRED);
    let refusal = Refusal { at: Place::Upgrade, status: 401, code, retry_after: None };
    assert!(opening.send(Err(Failure::Refused(refusal))).is_ok());
    client.server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    let asked = client.server.call(Place::Ticket).await;
    assert_eq!(bearer(&asked), Some("a2"));
    asked.answer(200, &ticket("t2"));
    let socket = client.server.open().await;
    assert_eq!(socket.query, "ticket=t2");
    client.connected().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_runs_out_during_a_slow_opening_is_renewed_once_connected() {
    let mut client = start_with(Flow::Ticket, MemoryStore::signed_in(session("a1", Some("r1"), Some(40))));
    let asked = client.server.call(Place::Ticket).await;
    tokio::time::sleep(Duration::from_secs(14)).await;
    asked.answer(200, &ticket("t1"));
    let (_, opening) = client.server.upgrade().await;
    tokio::time::sleep(Duration::from_secs(14)).await;
    let (_ours, theirs) = tokio::io::duplex(1024);
    assert!(opening.send(Ok(Socket::new(Box::new(theirs)).await)).is_ok());
    client.connected().await;
    let before = tokio::time::Instant::now();
    client.server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    assert!(before.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn triggers_that_come_together_make_one_attempt() {
    let mut client = start(Flow::Ticket);
    client.surroundings.send(Change::Down).unwrap();
    assert_eq!(client.disconnected().await, (CauseKind::Offline, Retry::WhenOnline));
    client.server.flush();
    client.surroundings.send(Change::Up).unwrap();
    for command in [Command::Connect, Command::Reconnect, Command::Connect, Command::Reconnect] {
        client.commands.send(command).unwrap();
    }
    let asked = client.server.call(Place::Ticket).await;
    for command in [Command::Connect, Command::Reconnect] {
        client.commands.send(command).unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(client.server.is_quiet(), "one ticket");
    asked.answer(200, &ticket("t1"));
    let _socket = client.server.open().await;
    client.connected().await;
    assert!(client.server.is_quiet(), "one socket");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_of_an_abandoned_attempt_opens_nothing() {
    let mut client = start(Flow::Ticket);
    let abandoned = client.server.call(Place::Ticket).await;
    client.surroundings.send(Change::Other).unwrap();
    let asked = client.server.call(Place::Ticket).await;
    abandoned.answer(200, &ticket("old"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(client.server.is_quiet());
    asked.answer(200, &ticket("new"));
    let socket = client.server.open().await;
    assert_eq!(socket.query, "ticket=new");
}

#[tokio::test(start_paused = true)]
async fn a_live_socket_is_let_go_before_another_is_asked_for() {
    let mut client = start(Flow::Ticket);
    let mut first = client.admitted().await;
    client.commands.send(Command::Reconnect).unwrap();
    let asked = client.server.call(Place::Ticket).await;
    // a live one would answer nothing and stay
    while first.raw().await.is_some() {}
    asked.answer(200, &ticket("t2"));
    let mut second = client.server.open().await;
    client.connected().await;
    second.say(&numbered(1)).await;
    assert_eq!(client.arrival().await.notification.seq, Some(1));
}
