//! An agent that is killed at any instant, again and again: in the end its inbox is what the server has acknowledged, and
//! nothing was toasted twice.
//!
//! The instants are drawn by chance. Their seed is printed, and `TIDINGS_SEED` repeats them, as far as a machine does the
//! same thing twice. No claim depends on when they are.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
    env,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use tidings_control::{CauseKind, Client, Home, InboxQuery, Item, NoticeCode, Reply, Request, Role};
use tidings_lab::{
    Agent, AgentOptions, Cli, Outcome, PATIENCE, Programs, Server, ServerOptions, Spawned, Toasts, Trouble,
    desktop::{Desktop, Furniture, KeychainState},
    until,
};
use tokio::time::sleep;

/// How often the agent is killed.
const ROUNDS: u64 = 26;

/// The latest instant of a kill, from the agent's start: it has long caught up by then.
const LATEST: Duration = Duration::from_millis(400);

/// The round before which the server is killed as well, and the one before which its database is replaced.
const SERVER_KILLED: u64 = 8;
const DATABASE_REPLACED: u64 = 16;

/// A token that is renewed with every attempt, so that kills come between a renewal's answer and the keychain, too.
const SHORT_LIVED: [&str; 2] = ["--access-token-seconds", "20"];

/// Every notification a toast of its own, so that each can be counted.
const ARGUMENTS: [&str; 4] = ["run", "--no-tray", "--toasts-at-once", "100000"];

/// xorshift64*: the same numbers from the same seed.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fresh = u64::try_from(now.as_micros()).unwrap_or(1);
        let seed = env::var("TIDINGS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(fresh);
        eprintln!("TIDINGS_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }

    fn instant(&mut self, latest: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(latest.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// One that the server has acknowledged.
struct Sent {
    id: String,
    title: String,
    expired: bool,
    replaced: bool,
}

/// All that the server has acknowledged, and what was read of it where.
#[derive(Default)]
struct Ledger {
    sent: RefCell<Vec<Sent>>,
    read: RefCell<BTreeSet<String>>,
    /// As `read`, with those that an agent was asked to mark and was killed before it answered.
    asked: RefCell<BTreeSet<String>>,
    /// How many of them are of a log that the server has lost. It cannot tell anybody that those were read.
    lost: Cell<usize>,
}

impl Ledger {
    /// Publishes one after the other until told to stop: some have expired, some replace the one before.
    async fn publish(&self, server: &Server, stop: &Cell<bool>) -> Outcome {
        while !stop.get() {
            self.publish_one(server).await?;
        }
        Ok(())
    }

    async fn publish_one(&self, server: &Server) -> Outcome {
        let number = self.sent.borrow().len();
        let title = format!("n {number}");
        let expired = number % 7 == 3;
        let replaces =
            (number % 5 == 4).then(|| self.sent.borrow().last().map(|sent| sent.id.clone())).flatten();
        let mut content = json!({ "title": title, "body": format!("What {title} says.") });
        if expired {
            content["expires_at"] = json!("2020-01-01T00:00:00Z");
        }
        if let Some(id) = &replaces {
            content["replaces"] = json!(id);
        }
        let id = server.publish_all(content).await?.id;
        let mut sent = self.sent.borrow_mut();
        if let (true, Some(before)) = (replaces.is_some(), sent.last_mut()) {
            before.replaced = true;
        }
        sent.push(Sent { id, title, expired, replaced: false });
        Ok(())
    }

    /// Reads the newest row of an agent, as soon as it answers; over when the agent is killed before.
    async fn read_one(&self, home: &Path, stop: &Cell<bool>) {
        while !stop.get() {
            if let Ok(Some(id)) = self.read_newest(home).await {
                self.read.borrow_mut().insert(id);
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn read_newest(&self, home: &Path) -> Result<Option<String>, tidings_control::Failure> {
        let (client, _) = Client::connect(&Home::under(home), Role::Cli).await?;
        let query = InboxQuery { unread: true, limit: Some(1), ..InboxQuery::default() };
        let Reply::Inbox(page) = client.call(Request::Inbox(query)).await? else { return Ok(None) };
        let Some(item) = page.items.into_iter().next().filter(|item| self.is_of_this_log(item)) else {
            return Ok(None);
        };
        self.asked.borrow_mut().extend(item.server_id.clone());
        client.call(Request::MarkRead { ids: vec![item.id] }).await?;
        Ok(item.server_id)
    }

    fn is_of_this_log(&self, item: &Item) -> bool {
        let lost = self.lost.get();
        !self.sent.borrow().iter().take(lost).any(|sent| Some(&sent.id) == item.server_id.as_ref())
    }

    /// Id, title and text of all that should be listed, oldest first.
    fn rows(&self, from: usize) -> Vec<(String, String, String)> {
        let sent = self.sent.borrow();
        let listed = sent.iter().skip(from).filter(|sent| !sent.replaced);
        listed
            .map(|sent| (sent.id.clone(), sent.title.clone(), format!("What {} says.", sent.title)))
            .collect()
    }
}

fn rows(items: &[Item]) -> Vec<(String, String, String)> {
    let row =
        |item: &Item| (item.server_id.clone().unwrap_or_default(), item.title.clone(), item.body.clone());
    items.iter().map(row).collect()
}

fn read(items: &[Item]) -> BTreeSet<String> {
    items.iter().filter(|item| item.read).filter_map(|item| item.server_id.clone()).collect()
}

/// The agent that is killed, and one on another device that is not.
struct Scene {
    desktop: Desktop,
    server: Server,
    home: PathBuf,
    cli: Cli,
    steady: Agent,
    ledger: Ledger,
    /// Of those that came before the account did, none is in its inbox.
    from: usize,
}

impl Scene {
    async fn start() -> Outcome<(Self, Toasts)> {
        let furniture = Furniture { bus: true, keychain: KeychainState::Unlocked, ..Furniture::NONE };
        let mut desktop = Desktop::start(furniture).await?;
        desktop.start_bare_toasts().await?;
        let toasts = desktop.watch_toasts().await?;
        let arguments = SHORT_LIVED.map(str::to_owned).to_vec();
        let server = Server::start(ServerOptions { arguments, ..ServerOptions::default() }).await?;
        let steady = Agent::start_with(
            &desktop,
            AgentOptions {
                home: Some(desktop.home().join("steady")),
                arguments: vec!["--no-tray".to_owned(), "--no-toasts".to_owned()],
                ..AgentOptions::default()
            },
        )
        .await?;
        steady.cli().log_in(&server, "token").await?;
        steady.connected().await?;
        let home = desktop.home().join("killed");
        let cli = Cli::new(&desktop, Programs::find()?.agent()?, &home);
        let ledger = Ledger::default();
        Ok((Self { desktop, server, home, cli, steady, ledger, from: 0 }, toasts))
    }

    /// The agent that is killed, started like any other.
    async fn whole(&self) -> Outcome<Agent> {
        let arguments = ARGUMENTS.iter().skip(1).map(|&argument| argument.to_owned()).collect();
        let options = AgentOptions { home: Some(self.home.clone()), arguments, ..AgentOptions::default() };
        Agent::start_with(&self.desktop, options).await
    }

    /// The first sign-in, and a kill in the first instants after it, while the server goes on.
    async fn first_instants(&mut self, chance: &mut Chance) -> Outcome {
        let mut agent = self.whole().await?;
        let (stop, granted) = (Cell::new(false), Cell::new(0));
        let killed = async {
            self.cli.log_in(&self.server, "ticket").await?;
            granted.set(self.ledger.sent.borrow().len());
            sleep(chance.instant(Duration::from_millis(30))).await;
            agent.kill().await?;
            stop.set(true);
            Ok(())
        };
        tokio::try_join!(killed, self.ledger.publish(&self.server, &stop))?;
        let mut agent = self.whole().await?;
        let last = self.ledger.sent.borrow().last().map(|sent| sent.id.clone());
        let items = until(PATIENCE, "the newest arrives", async || {
            let items = agent.whole_inbox().await?;
            Ok((items.last().map(|item| item.server_id.clone()) == Some(last.clone())).then_some(items))
        })
        .await?;
        agent.kill().await?;
        // where the account's time begins is the server's to say, but it is no later than its answer to the sign-in; one may
        // have been on its way just then
        let first = items.first().and_then(|item| item.server_id.clone());
        let from = self.ledger.sent.borrow().iter().position(|sent| Some(&sent.id) == first.as_ref());
        self.from = from.ok_or_else(|| Trouble::Unexpected(format!("{first:?} was never acknowledged")))?;
        assert!(self.from <= granted.get() + 1, "{} is after the sign-in at {}", self.from, granted.get());
        assert_eq!(rows(&items), self.ledger.rows(self.from));
        Ok(())
    }

    /// A start, and a kill at some instant of it.
    async fn round(&self, chance: &mut Chance) -> Outcome {
        let mut program = Spawned::start(self.cli.command(&ARGUMENTS), None).await?;
        let stop = Cell::new(false);
        let killed = async {
            sleep(chance.instant(LATEST)).await;
            program.kill().await?;
            stop.set(true);
            Ok(())
        };
        let reading = async {
            self.ledger.read_one(&self.home, &stop).await;
            Ok(())
        };
        let reading_elsewhere = async {
            self.ledger.read_one(self.steady.home(), &stop).await;
            Ok(())
        };
        let publishing = self.ledger.publish(&self.server, &stop);
        tokio::try_join!(killed, reading, reading_elsewhere, publishing)?;
        Ok(())
    }

    /// Both agents come to hold what the server has acknowledged, and agree on what is read.
    async fn compare(&self, killed: &Agent) -> Outcome {
        let last = self.ledger.sent.borrow().last().map(|sent| sent.id.clone());
        for (agent, name, from) in [(killed, "killed", self.from), (&self.steady, "steady", 0)] {
            let difference = RefCell::new(String::new());
            let items = until(PATIENCE, &format!("the {name} agent has it all"), async || {
                let items = agent.whole_inbox().await?;
                let newest = items.last().and_then(|item| item.server_id.clone());
                let (knows, expected) = (read(&items), self.listed_reads(from));
                difference.replace(format!(
                    "newest {newest:?} of {last:?}; read here alone {:?}, elsewhere alone {:?}",
                    knows.difference(&expected),
                    expected.difference(&knows)
                ));
                Ok((newest == last && knows.is_superset(&expected)).then_some(items))
            })
            .await
            .inspect_err(|_| eprintln!("{name}: {}", difference.borrow()))?;
            assert_eq!(rows(&items), self.ledger.rows(from), "{name}");
            let asked = self.ledger.asked.borrow();
            assert!(read(&items).is_subset(&asked), "{name}: {:?}", read(&items).difference(&asked));
        }
        Ok(())
    }

    fn listed_reads(&self, from: usize) -> BTreeSet<String> {
        let listed: BTreeSet<String> = self.ledger.rows(from).into_iter().map(|(id, ..)| id).collect();
        self.ledger.read.borrow().intersection(&listed).cloned().collect()
    }

    /// Another database in the server's place: both sign in again.
    async fn replace_database(&mut self) -> Outcome {
        let killed = self.whole().await?;
        self.compare(&killed).await?;
        self.server.replace().await?;
        self.ledger.lost.set(self.ledger.sent.borrow().len());
        // published before anybody is back
        for _ in 0..3 {
            self.ledger.publish_one(&self.server).await?;
        }
        for (agent, flow) in [(&killed, "ticket"), (&self.steady, "token")] {
            agent.cli().run(&["reconnect"]).await?.success()?;
            let ended = |snapshot: &tidings_control::Snapshot| {
                let cause = snapshot.accounts[0].status.cause.as_ref();
                cause.is_some_and(|cause| cause.kind == CauseKind::SignInNeeded)
            };
            agent.when("the sign-in has ended", ended).await?;
            agent.cli().log_in(&self.server, flow).await?;
        }
        // what is gone with the old database may have been missed, and both say so
        self.steady.notices(NoticeCode::Gap).await?;
        Ok(())
    }
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn killed_at_any_instant_the_inbox_is_what_the_server_acknowledged_and_no_toast_comes_twice() -> Outcome
{
    let mut chance = Chance::new();
    let (mut scene, mut toasts) = Scene::start().await?;
    scene.first_instants(&mut chance).await?;
    for round in 0..ROUNDS {
        if round == SERVER_KILLED {
            scene.server.kill().await?;
            scene.server.restart().await?;
        }
        if round == DATABASE_REPLACED {
            scene.replace_database().await?;
        }
        scene.round(&mut chance).await?;
    }
    let agent = scene.whole().await?;
    scene.compare(&agent).await?;
    // also one that was killed before it could say so
    agent.notices(NoticeCode::Gap).await?;
    let status = agent.cli().run(&["status"]).await?.success()?;
    assert!(status.out.contains("some notifications are no longer on the server"), "{}", status.out);

    // a toast that comes when all is calm has all others before it
    let id = scene.server.publish("calm").await?.id;
    let calm = Sent { id, title: "calm".to_owned(), expired: false, replaced: false };
    scene.ledger.sent.borrow_mut().push(calm);
    let mut times: HashMap<String, u32> = HashMap::new();
    loop {
        let title = toasts.next().await?.title;
        *times.entry(title.clone()).or_default() += 1;
        if title == "calm" {
            break;
        }
    }
    let sent = scene.ledger.sent.borrow();
    for Sent { title, expired, .. } in sent.iter() {
        let shown = times.get(title).copied().unwrap_or_default();
        assert!(shown <= u32::from(!expired), "{title} was toasted {shown} times (expired: {expired})");
    }
    eprintln!(
        "{} acknowledged, {} toasted, {} read",
        sent.len(),
        times.len(),
        scene.ledger.read.borrow().len()
    );
    Ok(())
}
