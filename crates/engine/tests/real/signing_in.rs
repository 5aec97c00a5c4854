//! Probing and signing in, and every way in which that fails.

use std::path::Path;

use tidings_engine::{
    CauseKind, Endpoint, MemoryStore, Retry, SignInError, StoredSession, Transport, probe, sign_in,
};
use tidings_protocol::{Flow, Secret};
use tidings_server::Tls;

use crate::house::{Client, House, PASSWORD, device};

#[tokio::test]
async fn a_tidings_server_says_so() {
    let house = House::new().await;
    let info = probe(&Transport::new().unwrap(), &house.endpoint(Flow::Ticket)).await.unwrap();
    assert_eq!((info.server.as_str(), info.protocol), ("tidings", 1));
    assert!(info.flows.contains(&Flow::Ticket) && info.flows.contains(&Flow::Token));
}

#[tokio::test]
async fn a_wrong_password_is_told_from_the_rest() {
    let house = House::new().await;
    let transport = Transport::new().unwrap();
    let endpoint = house.endpoint(Flow::Ticket);
    for (username, password) in [("alice", "wrong"), ("nobody", PASSWORD)] {
        let error = sign_in(&transport, &endpoint, username, &Secret::from(password), &device()).await;
        assert_eq!(error.unwrap_err(), SignInError::InvalidCredentials);
    }
}

#[tokio::test]
async fn many_wrong_passwords_are_rate_limited() {
    let house = House::with(|config| config.sign_in_limit.burst = 2).await;
    let transport = Transport::new().unwrap();
    let endpoint = house.endpoint(Flow::Ticket);
    let mut last = None;
    for _ in 0..4 {
        last = sign_in(&transport, &endpoint, "alice", &Secret::from("wrong"), &device()).await.err();
    }
    assert!(matches!(last, Some(SignInError::RateLimited { retry_after: Some(_) })), "{last:?}");
}

#[tokio::test]
async fn a_session_knows_its_expiry_and_its_user() {
    let house = House::new().await;
    let session = house.session().await;
    assert_eq!(session.user.as_ref().map(|user| user.name.as_str()), Some("alice"));
    assert!(session.expires_at.is_some() && session.refresh_token.is_some());
    assert_eq!(StoredSession::from_json(&session.to_json()), Ok(session));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let mut house = House::new().await;
    let endpoint = house.endpoint(Flow::Ticket);
    let session = house.session().await;
    house.stop().await;
    let error = probe(&Transport::new().unwrap(), &endpoint).await.unwrap_err();
    assert!(matches!(error, SignInError::Unreachable(_)), "{error:?}");
    let client = Client::begin(endpoint, MemoryStore::signed_in(session));
    let (kind, _, retry) = client.disconnected().await;
    assert_eq!(kind, CauseKind::Unreachable);
    assert!(matches!(retry, Retry::At(_)));
}

/// A certificate that nobody vouches for.
fn self_signed(folder: &Path) -> Tls {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let tls = Tls { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&tls.cert, cert.pem()).unwrap();
    std::fs::write(&tls.key, signing_key.serialize_pem()).unwrap();
    tls
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_stops_before_anything_is_sent() {
    let house = House::with(|config| {
        let folder = config.database.parent().unwrap().to_owned();
        config.tls = Some(self_signed(&folder));
    })
    .await;
    let endpoint = house.endpoint(Flow::Ticket);
    assert_eq!(endpoint.server.scheme(), "https");
    let error = probe(&Transport::new().unwrap(), &endpoint).await.unwrap_err();
    assert!(matches!(error, SignInError::CertificateNotTrusted(_)), "{error:?}");
    let session: StoredSession = serde_json::from_str(r#"{"access_token":"a"}"#).unwrap();
    let client = Client::begin(endpoint, MemoryStore::signed_in(session));
    let (kind, detail, retry) = client.disconnected().await;
    assert_eq!((kind, retry), (CauseKind::Certificate, Retry::No), "{detail}");
}

#[tokio::test]
async fn plain_http_where_https_is_expected_is_named() {
    let house = House::new().await;
    let port = house.endpoint(Flow::Ticket).server.port().unwrap();
    let endpoint = Endpoint::parse(&format!("https://127.0.0.1:{port}"), Flow::Ticket, false).unwrap();
    let error = probe(&Transport::new().unwrap(), &endpoint).await.unwrap_err();
    assert_eq!(error, SignInError::NotATidingsServer("what answers does not speak TLS".into()));
}
