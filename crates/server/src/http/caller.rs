//! Who is calling: the address, and what the `Authorization` header proves.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use tidings_protocol::{Code, Secret};

use super::{Peer, error::Refusal};
use crate::{
    app::App,
    limits,
    random::Digest,
    store::{keys, sessions, users},
};

/// What publishers' keys start with.
pub(crate) const KEY_PREFIX: &str = "tdk_";

/// The client's address, as limits and logs see it.
pub(crate) struct Address(pub(crate) IpAddr);

impl FromRequestParts<Arc<App>> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let forwarded = app.config.trust_forwarded_for.then(|| forwarded_for(&parts.headers)).flatten();
        let peer = parts.extensions.get::<Peer>().map(|Peer(address)| address.ip());
        let unknown = IpAddr::from([0, 0, 0, 0]);
        Ok(Self(limits::network(forwarded.or(peer).unwrap_or(unknown))))
    }
}

/// The last entry is the one that our own proxy wrote; those before it are the client's to invent.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// The text after `Bearer`.
pub(crate) struct Bearer(pub(crate) Secret);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| Self(Secret::from(token.trim())))
            .ok_or_else(|| {
                Refusal::unauthorized(Code::UNAUTHORIZED, "send `Authorization: Bearer …` with a token")
            })
    }
}

/// A signed-in device.
pub(crate) struct SignedIn(pub(crate) sessions::Living);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Bearer(token) = Bearer::from_request_parts(parts, app).await?;
        Ok(Self(app.session(&token).await?))
    }
}

/// Whoever may publish something.
pub(crate) enum Publisher {
    /// The holder of this key.
    Key(keys::Known),
    /// A signed-in device.
    Person(sessions::Living),
}

impl Publisher {
    /// For limits and logs.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Key(key) => keys::publisher(&key.name),
            Self::Person(person) => users::publisher(&person.user),
        }
    }

    /// Whom a key or an access token belongs to.
    pub(crate) async fn by_token(app: &App, token: &Secret) -> Result<Self, Refusal> {
        if !token.expose().starts_with(KEY_PREFIX) {
            return Ok(Self::Person(app.session(token).await?));
        }
        let digest = Digest::of(token);
        app.store
            .read(move |connection| keys::find(connection, digest))
            .await?
            .map(Self::Key)
            .ok_or_else(|| Refusal::unauthorized(Code::UNAUTHORIZED, "this key is unknown or was revoked"))
    }
}

impl FromRequestParts<Arc<App>> for Publisher {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Bearer(token) = Bearer::from_request_parts(parts, app).await?;
        Self::by_token(app, &token).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_own_entry_counts_not_what_the_client_claims() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "10.0.0.1, 192.0.2.7".parse().unwrap());
        assert_eq!(forwarded_for(&headers), Some("192.0.2.7".parse().unwrap()));
    }
}
