//! The program itself.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

use tokio_tungstenite::tungstenite;

use crate::support::{House, PASSWORD};

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings-server"));
    command
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = program(folder).args(arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn succeed(folder: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(folder, arguments, input);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{arguments:?}: {err}");
    out.trim_end().to_owned()
}

fn fail(folder: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(folder, arguments, input);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server as a process; gone when dropped.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = program(folder).arg("serve").args(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").expect(&line).to_owned();
        Self { child, url }
    }

    #[cfg(unix)]
    fn terminate(mut self) -> (bool, String) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().success(), log)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a publisher gives to a button.
const BUTTON: &str = "only-for-the-button";

#[cfg(unix)]
#[tokio::test]
async fn from_an_empty_folder_to_a_notification_and_no_secret_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeed(folder, &["user", "add", "alice", "--password-stdin"], &format!("{PASSWORD}\n"));
    let key = succeed(folder, &["key", "create", "ci", "--subscribe", "alice"], "");
    std::fs::write(folder.join("key"), &key).unwrap();
    let serving = Serving::start(folder, &["--listen", "127.0.0.1:0", "--log", "trace", "--guests"]);
    let url = serving.url.clone();

    let client = reqwest_client();
    let post = async |path: &str, bearer: &str, body: Value| {
        let request = client.post(format!("{url}{path}")).bearer_auth(bearer).json(&body);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let session = post("/api/auth/login", "", json!({"username": "alice", "password": PASSWORD})).await;
    let token = session["access_token"].as_str().unwrap();
    let ticket = post("/api/ws/ticket", token, json!({})).await["ticket"].as_str().unwrap().to_owned();
    let socket_url = format!("{}/ws?ticket={ticket}", url.replacen("http", "ws", 1));
    let (socket, _) = tokio_tungstenite::connect_async(&socket_url).await.unwrap();
    assert!(tokio_tungstenite::connect_async(&socket_url).await.is_err());
    let publish = ["publish", "--server", &url, "--key-file", "key", "--to", "alice", "--title", "Hello"];
    assert!(!succeed(folder, &publish, "").is_empty());
    for path in ["/message?token=", "/ci?auth="] {
        let request = client.post(format!("{url}{path}{key}")).body("message=Hello");
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    }
    let mistaken = client.post(format!("{url}/{key}")).bearer_auth(&key).body("x");
    assert_eq!(mistaken.send().await.unwrap().status(), 400);
    let request = client
        .post(format!("{url}/ci"))
        .header("actions", format!("http, x, https://a.example, body={BUTTON}"));
    assert_eq!(request.basic_auth("me", Some(&key)).send().await.unwrap().status(), 200);
    drop(socket);
    let socket_url = format!("{}/api/ws/notification?token={token}", url.replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(&socket_url).await.unwrap();
    let auth = json!({"type": "auth", "payload": {"token": token}}).to_string();
    futures_util::SinkExt::send(&mut socket, tungstenite::Message::text(auth)).await.unwrap();
    futures_util::StreamExt::next(&mut socket).await.unwrap().unwrap();
    drop(socket);

    let (clean, log) = serving.terminate();
    assert!(clean, "{log}");
    for expected in ["ticket issued", "ticket used", "ticket refused", "reason=\"used\"", "signed in"] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
    let refresh = session["refresh_token"].as_str().unwrap();
    for secret in [PASSWORD, token, refresh, &ticket, &key, "?ticket=", BUTTON] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[tokio::test]
async fn what_was_accepted_outlives_a_server_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = ["--database", "server.db"];
    succeed(path, &[&["user", "add", "alice", "--password-stdin"][..], &database].concat(), PASSWORD);
    std::fs::write(path.join("key"), succeed(path, &[&["key", "create", "ci"][..], &database].concat(), ""))
        .unwrap();
    let serving = Serving::start(path, &[&["--listen", "127.0.0.1:0"][..], &database].concat());
    let publish =
        ["publish", "--server", &serving.url, "--key-file", "key", "--to", "alice", "--title", "Hello"];
    let id = succeed(path, &publish, "");
    drop(serving);

    let house = House::within(folder, |_| {}).await;
    let (mut wire, success) = house.connect(&house.login("alice").await).await;
    wire.resume(&success.epoch.unwrap(), 0).await;
    assert_eq!(wire.notification().await.id, Some(id));
}

fn reqwest_client() -> reqwest::Client {
    // all tests of this process share it
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[test]
fn people_topics_and_keys_are_kept_by_commands() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let add = ["user", "add", "alice", "--password-stdin"];
    succeed(folder, &add, PASSWORD);
    assert!(fail(folder, &add, PASSWORD).contains("there is a user `alice` already"));
    assert!(fail(folder, &["user", "add", "bob", "--password-stdin"], "short").contains("at least 8"));
    assert!(fail(folder, &["user", "add", "a b", "--password-stdin"], PASSWORD).contains("cannot be a name"));
    succeed(folder, &["user", "subscribe", "alice", "builds"], "");
    assert_eq!(succeed(folder, &["user", "list"], ""), "alice\t0\tbuilds");
    succeed(folder, &["user", "passwd", "alice", "--password-stdin"], "battery staple");
    succeed(folder, &["key", "create", "ci"], "");
    assert_eq!(succeed(folder, &["key", "list"], ""), "ci");
    succeed(folder, &["key", "revoke", "ci"], "");
    succeed(folder, &["user", "unsubscribe", "alice", "builds"], "");
    succeed(folder, &["user", "remove", "alice"], "");
    assert!(fail(folder, &["user", "remove", "alice"], "").contains("there is no user `alice`"));
}

#[test]
fn what_cannot_work_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let serving = Serving::start(folder, &["--listen", "127.0.0.1:0"]);
    let address = serving.url.strip_prefix("http://").unwrap();
    assert!(fail(folder, &["serve", "--listen", address, "--database", "other.db"], "").contains("--listen"));

    assert!(
        fail(folder, &["serve", "--listen", "127.0.0.1:0"], "").contains("serves tidings-server.db already")
    );

    std::fs::write(folder.join("server.toml"), "keepalive = 7\n").unwrap();
    let misspelt = fail(folder, &["serve", "--config", "server.toml"], "");
    assert!(misspelt.contains("server.toml") && misspelt.contains("keepalive_seconds"), "{misspelt}");

    std::fs::write(folder.join("garbage.db"), "this is no database, not at all").unwrap();
    assert!(fail(folder, &["user", "list", "--database", "garbage.db"], "").contains("garbage.db"));
    assert!(fail(folder, &["user", "list", "--database", "no/such/folder.db"], "").contains("folder exists"));

    let publish = ["publish", "--server", &serving.url, "--to", "alice", "--title", "x"];
    assert!(fail(folder, &publish, "").contains("key create"));
}

#[cfg(unix)]
#[test]
fn a_database_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let list =
        || String::from_utf8(run(folder, &["user", "list", "--database", ":memory:"], "").stderr).unwrap();
    assert_eq!(list(), "");
    // a file, whatever SQLite makes of such a name
    let file = folder.join(":memory:");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(list().contains("chmod 600"), "{}", list());
}
