//! Happy eyeballs, RFC 8305: an address that is dead costs a moment, whichever family it is of.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use tidings_protocol::Flow;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::{Endpoint, SignInError, Transport, probe, transport::CONNECT};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// A server that has nothing to say, which proves that it was reached.
async fn serve(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
    }
}

/// Listens on an address, and leaves the same port of the other one free. `None` without IPv6.
async fn listening(on: IpAddr, other: IpAddr) -> Option<(TcpListener, SocketAddr)> {
    loop {
        let listener = TcpListener::bind((on, 0)).await.ok()?;
        let port = listener.local_addr().unwrap().port();
        match TcpListener::bind((other, port)).await {
            Ok(_) => return Some((listener, (other, port).into())),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(_) => return None,
        }
    }
}

/// An address that answers nothing at all: on Linux, the queue of a listener that accepts nobody swallows whoever
/// comes once it is full. What is returned keeps it full.
#[cfg(target_os = "linux")]
async fn black_hole(address: SocketAddr) -> (TcpListener, Vec<TcpStream>) {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut filling = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        filling.push(stream.unwrap());
    }
    (listener, filling)
}

async fn reached(port: u16, addresses: Vec<SocketAddr>) -> Result<Duration, SignInError> {
    let mut transport = Transport::new().unwrap();
    transport.names = vec![("both.localhost", addresses)];
    let server = format!("http://both.localhost:{port}");
    let begun = Instant::now();
    match probe(&transport, &Endpoint::parse(&server, Flow::Ticket, false).unwrap()).await {
        Err(SignInError::NotATidingsServer(_)) => Ok(begun.elapsed()),
        Err(error) => Err(error),
        Ok(_) => unreachable!("it says 404"),
    }
}

#[tokio::test]
async fn a_family_that_refuses_is_passed_over_for_the_other() {
    for (lives, dead) in [(V4, V6), (V6, V4)] {
        let Some((listener, refusing)) = listening(lives, dead).await else { return };
        let living = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        reached(living.port(), vec![refusing, living]).await.unwrap();
        reached(living.port(), vec![living, refusing]).await.unwrap();
        assert!(reached(refusing.port(), vec![refusing]).await.is_err());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_family_that_does_not_answer_is_passed_over_before_its_time_is_up() {
    for (lives, dead) in [(V4, V6), (V6, V4)] {
        let Some((listener, silent)) = listening(lives, dead).await else { return };
        let living = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        let _full = black_hole(silent).await;
        let took = reached(living.port(), vec![silent, living]).await.unwrap();
        // it is asked for 300 ms alone; a busy machine may take longer, but not half of what there is
        assert!(took < CONNECT / 2, "{took:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_does_not_answer_leaves_time_for_the_next_of_its_family() {
    let listener = TcpListener::bind((V4, 0)).await.unwrap();
    let living = listener.local_addr().unwrap();
    tokio::spawn(serve(listener));
    let silent = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), living.port()));
    let _full = black_hole(silent).await;
    let took = reached(living.port(), vec![silent, living]).await.unwrap();
    assert!(took < CONNECT, "{took:?}");
}
