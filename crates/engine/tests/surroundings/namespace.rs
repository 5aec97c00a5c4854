//! A network namespace for one test alone: the test runs again in a process of its own, which `unshare` has moved there.

use std::{
    env,
    future::Future,
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

const INSIDE: &str = "TIDINGS_TEST_NAMESPACE";

/// Only a hanging test ever gets this far.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `body` in a namespace with nothing in it but a loopback that is down. `test` is the name of the test that calls.
pub(crate) fn alone(test: &str, body: impl Future<Output = ()>) {
    if env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(PATIENCE, body).await.expect("the test hangs") });
        return;
    }
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(INSIDE, "yes")
        // the login manager of whoever runs this is not asked
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/no/such/bus")
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

/// Has `ip` do something in this process's namespace.
pub(crate) fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split_whitespace()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments}: {said}");
}

/// Has `ip` do many things in one process.
pub(crate) fn batch(commands: &str) {
    let mut ip = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    ip.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    assert!(ip.wait().unwrap().success());
}
