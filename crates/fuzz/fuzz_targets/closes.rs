//! Close frames: two bytes of code, and the reason.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [high, low, reason @ ..] = bytes else { return };
    let reason = String::from_utf8_lossy(reason);
    tidings_engine::fuzzing::a_close_is_judged_and_says_nothing_illegible(
        u16::from_be_bytes([*high, *low]),
        &reason,
    );
    tidings_engine::fuzzing::a_code_is_plausible_or_none(&reason);
});
