//! All that a server says over one socket, taken in by the machine; see the claim for the shape of the input.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_engine::fuzzing::a_conversation_loses_doubles_and_floods_nothing(bytes);
});
