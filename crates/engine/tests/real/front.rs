//! TLS in front of a server that speaks none: it ends here, and bytes go on in clear.

use std::{net::Ipv4Addr, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    authority::{Authority, Pair},
    house::House,
};

/// What a front demands.
pub(crate) struct Front<'a> {
    pub(crate) shows: &'a Pair,
    /// Whose client certificates it wants to see.
    pub(crate) wants: Option<&'a Authority>,
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
}

impl<'a> Front<'a> {
    pub(crate) fn new(shows: &'a Pair) -> Self {
        Self { shows, wants: None, versions: rustls::ALL_VERSIONS }
    }

    /// Stands in front of a house; returns the port.
    pub(crate) async fn of(self, house: &House) -> u16 {
        let behind = house.endpoint(tidings_protocol::Flow::Ticket).server.port().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(self.config()));
        // 0.0.0.0, so that an address can be had that is here and still counts as elsewhere
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(mut outside) = acceptor.accept(stream).await
                        && let Ok(mut inside) = TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).await
                    {
                        let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                    }
                });
            }
        });
        port
    }

    fn config(self) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients: Arc<dyn ClientCertVerifier> = match self.wants {
            None => WebPkiClientVerifier::no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.certificate.clone()).unwrap();
                WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
                    .build()
                    .unwrap()
            }
        };
        ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![self.shows.certificate.clone()], self.shows.key.clone_key())
            .unwrap()
    }
}
