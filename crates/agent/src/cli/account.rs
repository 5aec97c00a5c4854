//! `account`: how accounts are shown, what they follow, whether they rest, and how their connections are made.

use tidings_control::{AccountChange, Client, Failure, Request};

use super::{
    args::{Account, Switch},
    print::Printer,
    route, which,
};

pub(super) async fn run(client: &Client, asked: Account, printer: Printer) -> Result<(), Failure> {
    let (typed, said, change) = match asked {
        Account::Route(asked) => return route::run(client, asked, printer).await,
        Account::Topics { account, topics } => return follow(client, &account, topics, printer).await,
        Account::Pause { account } => {
            let said = "it is paused".to_owned();
            (account, said, AccountChange { paused: Some(true), ..AccountChange::default() })
        }
        Account::Resume { account } => {
            let said = "it is awake".to_owned();
            (account, said, AccountChange { paused: Some(false), ..AccountChange::default() })
        }
        Account::DeleteOnServer { account, delete } => {
            let deletes = delete == Switch::On;
            let there = if deletes { "on the server too" } else { "here alone" };
            let said = format!("what is deleted is deleted {there}");
            (account, said, AccountChange { deletes_on_server: Some(deletes), ..AccountChange::default() })
        }
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

async fn follow(client: &Client, typed: &str, topics: Vec<String>, printer: Printer) -> Result<(), Failure> {
    let snapshot = super::snapshot(client).await?;
    let account = which::one(&snapshot.accounts, Some(typed))?.id.clone();
    client.call(Request::SetTopics { account, topics }).await?;
    printer.done("it follows these topics")
}
