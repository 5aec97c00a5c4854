//! The agent's one loop: everything that happens comes in here, one at a time, and nothing else changes anything.
//!
//! Owns the state of the running agent and the order in which things are done to it. Refuses to wait inside: what
//! takes time (the network, the keychain) is a task that reports back as a [`Job`].
//!
//! The inbox is called in line. Its calls are single SQLite transactions on a local file, in WAL mode without a sync
//! each, some tens of microseconds, and what could take longer is done in steps (`tidy`); a hop to another thread would cost more than that, keep the thread alive, and put
//! a queue between a notification and its toast. There is nothing else on this thread that would notice.
//!
//! Nothing polls: the loop sleeps until something happens or the next deadline that somebody has set.

mod choices;
mod connections;
mod deletions;
mod diagnostics;
mod ending;
mod errands;
mod following;
mod history;
mod importing;
mod leaving;
mod looks;
mod opening;
mod parts;
mod picture;
mod requests;
mod resting;
mod routes;
mod signing_in;
mod silence;
mod tidy;

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::Arc,
    time::Duration,
};

use tidings_control::{Autostart, Failure, Home, Listener, NoticeCode, Reply, SignInHint};
use tidings_engine::{SignInError, Surroundings, Transport};
use tidings_inbox::{AccountRow, Inbox, InboxError};
use tokio::{sync::mpsc, time::Instant};

use self::{
    deletions::Deleting,
    leaving::{Granted, Parting},
    routes::NewRoute,
    tidy::Tidying,
};
use crate::{
    accounts::{Account, Accounts, Happening, Source},
    arrival::{Arrivals, Decided, Screen},
    convert,
    desktop::Availability,
    foreign::{Found, Places},
    keychain::{Keychain, VaultError},
    listen::{self, CallerId, Callers, Incoming},
    notices::Notices,
    policy::Policy,
    quiet::{Countdown, Lull, Now},
    session::{Report, SessionStore},
    settings::Settings,
    sign_in::{Claim, SignedIn},
    surfaces::Surfaces,
};

/// How long a caller that asked to quit may take to read the answer and go.
const LAST_WORD: Duration = Duration::from_millis(300);

/// After so long what could not be stored is fetched again.
pub const STORAGE_RETRY: Duration = Duration::from_secs(60);

/// Counts that change with every arrival are shown no more often than this.
const SHOWN_EVERY: Duration = Duration::from_millis(100);

/// After so long without an arrival the inbox gives back memory.
const REST_AFTER: Duration = Duration::from_secs(20);

/// What the agent is made of.
pub struct Parts {
    /// Where its things are.
    pub home: Home,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// Where sign-ins are kept.
    pub keychain: Keychain,
    /// How bytes reach servers.
    pub transport: Transport,
    /// What changes around all connections.
    pub surroundings: Surroundings,
    /// Tray, toasts and the rest of the desktop.
    pub surfaces: Surfaces,
    /// Toasts that may appear at once before further ones are folded.
    pub toasts_at_once: usize,
    /// What to fill in on the sign-in page.
    pub hint: SignInHint,
    /// What an administrator has decided.
    pub policy: Policy,
    /// Where other programs keep their accounts.
    pub foreign: Places,
    /// What is to be said from the start.
    pub notices: Vec<(NoticeCode, String)>,
}

/// The running agent.
pub struct Agent {
    home: Home,
    inbox: Arc<Inbox>,
    keychain: Keychain,
    transport: Transport,
    surroundings: Surroundings,
    surfaces: Surfaces,
    foreign: Places,
    hint: SignInHint,
    autostart: Autostart,
    accounts: Accounts,
    arrivals: Arrivals,
    notices: Notices,
    /// What the keychain has last done, or not.
    keychain_said: Option<Result<(), VaultError>>,
    settings: Settings,
    /// "Do not disturb", as it runs down.
    countdown: Countdown,
    /// The quiet of this moment.
    lull: Lull,
    callers: Callers,
    /// Whose sign-ins are under way.
    signing_in: HashSet<Claim>,
    /// Server and user of sign-ins that the server has granted and that are being stored, and the account's id.
    keeping: HashMap<(String, String), String>,
    /// Accounts to leave once what is under way for them is over, and who asked.
    leaving: HashMap<String, Vec<(Asker, Parting)>>,
    /// Accounts whose connection is being closed, and sign-ins that wait for it.
    parting: HashMap<String, Vec<Granted>>,
    /// Connections started in this run.
    generations: u64,
    happenings: Line<(Source, Happening)>,
    reports: (mpsc::UnboundedSender<Report>, mpsc::UnboundedReceiver<Report>),
    jobs: (mpsc::UnboundedSender<Job>, mpsc::UnboundedReceiver<Job>),
    /// Accounts whose servers are being asked to delete something, or will be again.
    deleting: HashMap<String, Deleting>,
    /// Accounts of which something could not be stored, and when it is fetched again.
    unstored: HashMap<String, Instant>,
    rest_at: Option<Instant>,
    tidying: Tidying,
    /// Something that the snapshot shows has changed.
    changed: bool,
    /// Only its counts have changed, since the last time it was shown at all.
    recounted: bool,
    shown_at: Instant,
    ending: bool,
    /// Who asked to quit, and should hear that it is done.
    asked_to_quit: Option<CallerId>,
}

type Line<T> = (mpsc::Sender<T>, mpsc::Receiver<T>);

/// Who is to be answered when a job is done; nobody when the tray asked.
type Asker = Option<(CallerId, u64)>;

/// A piece of work that took time is done.
enum Job {
    SignedIn {
        asker: Asker,
        who: Claim,
        result: Box<Result<SignedIn, Failure>>,
    },
    Kept {
        asker: Asker,
        who: (String, String),
        account: Box<Account>,
    },
    Parted {
        asker: Asker,
        account: Box<AccountRow>,
        parting: Parting,
        stored: Result<(), InboxError>,
        erased: Result<(), VaultError>,
    },
    /// The files of a new route can be used, or not.
    Checked {
        asker: Asker,
        account: String,
        route: Box<Result<NewRoute, Failure>>,
    },
    /// The connection by the old route is closed.
    Rerouted {
        asker: Asker,
        account: String,
    },
    /// The connection of an account that was put to rest is closed.
    Rested {
        asker: Asker,
        account: String,
    },
    /// These topics may be followed, or not.
    TopicsChecked {
        asker: Asker,
        account: String,
        topics: Box<Result<Vec<String>, Failure>>,
    },
    /// What other programs have; of that, the one to be taken over.
    Found {
        asker: Asker,
        wanted: Option<String>,
        found: Result<Vec<Found>, Failure>,
    },
    /// The server has deleted these, or not.
    Deleted {
        account: String,
        ids: Vec<String>,
        done: Result<(), SignInError>,
    },
    /// A button's address has answered.
    Acted {
        asker: Asker,
        label: String,
        answer: Box<Result<Reply, Failure>>,
    },
    /// Nothing but the answer came of it.
    Answered {
        asker: Asker,
        answer: Box<Result<Reply, Failure>>,
    },
}

impl Agent {
    /// Puts the agent together and starts a connection for each account.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            home,
            inbox,
            keychain,
            transport,
            surroundings,
            surfaces,
            toasts_at_once,
            hint,
            policy,
            foreign,
            notices,
        } = parts;
        let settings = Settings::load(Arc::clone(&inbox), &policy);
        let mut agent = Self {
            autostart: surfaces.desktop.autostart(),
            arrivals: Arrivals::new(Arc::clone(&inbox), toasts_at_once),
            countdown: Countdown::of(settings.do_not_disturb(), Now::read()),
            lull: Lull::default(),
            settings,
            home,
            inbox,
            keychain,
            transport,
            surroundings,
            surfaces,
            foreign,
            hint,
            accounts: Accounts::default(),
            notices: Notices::default(),
            keychain_said: None,
            callers: Callers::default(),
            signing_in: HashSet::new(),
            keeping: HashMap::new(),
            leaving: HashMap::new(),
            parting: HashMap::new(),
            generations: 0,
            happenings: mpsc::channel(64),
            reports: mpsc::unbounded_channel(),
            jobs: mpsc::unbounded_channel(),
            deleting: HashMap::new(),
            unstored: HashMap::new(),
            tidying: Tidying::new(Instant::now() + REST_AFTER),
            rest_at: Some(Instant::now() + REST_AFTER),
            changed: true,
            recounted: false,
            shown_at: Instant::now(),
            ending: false,
            asked_to_quit: None,
        };
        for (code, detail) in notices {
            agent.notices.raise(code, None, detail);
        }
        agent.follow_policy(&policy);
        agent.transport.choose_proxy(convert::proxy(&agent.settings.held().proxy));
        agent.begin_history();
        agent.start_accounts();
        agent.begin_to_tidy();
        agent
    }

    fn start_accounts(&mut self) {
        let rows = match self.inbox.accounts() {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "cannot read the accounts");
                return;
            }
        };
        for row in rows {
            let store = self.store_of(&row);
            let mut account = Account::new(row, store);
            account.user = self.settings.user(&account.row.id);
            account.sign_in_told = self.settings.sign_in_told(&account.row.id);
            if account.row.signed_out || account.row.paused {
                let id = account.row.id.clone();
                self.accounts.put(account);
                self.note_spell(&id);
                continue;
            }
            if self.inbox.has_gap(&account.row.id).unwrap_or_default() {
                self.say_gap(&account.row.id);
            }
            self.start(account);
        }
    }

    fn store_of(&self, row: &tidings_inbox::AccountRow) -> SessionStore {
        SessionStore::new(row, self.keychain.clone(), Arc::clone(&self.inbox), self.reports.0.clone())
    }

    /// Connects an account and adds it to the list.
    fn start(&mut self, account: Account) {
        let id = account.row.id.clone();
        self.accounts.put(account);
        self.reopen(&id);
    }

    /// Connects an account that has no connection, unless it is put to rest.
    fn reopen(&mut self, id: &str) {
        self.generations += 1;
        self.changed = true;
        let Some(account) = self.accounts.find_mut(id) else { return };
        if account.row.paused {
            // there is nothing to close
            let _none = account.pause(self.generations);
            return self.note_spell(id);
        }
        if let Err(error) =
            account.connect(self.generations, &self.transport, &self.surroundings, &self.happenings.0)
        {
            tracing::error!(account = id, %error, "the stored address cannot be used");
        }
    }

    /// Serves until asked to end, by a request, the tray, or `stop`; then closes everything within 5 s.
    pub async fn run(mut self, listener: Listener, stop: impl Future<Output = &'static str>) {
        let (calls, mut incoming) = mpsc::channel(64);
        let serving = tokio::spawn(listen::serve(listener, calls));
        tokio::pin!(stop);
        let mut jumps = self.surroundings.jumps();
        let unlocked = self.keychain.answered_late();
        loop {
            self.after();
            if self.ending {
                break;
            }
            let wake = self.wake();
            tokio::select! {
                Some((source, happening)) = self.happenings.1.recv() => self.on_happening(&source, happening),
                Some(call) = incoming.recv() => self.on_incoming(call),
                Some(click) = self.surfaces.clicks.recv() => self.on_click(click),
                Some(command) = self.surfaces.commands.recv() => self.on_command(command),
                Some(job) = self.jobs.1.recv() => self.on_job(job),
                Some(report) = self.reports.1.recv() => self.on_report(report),
                () = self.surfaces.tray.changed() => self.on_availability(),
                () = self.surfaces.toasts.changed() => self.on_availability(),
                () = unlocked.notified() => self.on_unlocked(),
                () = tokio::task::yield_now(), if self.tidying.is_reading_all() => self.read_on(),
                // what follows from either is looked for after whatever happens
                () = self.surfaces.desktop_quiet.changed() => {}
                () = jumps.next() => {}
                () = sleep_until(wake) => self.on_deadline(),
                reason = &mut stop => {
                    tracing::info!(reason, "asked to end");
                    self.ending = true;
                }
            }
        }
        if let Some(caller) = self.asked_to_quit {
            let gone = async {
                while let Some(incoming) = incoming.recv().await {
                    if matches!(incoming, Incoming::Closed(closed) if closed == caller) {
                        return;
                    }
                }
            };
            let _ = tokio::time::timeout(LAST_WORD, gone).await;
        }
        serving.abort();
        self.end().await;
    }

    /// What follows from whatever just happened.
    fn after(&mut self) {
        let now = Now::read();
        self.look_for_quiet(now);
        let circumstances = self.lull.circumstances(self.settings.held(), now.wall);
        let words = self.locale().words();
        let Decided { events, orders } = self.arrivals.settle(self.screen(), &circumstances, words);
        for order in orders {
            self.order(order);
        }
        self.recounted |= !events.is_empty();
        for event in events {
            self.callers.tell(&event);
        }
        self.catch_up();
        self.tell_of_ended_sign_ins();
        self.show_changes();
    }

    fn screen(&self) -> Screen {
        match self.surfaces.toasts.now() {
            None | Some(Availability::Missing(_)) => Screen::Blind,
            Some(Availability::Starting) => Screen::Unknown,
            Some(Availability::Ready) => Screen::Shows,
        }
    }

    fn wake(&self) -> Option<Instant> {
        let settles = self.accounts.next_to_settle(Instant::now());
        let refetch = self.unstored.values().min().copied();
        let heard = self.accounts.next_heard();
        let (shows, quiet, deletes) = (self.shows_at(), self.quiet_changes(), self.deletes_again());
        [self.arrivals.due(), settles, refetch, heard, self.rest_at, shows, quiet, deletes]
            .into_iter()
            .flatten()
            .chain(self.tidying.due())
            .min()
    }

    fn on_deadline(&mut self) {
        let now = Instant::now();
        self.refetch(now);
        self.note_heard(now);
        self.delete_again(now);
        self.tidy(now);
        if self.rest_at.is_some_and(|at| at <= now) {
            self.rest_at = None;
            if let Err(error) = self.inbox.rest() {
                tracing::debug!(%error, "the inbox cannot rest");
            }
        }
    }

    /// Fetches again what could not be stored, for those accounts that something is missing of.
    fn refetch(&mut self, now: Instant) {
        let due: Vec<String> = self.unstored.extract_if(|_, at| *at <= now).map(|(id, _)| id).collect();
        for id in due {
            // one that cannot connect gets it with its next sign-in
            let account = self.accounts.find(&id).filter(|account| account.is_signed_in());
            if let Some(connection) = account.and_then(Account::connection) {
                tracing::info!(account = id, "fetching again what could not be stored");
                connection.reconnect();
            }
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
