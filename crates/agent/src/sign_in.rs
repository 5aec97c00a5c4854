//! Signing in and out: what happens between a person's password and a stored session.
//!
//! Owns the order of the steps and the words for their failures. The password lives in [`Attempt`] until the one
//! request that carries it; it is in no error and no log. Refuses to touch the list of accounts, which is the loop's.

use std::{path::PathBuf, time::Duration};

use secrecy::ExposeSecret;
use tidings_control::{Failure, FailureCode, Probed, SignIn};
use tidings_engine::{
    Cursor, Dialect, Endpoint, Found, Paths, SignInError, StoredSession, TlsFiles, Transport,
};
use tidings_protocol::{Device, Platform, Secret};

use crate::{convert, keychain::VaultError, session::SessionStore};

/// How long the server may take to end a session, before the token is forgotten without its word.
const GOODBYE: Duration = Duration::from_secs(5);

/// A sign-in that is about to be tried: the address is one.
#[derive(Debug)]
pub struct Attempt {
    endpoint: Endpoint,
    who: Who,
    dialect: Option<Dialect>,
    files: TlsFiles,
    /// What was said, so that only the rest is kept as it is.
    said: Said,
}

/// What of its route a person has said something about.
#[derive(Clone, Copy, Debug)]
struct Said {
    ca: bool,
    identity: bool,
    paths: bool,
}

#[derive(Debug)]
enum Who {
    User { username: String, password: Secret },
    Guest,
}

/// A sign-in that worked.
#[derive(Debug)]
pub struct SignedIn {
    /// Where.
    pub endpoint: Endpoint,
    /// Who; empty for a guest.
    pub username: String,
    /// With what.
    pub session: StoredSession,
    /// Where the server's log stood, if it says so.
    pub baseline: Option<Cursor>,
    /// The certificate files that it took.
    pub files: TlsFiles,
}

impl Attempt {
    /// Reads what the person typed.
    ///
    /// # Errors
    /// `BAD_SERVER_URL`, `UNENCRYPTED_REFUSED`, or `BAD_REQUEST` without a user name or with a path that is none.
    pub fn new(asked: &SignIn) -> Result<Self, Failure> {
        let dialect = asked.dialect.map(convert::engine_dialect);
        // the server's own preference is asked for before anything is signed in with it
        let mut endpoint =
            Endpoint::parse(&asked.server, dialect.unwrap_or(Dialect::Ticket), asked.allow_unencrypted)
                .map_err(|error| convert::address_failure(&error))?;
        if let Some(paths) = &asked.paths {
            endpoint.paths = Paths::with(paths).map_err(|error| convert::path_failure(&error))?;
        }
        let who = match (asked.guest, asked.username.trim()) {
            (true, _) => Who::Guest,
            (false, "") => return Err(Failure::new(FailureCode::BadRequest, "a user name is needed")),
            (false, username) => Who::User {
                username: username.to_owned(),
                password: Secret::from(asked.password.expose_secret()),
            },
        };
        let SignIn { ca_file, client_certificate, client_key, .. } = asked;
        let files =
            TlsFiles { ca: path(ca_file), certificate: path(client_certificate), key: path(client_key) };
        let identity = client_certificate.is_some() || client_key.is_some();
        let said = Said { ca: ca_file.is_some(), identity, paths: asked.paths.is_some() };
        Ok(Self { endpoint, who, dialect, files, said })
    }

    /// Keeps the certificate files and paths that this account has, unless something else was said.
    #[must_use]
    pub fn keeping(mut self, known: TlsFiles, paths: Paths) -> Self {
        if !self.said.paths {
            self.endpoint.paths = paths;
        }
        if !self.said.ca {
            self.files.ca = known.ca;
        }
        if !self.said.identity {
            self.files.certificate = known.certificate;
            self.files.key = known.key;
        }
        self
    }

    /// The certificate files that it will take.
    pub fn files(&self) -> &TlsFiles {
        &self.files
    }

    /// The paths that it will take.
    pub fn paths(&self) -> &Paths {
        &self.endpoint.paths
    }

    /// Base address of the server, as accounts are known by.
    pub fn server(&self) -> &str {
        self.endpoint.server.as_str()
    }

    /// Who signs in; empty for a guest.
    pub fn username(&self) -> &str {
        match &self.who {
            Who::User { username, .. } => username,
            Who::Guest => "",
        }
    }

    /// Asks the server what it offers.
    ///
    /// # Errors
    /// As `SignInError` has it, in words of the control interface.
    pub async fn probe(self, transport: &Transport) -> Result<Probed, Failure> {
        let transport = &transport.with(self.files.clone());
        let found = tidings_engine::detect(transport, &self.endpoint).await;
        let Found { dialects, guests, version } = found.map_err(|error| convert::sign_in_failure(&error))?;
        Ok(Probed { guests, dialects: dialects.into_iter().map(convert::dialect).collect(), version })
    }

    /// Asks the server what it offers, and signs in.
    ///
    /// # Errors
    /// As `SignInError` has it, in words of the control interface.
    pub async fn run(mut self, transport: &Transport) -> Result<SignedIn, Failure> {
        if let Err(error) = self.files.check().await {
            return Err(convert::sign_in_failure(&SignInError::TlsFile(error)));
        }
        let transport = &transport.with(self.files.clone());
        match tidings_engine::detect(transport, &self.endpoint).await {
            Ok(found) => {
                self.endpoint.dialect = choose(self.dialect, &found.dialects).ok_or_else(|| {
                    let offered = found.dialects.iter().filter_map(|dialect| dialect.flow()).collect();
                    convert::sign_in_failure(&SignInError::FlowNotOffered { offered })
                })?;
            }
            // somebody else's server that speaks one of the dialects: the person has said which
            Err(SignInError::NotATidingsServer(_)) if self.dialect.is_some() => {}
            Err(error) => return Err(convert::sign_in_failure(&error)),
        }
        let username = self.username().to_owned();
        let Self { endpoint, who, files, .. } = self;
        let signed_in = match &who {
            Who::User { username, password } => {
                tidings_engine::sign_in(transport, &endpoint, username, password, &device()).await
            }
            Who::Guest => tidings_engine::sign_in_as_guest(transport, &endpoint, &device()).await,
        };
        let tidings_engine::SignedIn { session, baseline } =
            signed_in.map_err(|error| convert::sign_in_failure(&error))?;
        Ok(SignedIn { endpoint, username, session, baseline, files })
    }
}

/// A file's path as a person types it.
pub fn path(typed: &Option<String>) -> Option<PathBuf> {
    let typed = typed.as_deref().map(str::trim).filter(|typed| !typed.is_empty())?;
    match (typed.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => Some(home.join(rest)),
        _ => Some(PathBuf::from(typed)),
    }
}

/// The person's choice if the server offers it, else the server's first.
fn choose(asked: Option<Dialect>, offered: &[Dialect]) -> Option<Dialect> {
    match asked {
        Some(dialect) => offered.contains(&dialect).then_some(dialect),
        None => offered.first().copied(),
    }
}

/// This computer, as the server lists it.
pub fn device() -> Device {
    let name = hostname().unwrap_or_else(|| "desktop".to_owned());
    Device { name, platform: Platform::current() }
}

#[cfg(unix)]
fn hostname() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(not(unix))]
fn hostname() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Ends a session: at the server if it answers, and here in any case.
///
/// # Errors
/// When the keychain does not let go of it.
pub async fn sign_out(
    transport: &Transport,
    endpoint: Option<Endpoint>,
    store: &SessionStore,
) -> Result<(), VaultError> {
    use tidings_engine::Store;
    if let (Some(endpoint), Ok(Some(session))) = (endpoint, store.load().await) {
        match tokio::time::timeout(GOODBYE, tidings_engine::sign_out(transport, &endpoint, &session)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the server did not end the session"),
            Err(_) => tracing::warn!("the server did not answer the sign-out"),
        }
    }
    store.forget().await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn asked(server: &str, username: &str) -> SignIn {
        SignIn {
            server: server.into(),
            username: username.into(),
            password: "hunter2".to_owned().into(),
            token: String::new().into(),
            guest: false,
            dialect: None,
            topics: Vec::new(),
            allow_unencrypted: false,
            ca_file: None,
            client_certificate: None,
            client_key: None,
            paths: None,
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
            Attempt::new(&asked).unwrap().keeping(known.clone(), Paths::default()).files().clone()
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
            Attempt::new(&asked)
                .map(|attempt| attempt.keeping(TlsFiles::default(), known.clone()).paths().login.clone())
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
            assert_eq!(
                Attempt::new(&asked(server, username)).unwrap_err().code,
                code,
                "{server:?} {username:?}"
            );
        }
    }

    #[test]
    fn a_guest_needs_no_name_and_is_told_by_having_none() {
        let asked = SignIn { guest: true, ..asked("example.com", "alice") };
        assert_eq!(Attempt::new(&asked).unwrap().username(), "");
    }

    #[test]
    fn an_attempt_does_not_print_its_password() {
        let attempt = Attempt::new(&asked("example.com", " alice ")).unwrap();
        assert_eq!(attempt.username(), "alice");
        assert!(!format!("{attempt:?}").contains("hunter2"));
    }

    #[test]
    fn the_person_chooses_among_what_is_offered_else_the_server() {
        use Dialect::{Ticket, Token};
        for (asked, offered, chosen) in [
            (None, vec![Ticket, Token], Some(Ticket)),
            (None, vec![Token], Some(Token)),
            (Some(Token), vec![Ticket, Token], Some(Token)),
            (Some(Ticket), vec![Token], None),
            (None, vec![], None),
        ] {
            assert_eq!(choose(asked, &offered), chosen, "{asked:?} {offered:?}");
        }
    }
}
