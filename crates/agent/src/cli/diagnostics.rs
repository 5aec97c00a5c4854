//! `diagnostics`: what a person copies into a report when a connection does not do what it should.

use tidings_control::{Client, Diagnosis, Diagnostics, Failure, Flow, Reply, Request, RoundTrip, Status};

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
        if diagnostics.connections.is_empty() {
            self.text("nobody is signed in")?;
        }
        diagnostics.connections.iter().try_for_each(|connection| self.connection(connection))
    }

    fn connection(self, known: &Diagnosis) -> Result<(), Failure> {
        let Diagnosis {
            server, username, flow, status, round_trip, transitions, unreadable, reported, ..
        } = known;
        let flow = match flow {
            Flow::Ticket => "ticket",
            Flow::Token => "token",
        };
        self.text("")?;
        self.text(&print::user_at(username, server))?;
        self.text(&format!("  server      {server} by {flow}"))?;
        self.text(&format!(
            "  state       {}, since {}",
            print::status_words(status),
            print::clock(status.since)
        ))?;
        self.text(&format!("  attempt     {}", status.attempt))?;
        let trip = round_trip
            .map(|trip| format!("{}, at {}", trip_words(&trip), print::clock(trip.at)))
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
        Ok(())
    }
}

fn change_words(change: &Status) -> String {
    format!("{}  attempt {}  {}", print::clock(change.since), change.attempt, print::status_words(change))
}

/// Whole milliseconds, but for the short ones.
pub(super) fn trip_words(trip: &RoundTrip) -> String {
    if trip.ms < 10.0 { format!("{:.1} ms", trip.ms) } else { format!("{:.0} ms", trip.ms) }
}
