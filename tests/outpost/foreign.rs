//! A model of Gotify or ntfy. What it is told comes line by line, and each line is answered by one.

use std::{io, net::SocketAddr, time::Duration};

use clap::ValueEnum;
use serde_json::json;
use tidings_peers::{Front, Gotify, GotifyOptions, Ntfy, NtfyOptions};
use tokio::sync::mpsc;

/// The topic that is published to, where there are topics.
const TOPIC: &str = "lab";

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    Gotify,
    Ntfy,
}

enum Model {
    Gotify(Gotify),
    Ntfy(Ntfy),
}

pub(crate) async fn run(kind: Kind, listen: SocketAddr, ping: Duration) -> io::Result<()> {
    let pong = ping;
    let mut model = match kind {
        Kind::Gotify => Model::Gotify(
            Gotify::start(GotifyOptions { ping, pong, listen, ..GotifyOptions::default() }).await?,
        ),
        Kind::Ntfy => {
            Model::Ntfy(Ntfy::start(NtfyOptions { ping, pong, listen, ..NtfyOptions::default() }).await?)
        }
    };
    crate::say("listening");
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let said = match word {
            "publish" => model.publish(rest),
            "late" => model.publish_late(rest),
            "stop" => {
                model.front_mut().stop().await;
                "stopped".to_owned()
            }
            "start" => {
                model.front_mut().start_again().await?;
                "started".to_owned()
            }
            "revoke" => model.revoke(),
            "longest" => model.front().counts().longest_frame.to_string(),
            other => format!("nobody knows how to {other}"),
        };
        crate::say(&said);
    }
    Ok(())
}

/// From a thread of their own, as reading them blocks.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Model {
    fn front(&self) -> &Front {
        match self {
            Self::Gotify(gotify) => gotify,
            Self::Ntfy(ntfy) => ntfy,
        }
    }

    fn front_mut(&mut self) -> &mut Front {
        match self {
            Self::Gotify(gotify) => gotify,
            Self::Ntfy(ntfy) => ntfy,
        }
    }

    fn publish(&self, title: &str) -> String {
        match self {
            Self::Gotify(gotify) => {
                gotify.publish(&json!({ "title": title, "message": "m", "priority": 5 })).to_string()
            }
            Self::Ntfy(ntfy) => {
                ntfy.publish(TOPIC, &json!({ "title": title, "message": "m" }))["id"].to_string()
            }
        }
    }

    /// Two, of which the first appears after the second.
    fn publish_late(&self, titles: &str) -> String {
        let (late, early) = titles.split_once(' ').unwrap_or((titles, "early"));
        match self {
            Self::Gotify(gotify) => {
                let held = gotify.hold(&json!({ "title": late, "message": "m", "priority": 5 }));
                self.publish(early);
                gotify.commit(held).to_string()
            }
            Self::Ntfy(_) => {
                self.publish(early);
                self.publish(late)
            }
        }
    }

    fn revoke(&self) -> String {
        match self {
            Self::Gotify(gotify) => gotify.revoke_all(),
            Self::Ntfy(ntfy) => ntfy.revoke_all(),
        }
        "revoked".to_owned()
    }
}
