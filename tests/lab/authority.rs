use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

use crate::{Folder, Outcome, ServerOptions};

/// A certificate authority of the lab's own, and a certificate for loopback that it has signed.
#[derive(Debug)]
pub struct Authority {
    root: PathBuf,
    chain: PathBuf,
    key: PathBuf,
    _folder: Folder,
}

impl Authority {
    /// Makes one; its files go away with the value.
    ///
    /// # Errors
    /// When a key cannot be made or a file not be written.
    pub fn new() -> Outcome<Self> {
        let folder = Folder::new()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Tidings lab");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        Ok(Self {
            root: folder.write("root.pem", &issuer.pem())?,
            chain: folder.write("chain.pem", &(certificate.pem() + &issuer.pem()))?,
            key: folder.write("key.pem", &key.serialize_pem())?,
            _folder: folder,
        })
    }

    /// The file to trust: for `SSL_CERT_FILE`.
    pub fn root(&self) -> &PathBuf {
        &self.root
    }

    /// For a server that shows the certificate.
    pub fn server_options(&self) -> ServerOptions {
        ServerOptions { tls: Some((self.chain.clone(), self.key.clone())), ..ServerOptions::default() }
    }
}
