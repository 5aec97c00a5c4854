//! What a server's certificate says of itself, for a person to compare. Nothing is decided by it: whom to trust is for
//! the verifier. So what cannot be read is left out, and nothing that is read makes it fail.

use std::net::{Ipv4Addr, Ipv6Addr};

use time::{Date, Month, OffsetDateTime, Time};

use crate::{TlsLink, verdict::printable};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTET_STRING: u8 = 0x04;
const BMP_STRING: u8 = 0x1e;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]` to `[3]` around a value, as the version and the extensions are wrapped.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// The two kinds of alternative names that servers have.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// Reads the certificate, in DER, of a connection by this version of TLS.
pub(super) fn read(version: &'static str, der: &[u8]) -> TlsLink {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let fingerprint = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let Names { subject, issuer, not_after } = names(der).unwrap_or_default();
    TlsLink { version, subject, issuer, not_after, fingerprint }
}

#[derive(Default)]
struct Names {
    subject: String,
    issuer: String,
    not_after: Option<OffsetDateTime>,
}

/// RFC 5280 §4.1.
fn names(der: &[u8]) -> Option<Names> {
    let mut fields = Der(der).enter(SEQUENCE)?.enter(SEQUENCE)?;
    if fields.0.first() == Some(&VERSION) {
        fields.next()?;
    }
    let (_serial, _algorithm) = (fields.next()?, fields.next()?);
    let issuer = fields.enter(SEQUENCE)?;
    let mut validity = fields.enter(SEQUENCE)?;
    let _not_before = validity.next()?;
    let not_after = validity.next().and_then(|(tag, digits)| moment(tag, digits));
    let subject = fields.enter(SEQUENCE)?;
    let name = part(subject, COMMON_NAME).or_else(|| alternative(fields));
    Some(Names {
        subject: name.or_else(|| part(subject, ORGANIZATION)).unwrap_or_default(),
        issuer: part(issuer, COMMON_NAME).or_else(|| part(issuer, ORGANIZATION)).unwrap_or_default(),
        not_after,
    })
}

/// One part of a distinguished name; the last one is the most specific.
fn part(mut name: Der<'_>, kind: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some((SET, parts)) = name.next() {
        let mut parts = Der(parts);
        while let Some(mut pair) = parts.enter(SEQUENCE) {
            if let (Some((_, oid)), Some((tag, text))) = (pair.next(), pair.next())
                && oid == kind
            {
                found = Some(words(tag, text));
            }
        }
    }
    found.filter(|found| !found.is_empty())
}

fn words(tag: u8, text: &[u8]) -> String {
    if tag == BMP_STRING {
        let units = text.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1]));
        return printable(
            &char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect::<String>(),
        );
    }
    printable(&String::from_utf8_lossy(text))
}

/// The first of the alternative names, looked for in what follows the subject.
fn alternative(mut fields: Der<'_>) -> Option<String> {
    let mut extensions = loop {
        if let (EXTENSIONS, inside) = fields.next()? {
            break Der(inside).enter(SEQUENCE)?;
        }
    };
    loop {
        let mut extension = extensions.enter(SEQUENCE)?;
        if extension.next()?.1 != ALTERNATIVE_NAMES {
            continue;
        }
        let mut value = extension.next()?;
        if value.0 != OCTET_STRING {
            // whether it is critical
            value = extension.next()?;
        }
        let mut names = Der(value.1).enter(SEQUENCE)?;
        loop {
            match names.next()? {
                (DNS_NAME, name) => return Some(printable(&String::from_utf8_lossy(name))),
                (IP_ADDRESS, octets) => return address(octets),
                _ => {}
            }
        }
    }
}

fn address(octets: &[u8]) -> Option<String> {
    let short = <[u8; 4]>::try_from(octets).map(|octets| Ipv4Addr::from(octets).to_string());
    short.or_else(|_| <[u8; 16]>::try_from(octets).map(|octets| Ipv6Addr::from(octets).to_string())).ok()
}

/// `YYMMDDHHMMSSZ`, of 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn moment(tag: u8, digits: &[u8]) -> Option<OffsetDateTime> {
    let digits = digits.strip_suffix(b"Z")?;
    let (year, rest) = digits.split_at_checked(match tag {
        UTC_TIME => 2,
        GENERALIZED_TIME => 4,
        _ => return None,
    })?;
    let year = match (tag, number(year)?) {
        (UTC_TIME, year @ 50..) => year + 1900,
        (UTC_TIME, year) => year + 2000,
        (_, year) => year,
    };
    let parts: Vec<u8> =
        rest.chunks(2).map(|pair| number(pair).and_then(|it| it.try_into().ok())).collect::<Option<_>>()?;
    let [month, day, hour, minute, second] = parts[..] else { return None };
    let date = Date::from_calendar_date(year.into(), Month::try_from(month).ok()?, day).ok()?;
    Some(date.with_time(Time::from_hms(hour, minute, second).ok()?).assume_utc())
}

/// Of four digits at most.
fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + u16::from(digit - b'0')),
        _ => None,
    })
}

/// Values in DER, one after the other.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value and its tag.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            // a certificate of 16 MiB is none
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (inside, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, inside))
    }

    /// The values within the next one, if it is of this kind.
    fn enter(&mut self, kind: u8) -> Option<Der<'a>> {
        self.next().filter(|(tag, _)| *tag == kind).map(|(_, inside)| Der(inside))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, string::BmpString};
    use time::macros::datetime;

    use super::{UTC_TIME, moment};
    use crate::TlsLink;

    fn read(der: &[u8]) -> TlsLink {
        super::read("TLS", der)
    }

    fn certificate(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = DistinguishedName::new();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_common_name_goes_before_other_names() {
        let names = &["a.example", "10.1.2.3"];
        let named = certificate(names, |params| {
            params.distinguished_name.push(DnType::OrganizationName, "Ours");
            params.distinguished_name.push(DnType::CommonName, "Älerts");
        });
        assert_eq!(read(&named).subject, "Älerts");
        let by_organization = |params: &mut CertificateParams| {
            params.distinguished_name.push(DnType::OrganizationName, "Ours");
        };
        assert_eq!(read(&certificate(names, by_organization)).subject, "a.example");
        assert_eq!(read(&certificate(names, by_organization)).issuer, "Ours");
        assert_eq!(read(&certificate(&["10.1.2.3"], |_| {})).subject, "10.1.2.3");
        assert_eq!(read(&certificate(&["fe80::7"], |_| {})).subject, "fe80::7");
        assert_eq!(read(&certificate(&[], by_organization)).subject, "Ours");
        assert_eq!(read(&certificate(&[], |_| {})).subject, "");
    }

    #[test]
    fn names_in_two_bytes_a_letter_are_read() {
        let bmp = BmpString::try_from("Ünsere").unwrap();
        let der = certificate(&[], |params| {
            params.distinguished_name.push(DnType::CommonName, DnValue::BmpString(bmp));
        });
        assert_eq!(read(&der).subject, "Ünsere");
    }

    #[test]
    fn an_end_is_read_in_either_notation() {
        for end in [datetime!(1999-12-31 23:59:59 UTC), datetime!(2031-02-03 04:05:06 UTC)]
            .into_iter()
            .chain([datetime!(2050-01-01 0:00 UTC), datetime!(9999-12-31 23:59:59 UTC)])
        {
            assert_eq!(read(&certificate(&[], |params| params.not_after = end)).not_after, Some(end));
        }
        assert_eq!(moment(UTC_TIME, b"310203040506"), None);
        assert_eq!(moment(UTC_TIME, b"3102030405060Z"), None);
        assert_eq!(moment(UTC_TIME, b"311303040506Z"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_some_end(der in vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(read(&der).fingerprint.len(), 64);
        }

        #[test]
        fn a_damaged_certificate_is_read_to_some_end(
            damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut der = certificate(&["a.example"], |_| {});
            for (index, byte) in damage {
                let index = index.index(der.len());
                der[index] = byte;
            }
            der.truncate(cut.index(der.len()).max(der.len() / 2));
            prop_assert_eq!(read(&der).fingerprint.len(), 64);
        }
    }
}
