//! What the HTTP client's errors mean. Owns the words for certificates that are not trusted.

use std::{error::Error, io};

use rustls::CertificateError;

use crate::verdict::{Failure, printable};

/// Classifies an error; its URL is dropped first, as it may hold a token.
pub(super) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if let Some(rustls::Error::InvalidCertificate(certificate)) = find::<rustls::Error>(&error) {
        return Failure::Certificate(untrusted(certificate));
    }
    if error.is_timeout() {
        return Failure::Unreachable("no answer in time".into());
    }
    if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        return Failure::NotSuchServer("what answers does not speak HTTP".into());
    }
    Failure::Unreachable(printable(&innermost(&error)))
}

/// Why a certificate is not trusted, in words.
fn untrusted(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "it has expired".into(),
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / 86_400;
            format!("it expired {days} days ago")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it belongs to another host".into()
        }
        CertificateError::UnknownIssuer => "its issuer is not known to this machine".into(),
        CertificateError::Revoked => "it was revoked".into(),
        other => printable(&format!("{other:?}")),
    }
}

/// The first error of a kind in the chain, also inside of I/O errors, which hide what they wrap from `source`.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = inner(error);
    }
    None
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = inner(last) {
        last = next;
    }
    last.to_string()
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_of_an_io_error_is_found() {
        let certificate = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let wrapped = io::Error::other(io::Error::other(certificate.clone()));
        assert_eq!(find::<rustls::Error>(&wrapped), Some(&certificate));
    }

    #[test]
    fn untrusted_certificates_have_words() {
        assert_eq!(untrusted(&CertificateError::UnknownIssuer), "its issuer is not known to this machine");
        assert_eq!(untrusted(&CertificateError::NotValidForName), "it belongs to another host");
    }
}
