//! Access tokens: JSON Web Tokens, HS256, that name a session and end soon.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tidings_protocol::Secret;
use time::OffsetDateTime;

use super::hmac;

/// Why a token is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidAccess {
    /// Not ours, or garbled.
    Unusable,
    /// Ours, and too old: a refresh cures it.
    Expired,
}

/// The server's signing key.
pub(crate) struct AccessKey {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    life: Duration,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sid: String,
    iat: i64,
    exp: i64,
    /// Two tokens of the same second differ.
    jti: String,
}

impl AccessKey {
    pub(crate) fn new(key: &[u8], life: Duration) -> Self {
        hmac::install();
        let mut validation = Validation::new(Algorithm::HS256);
        // expiry is compared below, with the caller's clock and without leeway
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        Self {
            signing: EncodingKey::from_secret(key),
            verifying: DecodingKey::from_secret(key),
            validation,
            life,
        }
    }

    /// Seconds that a token lives.
    pub(crate) fn life(&self) -> Duration {
        self.life
    }

    /// A token for a session.
    pub(crate) fn issue(
        &self,
        session: &str,
        now: OffsetDateTime,
    ) -> Result<Secret, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sid: session.to_owned(),
            iat: now.unix_timestamp(),
            exp: (now + self.life).unix_timestamp(),
            jti: crate::random::id(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).map(Secret::from)
    }

    /// The session that a token names; whether it still lives is for the database to say.
    pub(crate) fn session(&self, token: &Secret, now: OffsetDateTime) -> Result<String, InvalidAccess> {
        let claims = jsonwebtoken::decode::<Claims>(token.expose(), &self.verifying, &self.validation)
            .map_err(|_| InvalidAccess::Unusable)?
            .claims;
        if claims.exp <= now.unix_timestamp() { Err(InvalidAccess::Expired) } else { Ok(claims.sid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: OffsetDateTime = time::macros::datetime!(2026-01-01 12:00 UTC);

    fn key() -> AccessKey {
        AccessKey::new(&[7; 32], Duration::from_secs(900))
    }

    #[test]
    fn a_token_names_its_session_until_it_expires() {
        let token = key().issue("s1", NOON).unwrap();
        assert_eq!(key().session(&token, NOON + Duration::from_secs(899)), Ok("s1".to_owned()));
        assert_eq!(key().session(&token, NOON + Duration::from_secs(900)), Err(InvalidAccess::Expired));
    }

    #[test]
    fn another_servers_token_is_no_good_even_when_expired() {
        let token = AccessKey::new(&[8; 32], Duration::ZERO).issue("s1", NOON).unwrap();
        assert_eq!(key().session(&token, NOON), Err(InvalidAccess::Unusable));
    }

    #[test]
    fn an_unsigned_token_is_no_good() {
        // {"alg":"none"} with the claims of a real one
        let token = key().issue("s1", NOON).unwrap();
        let claims = token.expose().split('.').nth(1).unwrap();
        let forged = Secret::from(format!("eyJhbGciOiJub25lIn0.{claims}."));
        assert_eq!(key().session(&forged, NOON), Err(InvalidAccess::Unusable));
    }
}
