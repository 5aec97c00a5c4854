//! The certificate files of an account: where they are, what is in them, and the words for what is wrong with them.
//!
//! They are read anew for every call, because certificates are renewed while the program runs; between calls nothing of
//! them is kept, the private key least of all. Refuses to know what a server makes of them.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{crypto::ring::sign::any_supported_type, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use tokio::io::AsyncReadExt as _;

/// The largest CA bundles in the field have a few hundred KiB.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// "ENCRYPTED PRIVATE KEY", or the older "Proc-Type: 4,ENCRYPTED".
const PASSPHRASE: &str = "ENCRYPTED";

/// Files that an account brings along, all PEM. They are read when they are needed, not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificates of CAs, or of the server itself, that are trusted besides those of the operating system.
    pub ca: Option<PathBuf>,
    /// The client's certificate and what leads from it to its CA.
    pub certificate: Option<PathBuf>,
    /// The client's private key, without passphrase: PKCS#8, PKCS#1 or SEC1. Absent if it is in `certificate` too.
    pub key: Option<PathBuf>,
}

/// One of the files of [`TlsFiles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TlsFile {
    /// [`TlsFiles::ca`].
    Ca,
    /// [`TlsFiles::certificate`].
    Certificate,
    /// [`TlsFiles::key`].
    Key,
}

/// A file of [`TlsFiles`] cannot be used. Says nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {file} {} {trouble}", path.display())]
pub struct TlsFileError {
    /// Which one.
    pub file: TlsFile,
    /// Where it should be.
    pub path: PathBuf,
    /// What is wrong.
    pub trouble: FileTrouble,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileTrouble {
    /// Not there.
    #[error("is not there")]
    Missing,
    /// The path depends on where the program was started.
    #[error("is not a full path")]
    Relative,
    /// A folder, a device.
    #[error("is not a file")]
    NotAFile,
    /// The operating system refuses it.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// No file of this kind is so large.
    #[error("is too large for what it should be")]
    TooLarge,
    /// Not PEM, or PEM that is broken.
    #[error("cannot be understood; it should be in PEM form")]
    Garbled,
    /// PEM, but no certificate in it.
    #[error("holds no certificate")]
    NoCertificate,
    /// PEM, but no private key in it.
    #[error("holds no private key")]
    NoKey,
    /// A private key of a kind that cannot be used here, or none at all.
    #[error("holds a private key of an unknown kind")]
    UnknownKey,
    /// Somebody would have to type a passphrase at every attempt.
    #[error("holds a private key with a passphrase; one without is needed")]
    Passphrase,
    /// Certificate and key are not of a pair.
    #[error("holds a private key that does not belong to the client certificate")]
    Mismatch,
    /// A key is of no use alone.
    #[error("is of no use without a client certificate")]
    NoCertificateForKey,
}

impl fmt::Display for TlsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ca => "CA file",
            Self::Certificate => "client certificate",
            Self::Key => "client key",
        })
    }
}

impl TlsFiles {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ca.is_none() && self.certificate.is_none() && self.key.is_none()
    }

    /// Reads the files once, to be able to say at once what is wrong with them.
    ///
    /// # Errors
    /// [`TlsFileError`] for the first that cannot be used.
    pub async fn check(&self) -> Result<(), TlsFileError> {
        self.read().await.map(drop)
    }

    pub(super) async fn read(&self) -> Result<Contents, TlsFileError> {
        let authorities = match &self.ca {
            Some(path) => authorities(path).await.map_err(|trouble| wrong(TlsFile::Ca, path, trouble))?,
            None => Vec::new(),
        };
        let identity = match (&self.certificate, &self.key) {
            (Some(certificate), key) => Some(Arc::new(identity(certificate, key.as_deref()).await?)),
            (None, Some(key)) => return Err(wrong(TlsFile::Key, key, FileTrouble::NoCertificateForKey)),
            (None, None) => None,
        };
        Ok(Contents { authorities, identity })
    }
}

/// What the files hold.
pub(super) struct Contents {
    pub(super) authorities: Vec<CertificateDer<'static>>,
    pub(super) identity: Option<Arc<CertifiedKey>>,
}

fn wrong(file: TlsFile, path: &Path, trouble: FileTrouble) -> TlsFileError {
    TlsFileError { file, path: path.to_owned(), trouble }
}

async fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, FileTrouble> {
    let certificates = certificates(&bytes(path).await?)?;
    let mut roots = rustls::RootCertStore::empty();
    // one odd certificate in a bundle is no reason to do without the others
    match roots.add_parsable_certificates(certificates.iter().cloned()) {
        (0, _) => Err(FileTrouble::Garbled),
        _ => Ok(certificates),
    }
}

async fn identity(certificate: &Path, key: Option<&Path>) -> Result<CertifiedKey, TlsFileError> {
    let in_certificate = |trouble| wrong(TlsFile::Certificate, certificate, trouble);
    let in_key = |trouble| match key {
        Some(key) => wrong(TlsFile::Key, key, trouble),
        None => in_certificate(trouble),
    };
    let first = bytes(certificate).await.map_err(in_certificate)?;
    let chain = certificates(&first).map_err(in_certificate)?;
    let second = match key {
        Some(path) => bytes(path).await.map_err(in_key)?,
        None => first,
    };
    let mut private = private_key(&second).map_err(in_key)?;
    let signing = any_supported_type(&private);
    private.zeroize();
    let certified = CertifiedKey::new(chain, signing.map_err(|_| in_key(FileTrouble::UnknownKey))?);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(_)) => Err(in_key(FileTrouble::Mismatch)),
        Err(_) => Err(in_certificate(FileTrouble::Garbled)),
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, FileTrouble> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        // DER, PKCS#12 and the like have no line that begins a section
        Ok(_) if !contains(pem, "-----BEGIN ") => Err(FileTrouble::Garbled),
        Ok(_) => Err(FileTrouble::NoCertificate),
        // such a key is no PEM by itself, and may stand beside the certificate
        Err(_) if contains(pem, PASSPHRASE) => Err(FileTrouble::Passphrase),
        Err(_) => Err(FileTrouble::Garbled),
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, FileTrouble> {
    if contains(pem, PASSPHRASE) {
        return Err(FileTrouble::Passphrase);
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pem::Error::NoItemsFound => FileTrouble::NoKey,
        _ => FileTrouble::Garbled,
    })
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileTrouble> {
    if !path.is_absolute() {
        return Err(FileTrouble::Relative);
    }
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileTrouble::Missing,
        _ => FileTrouble::Unreadable(error.to_string()),
    };
    let about = tokio::fs::metadata(path).await.map_err(unreadable)?;
    // opening a pipe could wait for ever
    if !about.is_file() {
        return Err(FileTrouble::NotAFile);
    }
    if about.len() > LARGEST_FILE {
        return Err(FileTrouble::TooLarge);
    }
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    // room for all of it: a buffer that grows would leave copies of a key behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 64));
    file.take(LARGEST_FILE).read_to_end(&mut bytes).await.map_err(unreadable)?;
    Ok(bytes)
}
