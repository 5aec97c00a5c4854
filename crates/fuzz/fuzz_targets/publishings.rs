//! What is published to the server in the words of Gotify and ntfy; see the claim for the shape of the input.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_server::fuzzing::a_publishing_is_read_or_refused(bytes);
});
