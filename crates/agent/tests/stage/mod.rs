//! A real server, real agents with a real control socket and a real inbox, and a keychain and a screen that the test
//! holds in its hands.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod vault;

pub use vault::{FakeVault, Mood};

use std::{
    future::Future,
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use tempfile::TempDir;
use tidings_agent::{
    agent::{Agent, Parts},
    arrival::Order,
    attention,
    desktop::Availability,
    foreign::Places,
    keychain::Keychain,
    policy::Policy,
    startup,
    surfaces::{Desktop, Standing, Surfaces, Wish},
    toast, tray,
};
use tidings_control::{
    Account, Autostart, Client, Dialect, Event, Events, Failure, Home, InboxQuery, Item, Listener, Reply,
    Request, Role, SignIn, SignInHint, Snapshot, Status,
};
use tidings_engine::{Surroundings, Transport};
use tidings_protocol::{PublishRequest, To};
use tidings_server::{Admin, Config, PasswordCost, Server};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

pub const PASSWORD: &str = "correct horse";

/// Fails a test that would wait for ever; no test waits for it to pass.
const FOREVER: Duration = Duration::from_secs(20);

pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(FOREVER, future).await {
        Ok(value) => value,
        Err(_) => panic!("never happened: {what}"),
    }
}

/// The row at which the window is asked to show itself next, whatever else it hears before.
pub async fn asked_to_show(events: &mut Events) -> Option<i64> {
    soon("the window is asked to show itself", async {
        loop {
            if let Event::Show { item, .. } = events.recv().await.unwrap() {
                return item;
            }
        }
    })
    .await
}

/// A server with alice on it.
pub struct World {
    pub url: String,
    pub admin: Admin,
    folder: TempDir,
    stop: CancellationToken,
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With another configuration of the server.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        if let Ok(level) = std::env::var("TIDINGS_LOG") {
            let level: tracing::Level = level.parse().unwrap();
            let _ = tracing_subscriber::fmt().with_max_level(level).with_test_writer().try_init();
        }
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().join("server.db"));
        config.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        server.add_user("alice", PASSWORD).await.unwrap();
        let (url, admin, stop) = (server.url(), server.admin(), CancellationToken::new());
        tokio::spawn(server.run(stop.clone()));
        Self { url, admin, folder, stop }
    }

    pub async fn publish(&self, title: &str) {
        self.publish_as(title, |_| {}).await;
    }

    /// Returns the server's id of it.
    pub async fn publish_as(&self, title: &str, change: impl FnOnce(&mut PublishRequest)) -> String {
        let mut request: PublishRequest =
            serde_json::from_value(serde_json::json!({ "to": { "user": "alice" }, "title": title })).unwrap();
        assert_eq!(request.to, To::User("alice".into()));
        change(&mut request);
        self.admin.publish(request).await.unwrap().id
    }

    pub async fn sessions(&self) -> u64 {
        self.admin.users().await.unwrap()[0].sessions
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What the agent asked the desktop to do.
#[derive(Clone, Default)]
pub struct FakeDesktop {
    done: watch::Sender<Vec<String>>,
    autostart: Arc<Mutex<bool>>,
}

impl FakeDesktop {
    fn note(&self, what: String) {
        self.done.send_modify(|done| done.push(what));
    }

    pub fn done(&self) -> Vec<String> {
        self.done.borrow().clone()
    }

    /// Waits until something was asked of it.
    pub async fn first(&self) -> String {
        let mut done = self.done.subscribe();
        soon("something asked of the desktop", done.wait_for(|done| !done.is_empty())).await.unwrap()[0]
            .clone()
    }
}

impl Desktop for FakeDesktop {
    fn open_window(&self, _: &Home, activation: Option<&str>) -> Result<(), Failure> {
        self.note(format!("window {}", activation.unwrap_or("-")));
        Ok(())
    }

    fn open_link(&self, link: &Url) -> io::Result<()> {
        self.note(format!("link {link}"));
        Ok(())
    }

    fn autostart(&self) -> Autostart {
        if *self.autostart.lock().unwrap() { Autostart::On } else { Autostart::Off }
    }

    fn set_autostart(&self, on: bool) -> Result<(), Failure> {
        *self.autostart.lock().unwrap() = on;
        Ok(())
    }
}

/// A computer: what stays when the agent is killed.
pub struct Computer {
    pub folder: TempDir,
    pub home: Home,
    pub vault: FakeVault,
    pub desktop: FakeDesktop,
    pub patience: Duration,
    pub hint: SignInHint,
    /// What its administrator has decided.
    pub policy: Policy,
    /// What other programs have left on it.
    pub foreign: Places,
}

impl Computer {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::under(folder.path());
        let patience = tidings_agent::keychain::PATIENCE;
        Self {
            folder,
            home,
            vault: FakeVault::new(),
            desktop: FakeDesktop::default(),
            patience,
            policy: Policy::default(),
            foreign: Places::default(),
            hint: SignInHint::default(),
        }
    }

    /// Starts the agent, and a caller that hears all its events.
    pub async fn start(&self) -> Running {
        let (views_end, views) = watch::channel(tray::View::default());
        let (commands, commands_end) = mpsc::channel(8);
        let (orders_end, orders) = mpsc::unbounded_channel();
        let (clicks, clicks_end) = mpsc::channel(8);
        let (tray, tray_end) = watch::channel(Availability::Ready);
        let (desktop_quiet, desktop_quiet_end) = watch::channel(false);
        let (toasts, toasts_end) = watch::channel(Availability::Ready);
        let surfaces = Surfaces {
            views: views_end,
            commands: commands_end,
            tray: Standing::Watched(tray_end),
            orders: orders_end,
            clicks: clicks_end,
            toasts: Standing::Watched(toasts_end),
            desktop_quiet: Wish(Some(desktop_quiet_end)),
            desktop: Box::new(self.desktop.clone()),
        };
        let (home, vault, patience) = (self.home.clone(), self.vault.clone(), self.patience);
        let policy = self.policy.clone();
        let foreign = self.foreign.clone();
        let hint = self.hint.clone();
        let (kill, killed) = oneshot::channel::<()>();
        let (ready, is_ready) = oneshot::channel();
        // a runtime of its own, so that killing it ends everything in it at once
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = Listener::bind(&home).unwrap();
                let (inbox, notices) = startup::open_inbox(home.data()).unwrap();
                let agent = Agent::new(Parts {
                    home,
                    inbox: Arc::new(inbox),
                    keychain: Keychain::new(vault).with_patience(patience),
                    transport: Transport::new().unwrap(),
                    surroundings: Surroundings::still(),
                    surfaces,
                    toasts_at_once: attention::AT_ONCE,
                    hint,
                    policy,
                    foreign,
                    notices,
                });
                ready.send(()).unwrap();
                tokio::select! {
                    () = agent.run(listener, std::future::pending()) => {}
                    _ = killed => {}
                }
            });
            runtime.shutdown_background();
        });
        is_ready.await.unwrap();
        let (client, events) = self.call(Role::Cli).await;
        let mut running = Running {
            client,
            events,
            orders,
            clicks,
            views,
            commands,
            tray,
            toasts,
            desktop_quiet,
            kill: Some(kill),
            thread,
        };
        running.subscribe().await;
        running
    }

    pub async fn call(&self, role: Role) -> (Client, Events) {
        Client::connect(&self.home, role).await.unwrap()
    }

    /// Everything in any file of this computer.
    pub fn files(&self) -> Vec<u8> {
        fn read(folder: &std::path::Path, all: &mut Vec<u8>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path, all);
                } else if path.is_file() {
                    all.extend(std::fs::read(&path).unwrap());
                }
            }
        }
        let mut all = Vec::new();
        read(self.folder.path(), &mut all);
        all
    }
}

/// The database of a home's inbox.
pub fn inbox_file(home: &Home) -> PathBuf {
    std::fs::read_dir(home.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "db"))
        .unwrap()
}

/// A running agent, a caller, and the other ends of its surfaces.
pub struct Running {
    pub client: Client,
    pub events: Events,
    pub orders: mpsc::UnboundedReceiver<Order>,
    pub clicks: mpsc::Sender<toast::Event>,
    pub views: watch::Receiver<tray::View>,
    pub commands: mpsc::Sender<tray::Command>,
    pub tray: watch::Sender<Availability>,
    pub toasts: watch::Sender<Availability>,
    pub desktop_quiet: watch::Sender<bool>,
    kill: Option<oneshot::Sender<()>>,
    thread: JoinHandle<()>,
}

impl Running {
    async fn subscribe(&mut self) {
        assert!(matches!(self.client.call(Request::Subscribe).await, Ok(Reply::Snapshot(_))));
    }

    pub async fn snapshot(&self) -> Snapshot {
        match self.client.call(Request::Snapshot).await {
            Ok(Reply::Snapshot(snapshot)) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub async fn done(&self, request: Request) {
        assert_eq!(self.client.call(request).await, Ok(Reply::Done));
    }

    pub async fn try_sign_in(
        &self,
        world: &World,
        password: &str,
        flow: Option<Dialect>,
    ) -> Result<Account, Failure> {
        let sign_in = SignIn {
            server: world.url.clone(),
            username: "alice".into(),
            password: password.to_owned().into(),
            dialect: flow,
            ..SignIn::default()
        };
        match self.client.call(Request::SignIn(sign_in)).await? {
            Reply::Account(account) => Ok(account),
            other => panic!("{other:?}"),
        }
    }

    /// Signs alice in and waits until she is connected.
    pub async fn sign_in(&mut self, world: &World) -> Account {
        self.sign_in_by(world, None).await
    }

    /// As [`Running::sign_in`], by this flow.
    pub async fn sign_in_by(&mut self, world: &World, flow: Option<Dialect>) -> Account {
        let account = self.try_sign_in(world, PASSWORD, flow).await.unwrap();
        self.connected().await;
        account
    }

    pub async fn connected(&mut self) {
        self.status(|status| status.state == tidings_control::State::Connected).await;
    }

    /// Waits until the first account's status is as described.
    pub async fn status(&mut self, is_it: impl Fn(&Status) -> bool) -> Status {
        if let Some(account) = self.snapshot().await.accounts.first()
            && is_it(&account.status)
        {
            return account.status.clone();
        }
        self.event("the status", |event| match event {
            Event::Status { status, .. } if is_it(&status) => Some(status),
            _ => None,
        })
        .await
    }

    pub async fn event<T>(&mut self, what: &str, pick: impl Fn(Event) -> Option<T>) -> T {
        soon(what, async {
            loop {
                let event = self.events.recv().await.expect("the agent is gone");
                if let Some(picked) = pick(event) {
                    return picked;
                }
            }
        })
        .await
    }

    /// Waits for the next notification to be decided.
    pub async fn notification(&mut self) -> Item {
        self.event("a notification", |event| match event {
            Event::Notification(item) => Some(item),
            _ => None,
        })
        .await
    }

    /// Waits until this row is replaced, and by what.
    pub async fn replaced(&mut self, row: i64) -> Item {
        self.event("one that replaces another", |event| match event {
            Event::Replaced { previous, item } => (previous == row).then_some(item),
            _ => None,
        })
        .await
    }

    /// Waits for the next order to the screen.
    pub async fn order(&mut self) -> Order {
        soon("an order", self.orders.recv()).await.expect("the agent is gone")
    }

    /// Waits for the next toast.
    pub async fn toast(&mut self) -> toast::Toast {
        loop {
            if let Order::Show(toast) = self.order().await {
                return toast;
            }
        }
    }

    /// Orders that were given so far and not looked at.
    pub fn orders_so_far(&mut self) -> Vec<Order> {
        std::iter::from_fn(|| self.orders.try_recv().ok()).collect()
    }

    pub async fn inbox(&self) -> Vec<Item> {
        match self.client.call(Request::Inbox(InboxQuery::default())).await {
            Ok(Reply::Inbox(page)) => page.items,
            other => panic!("{other:?}"),
        }
    }

    /// As `kill -9`: no word of farewell, and nothing is put in order.
    pub fn kill(mut self) {
        drop(self.kill.take());
        self.thread.join().unwrap();
    }

    /// Waits for the agent to end by itself.
    pub fn ended(self) {
        let Self { kill, thread, .. } = self;
        thread.join().unwrap();
        drop(kill);
    }
}
