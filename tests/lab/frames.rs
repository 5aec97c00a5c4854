//! Frames as a server writes them (RFC 6455, section 5.2).

/// The head of a server's frame: opcode with the FIN bit, and length.
pub(crate) fn head(opcode: u8, length: usize) -> Vec<u8> {
    let mut head = vec![opcode];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..126), _) => head.push(short),
        (_, Ok(middle)) => {
            head.push(126);
            head.extend(middle.to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend((length as u64).to_be_bytes());
        }
    }
    head
}

/// Follows what a server writes, to know when it is between two frames.
#[derive(Debug, Default)]
pub(crate) struct Boundary {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// HTTP, so far.
    #[default]
    Http,
    /// The answer that makes it a WebSocket; its last bytes.
    Upgrading([u8; 4]),
    /// In the head of a frame; what there is of it.
    Head(Vec<u8>),
    /// In a frame's body; what is left of it.
    Body(u64),
}

impl Boundary {
    /// Takes the next bytes. An answer of HTTP is taken to begin with the bytes that are read at once.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        if matches!(self.state, State::Http) && bytes.starts_with(b"HTTP/1.1 101") {
            self.state = State::Upgrading([0; 4]);
        }
        let mut rest = bytes;
        while let [first, further @ ..] = rest {
            rest = further;
            match &mut self.state {
                State::Http => return,
                State::Upgrading(last) => {
                    last.rotate_left(1);
                    last[3] = *first;
                    if last == b"\r\n\r\n" {
                        self.state = State::Head(Vec::new());
                    }
                }
                State::Head(head) => {
                    head.push(*first);
                    if let Some(length) = body_of(head) {
                        self.state = body(length);
                    }
                }
                State::Body(left) => {
                    let here = (*left - 1).min(rest.len() as u64);
                    rest = rest.get(usize::try_from(here).unwrap_or(rest.len())..).unwrap_or_default();
                    self.state = body(*left - 1 - here);
                }
            }
        }
    }

    pub(crate) fn is_between_frames(&self) -> bool {
        matches!(&self.state, State::Head(head) if head.is_empty())
    }
}

fn body(left: u64) -> State {
    if left == 0 { State::Head(Vec::new()) } else { State::Body(left) }
}

/// The length of the body, once the head is whole. A server does not mask.
fn body_of(head: &[u8]) -> Option<u64> {
    match head {
        [_, short @ 0..=125] => Some(u64::from(*short)),
        [_, 126, a, b] => Some(u64::from(u16::from_be_bytes([*a, *b]))),
        [_, 127, long @ ..] => Some(u64::from_be_bytes(long.try_into().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_followed_to_its_end_however_it_is_cut() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            for step in [1, 3, 100_000] {
                let mut boundary = Boundary::default();
                boundary.pass(b"HTTP/1.1 200 OK\r\n\r\n{}");
                assert!(!boundary.is_between_frames());
                boundary.pass(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
                assert!(boundary.is_between_frames());
                let frame = [head(0x81, length), vec![b'x'; length]].concat();
                let mut pieces = frame.chunks(step).peekable();
                while let Some(piece) = pieces.next() {
                    boundary.pass(piece);
                    assert_eq!(boundary.is_between_frames(), pieces.peek().is_none(), "{length} by {step}");
                }
            }
        }
    }
}
