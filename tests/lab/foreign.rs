use std::{net::SocketAddr, time::Duration};

use tokio::{io::AsyncWriteExt, process::ChildStdin};

use crate::{Outcome, Spawned};

/// A model of a server of another kind in a network of its own: a program that is told what to do.
#[derive(Debug)]
pub struct Foreign {
    program: Spawned,
    input: ChildStdin,
    url: String,
}

/// Which one.
#[derive(Clone, Copy, Debug)]
pub enum ForeignKind {
    /// Gotify.
    Gotify,
    /// ntfy; what is published goes to [`Foreign::TOPIC`].
    Ntfy,
}

impl ForeignKind {
    /// Its name, as the command lines have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gotify => "gotify",
            Self::Ntfy => "ntfy",
        }
    }
}

impl Foreign {
    /// The topic that is published to, where there are topics.
    pub const TOPIC: &str = "lab";
    /// The password of the lab's user there.
    pub const PASSWORD: &str = "correct horse";

    /// How often it pings, if nothing else is asked for.
    pub const PING: Duration = Duration::from_secs(45);

    pub(crate) async fn started(
        mut program: Spawned,
        input: ChildStdin,
        address: SocketAddr,
    ) -> Outcome<Self> {
        program.line().await?;
        Ok(Self { program, input, url: format!("http://{address}") })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.program.pid()
    }

    /// Publishes a notification.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn publish(&mut self, title: &str) -> Outcome {
        self.tell(&format!("publish {title}")).await.map(drop)
    }

    /// Publishes two, named by one word each; where they are numbered, the one with the lower number appears after the other.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn publish_late(&mut self, late: &str, early: &str) -> Outcome {
        self.tell(&format!("late {late} {early}")).await.map(drop)
    }

    /// Ends all connections without a word, and takes no others. What was published stays.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn stop(&mut self) -> Outcome {
        self.tell("stop").await.map(drop)
    }

    /// The end of [`Self::stop`].
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_again(&mut self) -> Outcome {
        self.tell("start").await.map(drop)
    }

    /// Makes every token void, as somebody at its web page may.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn revoke(&mut self) -> Outcome {
        self.tell("revoke").await.map(drop)
    }

    /// The longest message that a client has sent, in bytes.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn longest_frame(&mut self) -> Outcome<usize> {
        let said = self.tell("longest").await?;
        said.trim().parse().map_err(|_| crate::Trouble::Unexpected(said))
    }

    /// Stops it where it is (`SIGSTOP`): the kernel goes on to answer for it.
    ///
    /// # Errors
    /// What the system reports.
    pub fn pause(&self) -> Outcome {
        self.program.pause()
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn resume(&self) -> Outcome {
        self.program.resume()
    }

    async fn tell(&mut self, line: &str) -> Outcome<String> {
        self.input.write_all(format!("{line}\n").as_bytes()).await?;
        self.program.line().await
    }
}
