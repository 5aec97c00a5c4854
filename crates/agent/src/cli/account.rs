//! `account`: how accounts are shown, and how their connections are made.

use tidings_control::{AccountChange, Client, Failure, Request};

use super::{
    args::{Account, Switch},
    print::Printer,
    route, which,
};

pub(super) async fn run(client: &Client, asked: Account, printer: Printer) -> Result<(), Failure> {
    let (typed, said, change) = match asked {
        Account::Route(asked) => return route::run(client, asked, printer).await,
        Account::Rename { account, name } => {
            let said = match name.trim() {
                "" => "it is called by its user and server".to_owned(),
                name => format!("it is called {name}"),
            };
            (account, said, AccountChange { name: Some(name), ..AccountChange::default() })
        }
        Account::Colour { account, colour } => {
            let said = format!("it is marked {colour:?}").to_lowercase();
            (account, said, AccountChange { colour: Some(colour.into()), ..AccountChange::default() })
        }
        Account::Move { account, place } => {
            let said = format!("it is number {place}");
            (account, said, AccountChange { place: Some(place - 1), ..AccountChange::default() })
        }
        Account::Pictures { account, fetch } => {
            let fetched = fetch == Switch::On;
            let said = if fetched { "its pictures are fetched" } else { "its pictures wait to be asked for" };
            (account, said.to_owned(), AccountChange { pictures: Some(fetched), ..AccountChange::default() })
        }
    };
    let snapshot = super::snapshot(client).await?;
    let account = which::one(&snapshot.accounts, Some(&typed))?.id.clone();
    client.call(Request::SetAccount(AccountChange { account, ..change })).await?;
    printer.done(&said)
}
