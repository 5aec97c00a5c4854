//! What a server says over the socket, as the client reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_protocol::{Decoded, ServerMessage};

/// Characters of a stranger's sentence that are kept, `crates/protocol/src/lenient.rs`.
const SENTENCE: usize = 1000;

fuzz_target!(|text: &str| {
    match ServerMessage::decode(text) {
        Ok(Decoded::Message(message)) => {
            let written = message.encode();
            assert_eq!(ServerMessage::decode(&written), Ok(Decoded::Message(message.clone())));
            match message {
                ServerMessage::AuthError(detail) | ServerMessage::Error(detail) => {
                    assert!(!detail.code.as_str().is_empty());
                    assert!(detail.code.as_str().chars().count() <= SENTENCE);
                    assert!(detail.message.chars().count() <= SENTENCE);
                }
                ServerMessage::Goodbye(goodbye) => {
                    let wait = goodbye.wait();
                    assert!(wait.start() <= wait.end());
                    assert!(*wait.end() <= tidings_protocol::Goodbye::LONGEST_WAIT);
                }
                ServerMessage::Notification(notification) => {
                    let ids = [&notification.id, &notification.replaces];
                    assert!(ids.into_iter().flatten().all(|id| !id.is_empty()), "an empty id is none");
                }
                _ => {}
            }
        }
        Ok(Decoded::Unknown { kind }) => assert!(kind.chars().count() <= 64),
        Err(error) => {
            // words of ours and numbers, and nothing that was sent
            let ours = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == ':';
            assert!(error.reason.chars().all(ours) && error.reason.len() < 80, "{error}");
        }
    }
});
