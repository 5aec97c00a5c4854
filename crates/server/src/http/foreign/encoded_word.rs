//! Words of RFC 2047 in headers, such as `=?UTF-8?B?w4RwZmVs?=`: how what is not ASCII travels where a client's library
//! lets nothing else through. What is no such word, or is one of a charset that we do not know, stays as it is.

use base64::{Engine as _, alphabet, engine};

/// Some leave out the padding.
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &alphabet::STANDARD,
    engine::GeneralPurposeConfig::new()
        .with_decode_padding_mode(engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text that was meant.
pub(super) fn decode(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    // bytes of words that follow each other: a character may be split between two
    let mut words: Vec<u8> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, at) = rest.split_at(start);
        let Some((bytes, after)) = word(at) else {
            settle(&mut said, &mut words);
            said.push_str(before);
            said.push_str("=?");
            rest = at.get(2..).unwrap_or_default();
            continue;
        };
        // space between two words only separates them (§6.2)
        if words.is_empty() || !before.trim().is_empty() {
            settle(&mut said, &mut words);
            said.push_str(before);
        }
        words.extend(bytes);
        rest = after;
    }
    settle(&mut said, &mut words);
    said.push_str(rest);
    said
}

fn settle(said: &mut String, words: &mut Vec<u8>) {
    said.push_str(&String::from_utf8_lossy(words));
    words.clear();
}

/// The word that `text` starts with, as UTF-8, and what follows it.
fn word(text: &str) -> Option<(Vec<u8>, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    // neither holds a question mark (§2), so that this looks at each byte a few times at most
    let (encoded, rest) = rest.split_once('?')?;
    let rest = rest.strip_prefix('=')?;
    let bytes = match encoding {
        "b" | "B" => BASE64.decode(encoded).ok()?,
        "q" | "Q" => quoted(encoded)?,
        _ => return None,
    };
    // RFC 2231 §5: a language may follow
    let charset = charset.split('*').next().unwrap_or(charset);
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => Some((bytes, rest)),
        "iso-8859-1" => Some((latin1(&bytes).into_bytes(), rest)),
        _ => None,
    }
}

/// ISO 8859-1, whose bytes are the first characters of Unicode.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'_' => b' ',
            b'=' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            b'!'..=b'~' => byte,
            _ => return None,
        });
    }
    Some(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_read_and_what_is_none_stays() {
        for (sent, meant) in [
            ("=?UTF-8?B?8J+HqfCfh6o=?=", "🇩🇪"),
            ("=?UTF-8?B?8J+HqfCfh6o?=", "🇩🇪"),
            ("=?UTF-8?Q?=C3=84pfel?=", "Äpfel"),
            ("=?utf-8*de?q?zwei_=C3=84pfel?=", "zwei Äpfel"),
            ("=?ISO-8859-1?Q?Andr=E9?=", "André"),
            ("Re: =?utf-8?q?a?= =?utf-8?q?b?= c", "Re: ab c"),
            // half of a character in each
            ("=?utf-8?q?=C3?= =?utf-8?q?=84?=", "Ä"),
            ("=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b"),
            ("=?koi8-r?Q?=C1?=", "=?koi8-r?Q?=C1?="),
            ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
            ("=?utf-8?q?=C?=", "=?utf-8?q?=C?="),
            ("=?utf-8?b?!!?=", "=?utf-8?b?!!?="),
            ("what=?", "what=?"),
            ("a=?b?c", "a=?b?c"),
        ] {
            assert_eq!(decode(sent), meant, "{sent}");
        }
    }

    fn q(text: &str) -> String {
        let mut word = String::new();
        for byte in text.bytes() {
            write!(word, "={byte:02X}").unwrap();
        }
        word
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_comes_out_as_it_was(text in "\\PC{0,40}") {
            let b = format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(&text));
            prop_assert_eq!(&decode(&b), &text);
            let q = format!("=?utf-8?q?{}?=", q(&text));
            prop_assert_eq!(decode(&q), text);
        }

        #[test]
        fn nothing_breaks_it(text in "(=\\?|\\?=|\\?|=|utf-8|[bBqQ]|[A-F0-9]{2}|\\PC){0,60}") {
            let _ = decode(&text);
        }

        #[test]
        fn what_has_no_word_in_it_stays(text in "[^=]{0,60}") {
            prop_assert_eq!(decode(&text), text);
        }
    }
}
