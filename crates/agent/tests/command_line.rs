//! The program as a person or a script meets it: exit codes, JSON, and one agent a home.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod stage;

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use stage::{PASSWORD, World, soon};
use tidings_peers::{Gotify, GotifyOptions, Ntfy, NtfyOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

struct Output {
    code: i32,
    text: String,
    errors: String,
}

impl Output {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// A home of its own, without any desktop.
fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings-agent"));
    command
        .args(arguments)
        .env("TIDINGS_HOME", home)
        .env("TIDINGS_WINDOW", "true")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(home: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(home, arguments).stdin(Stdio::piped()).spawn().unwrap();
    // a program that reads nothing may have gone already
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let output = soon("the command ends", child.wait_with_output()).await.unwrap();
    Output {
        code: output.status.code().unwrap(),
        text: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Starts the agent and waits until it can be asked.
async fn agent(home: &Path) -> Child {
    let mut child = command(home, &["run"]).env("TIDINGS_LOG", "info").spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    soon("the agent starts", async {
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("started") {
                return;
            }
        }
        panic!("the agent ended");
    })
    .await;
    // somebody has to read the log, or the agent would wait to write it
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    child
}

async fn login(home: &Path, world: &World, password: &str) -> Output {
    let arguments = ["login", "--server", &world.url, "--username", "alice", "--password-stdin", "--json"];
    // in this flow nothing that is published once it is connected can be before its time
    let arguments = [&arguments[..], &["--dialect", "token"]].concat();
    run(home, &arguments, password).await
}

async fn next(
    lines: &mut Lines<BufReader<ChildStdout>>,
    what: &str,
    is_it: impl Fn(&Value) -> bool,
) -> Value {
    soon(what, async {
        loop {
            let line = lines.next_line().await.unwrap().expect("the watch ended");
            let value: Value = serde_json::from_str(&line).unwrap();
            if is_it(&value) {
                return value;
            }
        }
    })
    .await
}

#[tokio::test]
async fn without_an_agent_every_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for command in
        ["logout", "forget", "accounts", "status", "diagnostics", "watch", "inbox", "reconnect", "quit"]
    {
        let output = run(folder.path(), &[command, "--json"], "").await;
        assert_eq!((output.code, output.error_code().as_str()), (3, "AGENT_UNREACHABLE"), "{command}");
        let output = run(folder.path(), &[command], "").await;
        assert_eq!((output.code, output.text.as_str()), (3, ""), "{command}");
        assert!(output.errors.contains("tidings-agent run"), "{}", output.errors);
    }
    assert_eq!(run(folder.path(), &["no-such-command"], "").await.code, 2);
}

#[tokio::test]
async fn a_script_signs_in_watches_and_quits() {
    let (world, folder) = (World::start().await, tempfile::tempdir().unwrap());
    let home = folder.path();
    let mut agent = agent(home).await;

    let second = run(home, &["run"], "").await;
    assert_eq!(second.code, 4, "{}", second.errors);

    let refused = login(home, &world, "wrong\n").await;
    assert_eq!((refused.code, refused.error_code().as_str()), (5, "INVALID_CREDENTIALS"));
    let empty = login(home, &world, "\n").await;
    assert_eq!((empty.code, empty.error_code().as_str()), (1, "BAD_REQUEST"));
    let nowhere = ["login", "--server", "127.0.0.1:1", "--username", "alice", "--password-stdin", "--json"];
    let nowhere = run(home, &nowhere, PASSWORD).await;
    assert_eq!((nowhere.code, nowhere.error_code().as_str()), (6, "SERVER_UNREACHABLE"));

    let mut watch = command(home, &["watch", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let account = login(home, &world, &format!("{PASSWORD}\n")).await;
    assert_eq!(account.code, 0, "{}", account.text);
    let account = account.json()["id"].as_str().unwrap().to_owned();
    let status = next(&mut lines, "connected", |line| line["state"] == "connected").await;
    assert_eq!(
        status,
        serde_json::json!({
            "event": "status", "account": account, "state": "connected", "attempt": 0, "cause": null, "retry_at": null,
        })
    );
    world.publish("Hello").await;
    let mut line = next(&mut lines, "the notification", |line| line["event"] == "notification").await;
    assert!(line.as_object_mut().unwrap().remove("id").unwrap().is_string());
    assert_eq!(
        line,
        serde_json::json!({
            "event": "notification", "account": account, "seq": 1, "title": "Hello", "body": "",
            "priority": "default", "disposition": "no_toasts",
        })
    );

    let accounts = run(home, &["accounts", "--json"], "").await.json();
    assert_eq!(accounts[0]["persistence"], "this_run");
    let status = run(home, &["status", "--json"], "").await.json();
    let notices: Vec<&str> =
        status["notices"].as_array().unwrap().iter().map(|notice| notice["code"].as_str().unwrap()).collect();
    assert_eq!((status["unread"].as_u64(), notices), (Some(1), vec!["no_desktop", "no_keychain"]));
    let known = &status["connections"][0];
    assert_eq!(known["account"], account);
    assert!(known["round_trip"]["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{known}");
    let diagnostics = run(home, &["diagnostics", "--json"], "").await.json();
    assert_eq!(diagnostics["connections"][0]["transitions"][1]["state"], "connected");
    let page = run(home, &["diagnostics"], "").await.text;
    for words in [
        "Tidings ",
        "alice@127.0.0.1:",
        "state       connected, since ",
        "round trip  ",
        "attempt 0  connecting",
    ] {
        assert!(page.contains(words), "{page}");
    }
    assert!(run(home, &["status"], "").await.text.contains(", round trip "));
    assert_eq!(run(home, &["inbox", "--json"], "").await.json()["items"][0]["title"], "Hello");
    assert_eq!(run(home, &["reconnect"], "").await.code, 0);
    assert_eq!(run(home, &["logout", "nobody", "--json"], "").await.error_code(), "UNKNOWN_ACCOUNT");
    for change in [
        &["account", "rename", "alice", "Work"][..],
        &["account", "colour", "Work", "teal"],
        &["account", "pictures", "Work", "on"],
        &["account", "move", "Work", "1"],
    ] {
        assert_eq!(run(home, change, "").await.code, 0, "{change:?}");
    }
    let accounts = run(home, &["accounts", "--json"], "").await.json();
    let shown = ["name", "colour", "pictures", "signed_in"].map(|key| accounts[0][key].clone());
    assert_eq!(shown, ["Work".into(), "teal".into(), true.into(), true.into()].map(|v: Value| v));
    assert_eq!(run(home, &["account", "rename", "alice", &"x".repeat(41)], "").await.code, 1);
    let path = "socket_ticket=/ws?v=2";
    assert_eq!(run(home, &["account", "route", "Work", "--path", path], "").await.code, 0);
    let route = run(home, &["account", "route", "Work"], "").await.text;
    assert!(route.contains("dialect             token") && route.contains(path), "{route}");
    let missing = ["account", "route", "Work", "--ca-file", "nowhere.pem", "--json"];
    assert_eq!(run(home, &missing, "").await.error_code(), "CA_FILE_UNUSABLE");
    assert_eq!(run(home, &["account", "route", "Work", "--path", "ws=/ws", "--json"], "").await.code, 1);
    assert_eq!(run(home, &["logout"], "").await.code, 0);
    assert_eq!(run(home, &["accounts", "--json"], "").await.json()[0]["signed_in"], false);
    let line = run(home, &["accounts"], "").await.text;
    assert!(
        line.starts_with("Work  alice@127.0.0.1:") && line.trim_end().ends_with("  signed out"),
        "{line}"
    );
    assert!(run(home, &["status"], "").await.text.starts_with("nobody is signed in"));
    assert_eq!(run(home, &["forget", "Work"], "").await.code, 0);
    assert_eq!(run(home, &["accounts", "--json"], "").await.json(), serde_json::json!([]));

    assert_eq!(run(home, &["quit"], "").await.code, 0);
    assert!(soon("the agent ends", agent.wait()).await.unwrap().success());
    assert_eq!(soon("the watch ends", watch.wait()).await.unwrap().code(), Some(3));
}

#[tokio::test]
async fn a_script_tidies_the_inbox_and_takes_it_elsewhere() {
    let (world, folder) = (World::start().await, tempfile::tempdir().unwrap());
    let home = folder.path();
    let _agent = agent(home).await;
    let mut watch = command(home, &["watch", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    assert_eq!(login(home, &world, PASSWORD).await.code, 0);
    next(&mut lines, "connected", |line| line["state"] == "connected").await;
    for title in ["one", "two"] {
        world.publish(title).await;
        next(&mut lines, "the notification", |line| line["title"] == title).await;
    }
    let page = run(home, &["inbox", "--json", "--limit", "1"], "").await.json();
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_number()), (1, true));
    let id = page["items"][0]["id"].to_string();
    let titles = async |filter: &[&str]| {
        let page = run(home, &[&["inbox", "--json"], filter].concat(), "").await.json();
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let done = async |words: &[&str]| {
        let output = run(home, words, "").await;
        assert_eq!(output.code, 0, "{}", output.errors);
    };
    done(&["mark-read", &id]).await;
    assert_eq!(titles(&["--unread"]).await, ["one"]);
    done(&["mark-read", &id, "--unread"]).await;
    assert_eq!(titles(&["--unread"]).await, ["two", "one"]);
    done(&["keep", &id]).await;
    assert_eq!(titles(&["--kept", "--min-priority", "default"]).await, ["two"]);
    assert!(titles(&["--min-priority", "high"]).await.is_empty());
    assert!(titles(&["--topic", "builds"]).await.is_empty());
    done(&["delete", &id]).await;
    assert_eq!(titles(&[]).await, ["one"]);
    done(&["restore", &id]).await;
    done(&["keep", &id, "--no"]).await;
    assert!(titles(&["--kept"]).await.is_empty());
    assert_eq!(run(home, &["delete", "999", "--json"], "").await.error_code(), "UNKNOWN_NOTIFICATION");
    assert_eq!(run(home, &["delete"], "").await.code, 2);

    let file = home.join("two.json");
    let file = file.to_str().unwrap();
    let exported = run(home, &["export", "--search", "two", "--output", file, "--json"], "").await.json();
    assert_eq!(exported, serde_json::json!({"path": file, "count": 1}));
    let printed = run(home, &["export", "--search", "two", "--output", "-"], "").await.text;
    assert_eq!(printed, std::fs::read_to_string(file).unwrap());
    let again = run(home, &["export", "--output", file, "--json"], "").await;
    assert_eq!(again.error_code(), "EXPORT_FAILED");
    assert!(run(home, &["export"], "").await.text.starts_with("2 notifications are in "));
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_the_agent_in_good_order_and_in_time() {
    let (world, folder) = (World::start().await, tempfile::tempdir().unwrap());
    let mut agent = agent(folder.path()).await;
    assert_eq!(login(folder.path(), &world, PASSWORD).await.code, 0);
    let pid = i32::try_from(agent.id().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), agent.wait()).await;
    assert!(ended.expect("still running after 5 s").unwrap().success());
}

/// The program in a session of its own, with the usual profile, as it is run from a folder.
#[cfg(target_os = "linux")]
fn in_session(session: &Path, arguments: &[&str]) -> Command {
    let mut command = command(session, arguments);
    command.env_remove("TIDINGS_HOME").env("TIDINGS_WINDOW", session.join("tidings")).env("HOME", session);
    for (name, folder) in [
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "runtime"),
        ("XDG_DATA_DIRS", "packaged"),
    ] {
        let folder = session.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        command.env(name, folder);
    }
    command
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn run_from_a_folder_it_makes_itself_known_to_the_desktop_and_can_undo_that() {
    let folder = tempfile::tempdir().unwrap();
    let session = folder.path();
    let entry = session.join("data/applications/org.tidings.desktop.desktop");
    std::fs::write(session.join("tidings"), "").unwrap();
    let quietly = async |arguments: &[&str], switch: &str| {
        let mut command = in_session(session, arguments);
        command.env("TIDINGS_INTEGRATION", switch).stdout(Stdio::null()).stderr(Stdio::null());
        soon("the command ends", command.status()).await.unwrap()
    };
    let run = async |switch: &str| {
        // started by systemd where it is asked to be, and there is none in this session
        let arguments = ["run", "--supervised", "--no-tray", "--no-toasts"];
        let mut agent = in_session(session, &arguments);
        let mut agent = agent.stderr(Stdio::null()).env("TIDINGS_INTEGRATION", switch).spawn().unwrap();
        soon("the agent quits", async { while !quietly(&["quit"], "").await.success() {} }).await;
        assert!(soon("the agent ends", agent.wait()).await.unwrap().success());
    };
    run("off").await;
    assert!(!entry.exists());
    run("").await;
    let text = std::fs::read_to_string(&entry).unwrap();
    assert!(text.contains(&format!("\nExec=\"{}\" %u\n", session.join("tidings").display())), "{text}");
    assert!(quietly(&["integrate", "--remove"], "").await.success());
    assert!(!entry.exists());
    assert!(quietly(&["integrate"], "").await.success());
    assert!(entry.exists());
}

/// Everything in any file below a folder.
fn files(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.is_file() {
            all.extend(std::fs::read(&path).unwrap());
        }
    }
    all
}

#[tokio::test]
async fn no_secret_is_in_any_log_file_or_answer_however_much_is_told() {
    let (tidings, folder, config) =
        (World::start().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let gotify = Gotify::start(GotifyOptions::default()).await.unwrap();
    let ntfy = Ntfy::start(NtfyOptions::default()).await.unwrap();
    let (home, client, access) = (folder.path(), gotify.client("mine"), ntfy.token("mine"));
    let client_yml = format!(
        "default-host: {}\ndefault-user: {}\ndefault-password: {}\nsubscribe:\n  - topic: disks\n  - topic: lan\n    token: {access}\n",
        ntfy.url(),
        Ntfy::USER,
        Ntfy::PASSWORD
    );
    std::fs::create_dir(config.path().join("ntfy")).unwrap();
    std::fs::write(config.path().join("ntfy/client.yml"), client_yml).unwrap();

    let mut running = command(home, &["run"])
        .env("TIDINGS_LOG", "trace")
        .env("XDG_CONFIG_HOME", config.path())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(running.stderr.take().unwrap()).lines();
    let mut told = String::new();
    soon("the agent starts", async {
        while !told.contains("started") {
            told += &log.next_line().await.unwrap().expect("the agent ended");
        }
    })
    .await;
    let rest = tokio::spawn(async move {
        let mut rest = String::new();
        while let Ok(Some(line)) = log.next_line().await {
            rest += &line;
        }
        rest
    });
    let mut ask = async |arguments: &[&str], input: &str| {
        let output = run(home, arguments, input).await;
        told += &output.text;
        told += &output.errors;
        output
    };
    for dialect in ["ticket", "token"] {
        let login = [
            "login",
            "--server",
            &tidings.url,
            "--username",
            "alice",
            "--password-stdin",
            "--dialect",
            dialect,
        ];
        assert_eq!(ask(&login, PASSWORD).await.code, 0);
        let again = ["account", "route", "alice", "--dialect", "ticket"];
        assert_eq!(ask(&again, "").await.code, 0);
        if dialect == "ticket" {
            assert_eq!(ask(&["forget"], "").await.code, 0);
        }
    }
    let url = gotify.url();
    let by_token = ["login", "--server", &url, "--token-stdin"];
    assert_eq!(ask(&by_token, "Cwrong-but-secret").await.code, 5);
    assert_eq!(ask(&by_token, &client).await.code, 0);
    let pasted = format!("http://alice:{PASSWORD}@{}", gotify.address()).replace(' ', "%20");
    assert_eq!(
        ask(&["login", "--server", &pasted, "--username", "a", "--password-stdin"], "x").await.code,
        6
    );
    let found = ask(&["import", "--json"], "").await.json();
    let ids: Vec<_> = found.as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert_eq!(ask(&["import", ids[0]], "").await.code, 0);
    gotify.drop_sockets();
    ntfy.drop_sockets();
    gotify.revoke(&client);
    for arguments in [
        &["reconnect"][..],
        &["accounts"],
        &["status", "--json"],
        &["diagnostics"],
        &["diagnostics", "--json"],
        &["inbox", "--json"],
        &["import"],
        &["export", "--output", "-"],
    ] {
        assert_eq!(ask(arguments, "").await.code, 0, "{arguments:?}");
    }
    assert_eq!(ask(&["quit"], "").await.code, 0);
    soon("the agent ends", running.wait()).await.unwrap();
    told += &soon("its last word", rest).await.unwrap();
    assert!(told.contains("TRACE") || told.contains("DEBUG"), "it told of little");
    let files = files(home);
    for secret in [
        PASSWORD,
        &PASSWORD.replace(' ', "%20"),
        Ntfy::PASSWORD,
        &client,
        &access,
        "Cwrong-but-secret",
        "access_token",
        "?token=",
        "ticket=",
    ] {
        assert!(!told.contains(secret), "{secret} was told");
        assert!(
            !files.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "{secret} is in a file"
        );
    }
}
