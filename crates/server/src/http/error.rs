//! What a refused request is answered: a status, a code for programs and a sentence for people.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tidings_protocol::{Code, ErrorBody};
use tracing::error;

use crate::{
    app::Denied,
    auth::{InvalidAccess, PasswordError},
    publish::PublishError,
    store::StoreError,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized(code: Code, message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub(crate) fn forbidden(code: Code, message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NOT_FOUND, "there is nothing at this path")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::from("METHOD_NOT_ALLOWED"),
            "this path takes another method",
        )
    }

    pub(crate) fn limited(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RATE_LIMITED, "too many; wait and try again")
        }
    }

    /// 503, worth a retry in a moment.
    pub(crate) fn unavailable(code: Code, message: &str) -> Self {
        Self {
            retry_after: Some(Duration::from_secs(2)),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
        }
    }

    /// The code, for logs.
    pub(crate) fn code(&self) -> &Code {
        &self.code
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// How long to wait, as it is to be answered.
    pub(crate) fn retry_after(&self) -> Option<HeaderValue> {
        // whole seconds, rounded up, so that whoever waits them is not early
        self.retry_after.map(|wait| seconds_value(wait.as_millis().div_ceil(1000).max(1)))
    }

    /// 500. What happened goes to the log, not to the client.
    fn internal(cause: &dyn std::error::Error) -> Self {
        error!(%cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::INTERNAL, "the server failed; its log says why")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after();
        let mut response = (self.status, Json(ErrorBody::new(self.code, self.message))).into_response();
        if let Some(wait) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn seconds_value(seconds: u128) -> HeaderValue {
    HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX))
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<PasswordError> for Refusal {
    fn from(error: PasswordError) -> Self {
        Self::internal(&error)
    }
}

impl From<jsonwebtoken::errors::Error> for Refusal {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Field { .. } => Self::bad_request(error.to_string()),
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Token(InvalidAccess::Unusable) => {
                Self::unauthorized(Code::UNAUTHORIZED, "a valid access token is needed")
            }
            Denied::Token(InvalidAccess::Expired) => {
                Self::unauthorized(Code::TOKEN_EXPIRED, "the access token has expired; refresh it")
            }
            Denied::MissingSession => {
                Self::unauthorized(Code::MISSING_SESSION, "this session has ended; sign in again")
            }
            Denied::Store(error) => error.into(),
        }
    }
}
