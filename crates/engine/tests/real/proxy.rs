//! Proxies, small: HTTP CONNECT with basic auth, and SOCKS5 with user and password. Whatever name is asked for, they
//! connect to this machine.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// What a proxy does with those who come.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Lets everybody through.
    Open,
    /// Lets `alice` through, with the password `hunter2`.
    Locked,
    /// Answers every CONNECT with this status.
    Says(&'static str),
}

/// "alice:hunter2" in base64.
pub(crate) const BASIC: &str = "YWxpY2U6aHVudGVyMg==";

pub(crate) struct Proxy {
    pub(crate) port: u16,
    asked_for: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) async fn http(manner: Manner) -> Self {
        Self::listen(move |stream, asked_for| Box::pin(http(stream, manner, asked_for))).await
    }

    pub(crate) async fn socks(manner: Manner) -> Self {
        Self::listen(move |stream, asked_for| Box::pin(socks(stream, manner, asked_for))).await
    }

    async fn listen(serve: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Serving + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked_for = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&asked_for);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&noted)));
            }
        });
        Self { port, asked_for }
    }

    /// Whom it was asked for, in order.
    pub(crate) fn asked_for(&self) -> Vec<String> {
        self.asked_for.lock().unwrap().clone()
    }
}

type Serving = std::pin::Pin<Box<dyn Future<Output = Option<()>> + Send>>;

async fn http(mut stream: TcpStream, manner: Manner, asked_for: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1)?.to_owned();
    asked_for.lock().unwrap().push(target.clone());
    let status = match manner {
        Manner::Says(status) => Some(status),
        Manner::Locked if !head.contains(BASIC) => Some("407 Proxy Authentication Required"),
        _ => None,
    };
    if let Some(status) = status {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        return stream.write_all(answer.as_bytes()).await.ok();
    }
    assert!(head.starts_with("CONNECT "), "{head}");
    // what is meant for the proxy goes no further, and what is meant for the server does not come here
    assert!(!head.contains("token") && !head.contains("ticket"), "{head}");
    let port: u16 = target.rsplit(':').next()?.parse().ok()?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    copy_bidirectional(&mut stream, &mut server).await.ok().map(drop)
}

/// RFC 1928 and RFC 1929.
async fn socks(mut stream: TcpStream, manner: Manner, asked_for: Arc<Mutex<Vec<String>>>) -> Option<()> {
    const NO_AUTH: u8 = 0;
    const PASSWORD: u8 = 2;
    const NONE_ACCEPTABLE: u8 = 0xff;
    assert_eq!(stream.read_u8().await.ok()?, 5);
    let methods = some(&mut stream).await?;
    if matches!(manner, Manner::Locked) {
        if !methods.contains(&PASSWORD) {
            return stream.write_all(&[5, NONE_ACCEPTABLE]).await.ok();
        }
        stream.write_all(&[5, PASSWORD]).await.ok()?;
        assert_eq!(stream.read_u8().await.ok()?, 1);
        let (user, password) = (some(&mut stream).await?, some(&mut stream).await?);
        let right = user == b"alice" && password == b"hunter2";
        stream.write_all(&[1, u8::from(!right)]).await.ok()?;
        if !right {
            return None;
        }
    } else {
        stream.write_all(&[5, NO_AUTH]).await.ok()?;
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.ok()?;
    let host = match request[3] {
        1 => Ipv4Addr::from(stream.read_u32().await.ok()?).to_string(),
        3 => String::from_utf8(some(&mut stream).await?).unwrap(),
        other => panic!("an address of type {other}"),
    };
    let port = stream.read_u16().await.ok()?;
    asked_for.lock().unwrap().push(format!("{host}:{port}"));
    // "host unreachable"
    let reply = if matches!(manner, Manner::Says(_)) { 4 } else { 0 };
    stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    if reply != 0 {
        return None;
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    copy_bidirectional(&mut stream, &mut server).await.ok().map(drop)
}

async fn some(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = stream.read_u8().await.ok()?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}
