//! The binary form of netlink's messages: where one ends, and what is inside. Knows nothing of sockets; whatever does
//! not fit its own length ends the reading.

/// Length of a message's header.
const HEADER: usize = 16;

/// Length and type of an attribute.
const ATTRIBUTE: usize = 4;

/// The two high bits of an attribute's type are flags.
const TYPE: u16 = 0x3fff;

/// One message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) body: &'a [u8],
}

/// The messages of one datagram.
pub(super) fn messages(datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    split(datagram, HEADER, |header| u32_at(header, 0)).filter_map(|(header, body)| {
        Some(Message { kind: u16_at(header, 4)?, flags: u16_at(header, 6)?, body })
    })
}

/// The attributes that follow a message's fixed part, which is `fixed` bytes long: type and value.
pub(super) fn attributes(body: &[u8], fixed: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let attributes = split(body.get(fixed..).unwrap_or_default(), ATTRIBUTE, |header| u16_at(header, 0));
    attributes.filter_map(|(header, value)| Some((u16_at(header, 2)? & TYPE, value)))
}

/// Cuts a sequence of parts, each of which begins with its own length and is padded to four bytes, into what is before
/// and after the end of its header.
pub(super) fn split<L: Into<u64>>(
    bytes: &[u8],
    header: usize,
    length: impl Fn(&[u8]) -> Option<L>,
) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = usize::try_from(length(rest)?.into()).ok()?;
        if length < header {
            return None;
        }
        let part = rest.get(..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(part.split_at(header))
    })
}

pub(super) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Puts a message together. The kernel answers a request whatever its number.
pub(super) fn request(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    // number and sender: there is one request on each socket, and the kernel knows whose socket it is
    message.extend([0; 8]);
    message.extend(body);
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One attribute as it is sent.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(ATTRIBUTE + value.len()).unwrap();
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn what_is_put_together_is_taken_apart() {
        let body = [vec![9; 8], attribute(1, b"eth0\0"), attribute(0x8002, &[7])].concat();
        let datagram = [request(16, 2, &body), request(3, 0, &[])].concat();
        let read: Vec<_> = messages(&datagram).collect();
        assert_eq!(
            read.iter().map(|message| (message.kind, message.flags)).collect::<Vec<_>>(),
            [(16, 2), (3, 0)]
        );
        assert_eq!(attributes(read[0].body, 8).collect::<Vec<_>>(), [(1, &b"eth0\0"[..]), (2, &[7])]);
        assert_eq!(attributes(read[1].body, 8).count(), 0);
    }

    proptest! {
        #[test]
        fn garbage_ends(datagram in proptest::collection::vec(any::<u8>(), 0..200)) {
            for message in messages(&datagram) {
                attributes(message.body, 12).for_each(drop);
            }
        }

        #[test]
        fn a_cut_one_ends(cut in 0_usize..100) {
            let whole = request(16, 0, &attribute(1, &[5; 61]));
            let cut = &whole[..cut.min(whole.len())];
            for message in messages(cut) {
                attributes(message.body, 0).for_each(drop);
            }
        }
    }
}
