use std::collections::BTreeMap;

use super::*;

fn asked(server: &str, username: &str) -> SignIn {
    SignIn {
        server: server.into(),
        username: username.into(),
        password: "hunter2".to_owned().into(),
        ..SignIn::default()
    }
}

#[test]
fn files_are_kept_unless_something_else_is_said() {
    let known = TlsFiles {
        ca: Some("/known/ca.pem".into()),
        certificate: Some("/known/me.pem".into()),
        key: Some("/known/me.key".into()),
    };
    let files = |change: fn(&mut SignIn)| {
        let mut asked = asked("example.com", "alice");
        change(&mut asked);
        Attempt::new(&asked).unwrap().keeping(known.clone(), Paths::default(), Vec::new()).files().clone()
    };
    assert_eq!(files(|_| {}), known);
    let other = files(|asked| asked.ca_file = Some(" /other/ca.pem ".into()));
    assert_eq!(other, TlsFiles { ca: Some("/other/ca.pem".into()), ..known.clone() });
    // a certificate and its key belong together
    let other = files(|asked| asked.client_certificate = Some("/other/both.pem".into()));
    assert_eq!((other.certificate, other.key), (Some("/other/both.pem".into()), None));
    let none = files(|asked| {
        asked.ca_file = Some(String::new());
        asked.client_certificate = Some(String::new());
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn paths_are_kept_unless_others_are_said() {
    let paths = |path: &str| BTreeMap::from([("login".to_owned(), path.to_owned())]);
    let known = Paths::with(&paths("/known")).unwrap();
    let kept = |said: Option<BTreeMap<String, String>>| {
        let asked = SignIn { paths: said, ..asked("example.com", "alice") };
        Attempt::new(&asked).map(|attempt| {
            attempt.keeping(TlsFiles::default(), known.clone(), Vec::new()).paths().login.clone()
        })
    };
    assert_eq!(kept(None).unwrap(), "/known");
    assert_eq!(kept(Some(paths("/other"))).unwrap(), "/other");
    assert_eq!(kept(Some(BTreeMap::new())).unwrap(), Paths::default().login);
    assert_eq!(kept(Some(paths("other"))).unwrap_err().code, FailureCode::BadRequest);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_before_anything_is_sent() {
    let mut asked = asked("https://127.0.0.1:1", "alice");
    asked.client_certificate = Some("me.pem".into());
    let failure = Attempt::new(&asked).unwrap().run(&Transport::new().unwrap()).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::ClientCertificateUnusable);
    assert_eq!(failure.message, "the client certificate me.pem is not a full path");
}

#[test]
fn what_cannot_be_tried_is_refused_before_anything_is_sent() {
    for (server, username, code) in [
        ("", "alice", FailureCode::BadServerUrl),
        ("ftp://example.com", "alice", FailureCode::BadServerUrl),
        ("http://example.com", "alice", FailureCode::UnencryptedRefused),
        ("example.com", "  ", FailureCode::BadRequest),
    ] {
        assert_eq!(Attempt::new(&asked(server, username)).unwrap_err().code, code, "{server:?} {username:?}");
    }
}

#[test]
fn a_guest_needs_no_name_and_is_told_by_having_none() {
    let asked = SignIn { guest: true, ..asked("example.com", "alice") };
    assert_eq!(Attempt::new(&asked).unwrap().claim().claimant, Claimant::Nobody);
}

#[test]
fn an_attempt_does_not_print_its_password() {
    let attempt = Attempt::new(&asked("example.com", " alice ")).unwrap();
    assert_eq!(attempt.claim().claimant, Claimant::User("alice".into()));
    assert!(!format!("{attempt:?}").contains("hunter2"));
}

#[test]
fn a_token_needs_no_name_and_no_password_and_is_not_printed() {
    let token = |asked: SignIn| Attempt::new(&SignIn { token: "tk_secret".to_owned().into(), ..asked });
    let nameless = SignIn { password: String::new().into(), ..asked("example.com", "") };
    let attempt = token(nameless).unwrap();
    assert_eq!(attempt.claim().claimant, Claimant::Bearer);
    assert!(!format!("{attempt:?}").contains("tk_secret"));
    assert_eq!(token(asked("example.com", "alice")).unwrap_err().code, FailureCode::BadRequest);
}

#[test]
fn topics_are_kept_unless_others_are_said() {
    let since = OffsetDateTime::UNIX_EPOCH;
    let followed = vec![Following { topic: "disks".into(), since }];
    let topics = |said: &[&str]| {
        let topics = said.iter().map(|topic| (*topic).to_owned()).collect();
        let attempt = Attempt::new(&SignIn { topics, ..asked("example.com", "alice") }).unwrap();
        attempt.keeping(TlsFiles::default(), Paths::default(), followed.clone()).topics
    };
    assert_eq!(topics(&[]), ["disks"]);
    assert_eq!(topics(&["builds"]), ["builds"]);
}
