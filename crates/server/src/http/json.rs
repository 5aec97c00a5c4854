//! JSON bodies, and what is said about those that are not as expected.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse as _,
};
use serde::de::DeserializeOwned;
use tidings_protocol::Code;
use tokio::time::timeout;

use super::error::Refusal;

/// Bodies are small; one that takes longer is there to hold the connection.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// A body that was read into `T`; else 400 naming the field, or 413.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = read(request, state).await?;
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

/// A whole body, within its limits of size and time.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    let reading = timeout(READ_WITHIN, Bytes::from_request(request, state));
    reading.await.map_err(|_| too_slow())?.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Refusal::bad_request("the body could not be read")
        }
    })
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::from("REQUEST_TIMEOUT"), "the body did not come in time")
}

fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        Code::PAYLOAD_TOO_LARGE,
        "the body is larger than this server takes",
    )
}

#[cfg(test)]
mod tests {
    use axum::body::Body as HttpBody;
    use serde_json::Value;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let request = Request::new(HttpBody::from_stream(endless));
        let refused = Body::<Value>::from_request(request, &()).await.err().expect("no body");
        assert_eq!(refused.code().as_str(), "REQUEST_TIMEOUT");
    }
}
