//! Every page of the window, one after the other, for whatever has to be looked at on each.

use crate::{Outcome, Page, keys};

/// Walks through the window of a person who is signed in and has received something, and calls `look` with each page's name
/// once it shows. It ends at the inbox, as it began.
///
/// # Errors
/// When a page does not come, or `look` fails.
pub async fn tour(page: &Page, mut look: impl AsyncFnMut(&str) -> Outcome) -> Outcome {
    page.part("inbox-row").await?;
    look("inbox").await?;
    page.press("inbox-row").await?;
    page.part("detail").await?;
    look("notification").await?;
    page.keys(&keys::ESCAPE.to_string()).await?;
    page.keys("/").await?;
    page.part("search").await?.send_keys("nothing is called so").await?;
    page.when("nothing is found", "!document.querySelector('[data-testid=inbox-row]')").await?;
    look("nothing-found").await?;
    page.keys(&keys::ESCAPE.to_string()).await?;
    page.press("nav-connection").await?;
    page.part("account-state").await?;
    look("connection").await?;
    page.press("nav-settings").await?;
    for group in ["notifications", "general", "advanced", "accounts"] {
        page.press(&format!("settings-{group}")).await?;
        page.element(&format!("[data-testid='settings-{group}'][aria-selected='true']")).await?;
        look(&format!("settings-{group}")).await?;
    }
    page.press("add-account").await?;
    page.part("sign-in").await?;
    look("add-account").await?;
    page.keys(&keys::ESCAPE.to_string()).await?;
    page.press("nav-inbox").await?;
    page.part("inbox-row").await.map(drop)
}
