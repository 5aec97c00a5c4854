//! What a client says over the socket, as the server reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_protocol::{ClientMessage, Decoded};

fuzz_target!(|text: &str| {
    match ClientMessage::decode(text) {
        Ok(Decoded::Message(message)) => {
            assert_eq!(ClientMessage::decode(&message.encode()), Ok(Decoded::Message(message.clone())));
            if let ClientMessage::Auth { .. } = message {
                let another = ClientMessage::Auth { token: "another".into() };
                assert_eq!(
                    format!("{message:?}"),
                    format!("{another:?}"),
                    "what is printed depends on a token"
                );
            }
        }
        Ok(Decoded::Unknown { kind }) => assert!(kind.chars().count() <= 64),
        Err(error) => {
            let ours = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == ':';
            assert!(error.reason.chars().all(ours) && error.reason.len() < 80, "{error}");
        }
    }
});
