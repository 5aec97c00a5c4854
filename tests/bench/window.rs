//! From a click on the tray to a window that answers: cold, and within the minute in which it stays warm.

use std::time::{Duration, Instant};

use tidings_control::{Client, Event, Events, Request};
use tidings_lab::{
    Agent, AgentOptions, Outcome, PATIENCE, Programs, Server, ServerOptions, Tray, Trouble,
    desktop::{Desktop, Furniture, WINDOW},
    until, within,
};

use crate::{
    Row,
    numbers::{Times, written},
};

/// Enough for a median, and done within a minute.
const TIMES: usize = 15;

/// Where the first row is, in a window of the size that it opens with: below the bar and the day.
const FIRST_ROW: (i16, i16) = (200, 112);

/// How often the row is clicked until something comes of it.
const CLICKS: Duration = Duration::from_millis(10);

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let (mut shown, mut answering) = (Vec::new(), Vec::new());
    let mut agent = start(&desktop, "0").await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    server.publish("Click me").await?;
    let mut person = Person::sit_down(&desktop, &agent).await?;
    for _ in 0..TIMES {
        let (there, answers) = person.opens().await?;
        shown.push(there);
        answering.push(answers);
        person.closes().await?;
        desktop.window_gone(PATIENCE).await?;
    }
    let mut rows = told("cold", shown, answering);
    agent.stop().await?;

    let agent = start(&desktop, "60").await?;
    agent.connected().await?;
    let mut person = Person::sit_down(&desktop, &agent).await?;
    person.opens().await?;
    person.closes().await?;
    let (mut shown, mut answering) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let (there, answers) = person.opens().await?;
        shown.push(there);
        answering.push(answers);
        person.closes().await?;
    }
    rows.extend(told("warm", shown, answering));
    Ok(rows)
}

async fn start(desktop: &Desktop, linger: &str) -> Outcome<Agent> {
    let window = Programs::find()?.window()?.into_os_string();
    let environment =
        vec![("TIDINGS_WINDOW".to_owned(), window), ("TIDINGS_WINDOW_LINGER".to_owned(), linger.into())];
    Agent::start_with(desktop, AgentOptions { environment, ..AgentOptions::default() }).await
}

fn told(how: &str, shown: Vec<Duration>, answering: Vec<Duration>) -> Vec<Row> {
    let row = |what: &str, times: Vec<Duration>| {
        let times = Times::of(times);
        let figure = format!("{}, {}", written(times.median()), written(times.quantile(100)));
        (format!("{how}: click on the tray → {what}"), figure, "median, worst")
    };
    vec![row("window shown", shown), row("a click in it is answered", answering)]
}

/// Clicks on the tray, and then on the first row until it is read.
struct Person<'a> {
    desktop: &'a Desktop,
    tray: Tray,
    client: Client,
    events: Events,
    row: i64,
}

impl<'a> Person<'a> {
    async fn sit_down(desktop: &'a Desktop, agent: &Agent) -> Outcome<Self> {
        let there = async || Ok(agent.inbox().await?.first().map(|item| item.id));
        let row = until(PATIENCE, "there is a row", there).await?;
        let (client, events) = agent.connect().await?;
        client.call(Request::MarkUnread { ids: vec![row] }).await?;
        client.call(Request::Subscribe).await?;
        Ok(Self { desktop, tray: desktop.tray().await?, client, events, row })
    }

    /// Until the window is on the display, and until a click in it has come to the agent.
    async fn opens(&mut self) -> Outcome<(Duration, Duration)> {
        let screen = self.desktop.screen()?;
        while self.events.try_recv().is_ok() {}
        let asked = Instant::now();
        self.tray.activate().await?;
        let window = screen.window(WINDOW).await?;
        let shown = asked.elapsed();
        let clicks = async {
            let mut beat = tokio::time::interval(CLICKS);
            loop {
                tokio::select! {
                    _ = beat.tick() => screen.click_at(&window, FIRST_ROW.0, FIRST_ROW.1)?,
                    event = self.events.recv() => match event {
                        Some(Event::Read { .. }) => return Ok::<_, Trouble>(asked.elapsed()),
                        Some(_) => {}
                        None => return Err(Trouble::Unexpected("the agent has gone".to_owned())),
                    },
                }
            }
        };
        let answered = within(PATIENCE, "a click on a row reads it", clicks).await??;
        Ok((shown, answered))
    }

    async fn closes(&mut self) -> Outcome {
        let screen = self.desktop.screen()?;
        screen.close(&screen.window(WINDOW).await?)?;
        screen.window_closed(WINDOW).await?;
        // a row that goes is closed, and the list is there for the next time
        let ids = || vec![self.row];
        for request in [
            Request::Delete { ids: ids() },
            Request::Restore { ids: ids() },
            Request::MarkUnread { ids: ids() },
        ] {
            self.client.call(request).await?;
        }
        Ok(())
    }
}
