//! What is read, here and elsewhere.

use tidings_agent::arrival::Order;
use tidings_control::{Event, Request};

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
