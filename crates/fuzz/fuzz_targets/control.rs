//! Lines over the control socket, in both directions.

#![no_main]

libfuzzer_sys::fuzz_target!(|line: &str| {
    tidings_control::fuzzing::a_line_from_a_caller_is_read_as_it_is_written_and_prints_no_password(line);
    tidings_control::fuzzing::a_line_from_the_agent_is_read_as_it_is_written(line);
});
