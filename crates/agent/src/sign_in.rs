//! Signing in and out: what happens between a person's password and a stored session.
//!
//! Owns the order of the steps and the words for their failures. The password lives in [`Attempt`] until the one
//! request that carries it; it is in no error and no log. Refuses to touch the list of accounts, which is the loop's.

use std::{path::PathBuf, time::Duration};

use secrecy::ExposeSecret;
use tidings_control::{Failure, FailureCode, Probed, SignIn};
use tidings_engine::{
    Cursor, Dialect, Endpoint, Following, Found, Paths, SignInError, StoredSession, TlsFiles, Transport,
};
use tidings_protocol::{Device, Platform, Secret, is_legible};
use time::OffsetDateTime;

use crate::{
    convert,
    keychain::VaultError,
    kinds::{self, Kind, Nobody},
    session::SessionStore,
};

/// How long the server may take to end a session, before the token is forgotten without its word.
const GOODBYE: Duration = Duration::from_secs(5);

/// A sign-in that is about to be tried: the address is one.
#[derive(Debug)]
pub struct Attempt {
    endpoint: Endpoint,
    who: Who,
    dialect: Option<Dialect>,
    files: TlsFiles,
    /// The topics that were asked for.
    topics: Vec<String>,
    /// Those that such an account follows already.
    followed: Vec<Following>,
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
    User {
        username: String,
        password: Secret,
    },
    /// Whoever a token of the person's own stands for.
    Bearer {
        username: String,
        token: Secret,
    },
    Nobody,
}

/// Who signs in where, as far as that is known before the server has said more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Base address of the server, as accounts are known by.
    pub server: String,
    /// Who says so.
    pub claimant: Claimant,
}

/// See [`Claim`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Claimant {
    /// By this name.
    User(String),
    /// Whoever a token stands for: only the server knows.
    Bearer,
    /// Nobody is named.
    Nobody,
}

/// A sign-in that worked.
#[derive(Debug)]
pub struct SignedIn {
    /// Where.
    pub endpoint: Endpoint,
    /// Who; empty where nobody is named.
    pub username: String,
    /// With what; nothing is needed where anybody may ask.
    pub session: Option<StoredSession>,
    /// Where the server's log stood, if it says so.
    pub baseline: Option<Cursor>,
    /// The certificate files that it took.
    pub files: TlsFiles,
}

impl Attempt {
    /// Reads what the person typed.
    ///
    /// # Errors
    /// `BAD_SERVER_URL`, `UNENCRYPTED_REFUSED`, or `BAD_REQUEST` without a user name, or with a path or topic that is none.
    pub fn new(asked: &SignIn) -> Result<Self, Failure> {
        let dialect = asked.dialect.map(convert::engine_dialect);
        // the server's own preference is asked for before anything is signed in with it
        let mut endpoint =
            Endpoint::parse(&asked.server, dialect.unwrap_or(Dialect::Ticket), asked.allow_unencrypted)
                .map_err(|error| convert::address_failure(&error))?;
        if let Some(paths) = &asked.paths {
            endpoint.paths = Paths::with(paths).map_err(|error| convert::path_failure(&error))?;
        }
        let who = read_who(asked)?;
        let topics = kinds::read_topics(&asked.topics)?;
        let SignIn { ca_file, client_certificate, client_key, .. } = asked;
        let files =
            TlsFiles { ca: path(ca_file), certificate: path(client_certificate), key: path(client_key) };
        let identity = client_certificate.is_some() || client_key.is_some();
        let said = Said { ca: ca_file.is_some(), identity, paths: asked.paths.is_some() };
        Ok(Self { endpoint, who, dialect, files, topics, followed: Vec::new(), said })
    }

    /// Keeps the certificate files, paths and topics that this account has, unless something else was said.
    #[must_use]
    pub fn keeping(mut self, known: TlsFiles, paths: Paths, followed: Vec<Following>) -> Self {
        if self.topics.is_empty() {
            self.topics = followed.iter().map(|following| following.topic.clone()).collect();
        }
        self.followed = followed;
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

    /// Who it is for.
    pub fn claim(&self) -> Claim {
        let claimant = match &self.who {
            Who::User { username, .. } => Claimant::User(username.clone()),
            Who::Bearer { .. } => Claimant::Bearer,
            Who::Nobody => Claimant::Nobody,
        };
        Claim { server: self.endpoint.server.to_string(), claimant }
    }

    /// The kind of server that it is for, where a person has said so.
    pub fn kind(&self) -> Option<Kind> {
        self.dialect.map(Kind::of)
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

    /// Asks the server what it offers, and signs in. Where topics are followed, each may be read then.
    ///
    /// # Errors
    /// As `SignInError` has it, in words of the control interface; `OTHER_KIND_OF_SERVER`, `TOPICS_NEEDED`. What was
    /// created at the server is revoked again.
    pub async fn run(mut self, transport: &Transport) -> Result<SignedIn, Failure> {
        if let Err(error) = self.files.check().await {
            return Err(convert::sign_in_failure(&SignInError::TlsFile(error)));
        }
        let transport = &transport.with(self.files.clone());
        self.endpoint.dialect = self.find(transport).await?;
        let asks_for_topics = Kind::of(self.endpoint.dialect).asks_for_topics();
        if asks_for_topics {
            let topics = std::mem::take(&mut self.topics);
            self.endpoint.topics = kinds::follow(topics, &self.followed, OffsetDateTime::now_utc())?;
        }
        let signed_in = self.enter(transport).await?;
        if asks_for_topics {
            let SignedIn { endpoint, session, .. } = &signed_in;
            if let Err(error) = tidings_engine::check_topics(transport, endpoint, session.as_ref()).await {
                if let Some(session) = session {
                    end(transport, endpoint, session).await;
                }
                return Err(convert::sign_in_failure(&error));
            }
        }
        Ok(signed_in)
    }

    /// How to speak to who answers.
    async fn find(&self, transport: &Transport) -> Result<Dialect, Failure> {
        match (tidings_engine::detect(transport, &self.endpoint).await, self.dialect) {
            (Ok(found), asked) => kinds::choose(asked, &found.dialects),
            // somebody else's server that speaks one of the dialects: the person has said which
            (Err(SignInError::NotATidingsServer(_)), Some(asked)) => Ok(asked),
            (Err(error), _) => Err(convert::sign_in_failure(&error)),
        }
    }

    async fn enter(self, transport: &Transport) -> Result<SignedIn, Failure> {
        let Self { endpoint, who, files, .. } = self;
        let kind = Kind::of(endpoint.dialect);
        let (username, signed_in) = match who {
            Who::User { username, password } => {
                let device = device();
                let signed_in =
                    tidings_engine::sign_in(transport, &endpoint, &username, &password, &device).await;
                (username, signed_in)
            }
            Who::Bearer { username, token } => {
                kind.takes_tokens()?;
                let signed_in = tidings_engine::sign_in_with_token(transport, &endpoint, &token).await;
                let named = signed_in.as_ref().ok().and_then(|signed_in| signed_in.session.user.as_ref());
                let named = named.map(|user| user.name.chars().filter(|c| is_legible(*c)).collect());
                (named.unwrap_or(username), signed_in)
            }
            Who::Nobody => match kind.nobody()? {
                Nobody::Anonymous => {
                    let (username, session, baseline) = (String::new(), None, None);
                    return Ok(SignedIn { endpoint, username, session, baseline, files });
                }
                Nobody::Guest => {
                    (String::new(), tidings_engine::sign_in_as_guest(transport, &endpoint, &device()).await)
                }
            },
        };
        let tidings_engine::SignedIn { session, baseline } =
            signed_in.map_err(|error| convert::sign_in_failure(&error))?;
        Ok(SignedIn { endpoint, username, session: Some(session), baseline, files })
    }
}

fn read_who(asked: &SignIn) -> Result<Who, Failure> {
    let refused = |message| Err(Failure::new(FailureCode::BadRequest, message));
    let username = asked.username.trim().to_owned();
    let [password, token] =
        [&asked.password, &asked.token].map(|secret| Secret::from(secret.expose_secret()));
    match (asked.guest, token.is_empty()) {
        (true, _) => Ok(Who::Nobody),
        (false, false) if !password.is_empty() => refused("a password or a token, not both"),
        (false, false) => Ok(Who::Bearer { username, token }),
        (false, true) if username.is_empty() => refused("a user name is needed"),
        (false, true) => Ok(Who::User { username, password }),
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
        end(transport, &endpoint, &session).await;
    }
    store.forget().await
}

/// Ends a session at the server, if it answers.
pub async fn end(transport: &Transport, endpoint: &Endpoint, session: &StoredSession) {
    match tokio::time::timeout(GOODBYE, tidings_engine::sign_out(transport, endpoint, session)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the server did not end the session"),
        Err(_) => tracing::warn!("the server did not answer the sign-out"),
    }
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
