//! Every page of the window, one after the other, for whatever has to be looked at on each.

use serde_json::json;

use crate::{Outcome, Page, keys};

/// Walks through the window of a person who is signed in and has received what [`crate::believable`] publishes, and calls
/// `look` with each page's name once it shows. It ends at the inbox, as it began.
///
/// # Errors
/// When a page does not come, or `look` fails.
pub async fn tour(page: &Page, mut look: impl AsyncFnMut(&str) -> Outcome) -> Outcome {
    page.part("inbox-row").await?;
    look("inbox").await?;
    inbox(page, &mut look).await?;
    page.keys("?").await?;
    page.part("keys").await?;
    look("keys").await?;
    leave(page, "keys").await?;
    page.press("nav-connection").await?;
    page.part("account-state").await?;
    look("connection").await?;
    unfold(page).await?;
    look("connection-unfolded").await?;
    settings(page, &mut look).await?;
    page.press("nav-inbox").await?;
    page.part("inbox-row").await.map(drop)
}

async fn inbox(page: &Page, look: &mut impl AsyncFnMut(&str) -> Outcome) -> Outcome {
    page.press("filter").await?;
    page.part("filter-bar").await?;
    look("filter").await?;
    page.press("filter").await?;
    page.when("the filters are away", &without("filter-bar")).await?;
    page.chord(&[keys::CONTROL], 'a').await?;
    page.part("selection").await?;
    look("selection").await?;
    leave(page, "selection").await?;
    for (title, name) in
        [("Payment service is down", "notification"), ("Release 2.4.0 is out", "notification-markdown")]
    {
        open(page, title).await?;
        look(name).await?;
        page.chord(&[], keys::ESCAPE).await?;
    }
    page.keys("/").await?;
    page.part("search").await?.send_keys("nothing is called so").await?;
    page.when("nothing is found", &without("inbox-row")).await?;
    look("nothing-found").await?;
    page.chord(&[], keys::ESCAPE).await?;
    page.part("inbox-row").await.map(drop)
}

async fn settings(page: &Page, look: &mut impl AsyncFnMut(&str) -> Outcome) -> Outcome {
    page.press("nav-settings").await?;
    for group in ["notifications", "general", "advanced", "accounts"] {
        page.press(&format!("settings-{group}")).await?;
        page.element(&format!("[data-testid='settings-{group}'][aria-selected='true']")).await?;
        look(&format!("settings-{group}")).await?;
    }
    // those of the first account are folded away where there are several
    page.run("document.querySelector('[data-testid=account-choices][aria-expanded=false]')?.click()").await?;
    page.part("account-name").await?;
    unfold(page).await?;
    page.part("route-dialect").await?;
    look("settings-accounts-unfolded").await?;
    page.press("add-account").await?;
    page.part("sign-in").await?;
    look("add-account").await?;
    unfold(page).await?;
    look("add-account-unfolded").await?;
    page.chord(&[], keys::ESCAPE).await
}

/// Opens the notification with a title, wherever in the list it is.
async fn open(page: &Page, title: &str) -> Outcome {
    let row = format!(
        "[...document.querySelectorAll('[data-testid=inbox-row]')].find((row) => row.textContent.includes({}))",
        json!(title)
    );
    page.when(&format!("{title:?} is listed"), &row).await?;
    page.run(&format!("{row}.click()")).await?;
    page.part("detail").await.map(drop)
}

/// Opens all that is one click away.
async fn unfold(page: &Page) -> Outcome {
    page.run("for (const folded of document.querySelectorAll('details')) folded.open = true").await.map(drop)
}

/// Presses Escape, and waits until that has closed a part.
async fn leave(page: &Page, part: &str) -> Outcome {
    page.chord(&[], keys::ESCAPE).await?;
    page.when(&format!("{part} is left"), &without(part)).await
}

fn without(part: &str) -> String {
    format!("!document.querySelector('[data-testid={part}]')")
}
