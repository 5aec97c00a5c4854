//! A launcher's part of XDG Activation, in the few messages of the Wayland protocol that it takes.

use std::path::Path;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use crate::{Outcome, Trouble};

const ACTIVATION: &str = "xdg_activation_v1";

/// Ids of objects: the first is given, the others are ours to choose.
const DISPLAY: u32 = 1;
const REGISTRY: u32 = 2;
const MANAGER: u32 = 3;
const TOKEN: u32 = 4;

/// Asks a compositor for a token. It is the client's who asked: the connection is to stay for as long as it is used.
pub(super) async fn ask(display: &Path) -> Outcome<(String, UnixStream)> {
    let mut stream = UnixStream::connect(display).await?;
    // wl_display.get_registry
    send(&mut stream, DISPLAY, 1, &word(REGISTRY)).await?;
    let name = loop {
        let (object, event, body) = receive(&mut stream).await?;
        // wl_registry.global: a name, an interface, a version
        if (object, event) == (REGISTRY, 0) && text(&body[4..])? == ACTIVATION {
            break body[..4].to_vec();
        }
    };
    // wl_registry.bind
    let interface = string(ACTIVATION);
    send(&mut stream, REGISTRY, 0, &[&name[..], &interface, &word(1), &word(MANAGER)].concat()).await?;
    // xdg_activation_v1.get_activation_token, xdg_activation_token_v1.commit
    send(&mut stream, MANAGER, 1, &word(TOKEN)).await?;
    send(&mut stream, TOKEN, 3, &[]).await?;
    loop {
        let (object, event, body) = receive(&mut stream).await?;
        match (object, event) {
            // xdg_activation_token_v1.done
            (TOKEN, 0) => return Ok((text(&body)?, stream)),
            // wl_display.error
            (DISPLAY, 0) => return Err(Trouble::Display(text(&body[8..])?)),
            _ => {}
        }
    }
}

const fn word(value: u32) -> [u8; 4] {
    value.to_ne_bytes()
}

/// Its length with the zero at its end, and both, filled up to whole words.
fn string(text: &str) -> Vec<u8> {
    let mut bytes = word(text.len() as u32 + 1).to_vec();
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn text(bytes: &[u8]) -> Outcome<String> {
    let short = || Trouble::Display("a message of the compositor's is too short".to_owned());
    let (length, rest) = bytes.split_first_chunk().ok_or_else(short)?;
    let length = u32::from_ne_bytes(*length).saturating_sub(1);
    let text = rest.get(..length as usize).ok_or_else(short)?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// The object, then the length of all of it and which request, then what belongs to it.
async fn send(stream: &mut UnixStream, object: u32, request: u32, body: &[u8]) -> Outcome {
    let length = (8 + body.len() as u32) << 16;
    Ok(stream.write_all(&[&word(object)[..], &word(length | request), body].concat()).await?)
}

async fn receive(stream: &mut UnixStream) -> Outcome<(u32, u32, Vec<u8>)> {
    let mut head = [[0; 4]; 2];
    stream.read_exact(head.as_flattened_mut()).await?;
    let [object, kind] = head.map(u32::from_ne_bytes);
    let mut body = vec![0; (kind as usize >> 16).saturating_sub(8)];
    stream.read_exact(&mut body).await?;
    Ok((object, kind & 0xffff, body))
}
