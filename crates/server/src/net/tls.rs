//! TLS from two PEM files, which are read again when they change: certificates are renewed while a server runs.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::Tls;

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or holds something else.
    #[error("cannot read {what} from {}: {reason}. It has to be a PEM file", path.display())]
    File {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The two do not fit together.
    #[error("certificate and key cannot be used: {0}. Check that they belong together")]
    Pair(rustls::Error),
}

/// How soon a new certificate is noticed.
const GLANCE: Duration = Duration::from_secs(2);

/// The certificate that is shown, and where it comes from.
pub(crate) struct Certificates {
    files: Tls,
    current: Mutex<Current>,
}

struct Current {
    /// What the files looked like before they were read.
    looks: Looks,
    acceptor: TlsAcceptor,
}

/// When both files were written, and how long they are.
type Looks = [Option<(SystemTime, u64)>; 2];

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn load(files: &Tls) -> Result<Arc<Self>, TlsError> {
        let current = Current { looks: looks(files), acceptor: acceptor(files)? };
        Ok(Arc::new(Self { files: files.clone(), current: Mutex::new(current) }))
    }

    /// What accepts connections with the present certificate.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Reads the files again if they have changed, and says whether they had.
    ///
    /// # Errors
    /// [`TlsError`], once for each change; the certificate before it stays. Between the writing of one file and of
    /// the other that is what has to happen.
    fn reread(&self) -> Result<bool, TlsError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = looks(&self.files);
        if looks == current.looks {
            return Ok(false);
        }
        current.looks = looks;
        current.acceptor = acceptor(&self.files)?;
        Ok(true)
    }

    /// Looks after the files until the server goes down. Connections that are open keep what they have.
    pub(crate) async fn keep_fresh(self: Arc<Self>, closing: CancellationToken) {
        let mut ticks = interval(GLANCE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = closing.cancelled() => return,
            }
            let certificates = Arc::clone(&self);
            match tokio::task::spawn_blocking(move || certificates.reread()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => info!("a new certificate is in use"),
                Ok(Err(error)) => {
                    warn!(%error, "the new certificate is not in use; the one before it goes on");
                }
                Err(_) => warn!("the certificate could not be looked at"),
            }
        }
    }
}

fn looks(files: &Tls) -> Looks {
    [&files.cert, &files.key].map(|path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

/// What accepts TLS connections with the given certificate.
fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file("a certificate", &tls.cert, &error))?;
    let key =
        PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| file("a private key", &tls.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn file(what: &'static str, path: &Path, error: &rustls_pki_types::pem::Error) -> TlsError {
    TlsError::File { what, path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn a_renewal_that_is_half_done_changes_nothing_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let files = Tls { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        let [old, new] =
            [(); 2].map(|()| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
        write(&files.cert, &old.cert.pem());
        write(&files.key, &old.signing_key.serialize_pem());
        let certificates = Certificates::load(&files).unwrap();
        let shown = || Arc::as_ptr(certificates.acceptor().config());
        let before = shown();
        assert!(!certificates.reread().unwrap());
        write(&files.cert, "-----BEGIN CERTIFICATE-----\nhalf of a");
        assert!(matches!(certificates.reread(), Err(TlsError::File { .. })));
        assert!(!certificates.reread().unwrap(), "told once");
        write(&files.cert, &format!("# renewed\n{}", new.cert.pem()));
        assert!(matches!(certificates.reread(), Err(TlsError::Pair(_))));
        assert_eq!(shown(), before);
        write(&files.key, &format!("# renewed\n{}", new.signing_key.serialize_pem()));
        assert!(certificates.reread().unwrap());
        assert_ne!(shown(), before);
    }
}
