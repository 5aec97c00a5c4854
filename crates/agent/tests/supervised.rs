//! A real systemd that looks after a user starts the agent again. It runs in namespaces of its own, so whoever runs this
//! has nothing to do with it; where a machine allows none, or has no systemd, there is nothing to be seen.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::process::Command;

/// Ends by a line that says which expectation did not come true. `$AGENT` is the program.
const SCENE: &str = r#"
mount -t tmpfs tmpfs /run || exit 77
mkdir -p /run/systemd/system /run/user /run/home
export XDG_RUNTIME_DIR=/run/user HOME=/run/home XDG_DATA_HOME=/run/home/data XDG_CONFIG_HOME=/run/home/config
export XDG_STATE_HOME=/run/home/state TIDINGS_WINDOW=/bin/true TIDINGS_INTEGRATION=off MARK=session
unset DBUS_SESSION_BUS_ADDRESS TIDINGS_HOME
chmod 700 $XDG_RUNTIME_DIR
systemd=/usr/lib/systemd/systemd; [ -x $systemd ] || systemd=/lib/systemd/systemd
$systemd --user >/run/log 2>&1 &
manager=$!
die() { echo "not so: $1"; systemctl --user status tidings-agent; tail -n 20 /run/log; kill $manager; exit 1; }
until_so() { for look in $(seq 300); do eval "$2" && return; sleep 0.1; done; die "$1"; }
told() { systemctl --user show tidings-agent --property=$1 --value; }

until_so 'a manager runs' '[ -S $XDG_RUNTIME_DIR/systemd/private ]'
"$AGENT" run --supervised --no-tray --no-toasts || die 'it is handed over'
until_so 'the agent answers' '"$AGENT" status >/dev/null 2>&1'
first=$(told MainPID)
[ "$(tr '\0' '\n' </proc/$first/cmdline | tail -n 3 | tr '\n' ' ')" = 'run --no-tray --no-toasts ' ] ||
    die 'it runs as it was asked to'
grep -qz '^MARK=session$' /proc/$first/environ || die 'it has the environment of whoever started it'

"$AGENT" run --supervised --no-tray --no-toasts 2>/run/second; [ $? = 4 ] || die 'a second one finds the first'
grep -q 'runs without systemd' /run/second && die 'a second one has no trouble with systemd'

kill -KILL $first
until_so 'it is started again after a crash' '[ "$(told MainPID)" -gt 0 ] && [ "$(told MainPID)" != $first ]'
until_so 'the new one answers' '"$AGENT" status >/dev/null 2>&1'
[ "$(told NRestarts)" = 1 ] || die 'it is started again once'

"$AGENT" quit >/dev/null || die 'it quits'
until_so 'it is not started again when it was told to quit' '[ "$(told LoadState)" = not-found ]'
kill $manager
"#;

#[test]
#[ignore = "needs namespaces and systemd; `cargo xtask test` runs it where they are"]
fn a_crashed_agent_is_started_again_by_systemd_and_one_that_was_told_to_quit_is_not() {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--", "sh", "-c", SCENE])
        .env("AGENT", env!("CARGO_BIN_EXE_tidings-agent"))
        .output()
        .unwrap();
    let told =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {told}", output.status);
}
