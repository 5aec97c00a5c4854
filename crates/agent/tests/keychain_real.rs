//! The system's own keychain. Needs a session bus with an unlocked Secret Service, as in a desktop session; without a
//! bus it says so and passes. On Windows and macOS the user's keychain is used, with entries of their own names.

use std::process::Command;

use tidings_agent::keychain::{Keychain, SystemVault};
use tidings_protocol::Secret;
use uuid::Uuid;

fn is_there_a_session() -> bool {
    let there = !cfg!(target_os = "linux")
        || std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    if !there {
        eprintln!("skipped: there is no session bus, so there is no keychain to test against");
    }
    there
}

#[tokio::test]
async fn a_sign_in_is_kept_replaced_and_forgotten() {
    if !is_there_a_session() {
        return;
    }
    let keychain = Keychain::new(SystemVault);
    let account = Uuid::new_v4().to_string();
    assert_eq!(keychain.read(&account).await, Ok(None));
    keychain.write(&account, "Tidings: a test", Secret::from("first")).await.unwrap();
    assert_eq!(keychain.read(&account).await, Ok(Some(Secret::from("first"))));
    // longer than one entry of Windows' keychain
    let long = Secret::from("ü".repeat(4000));
    keychain.write(&account, "Tidings: a test", long.clone()).await.unwrap();
    // another opening of the store sees it
    assert_eq!(Keychain::new(SystemVault).read(&account).await, Ok(Some(long)));
    keychain.erase(&account).await.unwrap();
    assert_eq!(keychain.read(&account).await, Ok(None));
    keychain.erase(&account).await.unwrap();
}

#[tokio::test]
async fn a_person_finds_the_entry_by_its_label_and_our_name() {
    // libsecret's own tool looks from outside; it is part of the lab's session
    if !cfg!(target_os = "linux") || !is_there_a_session() {
        return;
    }
    let keychain = Keychain::new(SystemVault);
    let account = Uuid::new_v4().to_string();
    keychain.write(&account, "Tidings: alice at alerts.example.com", Secret::from("hunter2")).await.unwrap();
    let found =
        Command::new("secret-tool").args(["search", "service", "tidings", "username", &account]).output();
    keychain.erase(&account).await.unwrap();
    match found {
        Ok(found) => {
            let text = String::from_utf8_lossy(&found.stdout);
            assert!(text.contains("label = Tidings: alice at alerts.example.com"), "{text}");
        }
        Err(error) => eprintln!("skipped: secret-tool cannot be run ({error})"),
    }
}
