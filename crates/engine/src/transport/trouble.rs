//! What the HTTP client's errors mean. Owns the words for a TLS handshake that fails.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, OtherError};

use super::{proxy::Proxy, tls::is_ca_as_server};
use crate::verdict::{Failure, printable};

/// What is known of a call besides its error.
#[derive(Debug, Default)]
pub(super) struct Circumstances {
    /// The proxy that it went through.
    pub(super) proxy: Option<Proxy>,
    /// The account has a client certificate to show.
    pub(super) has_certificate: bool,
    /// The server asked for one.
    pub(super) asked: bool,
}

impl Circumstances {
    /// Classifies an error; its URL is dropped first, as it may hold a token.
    pub(super) fn failure(&self, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        if let Some(tls) = find::<rustls::Error>(&error)
            && let Some(failure) = self.handshake(tls)
        {
            return failure;
        }
        if let Some(proxy) = self.proxy.as_ref().filter(|_| error.is_connect() && !error.is_timeout()) {
            return match proxy.failure(&chain(&error)) {
                Failure::Unreachable(words) => Failure::Unreachable(printable(&words)),
                other => other,
            };
        }
        if error.is_timeout() {
            return Failure::Unreachable("no answer in time".to_owned() + &self.by_the_way());
        }
        if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
            return Failure::NotSuchServer("what answers does not speak HTTP".into());
        }
        Failure::Unreachable(printable(&(innermost(&error) + &self.by_the_way())))
    }

    /// What TLS has to say; `None` if it is no verdict on anything.
    fn handshake(&self, error: &rustls::Error) -> Option<Failure> {
        match error {
            rustls::Error::InvalidCertificate(certificate) => {
                Some(Failure::Certificate(untrusted(certificate)))
            }
            rustls::Error::AlertReceived(alert) => self.alert(*alert),
            rustls::Error::InvalidMessage(_) => {
                Some(Failure::NotSuchServer("what answers does not speak TLS".into()))
            }
            _ => None,
        }
    }

    /// RFC 8446 §6.2: what a server says before it hangs up. Once it has asked for a certificate, most of it is about
    /// that; older versions of TLS have no word of their own for one that is missing.
    fn alert(&self, alert: AlertDescription) -> Option<Failure> {
        use AlertDescription as Alert;
        if alert == Alert::CertificateRequired {
            return Some(self.certificate_required());
        }
        if !self.asked {
            return None;
        }
        let why = match alert {
            Alert::CertificateExpired => "it has expired, or is not valid yet",
            Alert::CertificateRevoked => "it was revoked",
            Alert::UnknownCA => "its issuer is not known to the server",
            Alert::HandshakeFailure
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateUnknown
            | Alert::DecryptError
            | Alert::AccessDenied => "without a reason",
            _ => return None,
        };
        Some(if self.has_certificate { refused(why) } else { self.certificate_required() })
    }

    fn certificate_required(&self) -> Failure {
        if self.has_certificate {
            return refused("without a reason");
        }
        Failure::ClientCertificate("the server asks for a client certificate".into())
    }

    /// nginx, and what is built on it, completes the handshake and then answers 400.
    pub(super) fn refusal_of_certificate(&self, status: u16, body: &[u8]) -> Option<Failure> {
        let said = |text: &str| body.windows(text.len()).any(|window| window == text.as_bytes());
        if status != 400 || !self.asked {
            return None;
        }
        if said("No required SSL certificate was sent") {
            Some(self.certificate_required())
        } else if self.has_certificate && said("The SSL certificate error") {
            Some(refused("without a reason"))
        } else {
            None
        }
    }

    /// What may have to do with it, though it need not: an alert can be lost when the server hangs up at once.
    fn by_the_way(&self) -> String {
        let asked = if self.asked && !self.has_certificate {
            " (the server had asked for a client certificate)"
        } else {
            ""
        };
        match &self.proxy {
            Some(proxy) => format!(" (through the proxy {proxy}){asked}"),
            None => asked.to_owned(),
        }
    }
}

fn refused(why: &str) -> Failure {
    Failure::ClientCertificate(format!("the server does not accept the client certificate: {why}"))
}

/// Why a certificate is not trusted, in words.
fn untrusted(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "it has expired".into(),
        CertificateError::ExpiredContext { time, not_after } => {
            match time.as_secs().saturating_sub(not_after.as_secs()) / 86_400 {
                0 => "it expired today".into(),
                1 => "it expired yesterday".into(),
                days => format!("it expired {days} days ago"),
            }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock".into()
        }
        CertificateError::NotValidForNameContext { expected, presented } if !presented.is_empty() => {
            let presented: Vec<_> = presented.iter().map(|name| plain(name)).collect();
            printable(&format!("it belongs to {}, not to {}", presented.join(", "), expected.to_str()))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it belongs to another host".into()
        }
        CertificateError::UnknownIssuer => "its issuer is not known to this machine".into(),
        CertificateError::BadSignature => "its issuer did not sign it".into(),
        CertificateError::Revoked => "it was revoked".into(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not meant for servers".into()
        }
        other if is_ca_as_server(other) => "it is self-signed, or a CA's own".into(),
        CertificateError::Other(OtherError(other)) => printable(&other.to_string()),
        other => printable(&other.to_string()),
    }
}

/// `DnsName("example.com")` is how the verifier spells a name.
fn plain(name: &str) -> &str {
    name.split_once('(').map_or(name, |(_, inner)| inner.trim_end_matches(')')).trim_matches('"')
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
    chain(error).pop().unwrap_or_default()
}

/// The texts of an error and of all behind it.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut chain = vec![error.to_string()];
    let mut last = error;
    while let Some(next) = inner(last) {
        chain.push(next.to_string());
        last = next;
    }
    chain
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
        assert_eq!(untrusted(&CertificateError::Revoked), "it was revoked");
    }

    #[test]
    fn an_alert_is_about_the_client_certificate_only_if_one_was_asked_for() {
        use AlertDescription as Alert;
        let words = |alert, asked, has_certificate| {
            Circumstances { proxy: None, has_certificate, asked }
                .alert(alert)
                .map(|failure| failure.to_string())
        };
        assert_eq!(words(Alert::HandshakeFailure, false, false), None);
        let asks = Some("the server asks for a client certificate".to_owned());
        assert_eq!(words(Alert::HandshakeFailure, true, false), asks);
        assert_eq!(words(Alert::CertificateRequired, true, false), asks);
        let refused = words(Alert::CertificateRevoked, true, true).unwrap();
        assert!(refused.ends_with("it was revoked"), "{refused}");
        assert_eq!(words(Alert::InternalError, true, true), None);
    }

    #[test]
    fn nginx_says_in_its_page_that_a_certificate_is_missing() {
        let page =
            b"<center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center>";
        let asked = Circumstances { asked: true, ..Circumstances::default() };
        assert!(matches!(asked.refusal_of_certificate(400, page), Some(Failure::ClientCertificate(_))));
        assert_eq!(asked.refusal_of_certificate(404, page), None);
        assert_eq!(Circumstances::default().refusal_of_certificate(400, page), None);
    }
}
