use std::{io, net::SocketAddr, path::Path};

use tokio::{
    io::copy_bidirectional,
    net::{TcpStream, UnixListener},
};

pub(crate) async fn run(socket: &Path, to: SocketAddr) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    crate::say("open");
    loop {
        let (mut inner, _) = listener.accept().await?;
        tokio::spawn(async move {
            // nobody there, or gone in between: the request fails, as it should
            if let Ok(mut outer) = TcpStream::connect(to).await {
                let _ = copy_bidirectional(&mut inner, &mut outer).await;
            }
        });
    }
}
