//! Framing: one JSON object a line, in both directions.

use serde::{Deserialize, Serialize};

use crate::{Event, Failure, Reply, Request};

/// From a caller to the agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) request: Request,
}

/// From the agent to a caller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Reply {
        id: u64,
        #[serde(flatten)]
        reply: Reply,
    },
    Failure {
        id: u64,
        error: Failure,
    },
    Event(Event),
}

pub(crate) fn encode<T: Serialize>(message: &T) -> String {
    // infallible: the wire types have string keys only and no fallible serializer
    serde_json::to_string(message).unwrap_or_default()
}
