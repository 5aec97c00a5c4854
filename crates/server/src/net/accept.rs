//! The accept loop. Owns limits that protect it: connections at a time, all of them and those of one address that have
//! not signed in, and how long a handshake or a request's headers may take.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tower::Service as _;
use tracing::{debug, warn};

use super::{
    permit::{Newcomers, Permit},
    tls::Certificates,
};
use crate::{app::App, http::Peer, limits};

/// A handshake or a request's headers take longer only with somebody who wants to hold the connection.
const SHAKE_HANDS_WITHIN: Duration = Duration::from_secs(10);
/// After an accept that failed, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `app.closing`. Connections go on in `app.tasks`.
pub(crate) async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    tls: Option<Arc<Certificates>>,
    router: Router,
) {
    let connections = Arc::new(Semaphore::new(app.config.max_connections));
    let newcomers = Newcomers::new(app.config.max_newcomers);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = app.closing.cancelled() => return,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        // behind a proxy all have its address, and how many there may be is for the proxy to say
        let newcomer = if app.config.trust_forwarded_for {
            None
        } else if let Some(newcomer) = newcomers.enter(limits::network(peer.ip())) {
            Some(newcomer)
        } else {
            app.metrics.connections_refused.add(1);
            debug!(%peer, "connection refused: too many of this address have not signed in");
            continue;
        };
        let permit = Permit::new(permit, newcomer);
        let tls = tls.as_ref().map(|certificates| certificates.acceptor());
        let (app, router) = (Arc::clone(&app), router.clone());
        let tasks = app.tasks.clone();
        tasks.spawn(async move {
            match tls {
                None => exchange(&app, stream, peer, permit, router).await,
                Some(tls) => match timeout(SHAKE_HANDS_WITHIN, tls.accept(stream)).await {
                    Ok(Ok(stream)) => exchange(&app, stream, peer, permit, router).await,
                    Ok(Err(error)) => debug!(%peer, %error, "TLS handshake failed"),
                    Err(_) => debug!(%peer, "TLS handshake took too long"),
                },
            }
        });
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    // at the limit, new connections wait in the system's backlog
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // frames are small and must leave at once
            if let Err(error) = stream.set_nodelay(true) {
                debug!(%peer, %error, "cannot set TCP_NODELAY");
            }
            Some((stream, peer, permit))
        }
        Err(error) => {
            warn!(%error, "cannot accept a connection");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn exchange<S>(app: &App, stream: S, peer: SocketAddr, permit: Permit, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // an upgrade takes the stream out of this connection, and a clone of the permit with it
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(permit.clone());
        // a router is always ready
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SHAKE_HANDS_WITHIN)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = app.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%peer, %error, "connection broke");
    }
}
