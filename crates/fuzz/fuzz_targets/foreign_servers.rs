//! What Gotify and ntfy servers say and answer: a byte for the kind, and lines; see the claim for the shape of the input.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_engine::fuzzing::a_foreign_server_is_read_or_refused(bytes);
});
