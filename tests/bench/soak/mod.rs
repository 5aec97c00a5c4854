//! A server that misbehaves at random, for as long as one likes, and an agent that has to stay as it was.

mod flow;
mod mischief;
mod samples;

use std::time::{Duration, Instant};

use tidings_lab::{
    Agent, Meddler, Mood, Outcome, Server, ServerOptions, Trouble,
    desktop::{Desktop, Furniture},
    within,
};

use crate::Row;
use flow::{Flow, Published};
use mischief::{Chance, Mischief};
use samples::Samples;

/// Longer than the longest wait between two attempts, and an attempt.
const CALM: Duration = Duration::from_secs(120);

/// So short that tokens are renewed in the midst of it, many times.
const TOKEN_SECONDS: &str = "120";

pub(crate) async fn measure(minutes: u64, seed: u64) -> Outcome<Vec<Row>> {
    eprintln!("seed {seed}, {minutes} min");
    let desktop = Desktop::start(Furniture::NONE).await?;
    let arguments = ["--access-token-seconds", TOKEN_SECONDS, "--publish-burst", "1000000"];
    let arguments = arguments.map(str::to_owned).to_vec();
    let mut server = Server::start(ServerOptions { arguments, ..ServerOptions::default() }).await?;
    let address = server.host().parse().map_err(|_| Trouble::Unexpected(server.host().to_owned()))?;
    let meddler = Meddler::start(address).await?;
    let mut agent = Agent::start(&desktop).await?;
    let mut flow = Flow::watch(&agent).await?;
    let login = agent.cli().log_in_at(meddler.url(), Server::PASSWORD, &["--dialect", "ticket"]).await?;
    login.success()?;
    agent.connected().await?;

    let published = Published::start(server.publisher());
    let samples = Samples::start(agent.pid().unwrap_or_default());
    let mut mischief = Mischief::new(Chance::new(seed));
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let result = mischief.until(end, &mut server, &meddler, &agent).await;
    meddler.be(Mood::Passing);
    let published = published.stop().await;
    let samples = samples.stop();
    result?;
    if !agent.runs()? {
        return Err(Trouble::Ended { program: "tidings-agent".to_owned(), said: agent.said() });
    }
    server.publish(flow::LAST).await?;
    agent.cli().run(&["reconnect"]).await?.success()?;
    let calm = within(CALM, "all is well again once the server behaves", flow.ends()).await;
    if calm.is_err() {
        eprintln!("{}\n{:#?}", agent.said(), agent.snapshot().await?.accounts);
    }
    calm??;

    let mut rows = vec![("seed".to_owned(), seed.to_string(), "the same seed is the same mischief")];
    rows.extend(mischief.rows());
    rows.extend(samples.rows());
    rows.extend(flow.rows());
    rows.extend(flow.against(&published, &agent).await?);
    Ok(rows)
}
