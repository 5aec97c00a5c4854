//! What is held while calls fetch, and when it passes.

use tidings_protocol::Notification;

use super::*;

fn item(id: &str, mark: u64) -> Item {
    let notification = Box::new(Notification { id: Some(id.to_owned()), ..Notification::default() });
    Item::Notification { mark, notification }
}

fn page(items: &[(&str, u64)], more: bool) -> Page {
    Page { items: items.iter().map(|(id, mark)| item(id, *mark)).collect(), more, ..Page::default() }
}

fn fetching() -> CatchUp {
    let mut catch_up = CatchUp::new("log");
    catch_up.fetch(Some(5));
    catch_up
}

#[test]
fn live_ones_wait_for_the_last_page_and_pass_once() {
    let mut catch_up = fetching();
    assert_eq!(catch_up.take(item("c", 8)), None);
    assert_eq!(catch_up.take(item("d", 9)), None);
    assert_eq!(catch_up.page(&page(&[("a", 6)], true)), Then::More);
    assert_eq!(catch_up.page(&page(&[("b", 7), ("c", 8)], false)), Then::Live(vec![item("d", 9)]));
    assert_eq!(catch_up.take(item("e", 10)), Some(item("e", 10)));
    assert_eq!(catch_up.reached().map(|reached| reached.seq), Some(10));
}

#[test]
fn what_cannot_be_held_is_fetched_once_more() {
    let mut catch_up = fetching();
    for number in 0..=MOST_HELD as u64 {
        catch_up.take(item(&number.to_string(), 100 + number));
    }
    catch_up.take(item("late", 9000));
    assert_eq!(catch_up.page(&page(&[("a", 6)], false)), Then::Again(Some(6)));
    assert_eq!(catch_up.page(&page(&[("late", 9000)], false)), Then::Live(Vec::new()));
}

#[test]
fn what_has_to_be_fetched_is_fetched_after_what_is_being_fetched() {
    let mut catch_up = fetching();
    assert!(!catch_up.behind(None));
    assert_eq!(catch_up.page(&page(&[], false)), Then::Again(Some(5)));
    assert_eq!(catch_up.page(&page(&[], false)), Then::Live(Vec::new()));
    assert!(catch_up.behind(None));
    assert_eq!(catch_up.take(item("x", 7)), None, "order is kept");
    assert_eq!(catch_up.page(&page(&[("y", 6)], false)), Then::Live(vec![item("x", 7)]));
}

#[test]
fn where_the_log_stood_is_where_it_begins() {
    let mut catch_up = CatchUp::new("log");
    catch_up.fetch(None);
    catch_up.take(item("live", 12));
    let head = Page { head: Some(11), ..Page::default() };
    assert_eq!(catch_up.page(&head), Then::Live(vec![item("live", 12)]));
    assert_eq!(catch_up.reached().map(|reached| reached.seq), Some(12));
}

#[test]
fn what_was_told_of_before_anybody_knew_where_the_log_stood_is_news() {
    let mut catch_up = CatchUp::new("log");
    assert!(!catch_up.behind(Some(11)));
    catch_up.fetch(None);
    assert!(!catch_up.behind(Some(10)));
    // the log stands behind it by now
    let stands = Page { head: Some(12), ..Page::default() };
    assert_eq!(catch_up.head(&stands), Some(10));
    assert_eq!(catch_up.page(&stands), Then::Again(Some(10)));
}

#[test]
fn what_was_told_of_before_the_cursor_was_read_is_news_too() {
    let mut catch_up = CatchUp::new("log");
    assert!(!catch_up.behind(Some(11)));
    catch_up.fetch(None);
    let stands = Page { head: Some(12), ..Page::default() };
    assert_eq!(catch_up.page(&stands), Then::Again(Some(11)));
}

#[test]
fn what_something_later_has_taken_the_place_of_does_not_come_after_it() {
    let mut catch_up = fetching();
    catch_up.take(item("first edition", 7));
    catch_up.take(item("second edition", 8));
    catch_up.take(item("other", 9));
    let fetched = Page { passed_over: vec!["first edition".into()], ..page(&[("second edition", 8)], false) };
    assert_eq!(catch_up.page(&fetched), Then::Live(vec![item("other", 9)]));
}

#[test]
fn what_could_not_be_held_before_anybody_knew_from_where_is_fetched_too() {
    let overflown = || {
        let mut catch_up = CatchUp::new("log");
        for number in 0..=MOST_HELD as u64 {
            catch_up.take(item(&number.to_string(), 100 + number));
        }
        catch_up
    };
    assert_eq!(overflown().skip(50), Then::Again(Some(50)));
    let mut behind = CatchUp::new("log");
    assert!(!behind.behind(None));
    assert_eq!(behind.skip(50), Then::Again(Some(50)));
    assert_eq!(behind.page(&page(&[], false)), Then::Live(Vec::new()), "once");
    // the calls that begin anyway bring it
    let mut fetching = overflown();
    fetching.fetch(Some(50));
    assert_eq!(fetching.take(item("live", 9000)), None);
    assert_eq!(fetching.page(&page(&[("a", 100)], false)), Then::Live(vec![item("live", 9000)]));
}
