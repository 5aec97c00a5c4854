//! What a command ends with. The numbers are a promise; `args` tells them to people.

use std::process::ExitCode;

use tidings_control::FailureCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    Done = 0,
    NotDone = 1,
    NoAgent = 3,
    AlreadyRunning = 4,
    SignInRefused = 5,
    ServerUnusable = 6,
    HostUnusable = 7,
}

impl Exit {
    pub(super) fn of(code: FailureCode) -> Self {
        use FailureCode as Code;
        match code {
            Code::AgentUnreachable => Self::NoAgent,
            Code::InvalidCredentials | Code::TokenRefused | Code::RateLimited | Code::Forbidden => {
                Self::SignInRefused
            }
            Code::BadServerUrl
            | Code::UnencryptedRefused
            | Code::ServerUnreachable
            | Code::NotATidingsServer
            | Code::OtherKindOfServer
            | Code::CertificateNotTrusted
            | Code::ClientCertificateNeeded
            | Code::CaFileUnusable
            | Code::ClientCertificateUnusable
            | Code::ClientKeyUnusable
            | Code::ProxyRefused
            | Code::ServerBusy
            | Code::FlowNotOffered => Self::ServerUnusable,
            Code::KeychainLocked
            | Code::KeychainUnavailable
            | Code::StorageFull
            | Code::StorageReadOnly
            | Code::StorageFailed => Self::HostUnusable,
            Code::AlreadySignedIn
            | Code::UnknownAccount
            | Code::UnknownNotification
            | Code::LinkRefused
            | Code::PictureUnavailable
            | Code::ActionFailed
            | Code::SettingLocked
            | Code::ExportFailed
            | Code::AutostartUnavailable
            | Code::WindowUnavailable
            | Code::BadRequest
            | Code::TopicsNeeded
            | Code::VersionMismatch
            | Code::TimedOut
            | Code::Internal => Self::NotDone,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
