//! Ten thousand notifications, published as fast as a server takes them, with the window open: whether all arrive once, how
//! many toasts it takes, and how long the window takes to answer meanwhile.
//!
//! The server and those who publish stand for other computers, and so leave this one's processor to agent, window and desktop.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tidings_lab::{
    Agent, Driver, Outcome, PATIENCE, Page, Programs, Server, ServerOptions, Toasts, Trouble,
    desktop::{Desktop, Furniture},
    keys, until, within,
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    Row,
    numbers::{Times, written},
    process::give_way,
};

const BURST: usize = 10_000;

/// Requests under way at the same time.
const AT_ONCE: usize = 64;

/// Before the burst: so that the page is measured while nothing happens.
const CALM: Duration = Duration::from_secs(10);

/// All of it must be in the inbox by then.
const LIMIT: Duration = Duration::from_secs(300);

/// In the page: every 50 ms a key is due. It is pressed as soon as the page comes to it, moves the cursor, and has been
/// answered when the frame that follows is drawn. Whatever the page is busy with in between counts, as it does for a person.
const SAMPLER: &str = "
    const EVERY = 50;
    const samples = (window.latencies = []);
    let due = performance.now() + EVERY;
    const drawn = new MessageChannel();
    drawn.port1.onmessage = () => {
        const now = performance.now();
        samples.push(now - due);
        due = Math.max(due + EVERY, now);
        setTimeout(press, due - now);
    };
    const press = () => {
        const key = samples.length % 2 ? 'ArrowUp' : 'ArrowDown';
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        requestAnimationFrame(() => drawn.port2.postMessage(0));
    };
    setTimeout(press, EVERY);
";

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let limits = ["--publish-burst", "1000000"].map(str::to_owned).to_vec();
    let server = Server::start(ServerOptions { arguments: limits, ..ServerOptions::default() }).await?;
    let agent = Agent::start(&desktop).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let programs = Programs::find()?;
    let (program, home) = (programs.agent()?, Agent::home_in(&desktop));
    let environment: [(&str, &Path); 2] = [("TIDINGS_HOME", &home), ("TIDINGS_AGENT", &program)];
    let driver = Driver::start(&desktop, &environment).await?;
    let page = driver.open(&programs.window()?).await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    server.publish("first").await?;
    page.part("inbox-row").await?;
    let mut toasts = desktop.watch_toasts().await?;

    give_way(std::process::id())?;
    if let Some(server) = server.pid() {
        give_way(server)?;
    }
    page.run(SAMPLER).await?;
    let floor_keys = pressed_for(&page, CALM).await?;
    let floor = samples(&page).await?;

    let started = Instant::now();
    let burst = async {
        let ids = publish(&server).await?;
        let published = started.elapsed();
        let all = |snapshot: &tidings_control::Snapshot| snapshot.unread as usize == BURST + 1;
        // a count that grows is told often: looked at, not followed
        until(LIMIT, "all have arrived", async || Ok(all(&agent.snapshot().await?).then_some(()))).await?;
        Ok::<_, Trouble>((ids, published, started.elapsed()))
    };
    let ((ids, published, arrived), during_keys) = pressed_during(&page, burst).await?;
    let during = samples(&page).await?;
    let mut rows = vec![
        row("published", BURST.to_string(), "as fast as the server takes them"),
        row("first POST → last 202", written(published), ""),
        row("first POST → all in the inbox", written(arrived), ""),
    ];
    rows.extend(against(&agent, &ids).await?);
    rows.extend(shown(&mut toasts));
    rows.extend(answers("key due → drawn", &floor, &during, "median, 95 %, worst: at most 100 ms"));
    // its way leads through this program, which gives way
    let note = "median, 95 %, worst";
    rows.extend(answers("WebDriver's own key, there and back", &floor_keys, &during_keys, note));
    Ok(rows)
}

fn row(what: &str, figure: String, note: &'static str) -> Row {
    (what.to_owned(), figure, note)
}

/// Publishes all of them, and tells their ids.
async fn publish(server: &Server) -> Outcome<BTreeSet<String>> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for number in 0..BURST {
        let (publisher, permits) = (server.publisher(), Arc::clone(&permits));
        tasks.spawn(async move {
            let _permit = permits.acquire().await;
            let content = json!({ "title": format!("Number {number}"), "body": "One of very many" });
            publisher.publish_all(content).await.map(|receipt| receipt.id)
        });
    }
    let mut ids = BTreeSet::new();
    while let Some(id) = tasks.join_next().await {
        ids.insert(id.map_err(std::io::Error::other)??);
    }
    Ok(ids)
}

/// The inbox beside what the server has acknowledged.
async fn against(agent: &Agent, ids: &BTreeSet<String>) -> Outcome<Vec<Row>> {
    let items = agent.whole_inbox().await?;
    let rows = items.iter().filter(|item| item.title != "first").count();
    let there: BTreeSet<String> = items.into_iter().filter_map(|item| item.server_id).collect();
    let (lost, doubled) = (ids.difference(&there).count(), rows.saturating_sub(ids.len()));
    Ok(vec![row("lost", lost.to_string(), "none"), row("doubled", doubled.to_string(), "none")])
}

fn shown(toasts: &mut Toasts) -> Vec<Row> {
    let calls = toasts.passed();
    let fresh = calls.iter().filter(|toast| toast.replaces == 0).count();
    vec![
        row("toasts", fresh.to_string(), "at most 5"),
        row("changes of a toast that counts", (calls.len() - fresh).to_string(), ""),
    ]
}

fn answers(what: &str, floor: &Times, during: &Times, note: &'static str) -> Vec<Row> {
    let three =
        |times: &Times| [times.median(), times.quantile(95), times.quantile(100)].map(written).join(", ");
    vec![
        row(&format!("{what}: floor, nothing happens"), three(floor), "median, 95 %, worst"),
        row(&format!("{what}: throughout"), three(during), note),
    ]
}

/// What the sampler has measured since it was last asked.
async fn samples(page: &Page) -> Outcome<Times> {
    let told = page.run("return window.latencies.splice(0)").await?;
    let samples = told.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64);
    Ok(Times::of(samples.map(|ms| Duration::from_secs_f64(ms / 1000.0)).collect()))
}

async fn pressed_for(page: &Page, time: Duration) -> Outcome<Times> {
    let rest = async {
        tokio::time::sleep(time).await;
        Ok::<_, Trouble>(())
    };
    pressed_during(page, rest).await.map(|(_, times)| times)
}

/// Presses keys from outside for as long as something lasts.
async fn pressed_during<T>(page: &Page, work: impl Future<Output = Outcome<T>>) -> Outcome<(T, Times)> {
    let mut times = Vec::new();
    let mut work = std::pin::pin!(work);
    loop {
        let press = async {
            let asked = Instant::now();
            page.chord(&[], keys::SHIFT).await?;
            Ok::<_, Trouble>(asked.elapsed())
        };
        tokio::select! {
            done = &mut work => return Ok((done?, Times::of(times))),
            pressed = within(PATIENCE, "a key is answered", press) => times.push(pressed??),
        }
    }
}
