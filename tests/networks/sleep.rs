//! A machine that sleeps: the agent stands still (`SIGSTOP`) for longer than the server waits for it. The monotonic
//! clock goes on meanwhile, which it would not in a real sleep; what follows from a jump of the clocks is shown where
//! the clocks are given. And the login manager's word for it, from a bus that plays the system's.

use std::time::Duration;

use tidings_lab::{
    Outcome,
    desktop::{Desktop, Furniture},
    within,
};

use crate::{Scene, Setting};

/// Sooner than any keepalive could have found out: its ping is given 10 s.
const BY_PROBE: Duration = Duration::from_secs(9);

/// How often the login manager repeats itself, as nobody knows when the agent has begun to listen.
const AGAIN: Duration = Duration::from_millis(250);

const LOGIN_MANAGER: &str = "org.freedesktop.login1";

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn an_agent_that_stood_still_for_too_long_comes_back_and_nothing_is_lost() -> Outcome {
    // the server gives up after two and a half of these
    let arguments = &["--keepalive-seconds", "1"];
    let setting = Setting { tls: true, server_arguments: arguments, ..Setting::default() };
    let mut scene = Scene::connected(setting).await?;
    scene.agent.pause()?;
    scene.server_is_alone().await?;
    scene.server.publish("in its sleep").await?;
    scene.agent.resume()?;
    scene.watch.state("disconnected").await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "in its sleep", "after"]).await
}

/// Says over and over that the machine has just woken up.
async fn wakes(bus: &zbus::Connection) -> Outcome {
    loop {
        let (path, interface) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        for about_to_sleep in [true, false] {
            bus.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &about_to_sleep).await?;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn the_login_managers_word_that_the_machine_woke_up_leads_to_a_probe_at_once() -> Outcome {
    let system = Desktop::start(Furniture { bus: true, ..Furniture::NONE }).await?;
    let address = system.environment().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
    let address = address.map(|(_, address)| address.clone()).unwrap_or_default();
    let bus = system.connect().await?;
    bus.request_name(LOGIN_MANAGER).await?;
    let environment = vec![("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), address)];
    let mut scene = Scene::connected(Setting { environment, ..Setting::default() }).await?;
    scene.network.silence().await?;
    let lost = tokio::select! {
        ended = wakes(&bus) => return ended,
        lost = within(BY_PROBE, "a probe finds it dead", scene.watch.state("disconnected")) => lost??,
    };
    assert_eq!(lost["cause"], "unreachable");
    scene.network.speak().await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "after"]).await
}
