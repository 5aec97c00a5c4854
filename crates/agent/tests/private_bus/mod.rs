//! A session bus for one test alone.
//!
//! What is tested reads the bus's address from the environment, as any program does. So each test runs again in a
//! process of its own, whose environment names a bus that nobody else knows.

use std::{env, fs, future::Future, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
};

const INSIDE: &str = "TIDINGS_TEST_INSIDE";
const FOLDER: &str = "TIDINGS_TEST_FOLDER";
/// Only a hanging test ever gets this far.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `body` in a process of its own. `test` is the name of the test that calls it.
pub(crate) fn alone(test: &str, body: impl Future<Output = ()>) {
    alone_with(test, &[], body);
}

/// [`alone`], with more in the environment.
pub(crate) fn alone_with(test: &str, variables: &[(&str, &str)], body: impl Future<Output = ()>) {
    if env::var(INSIDE).is_ok_and(|inside| inside == test) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(PATIENCE, body).await.expect("the test hangs") });
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, test)
        .env(FOLDER, folder.path())
        .env("HOME", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", folder.path().join("bus").display()))
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("GSETTINGS_BACKEND")
        .env("XDG_CURRENT_DESKTOP", "test")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

/// Waits until the latest value is as wanted.
pub(crate) async fn until<T: Clone>(values: &mut watch::Receiver<T>, wanted: impl FnMut(&T) -> bool) {
    values.wait_for(wanted).await.expect("nobody tells any more");
}

/// A running bus on which nothing is activatable but what the test says.
pub(crate) struct Bus(Child);

impl Bus {
    /// A bus with nothing on it.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A bus that starts these programs when their names are called.
    pub(crate) async fn start_with(activatable: &[(&str, &str)]) -> Self {
        let folder = PathBuf::from(env::var_os(FOLDER).expect("inside a test"));
        let (socket, services) = (folder.join("bus"), folder.join("services"));
        // one that was killed leaves its socket behind
        let _ = fs::remove_file(&socket);
        fs::create_dir_all(&services).unwrap();
        for (name, program) in activatable {
            let service = format!("[D-BUS Service]\nName={name}\nExec={program}\n");
            fs::write(services.join(format!("{name}.service")), service).unwrap();
        }
        let config = folder.join("bus.conf");
        fs::write(
            &config,
            format!(
                "<busconfig><type>session</type><listen>unix:path={}</listen><servicedir>{}</servicedir>\
                 <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
                socket.display(),
                services.display()
            ),
        )
        .unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address=1")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("dbus-daemon is installed");
        // it prints its address once it listens
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        lines.next_line().await.unwrap().expect("the bus starts");
        Self(daemon)
    }

    /// Ends it, and with it every connection.
    #[allow(dead_code, reason = "not every test ends its bus")]
    pub(crate) async fn stop(mut self) {
        self.0.kill().await.unwrap();
    }
}
