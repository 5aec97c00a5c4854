//! What holds for whatever line arrives over the control socket, for the fuzz targets in `crates/fuzz`. Compiled for
//! them alone.

#![expect(clippy::expect_used, reason = "a claim that does not hold is what a fuzzer looks for")]
#![allow(missing_docs, reason = "each says it by its name")]

use secrecy::SecretString;

use crate::{
    Request,
    wire::{Answer, Call, encode},
};

pub fn a_line_from_a_caller_is_read_as_it_is_written_and_prints_no_password(line: &str) {
    let Ok(mut call) = serde_json::from_str::<Call>(line) else { return };
    let written = encode(&call);
    let again: Call = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(encode(&again), written);
    let printed = format!("{call:?}");
    if let Request::SignIn(sign_in) = &mut call.request {
        sign_in.password = SecretString::from("another");
    }
    assert_eq!(format!("{call:?}"), printed, "what is printed depends on a password");
}

pub fn a_line_from_the_agent_is_read_as_it_is_written(line: &str) {
    let Ok(answer) = serde_json::from_str::<Answer>(line) else { return };
    let written = encode(&answer);
    let again: Answer = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(encode(&again), written);
}
