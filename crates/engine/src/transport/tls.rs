//! Whom to trust, and who to be. Owns the verifier and the client's certificate in a handshake.
//!
//! The operating system's trust store is read once and shared by all accounts; what an account trusts besides it stands
//! next to it, in a store of its own, for as long as one call takes.

use std::{cell::Cell, future::Future, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        ResolvesClientCert, Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    server::ParsedCertificate,
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::files::Contents;

/// A server's certificate that nobody but itself vouches for.
#[derive(Debug, thiserror::Error)]
#[error("it is self-signed")]
pub(super) struct SelfSigned;

/// TLS with the operating system's trust store.
#[derive(Debug)]
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    system: Arc<dyn ServerCertVerifier>,
    shared: ClientConfig,
}

impl Tls {
    pub(super) fn new() -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let system: Arc<dyn ServerCertVerifier> =
            Arc::new(rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?);
        let trust = Trust { system: Arc::clone(&system), own: None, provider: Arc::clone(&provider) };
        let shared = config(&provider, trust, Identity(None))?;
        Ok(Self { provider, system, shared })
    }

    /// For accounts without files.
    pub(super) fn shared(&self) -> ClientConfig {
        self.shared.clone()
    }

    /// For one call of an account with files.
    pub(super) fn with(&self, contents: Contents) -> Result<ClientConfig, Error> {
        let Contents { authorities, identity } = contents;
        let (system, provider) = (Arc::clone(&self.system), Arc::clone(&self.provider));
        let own = if authorities.is_empty() { None } else { Some(Own::new(authorities, &provider)?) };
        let mut config = config(&self.provider, Trust { system, own, provider }, Identity(identity))?;
        // it serves for one connection
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

fn config(provider: &Arc<CryptoProvider>, trust: Trust, identity: Identity) -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_client_cert_resolver(Arc::new(identity)))
}

/// Trusts what the operating system trusts, and what the account trusts.
#[derive(Debug)]
struct Trust {
    system: Arc<dyn ServerCertVerifier>,
    own: Option<Own>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let own = self
            .own
            .as_ref()
            .map(|own| own.verify(end_entity, intermediates, server_name, ocsp_response, now));
        if let Some(Ok(verified)) = own {
            return Ok(verified);
        }
        let system =
            self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match (system, own) {
            // whoever knows the issuer knows best what is wrong
            (Err(_), Some(Err(better))) if !is_unknown(&better) => Err(better),
            (Err(error), _) if is_unvouched(&error) && self.is_self_signed(end_entity, server_name, now) => {
                Err(CertificateError::Other(OtherError(Arc::new(SelfSigned))).into())
            }
            (system, _) => system,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

impl Trust {
    /// Only asked about what is refused anyway: would it pass if it vouched for itself?
    fn is_self_signed(&self, end_entity: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> bool {
        Own::new(vec![end_entity.clone().into_owned()], &self.provider).is_ok_and(|own| {
            !own.verify(end_entity, &[], name, &[], now).is_err_and(|error| is_unvouched(&error))
        })
    }
}

/// Whether nobody known has signed it.
fn is_unvouched(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)
    )
}

/// Whether an error leaves open what the certificate itself is like.
fn is_unknown(error: &Error) -> bool {
    is_unvouched(error) || matches!(error, Error::InvalidCertificate(error) if is_ca_as_server(error))
}

/// What an account trusts besides the operating system's store.
#[derive(Debug)]
struct Own {
    verifier: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Own {
    fn new(
        certificates: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { verifier, certificates })
    }

    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, name, ocsp_response, now);
        match verified {
            // Self-signed certificates are usually marked as a CA's, which no server's may be. One that is in the file
            // itself is meant, byte for byte; the verifier looks at the mark only once the time has been found right.
            Err(Error::InvalidCertificate(error))
                if is_ca_as_server(&error) && self.certificates.iter().any(|own| own == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }
}

/// Whether it was refused for being marked as a CA's.
pub(super) fn is_ca_as_server(error: &CertificateError) -> bool {
    let CertificateError::Other(OtherError(error)) = error else { return false };
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

tokio::task_local! {
    /// Whether the server of the handshake at hand has asked for a client certificate. The handshake runs inside of the
    /// task that makes the call, and has no other way to tell it.
    static ASKED: Cell<bool>;
}

/// Makes a call, and says whether the server has asked for a client certificate in its handshake.
pub(super) async fn noting_questions<T>(call: impl Future<Output = T>) -> (T, bool) {
    ASKED
        .scope(Cell::new(false), async {
            let outcome = call.await;
            (outcome, ASKED.with(Cell::get))
        })
        .await
}

/// Shows the client's certificate, if there is one, to a server that asks.
#[derive(Debug)]
struct Identity(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let _ = ASKED.try_with(|asked| asked.set(true));
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}
