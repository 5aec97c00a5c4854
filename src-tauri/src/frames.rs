//! The agent's events on their way to the page: each is handed on at once, but those in its wake go together, once a frame. The
//! page takes a script for every hand-over, and a flood of them would leave it no time to answer the person.

use std::time::Duration;

use tidings_control::{Event, Events};
use tokio::time::{Instant, timeout_at};

/// What a display shows sixty times a second.
const FRAME: Duration = Duration::from_millis(16);

/// Hands on what comes, in order, until nothing more will.
pub(crate) async fn by_frame(mut events: Events, mut give: impl FnMut(Vec<Event>)) {
    while let Some(first) = events.recv().await {
        let mut together = vec![first];
        // read on all the while: the agent waits for nobody
        while !together.is_empty() {
            give(without_outdated(std::mem::take(&mut together)));
            let end = Instant::now() + FRAME;
            while let Ok(event) = timeout_at(end, events.recv()).await {
                let Some(event) = event else {
                    if !together.is_empty() {
                        give(without_outdated(together));
                    }
                    return;
                };
                together.push(event);
            }
        }
    }
}

/// Of several whole states the last one holds.
fn without_outdated(events: Vec<Event>) -> Vec<Event> {
    let is_state = |event: &Event| matches!(event, Event::Snapshot(_));
    let last = events.iter().rposition(is_state);
    let kept = events.into_iter().enumerate().filter(|(at, event)| !is_state(event) || Some(*at) == last);
    kept.map(|(_, event)| event).collect()
}

#[cfg(test)]
mod tests {
    use tidings_control::{Autostart, DoNotDisturb, Settings, SignInHint, Snapshot};
    use tokio::sync::mpsc;

    use super::*;

    fn read(id: i64) -> Event {
        Event::Read { ids: vec![id] }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_goes_at_once_and_those_in_its_wake_together() {
        let (sender, events) = mpsc::channel(64);
        let (given, mut got) = mpsc::unbounded_channel();
        let started = Instant::now();
        let give = move |events| given.send((started.elapsed(), events)).unwrap();
        let hand_on = tokio::spawn(by_frame(events, give));
        sender.send(read(1)).await.unwrap();
        assert_eq!(got.recv().await.unwrap(), (Duration::ZERO, vec![read(1)]));
        for id in 2..=4 {
            sender.send(read(id)).await.unwrap();
        }
        let (at, together) = got.recv().await.unwrap();
        assert_eq!(together, [read(2), read(3), read(4)]);
        assert!(at >= FRAME && at < 2 * FRAME, "{at:?}");
        // after a frame in which nothing came, the next one goes at once again
        tokio::time::sleep(10 * FRAME).await;
        let asked = started.elapsed();
        sender.send(read(5)).await.unwrap();
        assert_eq!(got.recv().await.unwrap(), (asked, vec![read(5)]));
        // what is on its way when the agent ends still arrives
        sender.send(read(6)).await.unwrap();
        drop(sender);
        assert_eq!(got.recv().await.unwrap().1, [read(6)]);
        hand_on.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn of_several_states_only_the_last_goes_and_all_else_keeps_its_order() {
        let (sender, events) = mpsc::channel(64);
        let (given, mut got) = mpsc::unbounded_channel();
        let hand_on = tokio::spawn(by_frame(events, move |events| given.send(events).unwrap()));
        for event in [read(1), state(1), read(2), state(2), read(3)] {
            sender.send(event).await.unwrap();
        }
        drop(sender);
        hand_on.await.unwrap();
        assert_eq!(got.recv().await.unwrap(), [read(1)]);
        assert_eq!(got.recv().await.unwrap(), [read(2), state(2), read(3)]);
    }

    fn state(unread: u32) -> Event {
        Event::Snapshot(Snapshot {
            version: String::new(),
            accounts: Vec::new(),
            unread,
            do_not_disturb: DoNotDisturb { on: false, until: None },
            silence: None,
            settings: Settings::default(),
            autostart: Autostart::Off,
            notices: Vec::new(),
            hint: SignInHint::default(),
        })
    }
}
