//! HTTP answers as the engine judges them: `<status> <Retry-After>` in the first line, and the body.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_engine::fuzzing::an_answer_is_judged_and_says_nothing_illegible(bytes);
});
