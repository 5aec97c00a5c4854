//! Which certificates are believed, which are shown, and what is said of those that are not.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa};
use rustls::SupportedProtocolVersion;
use tidings_engine::{
    CauseKind, Endpoint, FileTrouble, MemoryStore, Retry, SignInError, Store as _, TlsFiles, Transport,
    probe, sign_in,
};
use tidings_protocol::{Flow, Secret};
use time::{Duration, OffsetDateTime};

use crate::{
    authority::{Authority, Pair, self_signed},
    front::Front,
    house::{Client, House, PASSWORD, device},
};

const HERE: &[&str] = &["127.0.0.1"];

static TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
static TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

fn endpoint(port: u16, flow: Flow) -> Endpoint {
    Endpoint::parse(&format!("https://127.0.0.1:{port}"), flow, false).unwrap()
}

fn trusting(authority: &Authority) -> TlsFiles {
    TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() }
}

async fn refusal(port: u16, files: TlsFiles) -> SignInError {
    probe(&Transport::new().unwrap().with(files), &endpoint(port, Flow::Ticket)).await.unwrap_err()
}

/// Signs alice in and connects her by both flows, all of it with these files.
async fn whole_way(house: &House, port: u16, files: TlsFiles) {
    let transport = Transport::new().unwrap().with(files);
    for flow in [Flow::Ticket, Flow::Token] {
        let endpoint = endpoint(port, flow);
        probe(&transport, &endpoint).await.unwrap();
        let password = Secret::from(PASSWORD);
        let signed_in = sign_in(&transport, &endpoint, "alice", &password, &device()).await.unwrap();
        let store = MemoryStore::signed_in(signed_in.session);
        let mut client = Client::begin_by(transport.clone(), endpoint, store);
        client.connected().await;
        house.publish("hello").await;
        assert_eq!(client.arrival().await.notification.title, "hello");
    }
}

#[tokio::test]
async fn a_private_ca_is_trusted_with_its_file_and_only_then() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let port = Front::new(&authority.certify(HERE, |_| {})).of(&house).await;
    let unknown = SignInError::CertificateNotTrusted("its issuer is not known to this machine".into());
    assert_eq!(refusal(port, TlsFiles::default()).await, unknown);
    assert_eq!(refusal(port, trusting(&Authority::new("Theirs"))).await, unknown);
    whole_way(&house, port, trusting(&authority)).await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_if_it_is_the_file_itself() {
    let house = House::new().await;
    let as_ca = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let plain: fn(&mut CertificateParams) = |_| {};
    for (marked, unknown) in [(false, "it is self-signed"), (true, "it is self-signed, or a CA's own")] {
        let make =
            |names: &[&str]| if marked { self_signed(names, as_ca) } else { self_signed(names, plain) };
        let folder = tempfile::tempdir().unwrap();
        let file = |pair: &Pair, name: &str| {
            let ca = Some(pair.public(&folder.path().join(name)));
            TlsFiles { ca, ..TlsFiles::default() }
        };
        let (own, same_names) = (make(HERE), make(HERE));
        let port = Front::new(&own).of(&house).await;
        assert_eq!(
            refusal(port, TlsFiles::default()).await,
            SignInError::CertificateNotTrusted(unknown.into())
        );
        assert!(matches!(
            refusal(port, file(&same_names, "other.pem")).await,
            SignInError::CertificateNotTrusted(_)
        ));
        whole_way(&house, port, file(&own, "own.pem")).await;
        // being known does not make it right for another host, or for ever
        let elsewhere = make(&["elsewhere.example"]);
        let port = Front::new(&elsewhere).of(&house).await;
        let SignInError::CertificateNotTrusted(words) =
            refusal(port, file(&elsewhere, "elsewhere.pem")).await
        else {
            panic!("trusted for another host")
        };
        assert_eq!(words, "it belongs to elsewhere.example, not to 127.0.0.1");
    }
    let expired = self_signed(HERE, |params| {
        as_ca(params);
        params.not_after = OffsetDateTime::now_utc() - Duration::days(3);
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = Some(expired.public(&folder.path().join("expired.pem")));
    let port = Front::new(&expired).of(&house).await;
    let error = refusal(port, TlsFiles { ca, ..TlsFiles::default() }).await;
    assert_eq!(error, SignInError::CertificateNotTrusted("it expired 3 days ago".into()));
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_in_words() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let now = OffsetDateTime::now_utc();
    let expired = authority.certify(HERE, |params| params.not_after = now - Duration::days(3));
    let early = authority.certify(HERE, |params| params.not_before = now + Duration::days(1));
    let elsewhere = authority.certify(&["a.example", "*.b.example"], |_| {});
    let for_clients = authority
        .certify(HERE, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    for (pair, expected) in [
        (expired, "it expired 3 days ago"),
        (early, "it is not valid yet; check this machine's clock"),
        (elsewhere, "it belongs to a.example, *.b.example, not to 127.0.0.1"),
        (for_clients, "it is not meant for servers"),
    ] {
        let port = Front::new(&pair).of(&house).await;
        let error = refusal(port, trusting(&authority)).await;
        assert_eq!(error, SignInError::CertificateNotTrusted(expected.into()));
        // a connection that is refused so stops, and keeps its session
        let store = MemoryStore::signed_in(house.session().await);
        let transport = Transport::new().unwrap().with(trusting(&authority));
        let client = Client::begin_by(transport, endpoint(port, Flow::Ticket), store.clone());
        let (kind, detail, retry) = client.disconnected().await;
        assert_eq!((kind, detail.as_str(), retry), (CauseKind::Certificate, expected, Retry::No));
        assert!(store.load().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks_for_one() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let server = authority.certify(HERE, |_| {});
    let client = authority.certify(&["alice"], |_| {});
    for versions in [TLS13, TLS12] {
        let front = Front { wants: Some(&authority), versions, ..Front::new(&server) };
        let port = front.of(&house).await;
        let path = |name: &str| authority.folder().join(name);
        let both = Some(client.both(&path("both.pem")));
        whole_way(&house, port, TlsFiles { certificate: both, ..trusting(&authority) }).await;
        let (certificate, key) = (client.public(&path("me.pem")), client.private(&path("me.key")));
        let two = TlsFiles { certificate: Some(certificate), key: Some(key), ..trusting(&authority) };
        whole_way(&house, port, two).await;
    }
    // and to no server that does not ask
    let port = Front::new(&server).of(&house).await;
    let certificate = Some(client.both(&authority.folder().join("both.pem")));
    whole_way(&house, port, TlsFiles { certificate, ..trusting(&authority) }).await;
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_or_refused_is_named() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let server = authority.certify(HERE, |_| {});
    let expired = authority.certify(&["alice"], |params| {
        params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
    });
    let foreign = Authority::new("Theirs").certify(&["alice"], |_| {});
    let with = |pair: &Pair, name: &str| TlsFiles {
        certificate: Some(pair.both(&authority.folder().join(name))),
        ..trusting(&authority)
    };
    for versions in [TLS13, TLS12] {
        let port = Front { wants: Some(&authority), versions, ..Front::new(&server) }.of(&house).await;
        for (files, expected) in [
            (trusting(&authority), "asks for a client certificate"),
            (with(&expired, "expired.pem"), "expired"),
            (with(&foreign, "foreign.pem"), "does not accept the client certificate"),
        ] {
            told(port, files, expected).await;
        }
    }
}

/// In TLS 1.3 a server learns of the certificate only after the client has begun to speak. If it hangs up with
/// something unread, its last word may be lost; the cause says then what the server had asked for, and the attempt is
/// made again.
async fn told(port: u16, files: TlsFiles, expected: &str) {
    let mut tries = 0;
    loop {
        match refusal(port, files.clone()).await {
            SignInError::ClientCertificate(words) => return assert!(words.contains(expected), "{words}"),
            SignInError::Unreachable(_) if tries < 50 => tries += 1,
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_without_the_certificate_stops_and_keeps_its_session() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let server = authority.certify(HERE, |_| {});
    let port = Front { wants: Some(&authority), versions: TLS12, ..Front::new(&server) }.of(&house).await;
    let store = MemoryStore::signed_in(house.session().await);
    let transport = Transport::new().unwrap().with(trusting(&authority));
    let client = Client::begin_by(transport, endpoint(port, Flow::Token), store.clone());
    let (kind, detail, retry) = client.disconnected().await;
    assert_eq!((kind, retry), (CauseKind::ClientCertificate, Retry::No), "{detail}");
    assert!(store.load().await.unwrap().is_some());
}

#[tokio::test]
async fn renewed_files_are_used_from_the_next_connection_on() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let server = authority.certify(HERE, |_| {});
    let port = Front { wants: Some(&authority), versions: TLS12, ..Front::new(&server) }.of(&house).await;
    let expired = authority.certify(&["alice"], |params| {
        params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
    });
    let path = authority.folder().join("me.pem");
    let files = TlsFiles { certificate: Some(expired.both(&path)), ..trusting(&authority) };
    let transport = Transport::new().unwrap().with(files);
    let store = MemoryStore::signed_in(house.session().await);
    let mut client = Client::begin_by(transport, endpoint(port, Flow::Ticket), store);
    assert_eq!(client.disconnected().await.0, CauseKind::ClientCertificate);
    authority.certify(&["alice"], |_| {}).both(&path);
    client.connection.connect();
    client.connected().await;
}

#[tokio::test]
async fn files_that_do_not_fit_for_a_moment_are_read_again_before_anything_stops() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let port = Front::new(&authority.certify(HERE, |_| {})).of(&house).await;
    let path = |name: &str| authority.folder().join(name);
    let (old, new) = (authority.certify(&["alice"], |_| {}), authority.certify(&["alice"], |_| {}));
    // the certificate is renewed already, its key is not
    let (certificate, key) = (new.public(&path("me.pem")), old.private(&path("me.key")));
    let files = TlsFiles { certificate: Some(certificate), key: Some(key), ..trusting(&authority) };
    assert_eq!(files.check().await.unwrap_err().trouble, FileTrouble::Mismatch);
    let transport = Transport::new().unwrap().with(files);
    let endpoint = endpoint(port, Flow::Ticket);
    let mut probing = std::pin::pin!(probe(&transport, &endpoint));
    // one look at the files, and then the key follows
    let first = tokio::time::timeout(std::time::Duration::from_millis(200), &mut probing).await;
    assert!(first.is_err(), "{first:?}");
    new.private(&path("me.key"));
    probing.await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_gone_stops_a_connection_until_somebody_acts() {
    let (house, authority) = (House::new().await, Authority::new("Ours"));
    let port = Front::new(&authority.certify(HERE, |_| {})).of(&house).await;
    let files = trusting(&authority);
    let ca = files.ca.clone().unwrap();
    std::fs::remove_file(&ca).unwrap();
    let store = MemoryStore::signed_in(house.session().await);
    let transport = Transport::new().unwrap().with(files);
    let mut client = Client::begin_by(transport, endpoint(port, Flow::Ticket), store.clone());
    let (kind, detail, retry) = client.disconnected().await;
    assert_eq!((kind, retry), (CauseKind::CertificateFile, Retry::No));
    assert_eq!(detail, format!("the CA file {} is not there", ca.display()));
    assert!(store.load().await.unwrap().is_some());
    authority.file();
    client.connection.connect();
    client.connected().await;
}
