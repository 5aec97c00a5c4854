//! The lab itself: that what the other tests look through shows what is there.

use std::collections::HashMap;

use tidings_lab::{
    Outcome,
    desktop::{Desktop, Furniture, KeychainState, TrayHost},
};
use zbus::zvariant::Value;

async fn notify(bus: &zbus::Connection, title: &str) -> Outcome<u32> {
    let hints = HashMap::from([("urgency", Value::from(1_u8))]);
    let call = ("lab", 0_u32, "", title, "body", vec!["default", "Open"], hints, 0_i32);
    let place = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications");
    let reply = bus.call_method(Some(place.0), place.1, Some(place.0), "Notify", &call).await?;
    Ok(reply.body().deserialize()?)
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_full_session_has_a_display_a_tray_toasts_and_a_keychain() -> Outcome {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let mut toasts = desktop.watch_toasts().await?;
    notify(desktop.bus()?, "hello").await?;
    let toast = toasts.next().await?;
    assert_eq!((toast.title.as_str(), toast.urgency()), ("hello", Some(1)));
    desktop.screen()?.window("dunst").await?;
    desktop.click_toast().await?;
    desktop.screen()?.window_closed("dunst").await?;
    assert!(desktop.keychain().await?.entries().await?.is_empty());
    let picture = desktop.picture().await?;
    assert!(picture.png().starts_with(b"\x89PNG"));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_bare_session_has_a_tray_host_that_can_go_and_return() -> Outcome {
    let furniture = Furniture { bus: true, tray: TrayHost::Bare, ..Furniture::NONE };
    let mut desktop = Desktop::start(furniture).await?;
    desktop.stop_tray_host().await?;
    desktop.start_tray_host().await?;
    assert!(desktop.screen().is_err());
    assert!(notify(desktop.bus()?, "nobody shows this").await.is_err());
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_locked_keychain_stays_locked() -> Outcome {
    let furniture = Furniture { bus: true, keychain: KeychainState::Locked, ..Furniture::NONE };
    let desktop = Desktop::start(furniture).await?;
    desktop.keychain().await?.lock().await
}
