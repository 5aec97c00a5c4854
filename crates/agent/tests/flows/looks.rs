//! How accounts are shown is a person's choice.

use tidings_control::{Account, AccountChange, Colour, FailureCode, Request};

use crate::stage::{Computer, Running, World};

struct Change<'a> {
    account: &'a str,
    name: Option<&'a str>,
    colour: Option<Colour>,
    pictures: Option<bool>,
    place: Option<u32>,
}

impl<'a> Change<'a> {
    fn of(account: &'a str) -> Self {
        Self { account, name: None, colour: None, pictures: None, place: None }
    }
}

impl From<Change<'_>> for Request {
    fn from(Change { account, name, colour, pictures, place }: Change<'_>) -> Self {
        let (account, name) = (account.to_owned(), name.map(str::to_owned));
        Self::SetAccount(AccountChange { account, name, colour, pictures, place, ..AccountChange::default() })
    }
}

async fn accounts(agent: &Running) -> Vec<Account> {
    agent.snapshot().await.accounts
}

#[tokio::test]
async fn names_colours_and_places_are_kept() {
    let (worlds, computer) =
        ([World::start().await, World::start().await, World::start().await], Computer::new());
    let agent = computer.start().await;
    for world in &worlds {
        agent.try_sign_in(world, crate::stage::PASSWORD, None).await.unwrap();
    }
    let [first, second, third] = &accounts(&agent).await[..] else { panic!() };
    assert_eq!(first.colour, Colour::Brass);
    assert!(second.colour != first.colour && third.colour != second.colour && third.colour != first.colour);
    assert!(first.name.is_none() && !first.pictures);

    let change = Change { name: Some(" Work "), colour: Some(Colour::Rose), ..Change::of(&first.id) };
    agent.done(change.into()).await;
    agent.done(Change { pictures: Some(true), place: Some(7), ..Change::of(&first.id) }.into()).await;
    agent.done(Change { place: Some(0), ..Change::of(&third.id) }.into()).await;
    let shown = |accounts: Vec<Account>| {
        accounts.into_iter().map(|a| (a.id, a.name, a.colour, a.pictures)).collect::<Vec<_>>()
    };
    let expected = vec![
        (third.id.clone(), None, third.colour, false),
        (second.id.clone(), None, second.colour, false),
        (first.id.clone(), Some("Work".to_owned()), Colour::Rose, true),
    ];
    assert_eq!(shown(accounts(&agent).await), expected);
    agent.kill();
    let agent = computer.start().await;
    assert_eq!(shown(accounts(&agent).await), expected);
    agent.done(Change { name: Some(""), ..Change::of(&first.id) }.into()).await;
    assert_eq!(accounts(&agent).await[2].name, None);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await.id;
    let long = "x".repeat(41);
    for (change, code) in [
        (Change { name: Some(&long), ..Change::of(&account) }, FailureCode::BadRequest),
        (Change { pictures: Some(true), ..Change::of("stranger") }, FailureCode::UnknownAccount),
    ] {
        assert_eq!(agent.client.call(change.into()).await.unwrap_err().code, code);
    }
    assert_eq!(accounts(&agent).await[0].name, None);
}
