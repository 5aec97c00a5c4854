//! Which browser pages may call. Native clients send no `Origin` and always may.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tidings_protocol::Code;
use tower_http::cors::CorsLayer;
use tracing::info;

use super::error::Refusal;
use crate::app::App;

/// Refuses an origin that is not on the list.
pub(crate) fn check(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    if app.config.allow_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return Ok(());
    }
    info!(?origin, "origin blocked");
    Err(Refusal::forbidden(Code::ORIGIN_BLOCKED, "this origin is not on the server's list (--allow-origin)"))
}

/// [`check`], in front of every call.
pub(crate) async fn guard(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    check(&app, request.headers())?;
    Ok(next.run(request).await)
}

/// Lets listed pages read the answers.
pub(crate) fn cors(allowed: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = allowed.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}
