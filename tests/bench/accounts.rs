//! What further accounts cost the agent at rest: of all three kinds, each with a server of its own, connected. Tidings' own
//! is spoken to by TLS, the models of the others in plain, so that every third account alone holds what TLS costs.

use serde_json::{Value, json};
use tidings_control::{Client, Reply, Request, State};
use tidings_lab::{
    Agent, AgentOptions, Authority, Outcome, PATIENCE, Server, Trouble,
    desktop::{Desktop, Furniture},
    within,
};
use tidings_peers::{Gotify, GotifyOptions, Ntfy, NtfyOptions};

use crate::{
    Row,
    numbers::mebibytes,
    rest::{Resting, rest},
};

/// How many there are at a time.
const COUNTS: [usize; 3] = [1, 10, 50];

/// Their servers.
struct Crowd {
    /// One for all of its kind: a user each.
    server: Server,
    gotifies: Vec<Gotify>,
    ntfies: Vec<Ntfy>,
    accounts: usize,
}

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let authority = Authority::new()?;
    let server = Server::start(authority.server_options()).await?;
    let environment = vec![("SSL_CERT_FILE".to_owned(), authority.root().clone().into_os_string())];
    let options = AgentOptions { environment, ..AgentOptions::default() };
    let mut crowd = Crowd { server, gotifies: Vec::new(), ntfies: Vec::new(), accounts: 0 };
    let mut found = Vec::new();
    for count in COUNTS {
        let mut agent = Agent::start_with(&desktop, options.clone()).await?;
        crowd.grow(&agent, count).await?;
        all_connected(&agent, count).await?;
        agent.stop().await?;
        // with stored tokens, as after every start but the first
        let mut agent = Agent::start_with(&desktop, options.clone()).await?;
        all_connected(&agent, count).await?;
        found.push((count, rest(&agent).await?));
        if !agent.runs()? {
            return Err(Trouble::Ended { program: "tidings-agent".to_owned(), said: agent.said() });
        }
        agent.stop().await?;
    }
    Ok(rows(&found))
}

fn rows(found: &[(usize, Resting)]) -> Vec<Row> {
    let Some((_, alone)) = found.first() else { return Vec::new() };
    let of_alone =
        |whole: f64, part: f64| if part > 0.0 { format!(" ({:.2} ×)", whole / part) } else { String::new() };
    let row = |(count, it): &(usize, Resting)| {
        let (pss, one) = (kibibytes(it.weight.pss), kibibytes(alone.weight.pss));
        let accounts = match count {
            1 => "1 account, by TLS".to_owned(),
            _ => format!("{count} accounts, every third by TLS"),
        };
        let dirty = mebibytes(it.weight.private_dirty);
        let switches = format!("{:.2} /s{}", it.switches, of_alone(it.switches, alone.switches));
        [
            (format!("{accounts}, PSS"), mebibytes(it.weight.pss) + &of_alone(pss, one), ""),
            (format!("{accounts}, private and written to"), dirty, ""),
            (format!("{accounts}, threads"), it.threads.to_string(), ""),
            (format!("{accounts}, voluntary switches"), switches, ""),
        ]
    };
    found.iter().flat_map(row).collect()
}

fn kibibytes(count: u64) -> f64 {
    // far below what the conversion loses anything of
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

async fn all_connected(agent: &Agent, count: usize) -> Outcome {
    let connected = |snapshot: &tidings_control::Snapshot| {
        let live = snapshot.accounts.iter().filter(|account| account.status.state == State::Connected);
        live.count() == count
    };
    agent.when(&format!("{count} accounts are connected"), connected).await.map(drop)
}

impl Crowd {
    /// Signs in until there are so many, of each kind in turn.
    async fn grow(&mut self, agent: &Agent, count: usize) -> Outcome {
        let (client, _events) = agent.connect().await?;
        while self.accounts < count {
            let number = self.accounts;
            let sign_in = match number % 3 {
                0 => {
                    let user = if number == 0 { Server::USER.to_owned() } else { format!("user-{number}") };
                    if number > 0 {
                        self.server.add_user(&user, Server::PASSWORD).await?;
                    }
                    json!({
                        "server": self.server.url(), "username": user, "password": Server::PASSWORD, "dialect": "ticket"
                    })
                }
                1 => {
                    let gotify = Gotify::start(GotifyOptions::default()).await?;
                    let server = gotify.url();
                    self.gotifies.push(gotify);
                    json!({
                        "server": server, "username": Gotify::USER, "password": Gotify::PASSWORD, "dialect": "gotify"
                    })
                }
                _ => {
                    let ntfy = Ntfy::start(NtfyOptions::default()).await?;
                    let server = ntfy.url();
                    self.ntfies.push(ntfy);
                    json!({
                        "server": server, "username": Ntfy::USER, "password": Ntfy::PASSWORD, "dialect": "ntfy",
                        "topics": ["doors", "windows"]
                    })
                }
            };
            signed_in(&client, sign_in).await?;
            self.accounts += 1;
        }
        Ok(())
    }
}

async fn signed_in(client: &Client, sign_in: Value) -> Outcome {
    let request = Request::SignIn(serde_json::from_value(sign_in)?);
    match within(PATIENCE, "a sign-in is answered", client.call(request)).await?? {
        Reply::Account(_) => Ok(()),
        other => Err(Trouble::Unexpected(format!("a sign-in was answered by {other:?}"))),
    }
}
