//! Proof of who is calling: passwords, access tokens, publishers' keys.
//!
//! Owns the checks. Sessions and refresh tokens are rows and live in `store::sessions`; HTTP decides what to answer.

mod access;
mod hmac;
mod password;

pub(crate) use access::{AccessKey, InvalidAccess};
pub use password::PasswordError;
pub(crate) use password::Passwords;
