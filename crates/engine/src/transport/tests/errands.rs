//! Errands, against a server that notes what it was asked.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};
use url::Url;

use crate::{Errand, ErrandError, Ground, Transport, Verb};

/// Answers everybody with these bytes, and tells what it was asked.
async fn answering(bytes: Vec<u8>) -> (Url, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/here", listener.local_addr().unwrap()).parse().unwrap();
    let (asked, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // nobody is hung up on
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            asked.send(String::from_utf8(head).unwrap()).unwrap();
            // whoever has read enough hangs up
            let _ = stream.write_all(&bytes).await;
            held.push(stream);
        }
    });
    (url, heard)
}

fn response(status: &str, headers: &str, body: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {body}\r\n{headers}\r\n");
    [head.into_bytes(), vec![b'x'; body]].concat()
}

fn errand(url: &Url) -> Errand {
    Errand {
        verb: Verb::Get,
        url: url.clone(),
        headers: Vec::new(),
        body: None,
        within: Duration::from_secs(10),
        most: 1000,
        ground: Ground::Any,
    }
}

#[tokio::test]
async fn an_errand_says_what_is_to_be_done_and_not_who_asks() {
    let transport = Transport::new().unwrap();
    for (verb, line) in [
        (Verb::Get, "GET /here HTTP/1.1"),
        (Verb::Post, "POST /here HTTP/1.1"),
        (Verb::Put, "PUT /here HTTP/1.1"),
        (Verb::Patch, "PATCH /here HTTP/1.1"),
        (Verb::Delete, "DELETE /here HTTP/1.1"),
    ] {
        let (url, mut heard) = answering(response("204 No Content", "", 0)).await;
        assert_eq!(transport.errand(Errand { verb, ..errand(&url) }).await.unwrap().status, 204);
        let asked = heard.recv().await.unwrap();
        assert_eq!(asked.lines().next(), Some(line));
        for header in ["authorization", "cookie", "referer", "origin"] {
            assert!(!asked.to_lowercase().contains(&format!("\n{header}:")), "{asked}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let (elsewhere, mut followed) = answering(response("200 OK", "", 0)).await;
    let location = format!("location: {elsewhere}\r\n");
    let (url, _heard) = answering(response("302 Found", &location, 0)).await;
    assert_eq!(Transport::new().unwrap().errand(errand(&url)).await.unwrap().status, 302);
    assert!(followed.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_bound() {
    let transport = Transport::new().unwrap();
    let (url, _heard) = answering(response("200 OK", "", 1000)).await;
    assert_eq!(transport.errand(errand(&url)).await.unwrap().body.len(), 1000);
    let (url, _heard) = answering(response("200 OK", "", 1001)).await;
    let refused = transport.errand(errand(&url)).await.unwrap_err();
    assert!(matches!(refused, ErrandError::TooLarge { status: 200, most: 1000 }), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (url, _heard) = answering(Vec::new()).await;
    let within = Duration::from_millis(50);
    let given_up = Transport::new().unwrap().errand(Errand { within, ..errand(&url) }).await.unwrap_err();
    assert!(matches!(given_up, ErrandError::Late(_)), "{given_up:?}");
}

#[tokio::test]
async fn what_nobody_looks_at_leads_no_nearer_than_its_server() {
    let transport = Transport::new().unwrap();
    let (by_number, mut heard) = answering(response("200 OK", "", 0)).await;
    let by_name: Url = by_number.as_str().replace("127.0.0.1", "localhost").parse().unwrap();
    for home in ["https://93.184.216.34/", "http://192.168.1.7:8080/", "https://nobody.invalid/"] {
        for url in [&by_number, &by_name] {
            let ground = Ground::NoNearerThan(home.parse().unwrap());
            let refused = transport.errand(Errand { ground, ..errand(url) }).await.unwrap_err();
            assert!(matches!(refused, ErrandError::Private), "{home} {url}: {refused:?}");
        }
    }
    assert!(heard.try_recv().is_err(), "nobody was asked");
    for home in ["http://localhost:9/", "http://127.0.0.1:9/"] {
        for url in [&by_number, &by_name] {
            let ground = Ground::NoNearerThan(home.parse().unwrap());
            assert_eq!(transport.errand(Errand { ground, ..errand(url) }).await.unwrap().status, 200);
        }
    }
}

#[tokio::test]
async fn only_the_web_is_called() {
    let errand = errand(&"ftp://127.0.0.1/".parse().unwrap());
    let refused = Transport::new().unwrap().errand(errand).await.unwrap_err();
    assert!(matches!(refused, ErrandError::Scheme), "{refused:?}");
}
