//! The paths of `docs/protocol.md` §1 and §2, two for whoever runs the server, and those of others
//! (`foreign`).

mod caller;
mod error;
mod foreign;
mod json;
mod notifications;
mod origin;
mod sessions;
mod sockets;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tidings_protocol::{Code, Flow, Info};
use tracing::{debug, error};

pub(crate) use self::caller::KEY_PREFIX;
use self::error::Refusal;
#[cfg(fuzzing)]
pub(crate) use self::foreign::fuzzing;
use crate::app::App;

/// The address of the other end of the connection; the accept loop puts it into every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// All paths.
pub(crate) fn router(app: Arc<App>) -> Router {
    let api = Router::new()
        .route("/info", get(info))
        .route("/auth/login", post(sessions::login))
        .route("/auth/guest", post(sessions::guest))
        .route("/auth/refresh", post(sessions::refresh))
        .route("/auth/logout", post(sessions::logout))
        .route("/ws/ticket", post(sockets::ticket))
        .route("/notifications", post(notifications::publish))
        // else what is not here would be taken for a topic
        .route("/{*rest}", any(async || Refusal::not_found()))
        // before the layers, or else a page that asks first (OPTIONS) is answered past them
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(DefaultBodyLimit::max(app.config.max_body))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), origin::guard))
        .layer(origin::cors(&app.config.allow_origins));
    Router::new()
        .nest("/api", api)
        // these two look at the origin themselves, as a ticket is spent even if the origin is refused
        .route("/api/ws/notification", get(sockets::by_token))
        .route("/ws", get(sockets::by_ticket))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .merge(foreign::router(&app))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(middleware::from_fn(log))
        .with_state(app)
}

async fn info(State(app): State<Arc<App>>) -> Json<Info> {
    Json(Info {
        server: "tidings".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: tidings_protocol::VERSION,
        flows: vec![Flow::Ticket, Flow::Token],
        guests: app.config.guests,
        keepalive_seconds: app.config.keepalive.as_secs().max(1),
    })
}

/// Healthy is: not going down, and the database takes writes.
async fn health(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    if app.closing.is_cancelled() {
        return Err(Refusal::unavailable(Code::from("SHUTTING_DOWN"), "the server is going down"));
    }
    app.health.check(&app.store, App::now()).await.map_err(|cause| {
        error!(%cause, "the database takes no writes");
        Refusal::unavailable(Code::from("DATABASE_FAILED"), "the database takes no writes; the log says why")
    })?;
    Ok("ok\n")
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render())
}

/// One line a request. The path alone: a query can hold a token or a ticket.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path());
    // whoever takes a key for a topic has it in the path
    let path = if path.contains(KEY_PREFIX) { "a path with a key in it" } else { path }.to_owned();
    let started = App::now();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    debug!(%method, path, status, ?took, "request");
    response
}
