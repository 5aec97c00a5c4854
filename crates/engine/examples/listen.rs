//! Signs in and prints what arrives: `cargo run --example listen -- http://127.0.0.1:8080 alice < password`.

use tidings_engine::{Connection, Endpoint, Event, MemoryStore, Options, Surroundings, Transport, sign_in};
use tidings_protocol::{Device, Flow, Platform, Secret};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "that is what it is for")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(username)) = (arguments.next(), arguments.next()) else {
        return Err("usage: listen SERVER USERNAME < PASSWORD".into());
    };
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = Secret::from(password.trim_end());

    let endpoint = Endpoint::parse(&server, Flow::Ticket, false)?;
    let transport = Transport::new()?;
    let device = Device { name: "example".into(), platform: Platform::current() };
    let signed_in = sign_in(&transport, &endpoint, &username, &password, &device).await?;

    let store = MemoryStore::signed_in(signed_in.session);
    if let Some(baseline) = signed_in.baseline {
        store.advance(baseline).await;
    }
    let surroundings = Surroundings::watch();
    let (connection, mut events) =
        Connection::start(endpoint, Options::default(), transport, surroundings, store.clone());
    while let Some(event) = events.recv().await {
        if let Event::Notification(arrival) = &event {
            println!("{}: {}", arrival.notification.title, arrival.notification.body);
            if let Some(cursor) = arrival.cursor() {
                store.advance(cursor).await;
            }
        }
    }
    connection.shutdown().await;
    Ok(())
}
