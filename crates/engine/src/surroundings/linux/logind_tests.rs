//! A login manager that the test plays, on a bus of its own.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};
use zbus::Connection;

use super::*;

/// Only a hanging test ever gets this far.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bus whose address stays the same when it is started anew.
struct Bus {
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Bus {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let daemon = daemon(folder.path()).await;
        Self { folder, daemon }
    }

    async fn restart(&mut self) {
        self.daemon.kill().await.unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("bus"));
        self.daemon = daemon(self.folder.path()).await;
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    /// A connection that bears the login manager's name.
    async fn login_manager(&self) -> Connection {
        let builder = Builder::address(&*self.address()).unwrap();
        builder.name("org.freedesktop.login1").unwrap().build().await.unwrap()
    }
}

async fn daemon(folder: &Path) -> Child {
    let config = folder.join("bus.conf");
    let text = format!(
        "<busconfig><type>system</type><listen>unix:path={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
        folder.join("bus").display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new("dbus-daemon");
    command.args(["--nofork", "--print-address"]).arg(format!("--config-file={}", config.display()));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut daemon = command.spawn().unwrap();
    let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap().expect("the bus says where it is");
    daemon
}

async fn prepare_for_sleep(manager: &Connection, about_to_sleep: bool) {
    let path = "/org/freedesktop/login1";
    let interface = "org.freedesktop.login1.Manager";
    manager.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &about_to_sleep).await.unwrap();
}

fn listening_to(bus: &Bus) -> mpsc::Receiver<()> {
    let (tell, awakenings) = mpsc::channel(16);
    let address = bus.address();
    tokio::spawn(async move { super::tell(&tell, || Builder::address(&*address)).await });
    awakenings
}

/// Says it until it is heard, as nobody knows from outside when somebody listens.
async fn wakes(manager: &Connection, awakenings: &mut mpsc::Receiver<()>) {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        prepare_for_sleep(manager, true).await;
        prepare_for_sleep(manager, false).await;
        if timeout(Duration::from_millis(100), awakenings.recv()).await.is_ok() {
            return;
        }
    }
    panic!("nobody listens");
}

#[tokio::test]
async fn the_end_of_a_sleep_is_told_and_its_beginning_is_not() {
    let bus = Bus::start().await;
    let manager = bus.login_manager().await;
    let mut awakenings = listening_to(&bus);
    wakes(&manager, &mut awakenings).await;
    while awakenings.try_recv().is_ok() {}
    // two of one kind and one of the other, so that a mistake in either direction shows
    for about_to_sleep in [true, true, false] {
        prepare_for_sleep(&manager, about_to_sleep).await;
    }
    timeout(PATIENCE, awakenings.recv()).await.unwrap().unwrap();
    assert!(awakenings.try_recv().is_err());
}

#[tokio::test]
async fn only_the_login_manager_is_believed() {
    let bus = Bus::start().await;
    let manager = bus.login_manager().await;
    let mut awakenings = listening_to(&bus);
    wakes(&manager, &mut awakenings).await;
    while awakenings.try_recv().is_ok() {}
    let stranger = Builder::address(&*bus.address()).unwrap().build().await.unwrap();
    prepare_for_sleep(&stranger, false).await;
    // what the bus has taken in before is delivered before
    stranger.request_name("org.example.Done").await.unwrap();
    prepare_for_sleep(&manager, false).await;
    timeout(PATIENCE, awakenings.recv()).await.unwrap().unwrap();
    assert!(awakenings.try_recv().is_err());
}

#[tokio::test]
async fn a_bus_that_was_started_anew_is_listened_to_again() {
    let mut bus = Bus::start().await;
    let mut awakenings = listening_to(&bus);
    wakes(&bus.login_manager().await, &mut awakenings).await;
    bus.restart().await;
    wakes(&bus.login_manager().await, &mut awakenings).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_it_looks_for_one_once_a_minute() {
    let (tell, _awakenings) = mpsc::channel(1);
    let tries = std::cell::Cell::new(0);
    let nowhere = || {
        tries.set(tries.get() + 1);
        Builder::address("unix:path=/no/such/bus")
    };
    assert!(timeout(Duration::from_secs(600), super::tell(&tell, nowhere)).await.is_err());
    assert!((2..=11).contains(&tries.get()), "{} tries", tries.get());
}
