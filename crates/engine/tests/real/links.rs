//! What is told of how a connection was made.

use rcgen::DnType;
use rustls::SupportedProtocolVersion;
use tidings_engine::{Diagnosis, Endpoint, Link, MemoryStore, Options, TlsFiles, TlsLink, Transport};
use tidings_protocol::Flow;
use time::macros::datetime;

use crate::{
    authority::Authority,
    front::Front,
    house::{Client, House},
};

static TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
static TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

async fn diagnosis(client: &Client) -> Diagnosis {
    client.connection.diagnosis().await.expect("the connection stands")
}

#[tokio::test]
async fn what_tls_was_made_of_is_told_as_the_certificate_has_it() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let not_after = datetime!(2051-02-03 04:05:06 UTC);
    let pair = authority.certify(&["127.0.0.1"], |params| {
        params.distinguished_name.push(DnType::CommonName, "alerts of ours");
        params.not_after = not_after;
    });
    let digest = ring::digest::digest(&ring::digest::SHA256, &pair.certificate);
    let fingerprint: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    for (versions, version) in [(TLS12, "TLS 1.2"), (TLS13, "TLS 1.3")] {
        let port = Front { versions, ..Front::new(&pair) }.of(&house).await;
        let files = TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() };
        let transport = Transport::new().unwrap().with(files);
        let endpoint = Endpoint::parse(&format!("https://127.0.0.1:{port}"), Flow::Ticket, false).unwrap();
        let path = endpoint.paths.socket_ticket.clone();
        let store = MemoryStore::signed_in(house.session().await);
        let mut client = Client::begin_by(transport, endpoint, store);
        client.connected().await;
        let tls = TlsLink {
            version,
            subject: "alerts of ours".into(),
            issuer: "Ours".into(),
            not_after: Some(not_after),
            fingerprint: fingerprint.clone(),
        };
        let peer = format!("127.0.0.1:{port}").parse().ok();
        let link = Link { url: format!("wss://127.0.0.1:{port}{path}"), peer, tls: Some(tls) };
        assert_eq!(diagnosis(&client).await.link, Some(link));
    }
}

#[tokio::test]
async fn a_connection_in_clear_has_no_tls_and_is_told_of_also_when_it_is_over() {
    let mut house = House::new().await;
    for flow in [Flow::Ticket, Flow::Token] {
        let client = house.connect(flow).await;
        let Diagnosis { link, keepalive, .. } = diagnosis(&client).await;
        let link = link.unwrap();
        let port = house.endpoint(flow).server.port().unwrap();
        assert!(link.url.starts_with(&format!("ws://127.0.0.1:{port}/")), "{link:?}");
        assert!(!link.url.contains('?'), "{link:?}");
        assert_eq!((link.peer, &link.tls), (format!("127.0.0.1:{port}").parse().ok(), &None));
        assert_eq!(keepalive, Options::default().keepalive);
        house.kill().await;
        client.disconnected().await;
        assert_eq!(diagnosis(&client).await.link, Some(link));
        house.start().await;
    }
}
