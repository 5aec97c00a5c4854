//! Upgrades that are none, and sockets that send what nobody should.

use tidings_engine::{CauseKind, Event};
use tidings_protocol::Flow;

use crate::host::{Client, Visit, host};

/// The head of an unmasked WebSocket frame.
fn frame(fin_and_opcode: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![fin_and_opcode];
    match length {
        0..=125 => bytes.push(u8::try_from(length).unwrap()),
        126..=0xffff => {
            bytes.push(126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = frame(0x81, text.len() as u64);
    bytes.extend(text.as_bytes());
    bytes
}

async fn failure<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(Visit) -> F + Send + 'static,
) -> (CauseKind, String) {
    let url = host(serve).await;
    Client::start(&url, Flow::Token).failure().await
}

/// The failure of a socket that is opened properly and then sends `bytes`.
async fn failure_of(bytes: impl Fn() -> Vec<u8> + Clone + Send + 'static) -> (CauseKind, String) {
    failure(move |mut visit: Visit| {
        let bytes = bytes.clone();
        async move {
            visit.upgrade().await;
            visit.send(&text(r#"{"type":"auth_success"}"#)).await;
            visit.send(&bytes()).await;
            visit.until_gone().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_refusal_at_the_upgrade_is_read_with_its_code() {
    let body = r#"{"error":{"code":"ORIGIN_BLOCKED","message":"m"}}"#;
    let (kind, detail) = failure(move |visit| visit.answer("403 Forbidden", body)).await;
    assert_eq!((kind, detail.as_str()), (CauseKind::Blocked, "HTTP 403 ORIGIN_BLOCKED at upgrade"));
}

#[tokio::test]
async fn a_page_instead_of_a_socket_is_no_such_server() {
    let (kind, _) = failure(|visit| visit.answer("200 OK", "<html>")).await;
    assert_eq!(kind, CauseKind::NotSuchServer);
}

#[tokio::test]
async fn a_handshake_that_does_not_fit_is_no_such_server() {
    let (kind, _) = failure(|mut visit| async move {
        let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
            sec-websocket-accept: AAAA\r\n\r\n";
        visit.send(head.as_bytes()).await;
        visit.until_gone().await;
    })
    .await;
    assert_eq!(kind, CauseKind::NotSuchServer);
}

#[tokio::test]
async fn an_endless_head_is_given_up() {
    let (kind, _) = failure(|mut visit| async move {
        visit.send(b"HTTP/1.1 101 Switching Protocols\r\n").await;
        while visit.send(format!("x-{0}: {0}\r\n", "y".repeat(1000)).as_bytes()).await {}
    })
    .await;
    assert!(matches!(kind, CauseKind::NotSuchServer | CauseKind::Unreachable), "{kind:?}");
}

#[tokio::test]
async fn a_frame_that_claims_to_be_huge_is_refused_before_it_is_read() {
    let (kind, detail) = failure_of(|| frame(0x81, 1 << 40)).await;
    assert_eq!(kind, CauseKind::Blocked, "{detail}");
}

#[tokio::test]
async fn a_message_of_endless_fragments_is_cut_off() {
    let (kind, _) = failure(|mut visit: Visit| async move {
        visit.upgrade().await;
        visit.send(&text(r#"{"type":"auth_success"}"#)).await;
        let mut fragment = frame(0x00, 60_000);
        fragment.resize(fragment.len() + 60_000, b'x');
        visit.send(&frame(0x01, 0)).await;
        while visit.send(&fragment).await {}
    })
    .await;
    assert_eq!(kind, CauseKind::Blocked);
}

#[tokio::test]
async fn bytes_that_are_no_frames_are_tried_again() {
    for bytes in [&[0xffu8; 64][..], &[0x81, 0x80, 1, 2, 3, 4], &[0x83, 1, 0], &[0x81, 1, 0xff], &[b'H'; 200]]
    {
        let (kind, detail) = failure_of(move || bytes.to_vec()).await;
        assert_eq!(kind, CauseKind::Unreachable, "{bytes:?} {detail}");
    }
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_tried_again() {
    let (kind, detail) = failure(|mut visit: Visit| async move {
        visit.upgrade().await;
        visit.send(&text(r#"{"type":"auth_success"}"#)).await;
    })
    .await;
    assert_eq!(kind, CauseKind::Unreachable, "{detail}");
}

#[tokio::test]
async fn closes_are_judged_by_the_table() {
    for (code, reason, expected) in [
        (1000u16, "", CauseKind::Unreachable),
        (1008, "NOT_AUTHORIZED", CauseKind::SignInNeeded),
        (1008, "no cats", CauseKind::Blocked),
        (1012, "", CauseKind::Restarting),
        (4403, "", CauseKind::Blocked),
        (4321, "", CauseKind::Unreachable),
    ] {
        let (kind, detail) = failure_of(move || {
            let mut bytes = frame(0x88, 2 + reason.len() as u64);
            bytes.extend(code.to_be_bytes());
            bytes.extend(reason.as_bytes());
            bytes
        })
        .await;
        assert_eq!(kind, expected, "{code} {reason}: {detail}");
    }
}

#[tokio::test]
async fn garbage_between_messages_is_skipped() {
    let url = host(|mut visit: Visit| async move {
        visit.upgrade().await;
        visit.send(&text(r#"{"type":"auth_success"}"#)).await;
        for _ in 0..1000 {
            visit.send(&text("{]")).await;
            visit.send(&text(r#"{"type":"notification","payload":7}"#)).await;
            visit.send(&frame(0x82, 0)).await;
            visit.send(&frame(0x8a, 0)).await;
        }
        visit.send(&text(r#"{"type":"NOTIFICATION","payload":{"title":"at last"}}"#)).await;
        visit.until_gone().await;
    })
    .await;
    let mut client = Client::start(&url, Flow::Token);
    loop {
        if let Event::Notification(arrival) = client.event().await {
            assert_eq!(arrival.notification.title, "at last");
            break;
        }
    }
}
