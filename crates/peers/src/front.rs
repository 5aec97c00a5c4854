use std::{
    convert::Infallible,
    fmt, io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::{Arc, Mutex, PoisonError},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
    service::service_fn,
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use crate::{
    answer::{Answer, Reply},
    ask::{Ask, Asked},
    ledger::{Counts, Late},
    seats::{Seat, Seats},
    socket::{self, Beat},
};

/// Any free port of this machine, for nobody else.
pub(crate) const ANYWHERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// What can be closed to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Handshakes.
    Sockets,
    /// Everything else.
    Calls,
    /// Both.
    All,
}

/// How a model answers; it is called under no lock but its own.
pub(crate) type Respond = dyn Fn(&Ask) -> Answer + Send + Sync;

/// How a model says no to everybody; the status, and whether it is a handshake.
pub(crate) type Refuse = fn(u16, bool) -> Reply;

/// What every model can be made to do: its listener, its sockets, and what it has seen.
pub struct Front {
    address: SocketAddr,
    task: Option<JoinHandle<()>>,
    house: Arc<House>,
}

struct House {
    respond: Box<Respond>,
    refuse: Refuse,
    seats: Seats,
    beat: Beat,
    closed: Mutex<Option<(Door, u16)>>,
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Front({} {:?})", self.address, self.counts())
    }
}

impl Front {
    pub(crate) async fn start(
        at: SocketAddr,
        seats: Seats,
        beat: Beat,
        refuse: Refuse,
        respond: Box<Respond>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let house = Arc::new(House { respond, refuse, seats, beat, closed: Mutex::default() });
        let task = Some(tokio::spawn(listen(listener, Arc::clone(&house))));
        Ok(Self { address, task, house })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every socket without a close frame, as both servers do when they are shut down.
    pub fn drop_sockets(&self) {
        self.house.seats.cut(|_| true);
    }

    /// Every socket stays open, those that come too, and nothing is said or heard on any: no frames, no pings, no pongs.
    pub fn go_silent(&self) {
        self.house.seats.hush(true);
    }

    /// Ends the silence; what was published meanwhile is said now.
    pub fn speak_again(&self) {
        self.house.seats.hush(false);
    }

    /// Answers everybody with this status, in the server's own way, until [`Front::welcome`].
    pub fn refuse(&self, door: Door, status: u16) {
        *self.house.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some((door, status));
    }

    /// Ends what [`Front::refuse`] began.
    pub fn welcome(&self) {
        *self.house.closed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Stops listening and ends every socket without a close frame. What was published stays.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // aborted is what it is to be
            let _ = task.await;
        }
        self.drop_sockets();
    }

    /// Listens again, at the same address.
    ///
    /// # Errors
    /// When somebody else has taken the port.
    pub async fn start_again(&mut self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await?;
        self.task = Some(tokio::spawn(listen(listener, Arc::clone(&self.house))));
        Ok(())
    }

    /// What it has seen so far.
    pub fn counts(&self) -> Counts {
        self.house.seats.ledger.counts()
    }

    /// Waits until it has seen what is wanted.
    ///
    /// # Errors
    /// [`Late`], after a minute.
    pub async fn until(&self, wanted: impl FnMut(&Counts) -> bool) -> Result<Counts, Late> {
        self.house.seats.ledger.until(wanted).await
    }

    /// Every request so far, in the order of the answers.
    pub fn asked(&self) -> Vec<Asked> {
        self.house.seats.ledger.asked()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        self.drop_sockets();
    }
}

async fn listen(listener: TcpListener, house: Arc<House>) {
    // they end with this task
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let house = Arc::clone(&house);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let house = Arc::clone(&house);
                async move { Ok::<_, Infallible>(house.answer(request).await) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            // a client that breaks off is none of the model's business
            let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        });
        while connections.try_join_next().is_some() {}
    }
}

impl House {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
        let ask = Ask::new(&parts, body);
        if ask.is_upgrade() {
            self.seats.ledger.count(|counts| counts.handshakes += 1);
        }
        let reply = match (self.turned_away(&ask).map_or_else(|| (self.respond)(&ask), Answer::Http), upgrade)
        {
            (Answer::Http(reply), _) => reply,
            (Answer::Socket(seat), Some(upgrade)) => {
                let key = parts.headers.get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
                self.seats.ledger.write(ask.answered(101));
                tokio::spawn(open(upgrade, seat, self.beat));
                return switched(&key.unwrap_or_default());
            }
            (Answer::Socket(_), None) => Reply::empty(400),
        };
        self.seats.ledger.write(ask.answered(reply.status));
        response(reply)
    }

    fn turned_away(&self, ask: &Ask) -> Option<Reply> {
        let (door, status) = (*self.closed.lock().unwrap_or_else(PoisonError::into_inner))?;
        let closed = door == Door::All || (door == Door::Sockets) == ask.is_upgrade();
        closed.then(|| (self.refuse)(status, ask.is_upgrade()))
    }
}

async fn open(upgrade: OnUpgrade, mut seat: Seat, beat: Beat) {
    if let Ok(upgraded) = upgrade.await {
        let io = TokioIo::new(upgraded);
        let mut stream = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
        socket::serve(&mut stream, &mut seat, beat).await;
    }
}

fn switched(key: &str) -> Response<Full<Bytes>> {
    let builder = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, key);
    // infallible: the key is base64
    builder.body(Full::default()).unwrap_or_default()
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(reply.status);
    if !reply.kind.is_empty() {
        builder = builder.header(CONTENT_TYPE, reply.kind);
    }
    builder.body(Full::from(reply.body)).unwrap_or_else(|_| Response::new(Full::default()))
}
