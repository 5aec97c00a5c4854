use std::{ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Code, ErrorDetail, Notification, Secret, User, lenient};

/// What a client sends over the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage {
    /// Token flow: the first message.
    Auth {
        /// The access token again.
        token: Secret,
    },
    /// Keepalive; the server answers `pong`.
    Ping,
    /// Replay everything with `seq > after`.
    Resume {
        /// The log that `after` belongs to.
        epoch: String,
        /// The last one stored.
        after: u64,
    },
    /// These were read here.
    Read {
        /// Ids of notifications.
        ids: Vec<String>,
    },
}

/// `auth_success`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthSuccess {
    /// Who it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub user: Option<User>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::id")]
    pub session_id: Option<String>,
    /// Names the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub epoch: Option<String>,
    /// The newest `seq` in it; 0 when it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub head: Option<u64>,
}

/// `auth_error`.
pub type AuthError = ErrorDetail;

/// `resumed`: the end of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// Names the server's log.
    pub epoch: String,
    /// The newest `seq` at the end of the replay.
    pub head: u64,
    /// False when part of the gap is gone.
    #[serde(default = "yes", deserialize_with = "yes_unless_no")]
    pub complete: bool,
}

fn yes() -> bool {
    true
}

fn yes_unless_no<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)? != Value::Bool(false))
}

/// `goodbye`: a planned restart; close 1012 follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// Why.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub reason: String,
    /// The client waits a uniform draw from this range, in milliseconds.
    pub reconnect_after_ms: [u64; 2],
}

impl Goodbye {
    /// Longest wait that a server can ask for. A restart that takes longer is an outage, and is met with backoff.
    pub const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

    /// The range as a client honours it: in order, and no longer than [`Goodbye::LONGEST_WAIT`].
    pub fn wait(&self) -> RangeInclusive<Duration> {
        let [a, b] = self.reconnect_after_ms.map(|ms| Duration::from_millis(ms).min(Self::LONGEST_WAIT));
        a.min(b)..=a.max(b)
    }
}

/// What a server sends over the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// The client is who it says.
    AuthSuccess(AuthSuccess),
    /// It is not; hard.
    AuthError(AuthError),
    /// Answer to `ping`.
    Pong,
    /// A notification, replayed or live.
    Notification(Box<Notification>),
    /// End of the replay.
    Resumed(Resumed),
    /// Read on another device.
    Read {
        /// Ids of notifications.
        ids: Vec<String>,
    },
    /// Planned restart.
    Goodbye(Goodbye),
    /// Something failed; the connection stands.
    Error(ErrorDetail),
}

/// A text frame, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<M> {
    /// A message of this protocol version.
    Message(M),
    /// A type that this version does not know; skip it.
    Unknown {
        /// Its `type`.
        kind: String,
    },
}

/// A text frame that is no message: not JSON, no `type`, or a payload of the wrong shape. Skip it and count it.
///
/// The text of the frame is not kept, as it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable message: {reason}")]
pub struct MalformedMessage {
    /// What was wrong with it, without its content.
    pub reason: String,
}

/// Characters of a message type that are looked at.
const LONGEST_KIND: usize = 64;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    payload: Value,
}

#[derive(Serialize)]
struct Outgoing<'a, P: Serialize> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<P>,
}

#[derive(Serialize, Deserialize)]
struct AuthPayload {
    #[serde(serialize_with = "Secret::reveal")]
    token: Secret,
}

#[derive(Serialize, Deserialize)]
struct ResumePayload {
    epoch: String,
    after: u64,
}

#[derive(Serialize, Deserialize)]
struct ReadPayload {
    #[serde(deserialize_with = "lenient::ids")]
    ids: Vec<String>,
}

fn malformed(error: &serde_json::Error) -> MalformedMessage {
    // serde_json quotes offending values in data errors; category and place tell enough without content
    MalformedMessage {
        reason: format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column()),
    }
}

fn open(text: &str) -> Result<(String, Value), MalformedMessage> {
    let envelope: Envelope = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    // types compare without regard to case (docs/protocol.md §3); a longer one than ours is only ever logged
    let kind = envelope.kind.chars().take(LONGEST_KIND).collect::<String>().to_ascii_lowercase();
    Ok((kind, envelope.payload))
}

fn payload<P: for<'de> Deserialize<'de>>(value: Value) -> Result<P, MalformedMessage> {
    // serde would read a struct from an array, too
    if !value.is_object() {
        return Err(MalformedMessage { reason: "the payload is not an object".into() });
    }
    serde_json::from_value(value).map_err(|error| malformed(&error))
}

fn encode<P: Serialize>(kind: &str, payload: Option<P>) -> String {
    // infallible: every payload is a struct of strings, numbers and booleans with string keys, and a moment that has no
    // written form is left out
    serde_json::to_string(&Outgoing { kind, payload }).unwrap_or_default()
}

impl ClientMessage {
    /// The text frame to send. It can hold a token: never log it.
    pub fn encode(&self) -> String {
        match self {
            Self::Auth { token } => encode("auth", Some(AuthPayload { token: token.clone() })),
            Self::Ping => encode::<()>("ping", None),
            Self::Resume { epoch, after } => {
                encode("resume", Some(ResumePayload { epoch: epoch.clone(), after: *after }))
            }
            Self::Read { ids } => encode("read", Some(ReadPayload { ids: ids.clone() })),
        }
    }

    /// Reads a client's text frame.
    ///
    /// # Errors
    /// [`MalformedMessage`] when it is no message.
    pub fn decode(text: &str) -> Result<Decoded<Self>, MalformedMessage> {
        let (kind, value) = open(text)?;
        Ok(Decoded::Message(match kind.as_str() {
            "auth" => Self::Auth { token: payload::<AuthPayload>(value)?.token },
            "ping" => Self::Ping,
            "resume" => {
                let ResumePayload { epoch, after } = payload(value)?;
                Self::Resume { epoch, after }
            }
            "read" => Self::Read { ids: payload::<ReadPayload>(value)?.ids },
            _ => return Ok(Decoded::Unknown { kind }),
        }))
    }
}

impl ServerMessage {
    /// The text frame to send.
    pub fn encode(&self) -> String {
        match self {
            Self::AuthSuccess(details) => encode("auth_success", Some(details)),
            Self::AuthError(details) => encode("auth_error", Some(details)),
            Self::Pong => encode::<()>("pong", None),
            Self::Notification(notification) => encode("notification", Some(notification)),
            Self::Resumed(details) => encode("resumed", Some(details)),
            Self::Read { ids } => encode("read", Some(ReadPayload { ids: ids.clone() })),
            Self::Goodbye(details) => encode("goodbye", Some(details)),
            Self::Error(details) => encode("error", Some(details)),
        }
    }

    /// Reads a server's text frame. Every byte is hostile until this has returned `Ok`.
    ///
    /// # Errors
    /// [`MalformedMessage`] when it is no message.
    pub fn decode(text: &str) -> Result<Decoded<Self>, MalformedMessage> {
        let (kind, value) = open(text)?;
        Ok(Decoded::Message(match kind.as_str() {
            // both say all that matters by their type: yes or no, whatever else they carry
            "auth_success" => Self::AuthSuccess(payload(value).unwrap_or_default()),
            "auth_error" => Self::AuthError(lenient::detail(&value, Code::NOT_AUTHORIZED)),
            "pong" => Self::Pong,
            "notification" => Self::Notification(payload(value)?),
            "resumed" => Self::Resumed(payload(value)?),
            "read" => Self::Read { ids: payload::<ReadPayload>(value)?.ids },
            "goodbye" => Self::Goodbye(payload(value)?),
            "error" => Self::Error(lenient::detail(&value, Code::INTERNAL)),
            _ => return Ok(Decoded::Unknown { kind }),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_compare_without_regard_to_case() {
        assert_eq!(ServerMessage::decode(r#"{"type":"PONG"}"#), Ok(Decoded::Message(ServerMessage::Pong)));
    }

    #[test]
    fn a_payload_that_is_no_object_is_malformed() {
        for kind in ["notification", "read", "resumed", "goodbye"] {
            assert!(
                ServerMessage::decode(&format!(r#"{{"type":"{kind}","payload":[]}}"#)).is_err(),
                "{kind}"
            );
        }
    }

    #[test]
    fn an_unknown_type_is_not_an_error() {
        let decoded = ServerMessage::decode(r#"{"type":"confetti","payload":{"n":3}}"#);
        assert_eq!(decoded, Ok(Decoded::Unknown { kind: "confetti".into() }));
    }

    #[test]
    fn a_malformed_frame_is_reported_without_its_content() {
        let error = ServerMessage::decode(r#"{"type":"read","payload":{"ids":"hunter2"}}"#).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_bare_auth_success_and_auth_error_are_understood() {
        assert_eq!(
            ServerMessage::decode(r#"{"type":"auth_success"}"#),
            Ok(Decoded::Message(ServerMessage::AuthSuccess(AuthSuccess::default())))
        );
        assert!(matches!(
            ServerMessage::decode(r#"{"type":"auth_error"}"#),
            Ok(Decoded::Message(ServerMessage::AuthError(_)))
        ));
    }
}
