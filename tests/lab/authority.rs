use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use crate::{Folder, Outcome, ServerOptions};

/// Certificate chain and key, both in PEM.
pub type Identity = (PathBuf, PathBuf);

static AUTHORITIES: AtomicUsize = AtomicUsize::new(0);

/// A certificate authority of the lab's own, and what it signs.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    root: PathBuf,
    loopback: Identity,
    made: AtomicUsize,
    folder: Folder,
}

impl Authority {
    /// Makes one, with a certificate for loopback; its files go away with the value.
    ///
    /// # Errors
    /// When a key cannot be made or a file not be written.
    pub fn new() -> Outcome<Self> {
        let folder = Folder::new()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // an authority is known by its name: two of one name would be taken for each other
        let name = format!("Tidings lab {}", AUTHORITIES.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let root = folder.write("root.pem", &issuer.pem())?;
        let loopback = Identity::default();
        let mut authority = Self { issuer, root, loopback, made: AtomicUsize::new(0), folder };
        authority.loopback = authority.identity(&["127.0.0.1", "localhost"])?;
        Ok(authority)
    }

    /// The file to trust: for `SSL_CERT_FILE`.
    pub fn root(&self) -> &PathBuf {
        &self.root
    }

    /// For a server on loopback that shows its certificate.
    pub fn server_options(&self) -> ServerOptions {
        ServerOptions { tls: Some(self.loopback.clone()), ..ServerOptions::default() }
    }

    /// A certificate for these names and addresses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn identity(&self, names: &[&str]) -> Outcome<Identity> {
        self.signed(&CertificateParams::new(owned(names))?)
    }

    /// A certificate for these names and addresses whose time has passed.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn expired(&self, names: &[&str]) -> Outcome<Identity> {
        let mut params = CertificateParams::new(owned(names))?;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.signed(&params)
    }

    fn signed(&self, params: &CertificateParams) -> Outcome<Identity> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((
            self.folder.write(&format!("chain-{number}.pem"), &(certificate.pem() + &self.issuer.pem()))?,
            self.folder.write(&format!("key-{number}.pem"), &key.serialize_pem())?,
        ))
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
