//! Unguessable text, and the digests under which it is kept. What has been minted here is never stored in clear.

use std::fmt::Write as _;

use rand::RngCore as _;
use tidings_protocol::Secret;

/// 32 random bytes; the generator is seeded by the operating system.
pub(crate) fn bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A bearer secret of 256 bits behind a prefix that tells people and scanners what it is.
pub(crate) fn secret(prefix: &str) -> Secret {
    let mut text = String::with_capacity(prefix.len() + 64);
    text.push_str(prefix);
    for byte in bytes() {
        // writing to a String cannot fail
        let _ = write!(text, "{byte:02x}");
    }
    Secret::from(text)
}

/// An id that is unique but not secret.
pub(crate) fn id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// SHA-256 of a minted secret. Fast hashing is right here: 256 random bits cannot be guessed, unlike a password.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(secret: &Secret) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(
            ring::digest::digest(&ring::digest::SHA256, secret.expose().as_bytes()).as_ref(),
        );
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
