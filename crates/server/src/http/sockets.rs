//! Tickets, and the two ways to a socket. Every ticket leaves a line in the log when it is issued, used or refused;
//! the line names it by number, never by its text.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Query, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use tidings_protocol::{Code, MAX_FRAME_BYTES, Secret, TicketResponse};
use tracing::{info, warn};

use super::{
    caller::{Address, SignedIn},
    error::Refusal,
    origin,
};
use crate::{
    app::App,
    net::Permit,
    socket::{self, Proof},
    store::sessions::Living,
    tickets,
};

/// Bytes set aside for each socket, each way; sockets are many and messages small.
const SOCKET_BUFFER: usize = 4 * 1024;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `POST /api/ws/ticket`.
pub(crate) async fn ticket(
    State(app): State<Arc<App>>,
    Address(address): Address,
    SignedIn(session): SignedIn,
) -> Result<Json<TicketResponse>, Refusal> {
    let issued = if app.closing.is_cancelled() {
        None
    } else {
        app.tickets.issue(&session.id, &session.user, App::now())
    };
    let Some(issued) = issued else {
        warn!(%address, session = session.id, "no ticket: too many are outstanding, or the server is going down");
        return Err(Refusal::unavailable(Code::TICKETS_UNAVAILABLE, "no tickets just now; try again"));
    };
    app.metrics.tickets_issued.add(1);
    info!(%address, session = session.id, user = session.user, ticket = issued.number, "ticket issued");
    Ok(Json(TicketResponse { ticket: issued.ticket, expires_in: app.tickets.life().as_secs() }))
}

/// The query of `GET /ws`.
#[derive(Deserialize)]
pub(crate) struct ByTicket {
    ticket: Option<Secret>,
}

/// `GET /ws?ticket=`.
pub(crate) async fn by_ticket(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Query(query): Query<ByTicket>,
    Extension(permit): Extension<Permit>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|_| not_an_upgrade())?;
    let ticket =
        query.ticket.ok_or_else(|| Refusal::unauthorized(Code::TICKET_INVALID, "a ticket is needed"));
    let admitted = async {
        let (session, number) = app.tickets.spend(&ticket?, App::now()).map_err(|(reason, number)| {
            app.metrics.tickets_refused.add(1);
            info!(%address, ticket = number, reason = reason.as_str(), "ticket refused");
            ticket_refusal(reason)
        })?;
        let admitted = async {
            origin::check(&app, &headers)?;
            let living = app.living(session.clone()).await?;
            let head = app.head(living.user.clone()).await?;
            Ok::<_, Refusal>((living, head))
        };
        match admitted.await {
            Ok((living, head)) => {
                app.metrics.tickets_used.add(1);
                info!(%address, session, user = living.user, ticket = number, "ticket used");
                Ok((living, head))
            }
            Err(refusal) => {
                app.metrics.tickets_refused.add(1);
                info!(%address, session, ticket = number, reason = %refusal.code(), "ticket refused");
                Err(refusal)
            }
        }
    };
    let (session, head) = counted(&app, admitted.await)?;
    Ok(begin(&app, upgrade, session, Proof::Ticket { head }, permit))
}

/// The query of `GET /api/ws/notification`.
#[derive(Deserialize)]
pub(crate) struct ByToken {
    token: Option<Secret>,
}

/// `GET /api/ws/notification?token=`.
pub(crate) async fn by_token(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Query(query): Query<ByToken>,
    Extension(permit): Extension<Permit>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|_| not_an_upgrade())?;
    let admitted = async {
        origin::check(&app, &headers)?;
        let token =
            query.token.ok_or_else(|| Refusal::unauthorized(Code::UNAUTHORIZED, "a token is needed"))?;
        Ok(app.session(&token).await?)
    };
    let session = counted(&app, admitted.await).inspect_err(|refusal| {
        info!(%address, reason = %refusal.code(), "socket refused");
    })?;
    Ok(begin(&app, upgrade, session, Proof::Token, permit))
}

fn begin(
    app: &Arc<App>,
    upgrade: WebSocketUpgrade,
    session: Living,
    proof: Proof,
    permit: Permit,
) -> Response {
    // by its ticket, or the token in its address
    permit.signed_in();
    let app = Arc::clone(app);
    // held from the upgrade on, so that a shutdown waits for a socket that is just opening
    let running = app.tasks.token();
    upgrade
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER)
        .on_upgrade(move |socket| async move {
            socket::converse(socket, app, session, proof).await;
            drop((running, permit));
        })
}

fn counted<T>(app: &App, admitted: Result<T, Refusal>) -> Result<T, Refusal> {
    admitted.inspect_err(|_| app.metrics.sockets_refused.add(1))
}

fn ticket_refusal(reason: tickets::Refused) -> Refusal {
    let message = match reason {
        tickets::Refused::Unknown => "this ticket is unknown; fetch a new one",
        tickets::Refused::Used => "this ticket was used before; fetch a new one",
        tickets::Refused::Expired => "this ticket is too old; fetch a new one",
    };
    Refusal::unauthorized(Code::TICKET_INVALID, message)
}

fn not_an_upgrade() -> Refusal {
    Refusal::new(StatusCode::UPGRADE_REQUIRED, Code::BAD_REQUEST, "this path is for WebSocket upgrades")
}
