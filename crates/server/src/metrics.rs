//! Counters, and how Prometheus reads them. Names and numbers only: nothing here says who.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
};

macro_rules! metrics {
    ($($name:ident: $kind:ident, $public:literal, $help:literal;)*) => {
        /// One field for each line of `/metrics`.
        #[derive(Default)]
        pub(crate) struct Metrics {
            $(#[doc = $help] pub(crate) $name: $kind,)*
        }

        impl Metrics {
            /// The text that Prometheus scrapes.
            pub(crate) fn render(&self) -> String {
                let mut text = String::new();
                let mut described = "";
                $(
                    let family = $public.split('{').next().unwrap_or($public);
                    if family != described {
                        // writing to a String cannot fail
                        let _ = write!(text, "# HELP {family} {}\n# TYPE {family} {}\n", $help, $kind::TYPE);
                        described = family;
                    }
                    let _ = writeln!(text, "{} {}", $public, self.$name.value());
                )*
                let _ = described;
                text
            }
        }
    };
}

/// Only rises.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    const TYPE: &'static str = "counter";

    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Rises and falls.
#[derive(Default)]
pub(crate) struct Gauge(AtomicI64);

impl Gauge {
    const TYPE: &'static str = "gauge";

    /// Counts one in until the answer is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.0.fetch_add(1, Relaxed);
        Entered(self)
    }

    fn value(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

/// See [`Gauge::enter`].
pub(crate) struct Entered<'a>(&'a Gauge);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

metrics! {
    sockets: Gauge, "tidings_sockets", "Authenticated sockets open now.";
    sockets_opened: Counter, "tidings_sockets_opened_total", "Sockets that authenticated.";
    sockets_refused: Counter, "tidings_sockets_refused_total", "Upgrades refused, and sockets that failed to authenticate.";
    sockets_slow: Counter, "tidings_sockets_slow_total", "Sockets closed because they could not keep up.";
    sockets_silent: Counter, "tidings_sockets_silent_total", "Sockets dropped because nothing came from them.";
    published: Counter, "tidings_published_total", "Publish requests accepted.";
    stored: Counter, "tidings_stored_total", "Notifications stored, one for each recipient.";
    delivered: Counter, "tidings_delivered_total{how=\"live\"}", "Notifications sent to sockets.";
    replayed: Counter, "tidings_delivered_total{how=\"replay\"}", "Notifications sent to sockets.";
    pruned: Counter, "tidings_pruned_total", "Notifications removed by retention.";
    reads: Counter, "tidings_reads_total", "Notifications marked read.";
    unreadable: Counter, "tidings_unreadable_messages_total", "Socket messages that were no messages.";
    tickets_issued: Counter, "tidings_tickets_total{outcome=\"issued\"}", "Tickets, by what became of them.";
    tickets_used: Counter, "tidings_tickets_total{outcome=\"used\"}", "Tickets, by what became of them.";
    tickets_refused: Counter, "tidings_tickets_total{outcome=\"refused\"}", "Tickets, by what became of them.";
    logins: Counter, "tidings_logins_total{outcome=\"accepted\"}", "Sign-ins.";
    logins_failed: Counter, "tidings_logins_total{outcome=\"failed\"}", "Sign-ins.";
    logins_limited: Counter, "tidings_logins_total{outcome=\"limited\"}", "Sign-ins.";
    guests: Counter, "tidings_guests_total", "Guest sessions started.";
    refreshes: Counter, "tidings_refreshes_total{outcome=\"rotated\"}", "Refreshes.";
    refreshes_refused: Counter, "tidings_refreshes_total{outcome=\"refused\"}", "Refreshes.";
    refreshes_limited: Counter, "tidings_refreshes_total{outcome=\"limited\"}", "Refreshes.";
    connections_refused: Counter, "tidings_connections_refused_total", "Connections refused because too many of their address had not signed in.";
    sessions_revoked: Counter, "tidings_sessions_revoked_total", "Sessions ended because a spent refresh token was shown.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_described_once_and_every_line_has_a_value() {
        let metrics = Metrics::default();
        metrics.tickets_issued.add(2);
        let _socket = metrics.sockets.enter();
        let text = metrics.render();
        assert_eq!(text.matches("# TYPE tidings_tickets_total counter").count(), 1);
        assert!(text.contains("tidings_tickets_total{outcome=\"issued\"} 2\n"), "{text}");
        assert!(text.contains("tidings_sockets 1\n"), "{text}");
    }
}
