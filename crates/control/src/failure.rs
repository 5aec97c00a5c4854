use serde::{Deserialize, Serialize};

/// Why a request was not done: a code for programs and a sentence for people.
///
/// The window turns the code into its own words (`ui/src/errors.ts`); the message is the technical detail behind them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[error("{message}")]
pub struct Failure {
    /// What a program matches on.
    pub code: FailureCode,
    /// What happened and what can be done about it.
    pub message: String,
}

impl Failure {
    /// A failure from its parts.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Everything that a request can end with, other than success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum FailureCode {
    /// The server's address cannot be read as one.
    BadServerUrl,
    /// The address is plain `http`, is not loopback, and that was not allowed.
    UnencryptedRefused,
    /// No answer: DNS, TCP or time.
    ServerUnreachable,
    /// Something answered, but no server of a kind that Tidings knows.
    NotATidingsServer,
    /// Something answered, of another kind than was chosen. The message names both.
    OtherKindOfServer,
    /// The server's certificate is not trusted; nothing was sent.
    CertificateNotTrusted,
    /// The server asks for a client certificate, or does not accept the one it was shown.
    ClientCertificateNeeded,
    /// The CA file cannot be used; nothing was sent.
    CaFileUnusable,
    /// The client certificate's file cannot be used; nothing was sent.
    ClientCertificateUnusable,
    /// The client key's file cannot be used; nothing was sent.
    ClientKeyUnusable,
    /// A proxy, not the server, wants credentials.
    ProxyRefused,
    /// User or password is wrong.
    InvalidCredentials,
    /// Too many tries; wait.
    RateLimited,
    /// The server answered 5xx.
    ServerBusy,
    /// The server refuses this app or this user.
    Forbidden,
    /// There is no such token, or it does not work there.
    TokenRefused,
    /// At least one topic is needed, and none was named.
    TopicsNeeded,
    /// The server does not offer the chosen flow.
    FlowNotOffered,
    /// The keychain is locked and was not unlocked.
    KeychainLocked,
    /// There is no keychain, or it refuses.
    KeychainUnavailable,
    /// This user is signed in to this server already.
    AlreadySignedIn,
    /// No such account.
    UnknownAccount,
    /// No such notification in the inbox.
    UnknownNotification,
    /// The link's scheme is not one that Tidings opens.
    LinkRefused,
    /// The picture was not fetched: no answer, too large, or no picture.
    PictureUnavailable,
    /// The address behind a button did not answer, or refused.
    ActionFailed,
    /// An administrator has decided this setting.
    SettingLocked,
    /// The file for the export exists, or cannot be written.
    ExportFailed,
    /// The disk is full.
    StorageFull,
    /// The data folder cannot be written.
    StorageReadOnly,
    /// The inbox failed otherwise.
    StorageFailed,
    /// Starting with the session cannot be switched here.
    AutostartUnavailable,
    /// The window's program was not found or did not start.
    WindowUnavailable,
    /// The request cannot be read, or makes no sense.
    BadRequest,
    /// The agent does not run, or does not answer.
    AgentUnreachable,
    /// Agent and caller are of different versions.
    VersionMismatch,
    /// The agent did not answer in time.
    TimedOut,
    /// A fault of ours.
    Internal,
}
