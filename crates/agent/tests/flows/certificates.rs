//! Accounts with certificate files of their own.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tidings_control::{Account, CauseKind, Failure, FailureCode, Reply, Request, SignIn, State};
use tidings_server::Tls;

use crate::stage::{Computer, PASSWORD, Running, World};

/// A server with a certificate of a CA that only a file knows.
struct Private {
    world: World,
    ca: PathBuf,
    _folder: TempDir,
}

async fn private() -> Private {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let server_key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = params.signed_by(&server_key, &issuer).unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("ca.pem"), authority.pem()).unwrap();
    fs::write(path("server.pem"), server.pem()).unwrap();
    fs::write(path("server.key"), server_key.serialize_pem()).unwrap();
    let tls = Tls { cert: path("server.pem"), key: path("server.key") };
    let world = World::with(|config| config.tls = Some(tls)).await;
    Private { world, ca: path("ca.pem"), _folder: folder }
}

impl Private {
    fn asked(&self, ca_file: Option<&str>) -> SignIn {
        SignIn {
            server: self.world.url.clone(),
            username: "alice".into(),
            password: PASSWORD.to_owned().into(),
            ca_file: ca_file.map(str::to_owned),
            ..SignIn::default()
        }
    }

    async fn sign_in(&self, agent: &Running, ca_file: Option<&str>) -> Result<Account, Failure> {
        match agent.client.call(Request::SignIn(self.asked(ca_file))).await? {
            Reply::Account(account) => Ok(account),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_private_ca_is_trusted_by_the_account_that_brings_its_file() {
    let (private, computer) = (private().await, Computer::new());
    let mut agent = computer.start().await;
    let code = |result: Result<Account, Failure>| result.unwrap_err().code;
    assert_eq!(code(private.sign_in(&agent, None).await), FailureCode::CertificateNotTrusted);
    let missing = private.ca.with_extension("gone");
    assert_eq!(
        code(private.sign_in(&agent, Some(missing.to_str().unwrap())).await),
        FailureCode::CaFileUnusable
    );
    let ca = private.ca.to_str().unwrap();
    private.sign_in(&agent, Some(ca)).await.unwrap();
    agent.connected().await;

    // it is the account's, so it is there after a restart, and may be moved by signing in again
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
    assert_eq!(code(private.sign_in(&agent, Some(ca)).await), FailureCode::AlreadySignedIn);
    let moved = private.ca.with_file_name("moved.pem");
    fs::rename(&private.ca, &moved).unwrap();
    agent.client.call(Request::Reconnect { account: None }).await.unwrap();
    let status = agent.status(|status| status.state == State::Disconnected && status.cause.is_some()).await;
    assert_eq!(status.cause.unwrap().kind, CauseKind::CertificateFile);
    assert_eq!(status.retry_at, None);
    private.sign_in(&agent, Some(moved.to_str().unwrap())).await.unwrap();
    agent.connected().await;
    assert_eq!(agent.snapshot().await.accounts.len(), 1);

    // whoever signs in again is asked for nothing of that, and it is looked there by the same way before
    let account = agent.snapshot().await.accounts.remove(0).id;
    agent.done(Request::SignOut { account }).await;
    let look = SignIn { guest: true, username: String::new(), ..private.asked(None) };
    let probed = agent.client.call(Request::Probe(look)).await;
    assert!(matches!(probed, Ok(Reply::Probed(_))), "{probed:?}");
    private.sign_in(&agent, None).await.unwrap();
    agent.connected().await;
}
