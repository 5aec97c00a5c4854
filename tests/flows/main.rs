//! Flows across the crates: a real agent and its command line against a real server, without a desktop.
//!
//! Owns the claims about what travels between them. What a person sees is in `tests/desktop`.

mod bad_input;
mod outage;
mod rogue;
mod signing_in;

use tidings_lab::{
    Agent, Outcome,
    desktop::{Desktop, Furniture},
};

/// An agent with neither display nor bus: what it is told, it keeps in memory.
async fn bare_agent() -> Outcome<(Desktop, Agent)> {
    let desktop = Desktop::start(Furniture::NONE).await?;
    let agent = Agent::start(&desktop).await?;
    Ok((desktop, agent))
}
