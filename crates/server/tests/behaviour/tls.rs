//! HTTPS and WSS by `--tls-cert` and `--tls-key`.

use std::{sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tidings_protocol::Session;
use tidings_server::{Config, Server, StartError, Tls};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::support::{House, PASSWORD};

#[tokio::test]
async fn with_a_certificate_everything_is_encrypted() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let house = House::with(|config| config.tls = Some(Tls { cert, key })).await;
    let port = house.url.rsplit_once(':').unwrap().1.to_owned();
    assert!(house.url.starts_with("https://"));

    let trusted = reqwest::Certificate::from_pem(certified.cert.pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let login = http
        .post(format!("https://localhost:{port}/api/auth/login"))
        .json(&json!({"username": "alice", "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    let session: Session = login.json().await.unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    let stream =
        TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let url = format!("wss://localhost:{port}/api/ws/notification?token={}", session.access_token.expose());
    assert!(tokio_tungstenite::client_async(url, stream).await.is_ok());
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let [old, new] = [(); 2].map(|()| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, old.cert.pem()).unwrap();
    std::fs::write(&key, old.signing_key.serialize_pem()).unwrap();
    let house = House::with(|config| config.tls = Some(Tls { cert: cert.clone(), key: key.clone() })).await;
    let health = format!("https://localhost:{}/healthz", house.url.rsplit_once(':').unwrap().1);
    let trusting = |pem: String| {
        let trusted = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        // a handshake for each request
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        client.tls_certs_only([trusted]).build().unwrap()
    };
    let (before, after) = (trusting(old.cert.pem()), trusting(new.cert.pem()));
    assert!(before.get(&health).send().await.is_ok() && after.get(&health).send().await.is_err());
    std::fs::write(&key, new.signing_key.serialize_pem()).unwrap();
    std::fs::write(&cert, new.cert.pem()).unwrap();
    let renewed = async {
        while after.get(&health).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), renewed).await.expect("the new certificate is shown");
    assert!(before.get(&health).send().await.is_err());
}

#[tokio::test]
async fn a_certificate_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cert = folder.path().join("cert.pem");
    std::fs::write(&cert, "nothing of the kind").unwrap();
    let mut config = Config::new(folder.path().join("server.db"));
    config.tls = Some(Tls { cert: cert.clone(), key: cert.clone() });
    let error = Server::bind(config).await.err().unwrap();
    assert!(matches!(error, StartError::Tls(_)));
    assert!(error.to_string().contains(cert.to_str().unwrap()), "{error}");
}
