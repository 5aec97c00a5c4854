//! Reading what servers answer over HTTP. Every byte is hostile; nothing of a body is repeated in an error.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tidings_protocol::{ErrorBody, Info, Session};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::verdict::{Failure, Place, Refusal, plausible};

/// An HTTP answer, its body cut to what anything here may need.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After`, as sent.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
    /// There was more of it than is read, or than came.
    pub(crate) cut: bool,
    /// Why no more of it came.
    pub(crate) broken: Option<Failure>,
    /// When it came.
    pub(crate) received_at: OffsetDateTime,
    /// `Date`: when it was sent, by the server's own clock.
    pub(crate) sent_at: Option<OffsetDateTime>,
}

impl Answer {
    /// Why nothing can be made of one that was cut.
    pub(super) fn useless(&self) -> Failure {
        self.broken.clone().unwrap_or(Failure::Oversized)
    }
}

/// The session in the answer to login or refresh.
pub(crate) fn session(at: Place, answer: &Answer) -> Result<Session, Failure> {
    let session: Session = read(at, answer)?;
    if session.access_token.is_empty() {
        return Err(Failure::NotSuchServer(format!("an empty token came at {at}")));
    }
    Ok(session)
}

/// The server's description of itself.
pub(crate) fn info(answer: &Answer) -> Result<Info, Failure> {
    read(Place::Info, answer)
}

/// A successful answer's JSON.
pub(super) fn read<T: DeserializeOwned>(at: Place, answer: &Answer) -> Result<T, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(Failure::Refused(refusal(at, answer)));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::NotSuchServer(format!("an answer of another kind came at {at}")))
}

/// What an unsuccessful answer says.
pub(crate) fn refusal(at: Place, answer: &Answer) -> Refusal {
    Refusal {
        at,
        status: answer.status,
        code: ErrorBody::parse(&answer.body).and_then(|body| plausible(body.error.code)),
        retry_after: answer.retry_after.as_deref().and_then(|text| retry_after(text, answer.received_at)),
    }
}

/// The answer to the end of a session; one that is over already is no error.
pub(super) fn ended(at: Place, answer: &Answer) -> Result<(), Failure> {
    match answer.status {
        200..300 | 401 => Ok(()),
        _ => Err(Failure::Refused(refusal(at, answer))),
    }
}

/// An address that can be fetched.
pub(super) fn web(text: &str) -> Option<String> {
    absolute(text).filter(|url| url.starts_with("https:") || url.starts_with("http:"))
}

/// An address that stands for itself; whether it may be opened is for whoever shows it.
pub(super) fn absolute(text: &str) -> Option<String> {
    url::Url::parse(text.trim()).ok().map(String::from)
}

/// `Retry-After`: seconds or a date (RFC 9110 §10.2.3).
fn retry_after(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    Some((date(text)? - now).max(time::Duration::ZERO).unsigned_abs())
}

/// A date of HTTP.
pub(crate) fn date(text: &str) -> Option<OffsetDateTime> {
    // it is an RFC 2822 date that says GMT
    OffsetDateTime::parse(text.trim(), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-05-01 12:00 UTC);

    fn answer(status: u16, body: &str) -> Answer {
        let body = body.as_bytes().to_vec();
        Answer { status, retry_after: None, body, cut: false, broken: None, received_at: NOW, sent_at: None }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 40 ", NOW), Some(Duration::from_secs(40)));
        assert_eq!(retry_after("Fri, 01 May 2026 12:01:00 GMT", NOW), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Fri, 01 May 2026 11:00:00 GMT", NOW), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
            assert_eq!(retry_after(nonsense, NOW), None, "{nonsense}");
        }
    }

    #[test]
    fn a_code_is_read_and_a_foreign_body_is_tolerated() {
        let ours = answer(401, r#"{"error":{"code":"TOKEN_EXPIRED","message":"m"}}"#);
        assert_eq!(refusal(Place::Ticket, &ours).code, Some(tidings_protocol::Code::TOKEN_EXPIRED));
        for body in ["", "<html>", r#"{"error":"no"}"#, r#"{"error":{"code":"eyJhbGci"}}"#, "[[[["] {
            assert_eq!(refusal(Place::Ticket, &answer(401, body)).code, None, "{body}");
        }
    }

    #[test]
    fn a_success_of_another_kind_is_not_such_a_server() {
        for body in ["", "<html>", "{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#] {
            let failure = session(Place::Login, &answer(200, body)).unwrap_err();
            assert!(matches!(failure, Failure::NotSuchServer(_)), "{body}");
        }
    }

    #[test]
    fn an_error_repeats_nothing_of_a_body() {
        let failure = session(Place::Login, &answer(200, r#"{"access_token":["hunter2"]}"#)).unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("hunter2"));
    }
}
