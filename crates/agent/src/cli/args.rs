//! What can be typed. The help texts are the reference; the user guide quotes them.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidings_control::{Colour, Dialect, Priority};

use crate::attention;

/// Shown below `--help`; the numbers are those of [`super::exit::Exit`].
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  not done, for a reason that has no code of its own
  2  the command line cannot be read
  3  no agent is running, or it has gone
  4  (run) another agent is running; it was asked to open the window
  5  the server refuses the sign-in: wrong password, too many tries, forbidden
  6  the server cannot be used: address, network, proxy, certificate or its files,
     not such a server, busy
  7  the keychain or the disk does not do its part

With --json, a command prints JSON on standard output, and so does a failure:
  {\"error\":{\"code\":\"INVALID_CREDENTIALS\",\"message\":\"user or password is wrong\"}}
Without it, failures are told on standard error.";

/// The resident half of Tidings, and its command line.
#[derive(Debug, Parser)]
#[command(name = "tidings-agent", version, after_help = EXIT_CODES, after_long_help = EXIT_CODES)]
pub(super) struct Cli {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the agent, until it is told to quit.
    Run(Run),
    /// Sign in to a server.
    Login(Login),
    /// Sign out. The account and its notifications stay, and signing in again goes on where it was left.
    Logout(Which),
    /// Sign out, and forget the account with its notifications and rules.
    Forget(Which),
    /// List accounts.
    Accounts,
    /// Change an account: how it is shown, what it follows, whether it rests.
    #[command(subcommand)]
    Account(Account),
    /// Take over an account of another program on this computer: gotify-tray, or the ntfy command line.
    Import(Import),
    /// Tell how things stand: connections, what is unread, what is missing.
    Status,
    /// Tell how connections came to where they are: causes, attempts, round trips, the last changes. Holds no secret.
    Diagnostics(Which),
    /// Print what happens, line by line, until interrupted.
    Watch,
    /// List notifications, newest first.
    Inbox(Inbox),
    /// Mark notifications as read, here and on the server.
    MarkRead(MarkRead),
    /// Keep notifications, however old they get.
    Keep(Keep),
    /// Delete notifications. They can be restored for ten minutes.
    Delete(Ids),
    /// Bring deleted notifications back.
    Restore(Ids),
    /// Write notifications to a JSON file.
    Export(Export),
    /// Connect at once instead of waiting for the next attempt.
    Reconnect(Which),
    /// Make this program known to the desktop, as every start does where no package has: its name and icon, and where
    /// tidings:// links lead.
    Integrate(Integrate),
    /// Follow a tidings:// link: the window opens and asks before anything is done.
    Follow(Follow),
    /// End the agent.
    Quit,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// Show no tray icon.
    #[arg(long)]
    pub(super) no_tray: bool,
    /// Show no toasts; notifications still arrive in the inbox.
    #[arg(long)]
    pub(super) no_toasts: bool,
    /// Let systemd run it where it looks after this user, so that it is started again after a crash; else run here.
    #[arg(long)]
    pub(super) supervised: bool,
    /// Server to fill in on the sign-in page.
    #[arg(long, value_name = "URL", env = "TIDINGS_SERVER")]
    pub(super) server: Option<String>,
    /// User to fill in on the sign-in page.
    #[arg(long, value_name = "NAME", env = "TIDINGS_USERNAME")]
    pub(super) username: Option<String>,
    /// Toasts that may appear within 10 s before further ones become one summary.
    #[arg(long, value_name = "N", env = "TIDINGS_TOASTS_AT_ONCE", default_value_t = attention::AT_ONCE)]
    pub(super) toasts_at_once: usize,
}

#[derive(Debug, Args)]
pub(super) struct Login {
    /// The server's address; `https` unless it says otherwise or is this computer.
    #[arg(long, value_name = "URL")]
    pub(super) server: String,
    /// User name.
    #[arg(long, value_name = "NAME", required_unless_present_any = ["guest", "token_stdin"])]
    pub(super) username: Option<String>,
    /// Read the password from standard input; there is no other way to give it.
    #[arg(long, required_unless_present_any = ["guest", "token_stdin"])]
    pub(super) password_stdin: bool,
    /// Read a token of your own from standard input instead: a client token of Gotify, an access token of ntfy.
    #[arg(long, conflicts_with_all = ["password_stdin", "guest"])]
    pub(super) token_stdin: bool,
    /// Sign in without a name, where the server lets guests in; on ntfy, ask as nobody.
    #[arg(long, conflicts_with_all = ["username", "password_stdin"])]
    pub(super) guest: bool,
    /// A topic to follow, on ntfy. May be given several times.
    #[arg(long = "topic", value_name = "TOPIC")]
    pub(super) topics: Vec<String>,
    /// How to speak to the server; found out if absent.
    #[arg(long)]
    pub(super) dialect: Option<DialectName>,
    /// Allow a server that is neither encrypted nor this computer.
    #[arg(long)]
    pub(super) allow_unencrypted: bool,
    /// A path of the server that differs from the protocol's, such as socket_ticket=/push/ws. May be given several
    /// times; "" for none. An account that is known keeps its own.
    #[arg(long = "path", value_name = "NAME=PATH")]
    pub(super) paths: Vec<String>,
    /// PEM file with certificates to trust besides the system's; "" for none. An account that is known keeps its own.
    #[arg(long, value_name = "PATH")]
    pub(super) ca_file: Option<OsString>,
    /// PEM file with a client certificate and what leads to its CA; "" for none. An account that is known keeps its own.
    #[arg(long, value_name = "PATH")]
    pub(super) client_cert: Option<OsString>,
    /// PEM file with the client certificate's key, without passphrase, unless it is in the same file.
    #[arg(long, value_name = "PATH", requires = "client_cert")]
    pub(super) client_key: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DialectName {
    /// Tidings: a short-lived, single-use ticket opens the socket.
    Ticket,
    /// Tidings: the token opens the socket.
    Token,
    /// Gotify.
    Gotify,
    /// ntfy.
    Ntfy,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Ticket => Self::Ticket,
            DialectName::Token => Self::Token,
            DialectName::Gotify => Self::Gotify,
            DialectName::Ntfy => Self::Ntfy,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Give it a name.
    Rename {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// What to call it; "" for its user and server.
        name: String,
    },
    /// Choose what marks it.
    Colour {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// What marks it.
        colour: ColourName,
    },
    /// Put it to another place in the list.
    Move {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// Its new place, from 1.
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        place: u32,
    },
    /// Fetch the pictures that its notifications name without being asked, or not.
    Pictures {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// Fetch them or not.
        fetch: Switch,
    },
    /// Put it to rest: it stays signed in, and receives nothing until it is resumed.
    Pause {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
    },
    /// Wake it, and catch up on what came meanwhile.
    Resume {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
    },
    /// Follow these topics and no others, on ntfy.
    Topics {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// All of them.
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
    },
    /// Delete on the server too what is deleted here for good, where the kind of server can, or not.
    DeleteOnServer {
        /// The account: its id, its name, `user`, or `user@host`.
        account: String,
        /// Delete it there or not.
        delete: Switch,
    },
    /// Show how its connection is made, or make it another way.
    Route(Route),
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The account, as the list names it. Its program's own file stays as it is.
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
    /// List what there is, and change nothing; as without an id.
    #[arg(long, conflicts_with = "id")]
    pub(super) list: bool,
}

#[derive(Debug, Args)]
pub(super) struct Route {
    /// The account: its id, its name, `user`, or `user@host`.
    pub(super) account: String,
    /// How to speak to the server.
    #[arg(long)]
    pub(super) dialect: Option<DialectName>,
    /// A path of the server that differs from the protocol's, such as socket_ticket=/push/ws. May be given several
    /// times, and takes the place of all that there are; "" for none.
    #[arg(long = "path", value_name = "NAME=PATH")]
    pub(super) paths: Vec<String>,
    /// PEM file with certificates to trust besides the system's; "" for none.
    #[arg(long, value_name = "PATH")]
    pub(super) ca_file: Option<OsString>,
    /// PEM file with a client certificate and what leads to its CA; "" for none.
    #[arg(long, value_name = "PATH")]
    pub(super) client_cert: Option<OsString>,
    /// PEM file with the client certificate's key, without passphrase; "" for the same file.
    #[arg(long, value_name = "PATH")]
    pub(super) client_key: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColourName {
    Brass,
    Rose,
    Violet,
    Blue,
    Teal,
    Green,
}

impl From<ColourName> for Colour {
    fn from(name: ColourName) -> Self {
        match name {
            ColourName::Brass => Self::Brass,
            ColourName::Rose => Self::Rose,
            ColourName::Violet => Self::Violet,
            ColourName::Blue => Self::Blue,
            ColourName::Teal => Self::Teal,
            ColourName::Green => Self::Green,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The account: its id, its name, `user`, or `user@host`. Not needed when there is only one.
    pub(super) account: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Integrate {
    /// Take away what was written; TIDINGS_INTEGRATION=off keeps the next start from writing it again.
    #[arg(long)]
    pub(super) remove: bool,
}

#[derive(Debug, Args)]
pub(super) struct Follow {
    /// tidings://add?server=https://…, with &user=… where it is known.
    pub(super) link: String,
}

/// Which notifications.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Only this account: its id, its name, `user`, or `user@host`.
    #[arg(long)]
    pub(super) account: Option<String>,
    /// Only unread ones.
    #[arg(long)]
    pub(super) unread: bool,
    /// Only kept ones.
    #[arg(long)]
    pub(super) kept: bool,
    /// Only those of this topic.
    #[arg(long)]
    pub(super) topic: Option<String>,
    /// Only those of this priority and above.
    #[arg(long, value_name = "PRIORITY")]
    pub(super) min_priority: Option<PriorityName>,
    /// Only those with this text.
    #[arg(long, value_name = "TEXT")]
    pub(super) search: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PriorityName {
    Min,
    Low,
    Default,
    High,
    Urgent,
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::Min => Self::Min,
            PriorityName::Low => Self::Low,
            PriorityName::Default => Self::Default,
            PriorityName::High => Self::High,
            PriorityName::Urgent => Self::Urgent,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Inbox {
    #[command(flatten)]
    pub(super) filter: Filter,
    /// At most so many, up to 200.
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u32>,
    /// Only those with an id below this: `next` of the page before.
    #[arg(long, value_name = "ID")]
    pub(super) before: Option<i64>,
}

#[derive(Debug, Args)]
pub(super) struct Ids {
    /// Their ids, as `inbox --json` tells them.
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<i64>,
}

#[derive(Debug, Args)]
pub(super) struct MarkRead {
    #[command(flatten)]
    pub(super) of: Ids,
    /// Mark them as unread instead, here alone.
    #[arg(long)]
    pub(super) unread: bool,
}

#[derive(Debug, Args)]
pub(super) struct Keep {
    #[command(flatten)]
    pub(super) of: Ids,
    /// Keep them no longer.
    #[arg(long)]
    pub(super) no: bool,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) filter: Filter,
    /// The file, which must not exist, or `-` for standard output; one named after the day, among the downloads, if
    /// absent.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<OsString>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_password_cannot_be_an_argument() {
        let typed = ["tidings-agent", "login", "--server", "s", "--username", "u"];
        assert!(Cli::try_parse_from(typed).is_err());
        let help = Cli::command().find_subcommand_mut("login").unwrap().render_long_help().to_string();
        assert!(!help.contains("--password "), "{help}");
    }

    #[test]
    fn a_client_key_comes_with_its_certificate_and_none_is_an_empty_word() {
        let login = ["tidings-agent", "login", "--server", "s", "--username", "u", "--password-stdin"];
        let parsed = |more: &[&str]| Cli::try_parse_from(login.iter().chain(more));
        assert!(parsed(&["--client-key", "k.pem"]).is_err());
        assert!(parsed(&["--client-cert", "c.pem", "--client-key", "k.pem"]).is_ok());
        assert!(parsed(&["--ca-file", ""]).is_ok());
    }

    #[test]
    fn a_guest_has_neither_name_nor_password() {
        let guest = ["tidings-agent", "login", "--server", "s", "--guest"];
        assert!(Cli::try_parse_from(guest).is_ok());
        assert!(Cli::try_parse_from([&guest[..], &["--username", "u"]].concat()).is_err());
        assert!(Cli::try_parse_from([&guest[..], &["--password-stdin"]].concat()).is_err());
    }

    #[test]
    fn a_token_is_typed_nowhere_and_stands_for_name_and_password() {
        let login = ["tidings-agent", "login", "--server", "s"];
        let parsed = |more: &[&str]| Cli::try_parse_from(login.iter().chain(more));
        assert!(parsed(&["--token-stdin", "--dialect", "ntfy", "--topic", "a", "--topic", "b"]).is_ok());
        assert!(parsed(&["--token-stdin", "--username", "alice"]).is_ok());
        for more in
            [&["--token", "x"][..], &["--token-stdin", "--password-stdin"], &["--token-stdin", "--guest"]]
        {
            assert!(parsed(more).is_err(), "{more:?}");
        }
    }

    #[test]
    fn json_may_stand_before_or_after_the_command() {
        for typed in [["tidings-agent", "--json", "status"], ["tidings-agent", "status", "--json"]] {
            assert!(Cli::try_parse_from(typed).unwrap().json, "{typed:?}");
        }
    }
}
