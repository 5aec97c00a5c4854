//! HTTP calls, and the upgrade to a WebSocket. Bodies are read up to a bound, whatever a server sends.

use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT},
    header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    tls::{TlsInfo, Version},
};
use time::OffsetDateTime;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use url::{Position, Url};

use super::{Way, certificate, errand::Carried, proxy::Proxy, socket::Socket, tls, trouble::Circumstances};
use crate::{
    Link,
    dialect::{self, Answer, Call, Method, Proof, Upgrade},
    verdict::{Failure, Place},
};

/// No refusal that means anything is larger.
const LARGEST_REFUSAL: usize = 64 * 1024;

pub(super) async fn call(way: Way, call: Call) -> Result<Answer, Failure> {
    let client = &way.client;
    let request = match call.method {
        Method::Get => client.get(call.url),
        Method::Post => client.post(call.url),
        Method::Delete => client.delete(call.url),
    };
    let mut request = shown(request, &call.proof)?;
    if let Some(body) = &call.body {
        request = request.header(CONTENT_TYPE, "application/json").body(body.expose().to_owned());
    }
    send(way, request).await?.answer(call.most, call.in_part).await
}

/// The request, with what shows who makes it.
fn shown(request: RequestBuilder, proof: &Proof) -> Result<RequestBuilder, Failure> {
    Ok(match proof {
        Proof::None => request,
        Proof::Bearer(token) => request.bearer_auth(token.expose()),
        Proof::Basic { username, password } => request.basic_auth(username, Some(password.expose())),
        Proof::Field(name, token) => {
            let mut value = HeaderValue::from_str(token.expose())
                .map_err(|_| Failure::NotSignedIn("no server has such a token"))?;
            value.set_sensitive(true);
            request.header(*name, value)
        }
    })
}

/// The status, and the body unless it is larger than `most`.
pub(super) async fn errand(
    way: Way,
    method: reqwest::Method,
    url: Url,
    carried: Carried,
    most: usize,
) -> Result<(u16, Option<Vec<u8>>), Failure> {
    let Carried { headers, body } = carried;
    let mut request = way.client.request(method, url).headers(headers);
    if let Some(body) = body {
        request = request.body(body);
    }
    let Heard { mut response, circumstances } = send(way, request).await?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| circumstances.failure(error))? {
        if body.len() + chunk.len() > most {
            return Ok((status, None));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, Some(body)))
}

pub(super) async fn open(way: Way, upgrade: &Upgrade) -> Result<Socket, Failure> {
    let key = generate_key();
    let request = way
        .client
        .get(upgrade.expose().clone())
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    let request = shown(request, upgrade.proof())?;
    let Heard { response, circumstances } = send(way, request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let answer = Heard { response, circumstances }.answer(LARGEST_REFUSAL, false).await?;
        return Err(match answer.status {
            200..300 => Failure::NotSuchServer(format!("HTTP {} instead of a WebSocket", answer.status)),
            _ => Failure::Refused(dialect::refusal(Place::Upgrade, &answer)),
        });
    }
    if !accepts(response.headers(), &key) {
        return Err(Failure::NotSuchServer("the WebSocket's handshake does not fit".into()));
    }
    let link = link(upgrade, &response);
    let stream = response.upgrade().await.map_err(|error| circumstances.failure(error))?;
    let mut socket = Socket::new(Box::new(stream)).await;
    socket.link = Some(Box::new(link));
    Ok(socket)
}

/// How a socket came to be. Its query holds a token or a ticket, so all of it goes.
fn link(upgrade: &Upgrade, response: &Response) -> Link {
    let url = upgrade.expose();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    let place = &url[Position::BeforeHost..Position::AfterPath];
    let tls = response.extensions().get::<TlsInfo>().map(|tls| {
        let version = match tls.version() {
            Some(Version::TLS_1_3) => "TLS 1.3",
            Some(Version::TLS_1_2) => "TLS 1.2",
            _ => "TLS",
        };
        certificate::read(version, tls.peer_certificate().unwrap_or_default())
    });
    Link { url: format!("{scheme}://{place}"), peer: response.remote_addr(), tls }
}

/// RFC 6455 §4.1: what a client has to check before it believes in the socket.
fn accepts(headers: &HeaderMap, key: &str) -> bool {
    let upgrades = headers.get(UPGRADE).is_some_and(|value| {
        value.to_str().is_ok_and(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
    });
    let proof = headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    upgrades && proof == Some(derive_accept_key(key.as_bytes()).as_bytes())
}

/// A response, and what is known of how it came.
struct Heard {
    response: Response,
    circumstances: Circumstances,
}

async fn send(way: Way, request: RequestBuilder) -> Result<Heard, Failure> {
    let Way { mut circumstances, .. } = way;
    let (outcome, asked) = tls::noting_questions(request.send()).await;
    circumstances.asked = asked;
    match outcome {
        // only a proxy says so: the server's word is 401
        Ok(response) if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(circumstances.proxy.as_ref().map_or_else(
                || Failure::NotSuchServer("it answers as a proxy does (HTTP 407)".into()),
                Proxy::unauthorized,
            ))
        }
        Ok(response) => Ok(Heard { response, circumstances }),
        Err(error) => Err(circumstances.failure(error)),
    }
}

impl Heard {
    async fn answer(self, most: usize, in_part: bool) -> Result<Answer, Failure> {
        let Self { mut response, circumstances } = self;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header(RETRY_AFTER).map(str::to_owned);
        let sent_at = header(DATE).and_then(dialect::date);
        let (mut body, mut cut, mut broken) = (Vec::new(), false, None);
        while !cut {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = most - body.len();
                    cut = chunk.len() > room;
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                }
                Ok(None) => break,
                // the status of a refusal stands, also where its body breaks off
                Err(_) if !(200..300).contains(&status) => break,
                Err(error) if in_part && !body.is_empty() => {
                    (cut, broken) = (true, Some(circumstances.failure(error)));
                }
                Err(error) => return Err(circumstances.failure(error)),
            }
        }
        if let Some(failure) = circumstances.refusal_of_certificate(status, &body) {
            return Err(failure);
        }
        Ok(Answer { status, retry_after, body, cut, broken, received_at: OffsetDateTime::now_utc(), sent_at })
    }
}
