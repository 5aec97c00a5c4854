//! JSON bodies, and what is said about those that are not as expected.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse as _,
};
use serde::de::DeserializeOwned;
use tidings_protocol::Code;

use super::error::Refusal;

/// A body that was read into `T`; else 400 naming the field, or 413.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Refusal::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    Code::PAYLOAD_TOO_LARGE,
                    "the body is larger than this server takes",
                )
            } else {
                Refusal::bad_request("the body could not be read")
            }
        })?;
        // a list would be taken for a struct's fields in their order
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Refusal::bad_request("the body has to be a JSON object"));
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        serde_path_to_error::deserialize(&mut json).map(Self).map_err(|error| {
            let field = error.path().to_string();
            let problem = error.into_inner();
            Refusal::bad_request(match field.as_str() {
                // the message itself names a missing field
                "." => problem.to_string(),
                field => format!("{field}: {problem}"),
            })
        })
    }
}
