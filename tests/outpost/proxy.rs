//! HTTP CONNECT (RFC 9110, section 9.3.6) with basic authentication (RFC 7617), and nothing else.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

const WANTED: &[u8] =
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n\r\n";
const UNREACHABLE: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection Established\r\n\r\n";
const NOT_HERE: &[u8] = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\n\r\n";

pub(crate) async fn run(listen: SocketAddr, credentials: &str) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    crate::say("listening");
    let wanted = Arc::new(format!("basic {}", base64(credentials.as_bytes())));
    loop {
        let (stream, _) = listener.accept().await?;
        let wanted = Arc::clone(&wanted);
        // a client that breaks off is none of the proxy's business
        tokio::spawn(async move { drop(serve(stream, &wanted).await) });
    }
}

async fn serve(stream: TcpStream, wanted: &str) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    let mut shown = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("proxy-authorization")
        {
            shown = Some(value.trim().to_owned());
        }
    }
    let mut words = request.split_whitespace();
    let (Some("CONNECT"), Some(target)) = (words.next(), words.next()) else {
        crate::say(&format!("no CONNECT: {}", request.trim()));
        return stream.write_all(NOT_HERE).await;
    };
    // the scheme's name is compared without regard to case, what follows is not
    let fits = |shown: &str| {
        shown.split_once(' ').is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case("basic") && wanted.strip_prefix("basic ") == Some(rest.trim())
        })
    };
    if !shown.as_deref().is_some_and(fits) {
        crate::say("refused");
        return stream.write_all(WANTED).await;
    }
    let Ok(mut outer) = TcpStream::connect(target).await else {
        crate::say(&format!("unreachable {target}"));
        return stream.write_all(UNREACHABLE).await;
    };
    crate::say(&format!("passed {target}"));
    stream.write_all(ESTABLISHED).await?;
    copy_bidirectional(&mut stream, &mut outer).await.map(drop)
}

/// RFC 4648, section 4: five lines, for which no dependency is needed.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number =
            (0..3).fold(0_usize, |number, at| number << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = char::from(LETTERS[number >> (18 - 6 * at) & 63]);
            text.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_the_specification() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(super::base64(bytes.as_bytes()), text);
        }
    }
}
