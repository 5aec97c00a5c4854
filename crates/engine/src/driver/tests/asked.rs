//! What a connection answers to those who look for a fault.

use super::*;

async fn diagnosis(client: &Client) -> Diagnosis {
    let (answer, answered) = oneshot::channel();
    client.commands.send(Command::Diagnose(answer)).unwrap();
    answered.await.unwrap()
}

/// A connection whose first ping is answered after `took`, by JSON or by WebSocket's own pong.
async fn answered_after(took: Duration, by_frame: bool) -> (Client, PlayedSocket) {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    tokio::time::sleep(took).await;
    if by_frame {
        // the stream answers what it reads
        assert!(matches!(socket.raw().await, Some(Message::Ping(_))));
    } else {
        socket.say(&ServerMessage::Pong).await;
    }
    socket.say(&numbered(1)).await;
    client.arrival().await;
    (client, socket)
}

#[tokio::test(start_paused = true)]
async fn a_round_trip_is_measured_by_either_kind_of_pong_and_wakes_nobody() {
    for by_frame in [false, true] {
        let (mut client, _socket) = answered_after(Duration::from_millis(40), by_frame).await;
        client.status.mark_unchanged();
        let trip = diagnosis(&client).await.round_trip.unwrap();
        assert!((40..45).contains(&trip.took.as_millis()), "{trip:?}");
        assert!(!client.status.has_changed().unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn the_diagnosis_names_cause_attempt_and_next_retry() {
    let mut client = start(Flow::Ticket);
    client.server.call(Place::Ticket).await.answer(503, r#"{"error":{"code":"TICKETS_UNAVAILABLE"}}"#);
    let (_, Retry::At(at)) = client.disconnected().await else { panic!("it tries again") };
    let Diagnosis { status, transitions, round_trip, .. } = diagnosis(&client).await;
    assert_eq!(round_trip, None);
    assert_eq!(status.attempt, 1);
    let State::Disconnected { cause, retry } = &status.state else { panic!("{status:?}") };
    assert_eq!(cause.detail, "HTTP 503 TICKETS_UNAVAILABLE at ticket");
    assert_eq!(*retry, Retry::At(at));
    assert_eq!(transitions.last(), Some(&status));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_and_what_the_server_reported_are_told() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    for _ in 0..3 {
        socket.text("{]").await;
    }
    socket.text(r#"{"type":"error","payload":{"code":"RATE_LIMITED","message":"too many reads"}}"#).await;
    socket.say(&numbered(1)).await;
    client.arrival().await;
    let diagnosis = diagnosis(&client).await;
    assert_eq!(diagnosis.unreadable, 3);
    assert_eq!(diagnosis.reported.unwrap().message, "too many reads");
    assert_eq!(client.status.borrow().state, State::Connected, "the connection stands");
}

#[tokio::test(start_paused = true)]
async fn asking_disturbs_nothing() {
    let mut client = start(Flow::Ticket);
    let asked = client.server.call(Place::Ticket).await;
    for _ in 0..100 {
        assert_eq!(diagnosis(&client).await.status.state, State::Connecting(crate::Phase::Ticket));
    }
    asked.answer(200, r#"{"ticket":"t1","expires_in":30}"#);
    let _socket = client.server.open().await;
    client.connected().await;
}
