//! The command line: a client of the control interface, and the one way to start the agent.
//!
//! Owns arguments, words on the terminal, JSON on standard output, and exit codes. Refuses to do anything that the
//! agent does: apart from `run`, every command asks the running one.

mod account;
mod args;
mod diagnostics;
mod exit;
mod import;
mod integrate;
mod password;
mod print;
mod route;
mod tidy;
mod watch;
mod which;

use std::{ffi::OsString, process::ExitCode};

use args::{Cli, Command};
use clap::Parser;
use exit::Exit;
use print::Printer;
use secrecy::SecretString;
use tidings_control::{
    Client, Dialect, Failure, FailureCode, Home, Reply, Request, Role, SignIn, SignInHint, Snapshot,
};

#[cfg(target_os = "linux")]
use crate::supervision;
use crate::{
    desktop,
    startup::{self, StartError, Wishes},
};

/// What can be typed, for the manual and for completions.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// The program.
pub fn main() -> ExitCode {
    let Cli { json, command } = Cli::parse();
    let printer = Printer { json };
    if let Command::Integrate(args::Integrate { remove }) = command {
        return integrate::run(remove, printer).into();
    }
    let home = match Home::from_env() {
        Ok(home) => home,
        Err(error) => return printer.failure(&Failure::new(FailureCode::Internal, error.to_string())).into(),
    };
    let exit = match command {
        Command::Run(run) => start(run, home, printer),
        command => match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(async {
                match ask(command, &home, printer).await {
                    Ok(()) => Exit::Done,
                    Err(failure) => printer.failure(&failure),
                }
            }),
            Err(error) => printer.failure(&Failure::new(FailureCode::Internal, error.to_string())),
        },
    };
    exit.into()
}

fn start(run: args::Run, home: Home, printer: Printer) -> Exit {
    let args::Run { no_tray, no_toasts, supervised, server, username, toasts_at_once } = run;
    #[cfg(target_os = "linux")]
    if supervised && supervision::hand_over(&without_supervised()) {
        return Exit::Done;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = supervised;
    let wishes = Wishes {
        home,
        tray: !no_tray,
        toasts: !no_toasts,
        toasts_at_once,
        hint: SignInHint { server, username, server_locked: false },
    };
    let (failure, exit) = match desktop::run(move || startup::run(wishes)) {
        Ok(Ok(())) => return Exit::Done,
        Ok(Err(error)) => {
            let (code, exit) = match &error {
                StartError::AlreadyRunning => (FailureCode::Internal, Exit::AlreadyRunning),
                StartError::Inbox(_) => (FailureCode::StorageFailed, Exit::HostUnusable),
                StartError::Control(_) => (FailureCode::StorageReadOnly, Exit::HostUnusable),
                StartError::Transport(_) | StartError::System(_) => (FailureCode::Internal, Exit::NotDone),
            };
            (Failure::new(code, error.to_string()), exit)
        }
        Err(error) => (Failure::new(FailureCode::Internal, error.to_string()), Exit::NotDone),
    };
    printer.failure(&failure);
    exit
}

/// The name of a dialect.
fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Ticket => "ticket",
        Dialect::Token => "token",
        Dialect::Gotify => "gotify",
        Dialect::Ntfy => "ntfy",
    }
}

/// What was typed after `run`, for the one that systemd starts.
#[cfg(target_os = "linux")]
fn without_supervised() -> Vec<String> {
    let typed = std::env::args_os()
        .filter_map(|typed| typed.into_string().ok())
        .skip_while(|argument| argument != "run")
        .skip(1);
    typed.filter(|argument| argument != "--supervised").collect()
}

async fn ask(command: Command, home: &Home, printer: Printer) -> Result<(), Failure> {
    // read first: a caller that waits for a password is not one that the agent should wait for
    let password = match command {
        Command::Login(args::Login { guest: false, token_stdin, .. }) => {
            let what = if token_stdin { "token" } else { "password" };
            Some(password::read(std::io::stdin().lock(), what)?)
        }
        _ => None,
    };
    let (client, events) = Client::connect(home, Role::Cli).await?;
    match command {
        Command::Login(args::Login {
            server,
            username,
            guest,
            token_stdin,
            topics,
            dialect,
            allow_unencrypted,
            ca_file,
            client_cert,
            client_key,
            paths,
            ..
        }) => {
            let secret = password.unwrap_or_default();
            let nothing = SecretString::default();
            let (password, token) = if token_stdin { (nothing, secret) } else { (secret, nothing) };
            let sign_in = SignIn {
                server,
                username: username.unwrap_or_default(),
                password,
                token,
                guest,
                dialect: dialect.map(Into::into),
                topics,
                allow_unencrypted,
                ca_file: full(ca_file)?,
                client_certificate: full(client_cert)?,
                client_key: full(client_key)?,
                paths: route::read(&paths)?,
            };
            match client.call(Request::SignIn(sign_in)).await? {
                Reply::Account(account) => printer.signed_in(&account),
                other => Err(unexpected(&other)),
            }
        }
        Command::Logout(which) => {
            let snapshot = snapshot(&client).await?;
            let account = which::signed_in(&snapshot.accounts, which.account.as_deref())?;
            client.call(Request::SignOut { account: account.id.clone() }).await?;
            printer.done(&format!("signed out {}", print::name(account)))
        }
        Command::Forget(which) => {
            let snapshot = snapshot(&client).await?;
            let account = which::one(&snapshot.accounts, which.account.as_deref())?;
            client.call(Request::Forget { account: account.id.clone() }).await?;
            printer.done(&format!("forgot {}", print::name(account)))
        }
        Command::Import(args::Import { id, .. }) => import::run(&client, id, printer).await,
        Command::Account(asked) => account::run(&client, asked, printer).await,
        Command::Accounts => printer.accounts(&snapshot(&client).await?.accounts),
        Command::Status => {
            let snapshot = snapshot(&client).await?;
            printer.status(&snapshot, &diagnostics::ask(&client, None).await?)
        }
        Command::Diagnostics(which) => {
            let account = match which.account {
                Some(typed) => Some(which::one(&snapshot(&client).await?.accounts, Some(&typed))?.id.clone()),
                None => None,
            };
            printer.diagnostics(&diagnostics::ask(&client, account).await?)
        }
        Command::Watch => watch::run(&client, events, printer).await,
        Command::Inbox(asked) => printer.inbox(&tidy::list(&client, asked).await?),
        Command::MarkRead(args::MarkRead { of, unread: false }) => {
            tidy::change(&client, &of.ids, |ids| Request::MarkRead { ids }).await?;
            printer.done("marked as read")
        }
        Command::MarkRead(args::MarkRead { of, unread: true }) => {
            tidy::change(&client, &of.ids, |ids| Request::MarkUnread { ids }).await?;
            printer.done("marked as unread")
        }
        Command::Keep(args::Keep { of, no }) => {
            tidy::change(&client, &of.ids, |ids| Request::Keep { ids, kept: !no }).await?;
            printer.done(if no { "kept no longer" } else { "kept" })
        }
        Command::Delete(of) => {
            tidy::change(&client, &of.ids, |ids| Request::Delete { ids }).await?;
            printer.done("deleted; for ten minutes, they can be restored")
        }
        Command::Restore(of) => {
            tidy::change(&client, &of.ids, |ids| Request::Restore { ids }).await?;
            printer.done("restored")
        }
        Command::Export(asked) => tidy::export(&client, asked, printer).await,
        Command::Reconnect(which) => {
            let account = match which.account {
                Some(typed) => Some(which::one(&snapshot(&client).await?.accounts, Some(&typed))?.id.clone()),
                None => None,
            };
            client.call(Request::Reconnect { account }).await?;
            printer.done("reconnecting")
        }
        Command::Follow(args::Follow { link }) => {
            client.call(Request::Follow { link }).await?;
            printer.done("the window asks")
        }
        Command::Quit => {
            match client.call(Request::Quit).await {
                // gone before its answer was on the way: that is what was asked for
                Err(failure) if failure.code == FailureCode::AgentUnreachable => {}
                answer => drop(answer?),
            }
            printer.done("the agent ends")
        }
        // done by `main`
        Command::Run(_) | Command::Integrate(_) => Ok(()),
    }
}

/// The agent may run in another folder than the caller.
fn full(path: Option<OsString>) -> Result<Option<String>, Failure> {
    let Some(path) = path else { return Ok(None) };
    if path.is_empty() {
        return Ok(Some(String::new()));
    }
    let unusable = |why: &str| Failure::new(FailureCode::BadRequest, format!("{}: {why}", path.display()));
    let full = std::path::absolute(&path).map_err(|error| unusable(&error.to_string()))?;
    match full.into_os_string().into_string() {
        Ok(full) => Ok(Some(full)),
        Err(_) => Err(unusable("paths have to be Unicode")),
    }
}

async fn snapshot(client: &Client) -> Result<Snapshot, Failure> {
    match client.call(Request::Snapshot).await? {
        Reply::Snapshot(snapshot) => Ok(snapshot),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(reply: &Reply) -> Failure {
    let kind = match reply {
        Reply::Hello(_) => "a hello",
        Reply::Snapshot(_) => "a snapshot",
        Reply::Account(_) => "an account",
        Reply::Foreigners(_) => "accounts of other programs",
        Reply::Inbox(_) => "a page of the inbox",
        Reply::Topics(_) => "topics",
        Reply::Exported(_) => "an export",
        Reply::Picture(_) => "a picture",
        Reply::Route(_) => "a route",
        Reply::Probed(_) => "a server's description",
        Reply::Diagnostics(_) => "diagnostics",
        Reply::Done => "nothing",
    };
    Failure::new(
        FailureCode::VersionMismatch,
        format!("the agent answered with {kind}; is it of another version?"),
    )
}
