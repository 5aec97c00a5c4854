use serde_json::Value;
use tokio::process::Command;

use crate::{Outcome, Spawned, Trouble, patience::PATIENCE, within};

/// A running `tidings-agent watch --json`: one object a line.
#[derive(Debug)]
pub struct Watch {
    program: Spawned,
    seen: Vec<Value>,
}

impl Watch {
    pub(crate) async fn start(command: Command) -> Outcome<Self> {
        Ok(Self { program: Spawned::start(command, None).await?, seen: Vec::new() })
    }

    /// Waits for an object that `wanted` says yes to; those before it are passed over, but kept in [`Self::seen`].
    ///
    /// # Errors
    /// [`Trouble::Late`], with what has come instead.
    pub async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Outcome<Value> {
        let before = self.seen.len();
        let find = async {
            while let Some(line) = self.program.next_line().await {
                let value: Value = serde_json::from_str(&line)?;
                self.seen.push(value.clone());
                if wanted(&value) {
                    return Ok(Some(value));
                }
            }
            Ok::<_, Trouble>(None)
        };
        let found = within(PATIENCE, what, find).await;
        let instead = || format!("{what}; instead came: {:?}", self.seen.get(before..).unwrap_or_default());
        match found {
            Ok(found) => {
                found?.ok_or_else(|| Trouble::Ended { program: instead(), said: self.program.said() })
            }
            Err(_) => Err(Trouble::Late { what: instead(), limit: PATIENCE }),
        }
    }

    /// Waits for a state of the connection: `initial`, `connecting`, `connected`, `disconnecting`, `disconnected`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what has come instead.
    pub async fn state(&mut self, state: &str) -> Outcome<Value> {
        let is_it = |value: &Value| value["event"] == "status" && value["state"] == state;
        self.find(&format!("the connection is {state}"), is_it).await
    }

    /// Waits for the next notification.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what has come instead.
    pub async fn notification(&mut self) -> Outcome<Value> {
        self.find("a notification arrives", |value| value["event"] == "notification").await
    }

    /// All that has been read so far.
    pub fn seen(&self) -> &[Value] {
        &self.seen
    }

    /// The titles of the notifications that have been read so far.
    pub fn titles(&self) -> Vec<&str> {
        let notifications = self.seen.iter().filter(|value| value["event"] == "notification");
        notifications.filter_map(|value| value["title"].as_str()).collect()
    }
}
