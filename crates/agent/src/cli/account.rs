//! `account`: how accounts are shown.

use tidings_control::{Client, Failure, Request};

use super::{
    args::{Account, Switch},
    which,
};

/// Changes what was asked for, and says what that was.
pub(super) async fn change(client: &Client, asked: Account) -> Result<String, Failure> {
    let (typed, said) = match &asked {
        Account::Rename { account, name } if name.trim().is_empty() => {
            (account, "it is called by its user and server".to_owned())
        }
        Account::Rename { account, name } => (account, format!("it is called {}", name.trim())),
        Account::Colour { account, colour } => (account, format!("it is marked {colour:?}").to_lowercase()),
        Account::Move { account, place } => (account, format!("it is number {place}")),
        Account::Pictures { account, fetch: Switch::On } => (account, "its pictures are fetched".to_owned()),
        Account::Pictures { account, fetch: Switch::Off } => {
            (account, "its pictures are fetched when asked for".to_owned())
        }
    };
    let snapshot = super::snapshot(client).await?;
    let account = which::one(&snapshot.accounts, Some(typed))?.id.clone();
    let (mut name, mut colour, mut pictures, mut place) = (None, None, None, None);
    match asked {
        Account::Rename { name: new, .. } => name = Some(new),
        Account::Colour { colour: new, .. } => colour = Some(new.into()),
        Account::Move { place: new, .. } => place = Some(new - 1),
        Account::Pictures { fetch, .. } => pictures = Some(fetch == Switch::On),
    }
    client.call(Request::SetAccount { account, name, colour, pictures, place }).await?;
    Ok(said)
}
