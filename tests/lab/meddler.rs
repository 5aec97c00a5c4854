use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{broadcast, watch},
    task::JoinHandle,
};

use crate::{Outcome, frames::Boundary};

/// What a meddler does with what comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Passes it on.
    #[default]
    Passing,
    /// Closes it at once.
    Refusing,
    /// Takes it, and says nothing; what was open stalls.
    Silent,
    /// Answers that the server is busy.
    Busy,
    /// Answers with bytes that are no HTTP.
    Noise,
}

/// What a meddler is told to do once, to every connection that is open.
#[derive(Clone, Debug)]
enum Order {
    Say(Arc<[u8]>),
    Cut,
}

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const NOISE: &[u8] = b"\x16\x03\x01 SSH-2.0-not-a-web-server\r\n\r\n\xff\xfe";

/// Stands between a client and a server on loopback, and disturbs them as it is told.
#[derive(Debug)]
pub struct Meddler {
    url: String,
    mood: watch::Sender<Mood>,
    orders: broadcast::Sender<Order>,
    task: JoinHandle<()>,
}

impl Meddler {
    /// Starts one in front of a server that speaks without TLS.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(server: SocketAddr) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (mood, _) = watch::channel(Mood::Passing);
        let (orders, _) = broadcast::channel(64);
        let (moods, told) = (mood.clone(), orders.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mood, orders) = (moods.subscribe(), told.subscribe());
                // whoever breaks off is none of the meddler's business
                tokio::spawn(async move { drop(meddle(client, server, mood, orders).await) });
            }
        });
        Ok(Self { url, mood, orders, task })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on.
    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Writes bytes into every WebSocket, from the server's side, between two frames of the server.
    pub fn say(&self, bytes: &[u8]) {
        // nobody is connected: nobody hears it
        let _ = self.orders.send(Order::Say(bytes.into()));
    }

    /// Breaks every connection off.
    pub fn cut(&self) {
        let _ = self.orders.send(Order::Cut);
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn meddle(
    mut client: TcpStream,
    server: SocketAddr,
    mut mood: watch::Receiver<Mood>,
    orders: broadcast::Receiver<Order>,
) -> Outcome {
    let now = *mood.borrow();
    match now {
        Mood::Refusing => return Ok(()),
        Mood::Busy | Mood::Noise => {
            // a request is read first: to close with bytes unread would take the answer back
            let mut request = [0; 4096];
            let _ = client.read(&mut request).await?;
            client.write_all(if now == Mood::Busy { BUSY } else { NOISE }).await?;
            return Ok(client.shutdown().await?);
        }
        Mood::Passing | Mood::Silent => {}
    }
    speaks(&mut mood).await;
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = TcpStream::connect(server).await?.into_split();
    // either end of it is the end of both
    tokio::select! {
        up = upwards(client_reads, server_writes, mood.clone()) => up,
        down = downwards(server_reads, client_writes, mood, orders) => down,
    }
}

async fn speaks(mood: &mut watch::Receiver<Mood>) {
    // the sender lives as long as the meddler; without it there is no silence to wait for
    let _ = mood.wait_for(|mood| *mood != Mood::Silent).await;
}

async fn upwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut mood: watch::Receiver<Mood>,
) -> Outcome {
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        speaks(&mut mood).await;
        to.write_all(&buffer[..read]).await?;
    }
}

async fn downwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut mood: watch::Receiver<Mood>,
    mut orders: broadcast::Receiver<Order>,
) -> Outcome {
    let mut buffer = [0; 16 * 1024];
    let mut boundary = Boundary::default();
    let mut unsaid: Vec<Arc<[u8]>> = Vec::new();
    loop {
        tokio::select! {
            read = from.read(&mut buffer) => match read? {
                0 => return Ok(()),
                read => {
                    speaks(&mut mood).await;
                    boundary.pass(&buffer[..read]);
                    to.write_all(&buffer[..read]).await?;
                }
            },
            order = orders.recv() => match order {
                Ok(Order::Say(bytes)) => unsaid.push(bytes),
                Ok(Order::Cut) => return Ok(()),
                Err(_) => {}
            },
        }
        if boundary.is_between_frames() {
            for bytes in unsaid.drain(..) {
                to.write_all(&bytes).await?;
            }
        }
    }
}
