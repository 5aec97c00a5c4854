//! From a publish that is accepted to the call that shows it, commit included.

use std::time::Instant;

use tidings_lab::{
    Agent, AgentOptions, Outcome, Server, ServerOptions, Trouble,
    desktop::{Desktop, Furniture},
};

use crate::{
    Row,
    floor::Floor,
    numbers::{Times, written},
};

/// Enough for a steady median, and done within a minute.
const TIMES: usize = 200;

/// Before measuring: caches fill, and the daemon draws its first toast.
const WARM_UP: usize = 10;

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    // what comes at this pace would be folded into summaries
    let arguments = vec!["--toasts-at-once".to_owned(), "1000000".to_owned()];
    let agent = Agent::start_with(&desktop, AgentOptions { arguments, ..AgentOptions::default() }).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let mut toasts = desktop.watch_toasts().await?;
    let mut floor = Floor::new(desktop.connect().await?).await?;
    let (mut floors, mut accepted, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..WARM_UP + TIMES {
        let least = floor.measure(&format!("floor {number}"), &mut toasts).await?;
        let title = format!("notification {number}");
        let sent = Instant::now();
        server.publish(&title).await?;
        let answered = Instant::now();
        let toast = toasts.next().await?;
        if toast.title != title {
            return Err(Trouble::Unexpected(format!("{title:?} was followed by {:?}", toast.title)));
        }
        desktop.close_toasts().await?;
        if number >= WARM_UP {
            floors.push(least);
            // a toast may be there before the answer has come back
            accepted.push(toast.at.saturating_duration_since(answered));
            whole.push(toast.at.saturating_duration_since(sent));
        }
    }
    let (floors, accepted, whole) = (Times::of(floors), Times::of(accepted), Times::of(whole));
    let ratio =
        |times: &Times| format!("{:.2} ×", times.median().as_secs_f64() / floors.median().as_secs_f64());
    let row = |what: &str, figure: String, note| (what.to_owned(), figure, note);
    let mut rows = vec![row("publishes", TIMES.to_string(), "each after one measurement of the floor")];
    for (name, times) in
        [("floor: echo, then Notify", &floors), ("202 → Notify", &accepted), ("POST → Notify", &whole)]
    {
        rows.push(row(&format!("{name}, median"), written(times.median()), ""));
        rows.push(row(&format!("{name}, 95 %"), written(times.quantile(95)), ""));
    }
    rows.push(row("202 → Notify against the floor", ratio(&accepted), "at most 3 ×"));
    rows.push(row("POST → Notify against the floor", ratio(&whole), "the server's commit included"));
    Ok(rows)
}
