//! `diagnostics`: what a person copies into a report when a connection does not do what it should.

use tidings_control::{
    Client, Diagnosis, Diagnostics, Failure, Health, Part, PartKind, Reply, Request, Spell, Status,
};
use time::{Duration, OffsetDateTime};

use super::print::{self, Printer};

pub(super) async fn ask(client: &Client, account: Option<String>) -> Result<Diagnostics, Failure> {
    match client.call(Request::Diagnostics { account }).await? {
        Reply::Diagnostics(diagnostics) => Ok(diagnostics),
        other => Err(super::unexpected(&other)),
    }
}

impl Printer {
    pub(super) fn diagnostics(self, diagnostics: &Diagnostics) -> Result<(), Failure> {
        if self.json {
            return self.line(diagnostics);
        }
        self.text(&format!("Tidings {} on {}", diagnostics.version, diagnostics.system))?;
        for part in &diagnostics.parts {
            self.text(&part_words(part))?;
        }
        if diagnostics.connections.is_empty() {
            self.text("nobody is signed in")?;
        }
        diagnostics.connections.iter().try_for_each(|connection| self.connection(connection))
    }

    fn connection(self, known: &Diagnosis) -> Result<(), Failure> {
        let Diagnosis {
            server,
            username,
            dialect,
            status,
            round_trip,
            transitions,
            unreadable,
            reported,
            history,
            ..
        } = known;
        self.text("")?;
        self.text(&print::user_at(username, server))?;
        self.text(&format!("  server      {server} by {}", super::dialect(*dialect)))?;
        self.text(&format!(
            "  state       {}, since {}",
            print::status_words(status),
            print::clock(status.since)
        ))?;
        self.text(&format!("  attempt     {}", status.attempt))?;
        let trip = round_trip
            .map(|trip| format!("{}, at {}", print::trip_words(&trip), print::clock(trip.at)))
            .unwrap_or_else(|| "none yet".to_owned());
        self.text(&format!("  round trip  {trip}"))?;
        if *unreadable > 0 {
            self.text(&format!("  skipped     {unreadable} messages that cannot be read"))?;
        }
        if let Some(reported) = reported {
            let at = print::clock(reported.at);
            self.text(&format!("  reported    {} {} at {at}", reported.code, reported.message))?;
        }
        for (index, change) in transitions.iter().enumerate() {
            let heading = if index == 0 { "changes" } else { "" };
            self.text(&format!("  {heading:<10}  {}", change_words(change)))?;
        }
        let ends = history.iter().skip(1).map(|spell| Some(spell.from)).chain([None]);
        for (index, (spell, end)) in history.iter().zip(ends).enumerate() {
            let heading = if index == 0 { "last 24 h" } else { "" };
            self.text(&format!("  {heading:<10}  {}", spell_words(spell, end)))?;
        }
        Ok(())
    }
}

fn part_words(part: &Part) -> String {
    let kind = match part.kind {
        PartKind::Keychain => "keychain",
        PartKind::Tray => "tray",
        PartKind::Notifications => "toasts",
        PartKind::Network => "network",
        PartKind::Inbox => "inbox",
    };
    let health = match part.health {
        Health::Well => "well",
        Health::Limited => "limited",
        Health::Missing => "missing",
        Health::Off => "off",
    };
    let detail = if part.detail.is_empty() { String::new() } else { format!(": {}", part.detail) };
    format!("  {kind:<10}  {health}{detail}")
}

/// What a connection was for how long, until now if it has no end.
fn spell_words(spell: &Spell, end: Option<OffsetDateTime>) -> String {
    let state = spell.state.map_or("the agent did not run", print::state_words);
    let cause = spell.cause.map(|cause| format!(": {}", print::cause_kind_words(cause))).unwrap_or_default();
    let lasted = end.map_or_else(|| "until now".to_owned(), |end| lasted_words(end - spell.from));
    format!("{}  {state}{cause}, {lasted}", print::clock(spell.from))
}

fn lasted_words(lasted: Duration) -> String {
    match lasted.whole_minutes() {
        0 => format!("{} s", lasted.whole_seconds().max(0)),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

fn change_words(change: &Status) -> String {
    format!("{}  attempt {}  {}", print::clock(change.since), change.attempt, print::status_words(change))
}

#[cfg(test)]
mod tests {
    use tidings_control::{CauseKind, State};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_timeline_is_told_in_words() {
        let from = datetime!(2026-05-04 10:00 UTC);
        let spell = |state, cause| Spell { from, state, cause };
        for (spell, lasted, words) in [
            (spell(Some(State::Connected), None), Some(Duration::minutes(150)), "connected, 2 h 30 min"),
            (
                spell(Some(State::Disconnected), Some(CauseKind::Offline)),
                Some(Duration::seconds(40)),
                "disconnected: offline, 40 s",
            ),
            (spell(None, None), Some(Duration::minutes(5)), "the agent did not run, 5 min"),
            (spell(Some(State::Connected), None), None, "connected, until now"),
        ] {
            let end = lasted.map(|lasted| from + lasted);
            assert_eq!(spell_words(&spell, end), format!("2026-05-04 10:00:00Z  {words}"));
        }
    }

    #[test]
    fn a_part_is_a_line() {
        let part = Part { kind: PartKind::Notifications, health: Health::Well, detail: "dunst 1.9".into() };
        assert_eq!(part_words(&part), "  toasts      well: dunst 1.9");
    }
}
