//! The engine's and the inbox's words in those of the control interface.
//!
//! Owns the translation, one function a type, each exhaustive. Refuses to decide anything.

use std::{path::PathBuf, time::Duration};

use tidings_control::{
    Action, Attachment, Cause, CauseKind, Colour, Diagnosis, Dialect, Disposition, Failure, FailureCode,
    InboxQuery, Item, Link, Page, Priority, Proxy, Reported, RoundTrip, State, Status, Tls, Topic,
};
use tidings_engine::{
    AddressError, Following, PathError, Paths, ProxyChoice, Retry, SignInError, TlsFile, TlsFiles,
};
use tidings_inbox::{AccountRow, InboxError, Query, Row, TopicRow};

use crate::keychain::VaultError;

/// A connection's status.
pub fn status(status: &tidings_engine::Status) -> Status {
    use tidings_engine::State as Engine;
    let (state, cause, retry_at) = match &status.state {
        Engine::Initial => (State::Initial, None, None),
        Engine::Connecting(_) => (State::Connecting, None, None),
        Engine::Connected => (State::Connected, None, None),
        Engine::Disconnecting => (State::Disconnecting, None, None),
        Engine::Disconnected { cause, retry } => {
            let retry_at = match retry {
                Retry::At(time) => Some(*time),
                Retry::WhenOnline | Retry::No => None,
            };
            let cause = Cause { kind: cause_kind(cause.kind), detail: cause.detail.clone() };
            (State::Disconnected, Some(cause), retry_at)
        }
    };
    Status { state, attempt: status.attempt, cause, retry_at, since: status.since }
}

/// What a connection knows of itself, filled into what is known without it; `cursor` is how far the log was received.
pub fn diagnosis(
    outline: Diagnosis,
    known: &tidings_engine::Diagnosis,
    cursor: Option<(String, u64)>,
) -> Diagnosis {
    Diagnosis {
        status: status(&known.status),
        round_trip: known.round_trip.as_ref().map(round_trip),
        round_trips: known.round_trips.iter().map(round_trip).collect(),
        transitions: known.transitions.iter().map(status).collect(),
        unreadable: known.unreadable,
        link: known.link.as_ref().map(|made| link(made, known.keepalive, cursor)),
        reported: known.reported.as_ref().map(|reported| Reported {
            code: reported.code.clone(),
            message: reported.message.clone(),
            at: reported.at,
        }),
        ..outline
    }
}

fn link(link: &tidings_engine::Link, keepalive: Option<Duration>, cursor: Option<(String, u64)>) -> Link {
    let (epoch, seq) = cursor.unzip();
    Link {
        url: link.url.clone(),
        peer: link.peer.map(|peer| peer.to_string()),
        tls: link.tls.as_ref().map(|tls| Tls {
            version: tls.version.to_owned(),
            subject: tls.subject.clone(),
            issuer: tls.issuer.clone(),
            not_after: tls.not_after,
            fingerprint: tls.fingerprint.clone(),
        }),
        epoch,
        seq,
        keepalive_s: keepalive.map_or(0, |interval| u32::try_from(interval.as_secs()).unwrap_or(u32::MAX)),
    }
}

fn round_trip(trip: &tidings_engine::RoundTrip) -> RoundTrip {
    RoundTrip { ms: trip.took.as_secs_f64() * 1000.0, at: trip.at }
}

fn cause_kind(kind: tidings_engine::CauseKind) -> CauseKind {
    use tidings_engine::CauseKind as Engine;
    match kind {
        Engine::Offline => CauseKind::Offline,
        Engine::Unreachable => CauseKind::Unreachable,
        Engine::ServerBusy => CauseKind::ServerBusy,
        Engine::Restarting => CauseKind::Restarting,
        Engine::SignInNeeded => CauseKind::SignInNeeded,
        Engine::Blocked => CauseKind::Blocked,
        Engine::NotSuchServer => CauseKind::NotSuchServer,
        Engine::Certificate => CauseKind::Certificate,
        Engine::ClientCertificate => CauseKind::ClientCertificate,
        Engine::CertificateFile => CauseKind::CertificateFile,
        Engine::Proxy => CauseKind::Proxy,
        Engine::KeychainLocked => CauseKind::KeychainLocked,
        Engine::GaveUp => CauseKind::GaveUp,
        Engine::Stopped => CauseKind::Stopped,
    }
}

/// How a server is spoken to.
pub fn dialect(dialect: tidings_engine::Dialect) -> Dialect {
    use tidings_engine::Dialect as Engine;
    match dialect {
        Engine::Ticket => Dialect::Ticket,
        Engine::Token => Dialect::Token,
        Engine::Gotify => Dialect::Gotify,
        Engine::Ntfy => Dialect::Ntfy,
    }
}

/// The other way round.
pub fn engine_dialect(dialect: Dialect) -> tidings_engine::Dialect {
    use tidings_engine::Dialect as Engine;
    match dialect {
        Dialect::Ticket => Engine::Ticket,
        Dialect::Token => Engine::Token,
        Dialect::Gotify => Engine::Gotify,
        Dialect::Ntfy => Engine::Ntfy,
    }
}

/// The dialect of an account. One of another version is none that is known here.
pub fn stored_dialect(row: &AccountRow) -> tidings_engine::Dialect {
    tidings_engine::Dialect::of_name(&row.dialect).unwrap_or_else(|| {
        tracing::warn!(account = row.id, dialect = row.dialect, "the stored dialect is not known");
        tidings_engine::Dialect::Ticket
    })
}

/// The topics that an account follows. What cannot be read is none.
pub fn topics(row: &AccountRow) -> Vec<Following> {
    let Some(stored) = &row.topics else { return Vec::new() };
    serde_json::from_str(stored).unwrap_or_else(|error| {
        tracing::warn!(account = row.id, %error, "the stored topics cannot be read");
        Vec::new()
    })
}

/// The other way round.
pub fn stored_topics(topics: &[Following]) -> Option<String> {
    // infallible: strings and dates
    (!topics.is_empty()).then(|| serde_json::to_string(topics).unwrap_or_default())
}

/// What marks an account, by the name that the inbox keeps. One of another version is none.
pub fn colour(stored: Option<&str>) -> Colour {
    let is_it = |colour: &&Colour| stored == Some(stored_colour(**colour));
    COLOURS.iter().find(is_it).copied().unwrap_or_default()
}

/// The other way round.
pub fn stored_colour(colour: Colour) -> &'static str {
    match colour {
        Colour::Brass => "brass",
        Colour::Rose => "rose",
        Colour::Violet => "violet",
        Colour::Blue => "blue",
        Colour::Teal => "teal",
        Colour::Green => "green",
    }
}

/// All that may mark an account, in the order in which they are given to new ones.
pub const COLOURS: [Colour; 6] =
    [Colour::Brass, Colour::Teal, Colour::Violet, Colour::Rose, Colour::Blue, Colour::Green];

/// How urgent a notification is.
pub fn priority(priority: tidings_protocol::Priority) -> Priority {
    use tidings_protocol::Priority as Wire;
    match priority {
        Wire::Min => Priority::Min,
        Wire::Low => Priority::Low,
        Wire::Default => Priority::Default,
        Wire::High => Priority::High,
        Wire::Urgent => Priority::Urgent,
    }
}

/// The other way round.
pub fn protocol_priority(priority: Priority) -> tidings_protocol::Priority {
    use tidings_protocol::Priority as Wire;
    match priority {
        Priority::Min => Wire::Min,
        Priority::Low => Wire::Low,
        Priority::Default => Wire::Default,
        Priority::High => Wire::High,
        Priority::Urgent => Wire::Urgent,
    }
}

/// Which rows are asked for.
pub fn query(query: InboxQuery) -> Query {
    let InboxQuery { account, before, limit, unread, kept, topic, least_priority, search } = query;
    let least_priority = least_priority.map(protocol_priority);
    Query { account, before, limit, unread, kept, topic, least_priority, search }
}

fn disposition(disposition: tidings_inbox::Disposition) -> Disposition {
    use tidings_inbox::Disposition as Stored;
    match disposition {
        Stored::Pending => Disposition::Pending,
        Stored::Shown => Disposition::Shown,
        Stored::Summarized => Disposition::Summarized,
        Stored::DoNotDisturb => Disposition::DoNotDisturb,
        Stored::Expired => Disposition::Expired,
        Stored::AlreadyRead => Disposition::AlreadyRead,
        Stored::LowPriority => Disposition::LowPriority,
        Stored::NoToasts => Disposition::NoToasts,
        Stored::QuietHours => Disposition::QuietHours,
        Stored::Muted => Disposition::Muted,
        Stored::DesktopQuiet => Disposition::DesktopQuiet,
    }
}

/// The other way round.
pub fn stored_disposition(disposition: Disposition) -> tidings_inbox::Disposition {
    use tidings_inbox::Disposition as Stored;
    match disposition {
        Disposition::Pending => Stored::Pending,
        Disposition::Shown => Stored::Shown,
        Disposition::Summarized => Stored::Summarized,
        Disposition::DoNotDisturb => Stored::DoNotDisturb,
        Disposition::Expired => Stored::Expired,
        Disposition::AlreadyRead => Stored::AlreadyRead,
        Disposition::LowPriority => Stored::LowPriority,
        Disposition::NoToasts => Stored::NoToasts,
        Disposition::QuietHours => Stored::QuietHours,
        Disposition::Muted => Stored::Muted,
        Disposition::DesktopQuiet => Stored::DesktopQuiet,
    }
}

fn action(action: tidings_protocol::Action) -> Action {
    // what its call carries is nobody's to see
    let tidings_protocol::Action { id, label, url, method, headers: _, body: _, copy } = action;
    Action { id, label, url, method, copy }
}

fn attachment(attachment: tidings_protocol::Attachment) -> Attachment {
    let tidings_protocol::Attachment { name, url, media_type, size, expires_at } = attachment;
    Attachment { name, url, media_type, size, expires_at }
}

/// A row of the inbox.
pub fn item(row: Row) -> Item {
    Item {
        id: row.id,
        account: row.account,
        server_id: row.server_id,
        seq: row.seq,
        title: row.title,
        body: row.body,
        priority: priority(row.priority),
        topic: row.topic,
        tags: row.tags,
        click_url: row.click_url,
        actions: row.actions.into_iter().map(action).collect(),
        icon_url: row.icon_url,
        image_url: row.image_url,
        attachment: row.attachment.map(attachment),
        plain: row.plain,
        created_at: row.created_at,
        received_at: row.received_at,
        read: row.read,
        kept: row.kept,
        disposition: disposition(row.disposition),
    }
}

/// A topic.
pub fn topic(topic: TopicRow) -> Topic {
    let TopicRow { account, name, unread } = topic;
    Topic { account, name, unread }
}

/// A page of the inbox.
pub fn page(page: tidings_inbox::Page) -> Page {
    Page { items: page.rows.into_iter().map(item).collect(), next: page.next }
}

/// Why an address was refused.
pub fn address_failure(error: &AddressError) -> Failure {
    let code = match error {
        AddressError::Unreadable(_) => FailureCode::BadServerUrl,
        AddressError::Unencrypted(_) => FailureCode::UnencryptedRefused,
    };
    Failure::new(code, error.to_string())
}

/// Why signing in did not work.
pub fn sign_in_failure(error: &SignInError) -> Failure {
    let code = match error {
        SignInError::Unreachable(_) => FailureCode::ServerUnreachable,
        SignInError::NotATidingsServer(_) => FailureCode::NotATidingsServer,
        SignInError::CertificateNotTrusted(_) => FailureCode::CertificateNotTrusted,
        SignInError::ClientCertificate(_) => FailureCode::ClientCertificateNeeded,
        SignInError::TlsFile(error) => file_code(error.file),
        SignInError::Proxy(_) => FailureCode::ProxyRefused,
        SignInError::InvalidCredentials => FailureCode::InvalidCredentials,
        SignInError::RateLimited { .. } => FailureCode::RateLimited,
        SignInError::ServerBusy { .. } => FailureCode::ServerBusy,
        SignInError::Forbidden(_) => FailureCode::Forbidden,
        SignInError::FlowNotOffered { .. } => FailureCode::FlowNotOffered,
        SignInError::TokenRefused => FailureCode::TokenRefused,
        SignInError::TopicForbidden(_) => FailureCode::Forbidden,
        SignInError::NoTopic(_) => FailureCode::BadRequest,
    };
    let wait = match error {
        SignInError::RateLimited { retry_after } | SignInError::ServerBusy { retry_after, .. } => {
            *retry_after
        }
        _ => None,
    };
    match wait {
        Some(wait) => Failure::new(code, format!("{error} (try again in {} s)", wait.as_secs())),
        None => Failure::new(code, error.to_string()),
    }
}

/// The paths of an account. What cannot be read is as the protocol has it.
pub fn paths(row: &AccountRow) -> Paths {
    let Some(stored) = &row.paths else { return Paths::default() };
    let read = serde_json::from_str(stored).map_err(|error| error.to_string());
    read.and_then(|overrides| Paths::with(&overrides).map_err(|error| error.to_string())).unwrap_or_else(
        |error| {
            tracing::warn!(account = row.id, error, "the stored paths cannot be read");
            Paths::default()
        },
    )
}

/// The other way round.
pub fn stored_paths(paths: &Paths) -> Option<String> {
    let overrides = paths.overrides();
    // infallible: a map of strings
    (!overrides.is_empty()).then(|| serde_json::to_string(&overrides).unwrap_or_default())
}

/// Why a path was refused.
pub fn path_failure(error: &PathError) -> Failure {
    Failure::new(FailureCode::BadRequest, error.to_string())
}

/// How servers are reached.
pub fn proxy(proxy: &Proxy) -> ProxyChoice {
    match proxy {
        Proxy::System => ProxyChoice::System,
        Proxy::Direct => ProxyChoice::Direct,
        // it was read once already, when it was chosen or loaded
        Proxy::Through(url) => url.parse().map_or(ProxyChoice::System, ProxyChoice::Through),
    }
}

/// The certificate files of an account.
pub fn tls_files(row: &AccountRow) -> TlsFiles {
    let path = |path: &Option<String>| path.as_ref().map(PathBuf::from);
    TlsFiles {
        ca: path(&row.ca_file),
        certificate: path(&row.client_certificate),
        key: path(&row.client_key),
    }
}

/// The other way round: they come as text, and are kept as text.
pub fn stored_path(path: Option<PathBuf>) -> Option<String> {
    path.map(|path| path.to_string_lossy().into_owned())
}

fn file_code(file: TlsFile) -> FailureCode {
    match file {
        TlsFile::Ca => FailureCode::CaFileUnusable,
        TlsFile::Certificate => FailureCode::ClientCertificateUnusable,
        TlsFile::Key => FailureCode::ClientKeyUnusable,
    }
}

/// Why the inbox did not do it.
pub fn inbox_failure(error: &InboxError) -> Failure {
    let code = match error {
        InboxError::Full(_) => FailureCode::StorageFull,
        InboxError::ReadOnly(_) => FailureCode::StorageReadOnly,
        InboxError::NoSuchAccount(_) => FailureCode::UnknownAccount,
        _ => FailureCode::StorageFailed,
    };
    Failure::new(code, error.to_string())
}

/// Why the keychain did not do it.
pub fn vault_failure(error: &VaultError) -> Failure {
    let code = match error {
        VaultError::Locked(_) => FailureCode::KeychainLocked,
        VaultError::Unavailable(_) | VaultError::Garbled(_) => FailureCode::KeychainUnavailable,
    };
    Failure::new(code, error.to_string())
}
