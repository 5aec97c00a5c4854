//! ntfy's numbers and words for what is wrong with a request. Clients show them, and look for the numbers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::http::error::Refusal;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Request,
    Email,
    DelayUnreadable,
    DelayTooSmall,
    DelayTooLarge,
    Priority,
    Topic,
    TopicDisallowed,
    AttachmentUrl,
    Attachments,
    Json,
    Actions,
    Icon,
    Calls,
    Sequence,
    Unauthorized,
    Forbidden,
    NotFound,
    TooSlow,
    TooLarge,
    TooMany,
    Internal,
    Unavailable,
}

impl Fault {
    /// The number, whose first three digits are the status; the words; and where they are explained.
    const fn told(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Request => (40000, "invalid request", ""),
            Self::Email => (40001, "e-mail notifications are not enabled", ""),
            Self::DelayUnreadable => {
                (40004, "invalid delay parameter: unable to parse delay", "#scheduled-delivery")
            }
            Self::DelayTooSmall => (40005, "invalid delay parameter: too small", "#scheduled-delivery"),
            Self::DelayTooLarge => (40006, "invalid delay parameter: too large", "#scheduled-delivery"),
            Self::Priority => (40007, "invalid priority parameter", "#message-priority"),
            Self::Topic => (40009, "invalid request: topic invalid", ""),
            Self::TopicDisallowed => (40010, "invalid request: topic name is not allowed", ""),
            Self::AttachmentUrl => (40013, "invalid request: attachment URL is invalid", "#attachments"),
            Self::Attachments => (40014, "invalid request: attachments not allowed", "#attachments"),
            Self::Json => (40024, "invalid request: request body must be valid JSON", "#publish-as-json"),
            Self::Actions => (40018, "invalid request: actions invalid", "#action-buttons"),
            Self::Icon => (40021, "invalid request: icon URL is invalid", "#icons"),
            Self::Calls => (40032, "invalid request: calling is disabled", ""),
            Self::Sequence => {
                (40049, "invalid request: sequence ID invalid", "#updating-deleting-notifications")
            }
            Self::Unauthorized => (40101, "unauthorized", "#authentication"),
            Self::Forbidden => (40301, "forbidden", "#authentication"),
            Self::NotFound => (40401, "page not found", ""),
            Self::TooSlow => (40801, "the body did not come in time", ""),
            Self::TooLarge => (41301, "attachment too large, or bandwidth limit reached", "#limitations"),
            Self::TooMany => (42901, "limit reached: too many requests", "#limitations"),
            Self::Internal => (50001, "internal server error", ""),
            Self::Unavailable => (50301, "the server is not available now", ""),
        }
    }

    /// With what exactly it is.
    pub(super) fn because(self, why: impl Into<String>) -> Refused {
        Refused { fault: self, why: Some(why.into()), retry_after: None }
    }

    const fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Self::TooMany,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.as_u16() >= 500 => Self::Internal,
            _ => Self::Request,
        }
    }
}

/// A request that was refused.
#[derive(Debug)]
pub(super) struct Refused {
    fault: Fault,
    why: Option<String>,
    retry_after: Option<HeaderValue>,
}

impl Refused {
    #[cfg(test)]
    pub(super) fn fault(&self) -> Fault {
        self.fault
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, why: None, retry_after: None }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let fault = Fault::of(refusal.status());
        // of what failed inside, the status says enough
        let why = (fault != Fault::Internal).then(|| refusal.message().to_owned());
        Self { fault, why, retry_after: refusal.retry_after() }
    }
}

#[derive(Serialize)]
struct ErrorBody {
    code: u16,
    http: u16,
    error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    link: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, words, section) = self.fault.told();
        let http = code / 100;
        let error = match self.why {
            Some(why) => format!("{words}, {why}"),
            None => words.to_owned(),
        };
        let link = if section.is_empty() {
            String::new()
        } else {
            format!("https://ntfy.sh/docs/publish/{section}")
        };
        let status = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorBody { code, http, error, link })).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
