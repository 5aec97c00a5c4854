//! `import`: accounts of other programs on this computer.

use tidings_control::{Client, Failure, Foreign, Program, Proof, Reply, Request};

use super::{print::Printer, unexpected};

pub(super) async fn run(client: &Client, id: Option<String>, printer: Printer) -> Result<(), Failure> {
    let asked = id.map_or(Request::FindForeign, |id| Request::Import { id });
    match client.call(asked).await? {
        Reply::Foreigners(found) => list(&found, printer),
        Reply::Account(account) => printer.signed_in(&account),
        other => Err(unexpected(&other)),
    }
}

fn list(found: &[Foreign], printer: Printer) -> Result<(), Failure> {
    if printer.json {
        return printer.line(found);
    }
    if found.is_empty() {
        return printer.text("no other program has an account that could move in");
    }
    found.iter().try_for_each(|foreign| printer.text(&words(foreign)))
}

fn words(foreign: &Foreign) -> String {
    let Foreign { id, program, file, server, username, proof, topics, known, .. } = foreign;
    let program = match program {
        Program::GotifyTray => "gotify-tray",
        Program::Ntfy => "ntfy",
    };
    let proof = match proof {
        Proof::Token => "with a token".to_owned(),
        Proof::Password => format!("as {username}"),
        Proof::Nothing => "as nobody".to_owned(),
    };
    let topics = if topics.is_empty() { String::new() } else { format!(", topics {}", topics.join(" ")) };
    let known = if *known { ", here already" } else { "" };
    format!("{id}  {program}: {server} {proof}{topics}{known} (from {file})")
}
