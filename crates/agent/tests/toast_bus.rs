//! Toasts on a real bus, with a notification daemon made for the test.
#![cfg(target_os = "linux")]
#![allow(missing_docs, reason = "the interface macro makes public methods without any")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod notification_daemon;
mod private_bus;

use std::collections::HashMap;

use notification_daemon::{Call, Daemon, NAME, PATH, Running};
use private_bus::{Bus, alone, until};
use tidings_agent::{
    desktop::Availability,
    toast::{Event, Manner, Own, Press, Toast, ToastError, Toaster},
    words::{Locale, Tongue},
};
use tidings_control::{Priority, Sound};
use tokio::sync::mpsc;
use zbus::{Connection, fdo, object_server::SignalEmitter};

fn toast(item: i64) -> Toast {
    Toast::plain(item, format!("Title {item}"), "Body".to_owned(), Priority::Default)
}

fn activated(item: i64) -> Event {
    Event::Activated { item, activation: None }
}

fn missing(availability: &Availability) -> bool {
    matches!(availability, Availability::Missing(_))
}

const FULL: [&str; 3] = ["actions", "body", "body-markup"];

#[test]
fn a_daemon_is_told_all_that_it_can_show() {
    alone("a_daemon_is_told_all_that_it_can_show", async {
        let _bus = Bus::start().await;
        let mut daemon = Running::start(&FULL).await;
        let (toaster, mut availability) = Toaster::start(mpsc::channel(8).0);
        until(&mut availability, |now| *now == Availability::Ready).await;

        let levels = [
            (Priority::Min, 0, -1),
            (Priority::Low, 0, -1),
            (Priority::Default, 1, -1),
            (Priority::High, 1, -1),
            (Priority::Urgent, 2, 0),
        ];
        for (priority, urgency, expires) in levels {
            let title = "Disk <b>full</b>\n& hot\u{7}".to_owned();
            let loud = Toast::plain(1, title, "<img src=\"http://x\"/>\nsecond".to_owned(), priority);
            toaster.show(loud).await.unwrap();
            let call = daemon.notify().await;
            assert_eq!(call.app_name, "Tidings");
            assert_eq!(call.title, "Disk <b>full</b> & hot", "a summary is plain text by the specification");
            assert_eq!(call.body, "&lt;img src=&quot;http://x&quot;/&gt;\nsecond");
            assert_eq!(call.actions, ["default", "Open"]);
            assert_eq!(u8::try_from(call.hints["urgency"].clone()).unwrap(), urgency);
            assert_eq!(call.expires, expires, "{priority:?}");
            assert_eq!(<&str>::try_from(&call.hints["desktop-entry"]).unwrap(), "org.tidings.desktop");
            assert_eq!(<&str>::try_from(&call.hints["category"]).unwrap(), "im.received");
            assert_eq!(
                call.icon.is_empty(),
                call.hints.contains_key("image-data"),
                "one icon, by name or as pixels"
            );
        }
    });
}

#[test]
fn a_plain_daemon_gets_plain_text_and_no_actions() {
    alone("a_plain_daemon_gets_plain_text_and_no_actions", async {
        let _bus = Bus::start().await;
        let mut daemon = Running::start(&["body"]).await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        toaster.show(Toast { body: "1 < 2 & 3".to_owned(), ..toast(1) }).await.unwrap();
        let call = daemon.notify().await;
        assert_eq!(call.body, "1 < 2 & 3");
        assert!(call.actions.is_empty());
    });
}

#[test]
fn a_click_comes_back_with_the_item_and_only_for_our_own_toasts() {
    alone("a_click_comes_back_with_the_item_and_only_for_our_own_toasts", async {
        let _bus = Bus::start().await;
        let daemon = Running::start(&FULL).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(toast(41)).await.unwrap();
        toaster.show(toast(42)).await.unwrap();

        daemon.clicked(77, "default").await;
        daemon.clicked(1, "snooze").await;
        let emitter = SignalEmitter::new(&daemon.bus, PATH).unwrap();
        Daemon::activation_token(&emitter, 2, "front").await.unwrap();
        daemon.clicked(2, "default").await;
        assert_eq!(
            events.recv().await,
            Some(Event::Activated { item: 42, activation: Some("front".to_owned()) }),
            "a stranger's toast and another action are none of ours"
        );
        daemon.closed(1).await;
        daemon.clicked(1, "default").await;
        daemon.closed(2).await;
        assert_eq!(events.recv().await, Some(Event::Closed { item: 41 }));
        assert_eq!(events.recv().await, Some(Event::Closed { item: 42 }), "a closed toast is forgotten");
    });
}

/// With buttons whose ids would be ours, if they were ever said.
fn with_buttons(item: i64) -> Toast {
    let own = |action: &str, label: &str| Own { action: action.to_owned(), label: label.to_owned() };
    Toast {
        own: vec![own("default", "Yes\nplease"), own("button-2", "No"), own("mark-read", "Later")],
        readable: true,
        ..toast(item)
    }
}

fn pressed(item: i64, press: Press) -> Event {
    Event::Pressed { item, press, activation: None }
}

#[test]
fn buttons_are_known_by_their_place_and_no_strangers_word_is_taken_for_ours() {
    alone("buttons_are_known_by_their_place_and_no_strangers_word_is_taken_for_ours", async {
        let _bus = Bus::start().await;
        let mut daemon = Running::start(&FULL).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(with_buttons(1)).await.unwrap();
        assert_eq!(
            daemon.notify().await.actions,
            [
                ["default", "Open"],
                ["button-0", "Yes please"],
                ["button-1", "No"],
                ["button-2", "Later"],
                ["button-3", "Mark read"]
            ]
            .concat()
        );
        let act = |action: &str| pressed(1, Press::Act(action.to_owned()));
        for (key, meaning) in [
            ("button-0", act("default")),
            ("button-1", act("button-2")),
            ("button-2", act("mark-read")),
            ("button-3", pressed(1, Press::MarkRead)),
            ("default", activated(1)),
        ] {
            daemon.clicked(1, key).await;
            assert_eq!(events.recv().await, Some(meaning), "{key}");
        }
        for nothing in ["mark-read", "button-4", "button--1", "button-", "0"] {
            daemon.clicked(1, nothing).await;
        }
        daemon.closed(1).await;
        assert_eq!(events.recv().await, Some(Event::Closed { item: 1 }));

        let portuguese = Locale { tongue: Tongue::BrazilianPortuguese, ..Locale::default() };
        let manner = Manner { locale: portuguese, ..Manner::default() };
        toaster.show(Toast { readable: true, manner, ..toast(2) }).await.unwrap();
        let said = daemon.notify().await.actions;
        assert_eq!(said, ["default", "Abrir", "button-0", "Marcar como lida"]);
    });
}

#[test]
fn a_button_brings_the_permission_to_come_to_the_front() {
    alone("a_button_brings_the_permission_to_come_to_the_front", async {
        let _bus = Bus::start().await;
        let daemon = Running::start(&FULL).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(with_buttons(1)).await.unwrap();
        let emitter = SignalEmitter::new(&daemon.bus, PATH).unwrap();
        Daemon::activation_token(&emitter, 1, "front").await.unwrap();
        daemon.clicked(1, "button-1").await;
        let press = Press::Act("button-2".to_owned());
        let activation = Some("front".to_owned());
        assert_eq!(events.recv().await, Some(Event::Pressed { item: 1, press, activation }));
    });
}

#[test]
fn a_toast_sounds_as_the_person_wants() {
    alone("a_toast_sounds_as_the_person_wants", async {
        let _bus = Bus::start().await;
        let mut daemon = Running::start(&FULL).await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        let (usual, urgent) = (Priority::Default, Priority::Urgent);
        for (sound, priority, name, silent) in [
            (Sound::System, usual, None, false),
            (Sound::Message, usual, Some("message-new-instant"), false),
            (Sound::Bell, usual, Some("bell-terminal"), false),
            (Sound::UrgentOnly, usual, None, true),
            (Sound::UrgentOnly, urgent, None, false),
            (Sound::Off, urgent, None, true),
        ] {
            let manner = Manner { sound, ..Manner::default() };
            toaster.show(Toast { priority, manner, ..toast(1) }).await.unwrap();
            let hints = daemon.notify().await.hints;
            let told = hints.get("sound-name").map(|name| <&str>::try_from(name).unwrap().to_owned());
            assert_eq!(told.as_deref(), name, "{sound:?}");
            let suppressed = hints.get("suppress-sound").is_some_and(|hint| bool::try_from(hint).unwrap());
            assert_eq!(suppressed, silent, "{sound:?} {priority:?}");
        }
    });
}

#[test]
fn among_several_accounts_a_toast_says_whose_it_is() {
    alone("among_several_accounts_a_toast_says_whose_it_is", async {
        let _bus = Bus::start().await;
        let named = || Toast {
            manner: Manner { account: Some("Work <1>".to_owned()), ..Manner::default() },
            ..toast(1)
        };
        for (abilities, body, origin) in [
            (vec!["body", "body-markup"], "Work &lt;1&gt;\nBody", None),
            (vec!["body"], "Work <1>\nBody", None),
            (vec!["body", "x-kde-origin-name"], "Body", Some("Work <1>")),
        ] {
            let mut daemon = Running::start(&abilities).await;
            let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
            toaster.show(named()).await.unwrap();
            let call = daemon.notify().await;
            assert_eq!(call.body, body);
            let told = call.hints.get("x-kde-origin-name").map(|name| <&str>::try_from(name).unwrap());
            assert_eq!(told, origin);
            daemon.stop().await;
        }
    });
}

#[test]
fn a_stranger_cannot_click() {
    alone("a_stranger_cannot_click", async {
        let _bus = Bus::start().await;
        let daemon = Running::start(&FULL).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(toast(1)).await.unwrap();
        let stranger = Connection::session().await.unwrap();
        Daemon::action_invoked(&SignalEmitter::new(&stranger, PATH).unwrap(), 1, "default").await.unwrap();
        // the bus has handled the stranger's signal once it answers the stranger
        fdo::DBusProxy::new(&stranger).await.unwrap().get_id().await.unwrap();
        daemon.closed(1).await;
        assert_eq!(events.recv().await, Some(Event::Closed { item: 1 }));
    });
}

#[test]
fn a_click_before_the_answer_is_not_lost() {
    alone("a_click_before_the_answer_is_not_lost", async {
        let _bus = Bus::start().await;
        let _daemon = Running::start_as(&FULL, true, false).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(toast(5)).await.unwrap();
        assert_eq!(events.recv().await, Some(activated(5)));
    });
}

#[test]
fn a_replacement_takes_the_place_on_the_screen() {
    alone("a_replacement_takes_the_place_on_the_screen", async {
        let _bus = Bus::start().await;
        let mut daemon = Running::start(&FULL).await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        toaster.show(toast(1)).await.unwrap();
        toaster.show(toast(2)).await.unwrap();
        toaster.show(Toast { replaces: Some(1), ..toast(3) }).await.unwrap();
        toaster.show(Toast { replaces: Some(99), ..toast(4) }).await.unwrap();
        let mut replaced = Vec::new();
        for _ in 0..4 {
            replaced.push(daemon.notify().await.replaces_id);
        }
        assert_eq!(replaced, [0, 0, 1, 0], "one that is not on the screen has no place to take");
        daemon.clicked(1, "default").await;
        assert_eq!(events.recv().await, Some(activated(3)));

        toaster.close(3).await;
        toaster.close(1).await;
        toaster.close(2).await;
        assert!(matches!(daemon.calls.recv().await, Some(Call::Close(1))));
        assert!(matches!(daemon.calls.recv().await, Some(Call::Close(2))));
    });
}

#[test]
fn a_daemon_may_come_late_and_restart() {
    alone("a_daemon_may_come_late_and_restart", async {
        let _bus = Bus::start().await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, mut availability) = Toaster::start(sender);
        until(&mut availability, missing).await;
        assert!(matches!(toaster.show(toast(1)).await, Err(ToastError::Unavailable(_))));

        let first = Running::start(&FULL).await;
        until(&mut availability, |now| *now == Availability::Ready).await;
        toaster.show(toast(2)).await.unwrap();
        first.stop().await;
        until(&mut availability, missing).await;

        let mut second = Running::start(&["body"]).await;
        until(&mut availability, |now| *now == Availability::Ready).await;
        second.clicked(1, "default").await;
        toaster.show(Toast { replaces: Some(2), ..toast(3) }).await.unwrap();
        let call = second.notify().await;
        assert_eq!(call.replaces_id, 0, "what the first showed is gone");
        assert!(call.actions.is_empty(), "the second can do other things");
        second.clicked(1, "default").await;
        assert_eq!(
            events.recv().await,
            Some(activated(3)),
            "ids begin anew, and the first click was a stranger's"
        );
    });
}

#[test]
fn after_a_restart_nothing_is_shown_again_and_nothing_of_a_strangers_is_touched() {
    alone("after_a_restart_nothing_is_shown_again_and_nothing_of_a_strangers_is_touched", async {
        let _bus = Bus::start().await;
        let (toaster, mut availability) = Toaster::start(mpsc::channel(8).0);
        let first = Running::start(&FULL).await;
        toaster.show(toast(1)).await.unwrap();
        toaster.show(toast(2)).await.unwrap();
        first.stop().await;
        until(&mut availability, missing).await;

        let mut second = Running::start(&FULL).await;
        until(&mut availability, |now| *now == Availability::Ready).await;
        let stranger = Connection::session().await.unwrap();
        let hints: HashMap<&str, zbus::zvariant::Value<'_>> = HashMap::new();
        let theirs = ("Stranger", 0_u32, "", "Theirs", "", Vec::<&str>::new(), hints, -1_i32);
        let reply = stranger.call_method(Some(NAME), PATH, Some(NAME), "Notify", &theirs).await.unwrap();
        assert_eq!(reply.body().deserialize::<u32>().unwrap(), 1, "the id that our first toast had");

        toaster.close(1).await;
        toaster.show(Toast { replaces: Some(1), ..toast(3) }).await.unwrap();
        let seen = [second.notify().await, second.notify().await];
        let told = seen.map(|call| (call.title, call.replaces_id));
        assert_eq!(told, [("Theirs".to_owned(), 0), ("Title 3".to_owned(), 0)]);
        assert!(second.calls.try_recv().is_err(), "neither closed nor shown again");
    });
}

#[test]
fn what_has_left_the_screen_is_not_closed_again() {
    alone("what_has_left_the_screen_is_not_closed_again", async {
        let _bus = Bus::start().await;
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, _availability) = Toaster::start(sender);
        let mut first = Running::start(&FULL).await;
        toaster.show(toast(1)).await.unwrap();
        first.notify().await;
        toaster.close(1).await;
        assert!(matches!(first.calls.recv().await, Some(Call::Close(1))));
        first.closed(1).await;
        assert_eq!(events.recv().await, Some(Event::Closed { item: 1 }));
        toaster.close(1).await;
        // whatever was asked of it before has arrived once it shows the next one
        toaster.show(toast(2)).await.unwrap();
        assert!(matches!(first.calls.recv().await, Some(Call::Notify(_))), "what is gone is not closed");
    });
}

#[test]
fn a_refusal_is_no_absence() {
    alone("a_refusal_is_no_absence", async {
        let _bus = Bus::start().await;
        let _daemon = Running::start_as(&FULL, false, true).await;
        let (toaster, mut availability) = Toaster::start(mpsc::channel(8).0);
        until(&mut availability, |now| *now == Availability::Ready).await;
        let Err(ToastError::Refused(reason)) = toaster.show(toast(1)).await else {
            panic!("it was not refused")
        };
        assert!(reason.contains("too many"), "{reason}");
        assert_eq!(*availability.borrow(), Availability::Ready);
    });
}

#[test]
fn a_daemon_that_the_bus_cannot_start_is_found_missing_at_the_first_toast() {
    alone("a_daemon_that_the_bus_cannot_start_is_found_missing_at_the_first_toast", async {
        let _bus = Bus::start_with(&[(NAME, "/bin/false")]).await;
        let (toaster, mut availability) = Toaster::start(mpsc::channel(8).0);
        until(&mut availability, |now| *now == Availability::Ready).await;
        assert!(matches!(toaster.show(toast(1)).await, Err(ToastError::Unavailable(_))));
        assert!(missing(&availability.borrow()));
    });
}

#[test]
fn without_a_bus_a_toast_fails_at_once_and_the_next_one_looks_again() {
    alone("without_a_bus_a_toast_fails_at_once_and_the_next_one_looks_again", async {
        let (sender, mut events) = mpsc::channel(8);
        let (toaster, mut availability) = Toaster::start(sender);
        until(&mut availability, missing).await;
        assert!(matches!(toaster.show(toast(1)).await, Err(ToastError::Unavailable(_))));

        for item in [2, 3] {
            // the second time round, the bus itself has restarted
            let bus = Bus::start().await;
            let daemon = Running::start(&FULL).await;
            toaster.show(toast(item)).await.unwrap();
            until(&mut availability, |now| *now == Availability::Ready).await;
            daemon.clicked(1, "default").await;
            assert_eq!(events.recv().await, Some(activated(item)));
            bus.stop().await;
            until(&mut availability, missing).await;
        }
    });
}
