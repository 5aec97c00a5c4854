//! What is in a file, and what is wrong with it. The keys were made for this.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::{FileTrouble, TlsFile, TlsFileError, TlsFiles};

const EC: &str = include_str!("keys/ec-pkcs8.pem");
const RSA: &str = include_str!("keys/rsa-pkcs8.pem");

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> Option<PathBuf> {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        Some(path)
    }
}

fn certificate(pem: &str) -> &str {
    pem.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap()
}

fn key(pem: &str) -> &str {
    pem.split_inclusive("-----END CERTIFICATE-----\n").nth(1).unwrap()
}

async fn trouble(files: TlsFiles) -> (TlsFile, FileTrouble) {
    let TlsFileError { file, trouble, .. } = files.check().await.unwrap_err();
    (file, trouble)
}

#[tokio::test]
async fn keys_are_read_in_every_usual_form_from_one_file_or_two() {
    let folder = Folder::new();
    for (name, pem) in [
        ("rsa-pkcs1", include_str!("keys/rsa-pkcs1.pem")),
        ("rsa-pkcs8", RSA),
        ("ec-sec1", include_str!("keys/ec-sec1.pem")),
        ("ec-pkcs8", EC),
    ] {
        let both = TlsFiles { certificate: folder.file(name, pem), ..TlsFiles::default() };
        assert_eq!(both.check().await, Ok(()), "{name}");
        let two = TlsFiles {
            ca: folder.file("ca", certificate(pem)),
            certificate: folder.file("certificate", certificate(pem)),
            key: folder.file("key", key(pem)),
        };
        assert_eq!(two.check().await, Ok(()), "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_ca_file_is_said() {
    let folder = Folder::new();
    let garbled = EC.replace("MII", "!!!");
    for (path, expected) in [
        (Some(folder.0.path().join("nowhere")), FileTrouble::Missing),
        (Some(folder.0.path().to_owned()), FileTrouble::NotAFile),
        (Some("ca.pem".into()), FileTrouble::Relative),
        (folder.file("empty", ""), FileTrouble::Garbled),
        (folder.file("der", "\u{30}\u{1}"), FileTrouble::Garbled),
        (folder.file("garbled", &garbled), FileTrouble::Garbled),
        (folder.file("no certificate", key(EC)), FileTrouble::NoCertificate),
        (folder.file("cut off", &certificate(EC)[..200]), FileTrouble::Garbled),
    ] {
        let files = TlsFiles { ca: path.clone(), ..TlsFiles::default() };
        assert_eq!(trouble(files).await, (TlsFile::Ca, expected), "{path:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_or_its_key_is_said_of_the_right_file() {
    let folder = Folder::new();
    let certificate_file = folder.file("certificate", certificate(EC));
    let with_key = |key| TlsFiles { ca: None, certificate: certificate_file.clone(), key };
    let in_key = |expected| (TlsFile::Key, expected);
    assert_eq!(trouble(with_key(folder.file("rsa", key(RSA)))).await, in_key(FileTrouble::Mismatch));
    assert_eq!(trouble(with_key(folder.file("no key", certificate(EC)))).await, in_key(FileTrouble::NoKey));
    let garbled = folder.file("garbled", &key(EC).replace('M', "!"));
    assert_eq!(trouble(with_key(garbled)).await, in_key(FileTrouble::Garbled));
    let in_certificate = |expected| (TlsFile::Certificate, expected);
    assert_eq!(trouble(with_key(None)).await, in_certificate(FileTrouble::NoKey));
    for secret in [include_str!("keys/passphrase-pkcs8.pem"), include_str!("keys/passphrase-sec1.pem")] {
        let both = TlsFiles { certificate: folder.file("both", secret), ..TlsFiles::default() };
        assert_eq!(trouble(both).await, in_certificate(FileTrouble::Passphrase));
    }
    let alone = TlsFiles { key: folder.file("key", key(EC)), ..TlsFiles::default() };
    assert_eq!(trouble(alone).await, in_key(FileTrouble::NoCertificateForKey));
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_not_waited_for() {
    let files = TlsFiles { ca: Some("/dev/null".into()), ..TlsFiles::default() };
    assert_eq!(trouble(files).await, (TlsFile::Ca, FileTrouble::NotAFile));
}

#[tokio::test]
async fn nothing_of_a_key_is_printed() {
    let folder = Folder::new();
    let secret = key(EC).lines().nth(1).unwrap().to_owned();
    let files = TlsFiles {
        certificate: folder.file("certificate", certificate(RSA)),
        key: folder.file("key", key(EC)),
        ..TlsFiles::default()
    };
    let error = files.check().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&secret));
    let good = TlsFiles { certificate: folder.file("good", EC), ..TlsFiles::default() };
    let identity = good.read().await.unwrap().identity.unwrap();
    assert!(!format!("{identity:?}").contains(&secret));
}
