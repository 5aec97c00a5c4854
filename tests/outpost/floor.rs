//! The least that a connection takes: TCP, TLS and the WebSocket's handshake, with nothing before and nothing after.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Instant};

use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub(crate) async fn greet(listen: SocketAddr, chain: &Path, key: &Path) -> io::Result<()> {
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates(chain)?, key))
        .map_err(io::Error::other)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(listen).await?;
    crate::say("listening");
    loop {
        let (stream, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let stream = acceptor.accept(stream).await?;
            let mut socket = tokio_tungstenite::accept_async(stream).await.map_err(io::Error::other)?;
            socket.close(None).await.map_err(io::Error::other)
        });
    }
}

pub(crate) async fn knock(to: SocketAddr, root: &Path) -> io::Result<()> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(root).map_err(io::Error::other)? {
        roots.add(certificate).map_err(io::Error::other)?;
    }
    // each time a whole handshake, as after a long time
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    let connector = TlsConnector::from(Arc::new(config));
    crate::say("ready");
    // there is nothing else to do while it waits
    for line in io::stdin().lines() {
        line?;
        let started = Instant::now();
        let stream = TcpStream::connect(to).await?;
        let stream = connector.connect(ServerName::from(to.ip()), stream).await?;
        let (socket, _) = tokio_tungstenite::client_async(format!("wss://{to}/"), stream)
            .await
            .map_err(io::Error::other)?;
        crate::say(&started.elapsed().as_nanos().to_string());
        drop(socket);
    }
    Ok(())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, rustls::Error> {
    let all = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    all.map_err(|error| rustls::Error::General(error.to_string()))
}
