//! The accounts and their connections.
//!
//! Owns which accounts there are and what is known of each. Refuses to act on what a connection tells: it passes it
//! on to the loop as [`Happening`]s, account by account in order.

use std::time::Duration;

use tidings_control::{Account as Shown, Cause, CauseKind, Persistence, State, Status};
use tidings_engine::{
    AddressError, Connection, Endpoint, Event, Events, Options, Paths, Surroundings, TlsFiles, Transport,
};
use tidings_inbox::AccountRow;
use time::OffsetDateTime;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    convert,
    kinds::Kind,
    reads::Telling,
    session::SessionStore,
    sign_in::{self, Claim, Claimant},
    words::{self, Words},
};

/// Trouble that has lasted so long is shown in the tray; shorter trouble is nobody's business.
pub const SETTLES_AFTER: Duration = Duration::from_secs(5);

/// Which connection of which account tells something. An account has a new one after each sign-in, and what the one
/// before has left in the queue is not about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The account's id.
    pub account: String,
    /// [`Account::generation`] that it belongs to.
    pub generation: u64,
}

/// What is said of an account that the person has put to rest.
const PAUSED: &str = "paused";

/// What a connection tells.
#[derive(Debug)]
pub enum Happening {
    /// Its status, now.
    Status(tidings_engine::Status),
    /// Something happened on it.
    Event(Box<Event>),
}

/// One user on one server, signed in or signed out.
pub struct Account {
    /// As the inbox keeps it.
    pub row: AccountRow,
    /// The server's id of the user, where it says so: the name may be spelled in several ways.
    pub user: Option<String>,
    /// Counts the connections of this run.
    pub generation: u64,
    /// Its session and cursor.
    pub store: SessionStore,
    /// Where the session is kept.
    pub persistence: Persistence,
    /// What its connection was given to tell as read.
    pub reads: Telling,
    /// Its connection's status.
    pub status: Status,
    /// Since when it has not been live although it should be.
    pub trouble_since: Option<Instant>,
    /// What its history says of now.
    pub spell: Option<(State, Option<CauseKind>)>,
    /// The person was told that the sign-in has ended.
    pub sign_in_told: bool,
    connection: Option<Connection>,
}

impl Account {
    /// An account that is not connected yet.
    pub fn new(row: AccountRow, store: SessionStore) -> Self {
        let status = match (row.signed_out, row.paused) {
            (true, _) => at_rest(""),
            (false, true) => at_rest(PAUSED),
            (false, false) => still(State::Initial, None),
        };
        Self {
            row,
            user: None,
            generation: 0,
            store,
            persistence: Persistence::Keychain,
            reads: Telling::default(),
            status,
            trouble_since: None,
            spell: None,
            sign_in_told: false,
            connection: None,
        }
    }

    /// Starts its connection, the `generation`th of this run; what happens on it goes to the loop.
    ///
    /// # Errors
    /// When the stored address cannot be used any more.
    pub fn connect(
        &mut self,
        generation: u64,
        transport: &Transport,
        surroundings: &Surroundings,
        happenings: &mpsc::Sender<(Source, Happening)>,
    ) -> Result<(), AddressError> {
        let id = &self.row.id;
        let endpoint = self.endpoint()?;
        let guest = self.is_guest().then(sign_in::device);
        let anonymous = self.row.anonymous;
        let options = Options { account: id.clone(), guest, anonymous, ..Options::default() };
        let transport = transport.with(convert::tls_files(&self.row));
        let (connection, events) =
            Connection::start(endpoint, options, transport, surroundings.clone(), self.store.clone());
        let source = Source { account: id.clone(), generation };
        tokio::spawn(pass_on(source, connection.status(), events, happenings.clone()));
        self.generation = generation;
        self.connection = Some(connection);
        Ok(())
    }

    /// What the person calls it, else its user and server.
    pub fn called(&self, words: &Words) -> String {
        self.name().unwrap_or_else(|| words.account(&self.row.username, &self.row.server))
    }

    /// What the person calls it; where neither they nor the server have a name for it, the server.
    pub fn name(&self) -> Option<String> {
        let AccountRow { username, server, look, .. } = &self.row;
        let nameless = username.is_empty() && !self.is_guest();
        look.name.clone().or_else(|| nameless.then(|| words::host(server)))
    }

    /// The kind of its server.
    pub fn kind(&self) -> Kind {
        Kind::of(convert::stored_dialect(&self.row))
    }

    /// Whether the server takes it for a guest. Others without a user name have a token that names nobody, or none.
    pub fn is_guest(&self) -> bool {
        self.row.username.is_empty() && !self.row.anonymous && self.kind() == Kind::Tidings
    }

    /// Whether it is nobody's in particular.
    fn is_nobodys(&self) -> bool {
        self.row.anonymous || self.is_guest()
    }

    /// Where it connects to.
    ///
    /// # Errors
    /// When the stored address cannot be used any more.
    pub fn endpoint(&self) -> Result<Endpoint, AddressError> {
        let endpoint = Endpoint::parse(
            &self.row.server,
            convert::stored_dialect(&self.row),
            self.row.allow_unencrypted,
        )?;
        Ok(Endpoint { paths: convert::paths(&self.row), topics: convert::topics(&self.row), ..endpoint })
    }

    /// Its connection, if it was started.
    pub fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Takes the connection away, to end it.
    pub fn take_connection(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// The person signs out: it is at rest from here on, and what its connection still tells of itself is of the
    /// past. The connection is the caller's to end.
    pub fn sign_out(&mut self, generation: u64) -> Option<Connection> {
        self.row.signed_out = true;
        self.rest(generation, "")
    }

    /// The person puts it to rest. As [`Account::sign_out`], but it stays signed in.
    pub fn pause(&mut self, generation: u64) -> Option<Connection> {
        self.rest(generation, PAUSED)
    }

    fn rest(&mut self, generation: u64, detail: &str) -> Option<Connection> {
        self.generation = generation;
        self.status = at_rest(detail);
        self.trouble_since = None;
        self.connection.take()
    }

    /// Notes a new status.
    pub fn note(&mut self, status: Status) {
        let live = matches!(status.state, State::Connected | State::Initial);
        self.trouble_since = if live { None } else { self.trouble_since.or_else(|| Some(Instant::now())) };
        self.status = status;
    }

    /// The kind of the cause, where it is not live.
    pub fn cause(&self) -> Option<CauseKind> {
        self.status.cause.as_ref().map(|cause| cause.kind)
    }

    /// Whether it has a sign-in that works, as far as is known.
    pub fn is_signed_in(&self) -> bool {
        let trouble = matches!(
            self.cause(),
            Some(
                CauseKind::SignInNeeded
                    | CauseKind::KeychainLocked
                    | CauseKind::Blocked
                    | CauseKind::Certificate
                    | CauseKind::ClientCertificate
                    | CauseKind::CertificateFile
            )
        );
        !self.row.signed_out && !trouble
    }

    /// Whether signing in with these files, by these paths, would change nothing.
    pub fn is_signed_in_with(&self, files: &TlsFiles, paths: &Paths) -> bool {
        self.is_signed_in() && convert::tls_files(&self.row) == *files && convert::paths(&self.row) == *paths
    }

    /// Whether its trouble has lasted.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.trouble_since.is_some_and(|since| now.duration_since(since) >= SETTLES_AFTER)
    }

    /// As the window shows it.
    pub fn shown(&self, unread: u32) -> Shown {
        Shown {
            id: self.row.id.clone(),
            server: self.row.server.clone(),
            username: self.row.username.clone(),
            name: self.row.look.name.clone(),
            colour: convert::colour(self.row.look.colour.as_deref()),
            pictures: self.row.look.pictures,
            signed_in: !self.row.signed_out && self.cause() != Some(CauseKind::SignInNeeded),
            dialect: convert::dialect(convert::stored_dialect(&self.row)),
            topics: convert::topics(&self.row).into_iter().map(|following| following.topic).collect(),
            paused: self.row.paused,
            deletes_on_server: self.row.deletes_on_server,
            status: self.status.clone(),
            persistence: self.persistence,
            unread,
        }
    }
}

/// The status of an account whose person has signed out, or paused it. It is what they wanted, so there is nothing to mend.
fn at_rest(detail: &str) -> Status {
    still(State::Disconnected, Some(Cause { kind: CauseKind::Stopped, detail: detail.to_owned() }))
}

fn still(state: State, cause: Option<Cause>) -> Status {
    Status { state, attempt: 0, cause, retry_at: None, since: OffsetDateTime::now_utc() }
}

async fn pass_on(
    source: Source,
    mut status: watch::Receiver<tidings_engine::Status>,
    mut events: Events,
    happenings: mpsc::Sender<(Source, Happening)>,
) {
    loop {
        let happening = tokio::select! {
            // an arrival is never kept waiting by a status
            biased;
            event = events.recv() => match event {
                Some(event) => Happening::Event(Box::new(event)),
                None => return,
            },
            Ok(()) = status.changed() => Happening::Status(status.borrow_and_update().clone()),
        };
        if happenings.send((source.clone(), happening)).await.is_err() {
            return;
        }
    }
}

/// Who an account belongs to, as the server has said.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Base address of the server.
    pub server: &'a str,
    /// Its kind.
    pub kind: Kind,
    /// The server's id of the user.
    pub user: Option<&'a str>,
    /// Their name.
    pub username: &'a str,
    /// It is nobody's in particular.
    pub nobody: bool,
}

/// The accounts, in the order that a person has given them.
#[derive(Default)]
pub struct Accounts(Vec<Account>);

impl Accounts {
    /// One more, or another one in the place of the one with its id.
    pub fn put(&mut self, account: Account) {
        match self.find_mut(&account.row.id) {
            Some(known) => *known = account,
            None => self.0.push(account),
        }
    }

    /// Puts one to this place, counted from 0; the last one if there are not so many. The ids are then in the new order.
    pub fn put_to(&mut self, id: &str, place: usize) -> Vec<&str> {
        if let Some(account) = self.remove(id) {
            self.0.insert(place.min(self.0.len()), account);
        }
        self.0.iter().map(|account| account.row.id.as_str()).collect()
    }

    /// By id.
    pub fn find(&self, id: &str) -> Option<&Account> {
        self.0.iter().find(|account| account.row.id == id)
    }

    /// By id.
    pub fn find_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.0.iter_mut().find(|account| account.row.id == id)
    }

    /// The one that is claimed, if there is such. Whose a token is only the server knows: it is taken for that of the one
    /// account there that waits for one.
    pub fn of(&self, claim: &Claim) -> Option<&Account> {
        let Claim { server, claimant } = claim;
        let mut claimed = self.at(server).filter(|account| match claimant {
            Claimant::User(username) => !account.is_nobodys() && account.row.username == *username,
            Claimant::Nobody => account.is_nobodys(),
            Claimant::Bearer => !account.is_nobodys() && !account.is_signed_in(),
        });
        let first = claimed.next();
        first.filter(|_| *claimant != Claimant::Bearer || claimed.next().is_none())
    }

    /// Those on a server, by its base address.
    pub fn at(&self, server: &str) -> impl Iterator<Item = &Account> {
        self.0.iter().filter(move |account| account.row.server == server)
    }

    /// The one of this user on a server of this kind, by the server's id where it is known, else by name.
    pub fn same(&self, who: &Identity<'_>) -> Option<&Account> {
        let Identity { server, kind, user, username, nobody } = *who;
        let there = |account: &&Account| account.row.server == server && account.kind() == kind;
        let by_id = |account: &&Account| there(account) && account.user.as_deref() == user;
        let by_name = |account: &&Account| {
            there(account) && account.is_nobodys() == nobody && account.row.username == username
        };
        user.and_then(|_| self.0.iter().find(by_id)).or_else(|| self.0.iter().find(by_name))
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &str) -> Option<Account> {
        let index = self.0.iter().position(|account| account.row.id == id)?;
        Some(self.0.remove(index))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.0.iter()
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        self.0.iter_mut()
    }

    /// When something that was told as read counts as heard.
    pub fn next_heard(&self) -> Option<Instant> {
        self.0.iter().filter_map(|account| account.reads.due()).min()
    }

    /// When the next trouble will have lasted long enough to be shown.
    pub fn next_to_settle(&self, now: Instant) -> Option<Instant> {
        let ends =
            self.0.iter().filter_map(|account| account.trouble_since).map(|since| since + SETTLES_AFTER);
        ends.filter(|end| *end > now).min()
    }
}
