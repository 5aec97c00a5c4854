use std::sync::Arc;

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::{Outcome, Trouble, frames::head, patience::PATIENCE, within};

/// The text opcode with the FIN bit (RFC 6455, section 5.2).
const TEXT: u8 = 0x81;
/// The text opcode without it: more is to come.
const TEXT_BEGUN: u8 = 0x01;
/// A continuation without the FIN bit.
const TEXT_GOES_ON: u8 = 0x00;

/// A server that nobody should have to deal with. It signs everybody in, by the rules of the ticket flow, and hands
/// each socket to the test, which then says on it what no server should.
#[derive(Debug)]
pub struct Rogue {
    url: String,
    sockets: mpsc::UnboundedReceiver<RogueSocket>,
    task: JoinHandle<()>,
}

/// A WebSocket whose server end is written byte by byte.
#[derive(Debug)]
pub struct RogueSocket {
    stream: TcpStream,
}

/// How a rogue answers HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    Tidings,
    WebPage,
    Noise,
}

impl Rogue {
    /// One that lets everybody sign in.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> Outcome<Self> {
        Self::start_with(Manners::Tidings).await
    }

    /// One that answers everything with a web page.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn web_page() -> Outcome<Self> {
        Self::start_with(Manners::WebPage).await
    }

    /// One that answers everything with bytes that are no HTTP.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn noise() -> Outcome<Self> {
        Self::start_with(Manners::Noise).await
    }

    async fn start_with(manners: Manners) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, sockets) = mpsc::unbounded_channel();
        let sender = Arc::new(sender);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = Arc::clone(&sender);
                tokio::spawn(async move {
                    // a client that breaks off is none of the rogue's business
                    if let Ok(Some(socket)) = answer(stream, manners).await {
                        let _ = sender.send(socket);
                    }
                });
            }
        });
        Ok(Self { url, sockets, task })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next socket that a client opens.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn socket(&mut self) -> Outcome<RogueSocket> {
        let gone = || Trouble::Unexpected("the rogue has ended".to_owned());
        within(PATIENCE, "a client opens a socket", self.sockets.recv()).await?.ok_or_else(gone)
    }
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RogueSocket {
    /// Sends a text frame.
    ///
    /// # Errors
    /// When the client has gone.
    pub async fn text(&mut self, text: &str) -> Outcome {
        self.bytes(&[&head(TEXT, text.len())[..], text.as_bytes()].concat()).await
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the client has gone.
    pub async fn bytes(&mut self, bytes: &[u8]) -> Outcome {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    /// Sends the head of a text frame that claims to be so long, and then bytes until the client goes. Returns how
    /// many it took.
    ///
    /// # Errors
    /// [`Trouble::Late`], when it takes all of them.
    pub async fn huge(&mut self, claimed: usize) -> Outcome<usize> {
        self.until_refused(&head(TEXT, claimed), &[b'x'; 64 * 1024], claimed).await
    }

    /// Sends one message in frames without end, until the client goes. Returns how many bytes it took.
    ///
    /// # Errors
    /// [`Trouble::Late`], when it takes all of them.
    pub async fn endless(&mut self, at_most: usize) -> Outcome<usize> {
        let chunk = [b'x'; 16 * 1024];
        let begin = [&head(TEXT_BEGUN, chunk.len())[..], &chunk].concat();
        let more = [&head(TEXT_GOES_ON, chunk.len())[..], &chunk].concat();
        self.until_refused(&begin, &more, at_most).await
    }

    /// Waits until the client has closed its end.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn closed(&mut self) -> Outcome {
        let mut buffer = [0; 4096];
        let ends = async { while self.stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
        within(PATIENCE, "the client closes its socket", ends).await
    }

    async fn until_refused(&mut self, head: &[u8], chunk: &[u8], at_most: usize) -> Outcome<usize> {
        let (mut reader, mut writer) = self.stream.split();
        let write = async {
            let mut taken = 0;
            if writer.write_all(head).await.is_err() {
                return taken;
            }
            while taken < at_most && writer.write_all(chunk).await.is_ok() {
                taken += chunk.len();
            }
            taken
        };
        let hear = async {
            let mut buffer = [0; 4096];
            while reader.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        };
        let both = async { tokio::join!(write, hear).0 };
        let taken = within(PATIENCE, "the client refuses what is too much", both).await?;
        if taken < at_most {
            return Ok(taken);
        }
        Err(Trouble::Unexpected(format!("the client took {taken} bytes of one message")))
    }
}

async fn answer(stream: TcpStream, manners: Manners) -> Outcome<Option<RogueSocket>> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        let named =
            |line: &&String| line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        lines
            .iter()
            .find(named)
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await?;
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let (kind, status, body) = match (manners, path) {
        (Manners::Noise, _) => {
            stream.write_all(b"\x16\x03\x01 SSH-2.0-not-a-web-server\r\n\r\n\xff\xfe").await?;
            return Ok(None);
        }
        (Manners::WebPage, _) => ("text/html", "200 OK", "<!doctype html><title>It works</title>".to_owned()),
        (Manners::Tidings, "/ws") => {
            let accept = derive_accept_key(header("sec-websocket-key").unwrap_or_default().as_bytes());
            let opened = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            stream.write_all(opened.as_bytes()).await?;
            return Ok(Some(RogueSocket { stream: stream.into_inner() }));
        }
        (Manners::Tidings, path) => match reply(path) {
            Some(body) => ("application/json", "200 OK", body.to_string()),
            None => ("application/json", "404 Not Found", "{}".to_owned()),
        },
    };
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(None)
}

fn reply(path: &str) -> Option<serde_json::Value> {
    Some(match path {
        "/api/info" => json!({
            "server": "tidings", "version": "0", "protocol": 1, "flows": ["ticket"], "guests": false,
            "keepalive_seconds": 30
        }),
        "/api/auth/login" | "/api/auth/refresh" => json!({
            "access_token": "rogue-access", "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": "rogue-refresh", "session_id": "s", "user": { "id": "u", "name": "alice" }
        }),
        "/api/auth/logout" => json!({}),
        "/api/ws/ticket" => json!({ "ticket": "rogue-ticket", "expires_in": 30 }),
        _ => return None,
    })
}
