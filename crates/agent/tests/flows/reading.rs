//! What is read, here and elsewhere.

use tidings_agent::arrival::Order;
use tidings_control::{Disposition, Event, Request};

use crate::stage::{Computer, World};

#[tokio::test]
async fn what_was_read_is_told_again_until_a_connection_has_stood_long_enough_to_have_told_it() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Hello").await;
    let item = agent.notification().await;
    agent.done(Request::MarkRead { ids: vec![item.id] }).await;
    agent.kill();
    let inbox = tidings_inbox::Inbox::open(computer.home.data()).unwrap().0;
    assert_eq!(inbox.unsent_reads(&item.account).unwrap(), [item.server_id.unwrap()]);
}

#[tokio::test]
async fn read_here_is_read_there() {
    let (world, desk, lap) = (World::start().await, Computer::new(), Computer::new());
    let (mut here, mut there) = (desk.start().await, lap.start().await);
    here.sign_in(&world).await;
    there.sign_in(&world).await;
    world.publish("Hello").await;
    let (mine, theirs) = (here.notification().await, there.notification().await);
    assert_eq!(there.toast().await.item, theirs.id);
    here.done(Request::MarkRead { ids: vec![mine.id] }).await;
    assert_eq!(there.order().await, Order::Close(theirs.id));
    let read =
        there.event("read", |event| if let Event::Read { ids } = event { Some(ids) } else { None }).await;
    assert_eq!(read, [theirs.id]);
    assert_eq!((here.snapshot().await.unread, there.snapshot().await.unread), (0, 0));
}

#[tokio::test]
async fn what_was_read_elsewhere_meanwhile_arrives_read_and_is_not_toasted() {
    let (world, desk, lap, witness) =
        (World::start().await, Computer::new(), Computer::new(), Computer::new());
    let (mut here, mut there, mut third) = (desk.start().await, lap.start().await, witness.start().await);
    for agent in [&mut here, &mut there, &mut third] {
        agent.sign_in(&world).await;
    }
    there.kill();
    world.publish("read here").await;
    let mine = here.notification().await;
    here.done(Request::MarkRead { ids: vec![mine.id] }).await;
    third
        .event("the server has heard of it", |event| matches!(event, Event::Read { .. }).then_some(()))
        .await;
    let mut there = lap.start().await;
    let theirs = there.notification().await;
    assert_eq!((theirs.read, theirs.disposition), (true, Disposition::AlreadyRead));
    world.publish("next").await;
    assert_eq!(there.toast().await.title, "next");
}
