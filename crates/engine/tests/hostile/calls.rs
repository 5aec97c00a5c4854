//! Answers to calls that no server should give.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tidings_engine::{CauseKind, SignInError, Transport, probe, sign_in};
use tidings_protocol::{Device, Flow, Platform, Secret};

use crate::host::{Client, endpoint, host};

async fn probed(url: &str) -> SignInError {
    probe(&Transport::new().unwrap(), &endpoint(url, Flow::Ticket)).await.unwrap_err()
}

#[tokio::test]
async fn a_server_of_another_kind_is_told_from_none() {
    for (head, body) in [
        ("200 OK", "<html>welcome</html>"),
        ("200 OK", r#"{"server":"gotify","version":"3","protocol":1,"flows":["token"]}"#),
        ("200 OK", r#"{"server":"tidings","version":"9","protocol":9,"flows":["token","ticket"]}"#),
        ("404 Not Found", ""),
        ("301 Moved Permanently\r\nlocation: https://example.com/", ""),
    ] {
        let url = host(move |visit| visit.answer(head, body)).await;
        let error = probed(&url).await;
        assert!(matches!(error, SignInError::NotATidingsServer(_)), "{head} {body}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_without_the_flow_says_what_it_has() {
    let info = r#"{"server":"tidings","version":"1","protocol":1,"flows":["token"]}"#;
    let url = host(move |visit| visit.answer("200 OK", info)).await;
    assert_eq!(probed(&url).await, SignInError::FlowNotOffered { offered: vec![Flow::Token] });
}

#[tokio::test]
async fn a_busy_server_is_told_with_its_wait() {
    let url = host(move |visit| visit.answer("503 Busy\r\nretry-after: 40", "")).await;
    let SignInError::ServerBusy { retry_after, .. } = probed(&url).await else { panic!() };
    assert_eq!(retry_after.map(|wait| wait.as_secs()), Some(40));
}

#[tokio::test]
async fn what_is_no_http_is_no_tidings_server() {
    let url = host(|mut visit| async move {
        visit.send(b"220 mail.example.com ESMTP\r\n").await;
        visit.until_gone().await;
    })
    .await;
    assert!(matches!(probed(&url).await, SignInError::NotATidingsServer(_)));
}

#[tokio::test]
async fn an_endless_body_is_read_up_to_a_bound() {
    for head in ["200 OK", "500 Internal Server Error", "401 Unauthorized"] {
        let gone = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&gone);
        let url = host(move |mut visit| {
            let noticed = Arc::clone(&noticed);
            async move {
                let start = format!("HTTP/1.1 {head}\r\ntransfer-encoding: chunked\r\n\r\n");
                visit.send(start.as_bytes()).await;
                let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
                while visit.send(chunk.as_bytes()).await {}
                noticed.store(true, Ordering::SeqCst);
            }
        })
        .await;
        probed(&url).await;
        while !gone.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_password_is_not_carried_to_where_a_redirect_points() {
    let visited = Arc::new(AtomicBool::new(false));
    let elsewhere = {
        let visited = Arc::clone(&visited);
        host(move |visit| {
            visited.store(true, Ordering::SeqCst);
            visit.answer("200 OK", r#"{"access_token":"stolen"}"#)
        })
        .await
    };
    let head: &'static str =
        Box::leak(format!("307 Temporary Redirect\r\nlocation: {elsewhere}/api/auth/login").into_boxed_str());
    let url = host(move |visit| visit.answer(head, "")).await;
    let device = Device { name: "test".into(), platform: Platform::current() };
    let transport = Transport::new().unwrap();
    let outcome =
        sign_in(&transport, &endpoint(&url, Flow::Ticket), "alice", &Secret::from("hunter2"), &device).await;
    assert!(matches!(outcome, Err(SignInError::NotATidingsServer(_))), "{outcome:?}");
    assert!(!visited.load(Ordering::SeqCst));
}

#[tokio::test]
async fn refusals_of_a_ticket_are_judged_by_the_table() {
    let missing = r#"{"error":{"code":"MISSING_SESSION","message":"m"}}"#;
    for (head, body, kind, detail) in [
        ("401 Unauthorized", missing, CauseKind::SignInNeeded, "HTTP 401 MISSING_SESSION at ticket"),
        ("403 Forbidden", "<html>", CauseKind::Blocked, "HTTP 403 at ticket"),
        ("503 Busy", "", CauseKind::ServerBusy, "HTTP 503 at ticket"),
        ("404 Not Found", "", CauseKind::NotSuchServer, "HTTP 404 at ticket"),
        ("200 OK", "{}", CauseKind::NotSuchServer, "an answer of another kind came at ticket"),
    ] {
        let url = host(move |visit| visit.answer(head, body)).await;
        let mut client = Client::start(&url, Flow::Ticket);
        assert_eq!(client.failure().await, (kind, detail.to_owned()));
    }
}
