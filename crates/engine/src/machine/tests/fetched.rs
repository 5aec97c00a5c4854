//! A connection to a server whose log is caught up on by calls.

use super::*;
use crate::Dialect;

/// One that is greeted at this place, and has this in its store.
fn greeted(head: u64, stored: Option<u64>) -> Bench {
    let mut bench = Bench::of(Dialect::Ntfy);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("ntfy", head));
    let stored = stored.map(|seq| cursor("ntfy", seq));
    bench.input(Input::CursorRead(bench.attempt(), stored));
    bench
}

fn fetches(effects: &[Effect]) -> Vec<Option<u64>> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::CatchUp(_, after) = effect { Some(*after) } else { None })
        .collect()
}

#[test]
fn what_came_after_the_cursor_is_fetched() {
    assert_eq!(fetches(&greeted(9000, Some(5000)).effects), [Some(5000)]);
    assert_eq!(fetches(&greeted(9000, Some(9000)).effects), [Some(9000)]);
    assert_eq!(fetches(&greeted(9000, None).effects), []);
}

#[test]
fn a_cursor_that_the_servers_clock_has_not_reached_yet_hides_nothing() {
    assert_eq!(fetches(&greeted(9000, Some(9001)).effects), [Some(0)]);
}

#[test]
fn something_to_be_fetched_before_the_cursor_was_read_is_fetched() {
    let mut bench = Bench::of(Dialect::Ntfy);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("ntfy", 9000));
    assert_eq!(fetches(bench.input(Input::Behind(bench.attempt(), None))), []);
    assert_eq!(fetches(bench.input(Input::CursorRead(bench.attempt(), None))), [Some(9000)]);
}
