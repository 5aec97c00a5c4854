//! A password, or a token, from standard input: the whole of it, less one newline at its end.

use std::io::Read;

use secrecy::SecretString;
use tidings_control::{Failure, FailureCode};

/// Longest of them in bytes; anything longer is a file by mistake.
const LONGEST: usize = 4096;

pub(super) fn read(input: impl Read, what: &str) -> Result<SecretString, Failure> {
    let refused = |message: String| Failure::new(FailureCode::BadRequest, message);
    let mut text = String::with_capacity(LONGEST + 3);
    // room for the newline, and for one byte that shows that it goes on
    input
        .take(LONGEST as u64 + 3)
        .read_to_string(&mut text)
        .map_err(|error| refused(format!("no {what} can be read from standard input ({})", error.kind())))?;
    let without =
        text.strip_suffix('\n').map_or(text.len(), |line| line.strip_suffix('\r').unwrap_or(line).len());
    text.truncate(without);
    if text.is_empty() {
        return Err(refused(format!("standard input holds no {what}")));
    }
    if text.len() > LONGEST {
        return Err(refused(format!("the {what} is longer than {LONGEST} bytes")));
    }
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn one_newline_is_taken_off() {
        for (input, password) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2\n\n", "hunter2\n"),
            (" hunter 2 \n", " hunter 2 "),
            ("ünter\n", "ünter"),
        ] {
            assert_eq!(read(input.as_bytes(), "password").unwrap().expose_secret(), password, "{input:?}");
        }
    }

    #[test]
    fn what_is_no_password_is_refused_and_not_repeated() {
        let long = "hunter2".repeat(1000);
        for input in ["".as_bytes(), b"\n", b"hunter2\xff", long.as_bytes()] {
            let failure = read(input, "password").unwrap_err();
            assert_eq!(failure.code, FailureCode::BadRequest);
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
        assert!(read("x".repeat(LONGEST).as_bytes(), "password").is_ok());
        assert!(read(format!("{}\r\n", "x".repeat(LONGEST)).as_bytes(), "password").is_ok());
        assert!(read("x".repeat(LONGEST + 1).as_bytes(), "password").is_err());
    }
}
