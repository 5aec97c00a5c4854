//! Quiet hours by a clock on the wall that is moved through the night on which clocks are put back.

use tidings_control::{Disposition, Silence, Snapshot, Weekday};
use tidings_lab::{
    Agent, AgentOptions, Outcome, Server, ServerOptions, Toasts, WallClock, Watch, desktop::Desktop,
};

use crate::{
    scene::QUIET_DESK,
    window::{DrivenPage, open_window},
};

/// Central European time, as POSIX writes it: needs no database of zones.
const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// 2024-10-26, a Saturday, 00:00 in summer time. On Sunday at 03:00 it is 02:00 again.
const SATURDAY: i64 = 1_729_893_600;

/// So many hours and minutes after Saturday began, on a stopwatch.
const fn after(hours: i64, minutes: i64) -> i64 {
    SATURDAY + (hours * 60 + minutes) * 60
}

struct Night {
    page: DrivenPage,
    agent: Agent,
    watch: Watch,
    toasts: Toasts,
    server: Server,
    clock: WallClock,
    _desktop: Desktop,
}

impl Night {
    async fn start() -> Outcome<Self> {
        let mut desktop = Desktop::start(QUIET_DESK).await?;
        desktop.start_bare_toasts().await?;
        let toasts = desktop.watch_toasts().await?;
        let server = Server::start(ServerOptions::default()).await?;
        let clock = WallClock::at(&desktop, after(21, 0))?;
        let mut environment = clock.environment();
        environment.push(("TZ".to_owned(), ZONE.into()));
        let agent =
            Agent::start_with(&desktop, AgentOptions { environment, ..AgentOptions::default() }).await?;
        agent.cli().log_in(&server, "ticket").await?;
        agent.connected().await?;
        let mut watch = agent.cli().watch().await?;
        watch.state("connected").await?;
        let page = open_window(&desktop).await?;
        page.element("[data-testid='connection-line'][data-state='connected']").await?;
        Ok(Self { page, agent, watch, toasts, server, clock, _desktop: desktop })
    }

    /// Chooses the nights that begin on a Saturday, from 22:00 until 07:00, as a person does.
    async fn choose_saturdays(&self) -> Outcome {
        let page = &self.page;
        page.press("nav-settings").await?;
        page.press("settings-notifications").await?;
        page.press("quiet-add").await?;
        for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "sunday"] {
            page.press(&format!("day-{day}")).await?;
            page.element(&format!("[data-testid='day-{day}'][aria-pressed='false']")).await?;
        }
        let chosen = |snapshot: &Snapshot| match snapshot.settings.quiet_hours.as_slice() {
            [hours] => {
                hours.days == [Weekday::Saturday] && (&*hours.from, &*hours.until) == ("22:00", "07:00")
            }
            _ => false,
        };
        self.agent.when("the nights of Saturdays are quiet", chosen).await?;
        page.press("nav-inbox").await
    }

    /// Sets the clock, publishes, and tells what became of it.
    async fn becomes(&mut self, at: i64, title: &str) -> Outcome<Disposition> {
        self.clock.set(at)?;
        self.server.publish(title).await?;
        Ok(serde_json::from_value(self.watch.notification().await?["disposition"].clone())?)
    }
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn quiet_hours_last_over_midnight_and_the_hour_that_comes_twice() -> Outcome {
    let mut night = Night::start().await?;
    night.choose_saturdays().await?;

    assert_eq!(night.becomes(after(21, 59), "before").await?, Disposition::Shown);
    assert_eq!(night.toasts.next().await?.title, "before");
    for (at, title) in [
        (after(22, 1), "the evening"),
        (after(24, 1), "past midnight"),
        (after(26, 30), "half past two"),
        (after(27, 30), "half past two again"),
        // it would be over an hour earlier if nobody had put the clock back
        (after(31, 59), "a minute to seven"),
    ] {
        assert_eq!(night.becomes(at, title).await?, Disposition::QuietHours, "{title}");
        let silence = night.agent.snapshot().await?.silence;
        let until = silence.and_then(|Silence { reason, until }| {
            assert_eq!(reason, Disposition::QuietHours);
            until
        });
        assert_eq!(until.map(|until| until.unix_timestamp()), Some(after(32, 0)), "{title}");
    }
    assert!(night.toasts.passed().is_empty());

    assert_eq!(night.becomes(after(32, 1), "the morning").await?, Disposition::Shown);
    let mut titles = vec![night.toasts.next().await?.title, night.toasts.next().await?.title];
    titles.sort();
    assert_eq!(titles, ["5 notifications while you were away", "the morning"]);
    // the inbox says which were quiet, and why
    let quiet = "document.querySelectorAll('[data-testid=inbox-row] [data-testid=reason]').length === 5 \
         && document.querySelectorAll('[data-testid=inbox-row]').length === 7";
    night.page.when("five rows of seven were quiet", quiet).await?;
    night.page.says("Quiet hours").await?;
    // and Sunday's evening is nobody's quiet hours
    assert_eq!(night.becomes(after(47, 30), "the next evening").await?, Disposition::Shown);
    Ok(())
}
