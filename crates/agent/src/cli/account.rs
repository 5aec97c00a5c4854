//! `account`: how accounts are shown, and how their connections are made.

use tidings_control::{Client, Colour, Failure, Request};

use super::{
    args::{Account, Switch},
    print::Printer,
    route, which,
};

#[derive(Default)]
struct Change {
    name: Option<String>,
    colour: Option<Colour>,
    pictures: Option<bool>,
    place: Option<u32>,
}

pub(super) async fn run(client: &Client, asked: Account, printer: Printer) -> Result<(), Failure> {
    let (typed, said, change) = match asked {
        Account::Route(asked) => return route::run(client, asked, printer).await,
        Account::Rename { account, name } => {
            let said = match name.trim() {
                "" => "it is called by its user and server".to_owned(),
                name => format!("it is called {name}"),
            };
            (account, said, Change { name: Some(name), ..Change::default() })
        }
        Account::Colour { account, colour } => {
            let said = format!("it is marked {colour:?}").to_lowercase();
            (account, said, Change { colour: Some(colour.into()), ..Change::default() })
        }
        Account::Move { account, place } => {
            let said = format!("it is number {place}");
            (account, said, Change { place: Some(place - 1), ..Change::default() })
        }
        Account::Pictures { account, fetch } => {
            let fetched = fetch == Switch::On;
            let said = if fetched { "its pictures are fetched" } else { "its pictures wait to be asked for" };
            (account, said.to_owned(), Change { pictures: Some(fetched), ..Change::default() })
        }
    };
    let snapshot = super::snapshot(client).await?;
    let account = which::one(&snapshot.accounts, Some(&typed))?.id.clone();
    let Change { name, colour, pictures, place } = change;
    client.call(Request::SetAccount { account, name, colour, pictures, place }).await?;
    printer.done(&said)
}
