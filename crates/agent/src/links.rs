//! Opening a link in the person's browser.
//!
//! Owns the rule which links may be opened: `http` and `https`, with a host. Refuses to open anything by itself: a
//! link is opened when a person asks for it, never because it arrived.

use std::io;

use tidings_control::{Failure, FailureCode};
use url::Url;

/// Opens an allowed link in the person's browser.
///
/// # Errors
/// When nothing on this system opens links.
pub fn open(link: &Url) -> io::Result<()> {
    open::that_detached(link.as_str())
}

/// Reads a link and refuses what may not be opened.
///
/// # Errors
/// `LINK_REFUSED`.
pub fn allowed(link: &str) -> Result<Url, Failure> {
    let refused = |why: String| Failure::new(FailureCode::LinkRefused, why);
    let url = Url::parse(link).map_err(|error| refused(format!("the link cannot be read: {error}")))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        scheme => Err(refused(format!("links of the kind \"{scheme}:\" are not opened"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_pass() {
        for link in
            ["http://example.com", "https://example.com/a?b#c", "HTTPS://EXAMPLE.COM", "http://[::1]:8080/"]
        {
            assert!(allowed(link).is_ok(), "{link}");
        }
        for link in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ssh://host",
            "mailto:a@example.com",
            "data:text/html,x",
            "tidings://x",
            "example.com",
            "--help",
            "/bin/sh",
            "https://",
            "",
        ] {
            assert_eq!(allowed(link).unwrap_err().code, FailureCode::LinkRefused, "{link}");
        }
    }
}
