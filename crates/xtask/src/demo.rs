//! `cargo xtask demo`: builds everything and shows it.

use std::{
    env,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use crate::{
    household::Household,
    packages::{self, Purpose},
    project::Project,
    steps::Steps,
    tool::Tool,
    toolchains, ui,
};

/// Between two notifications of the demo: long enough not to nag, short enough to see one soon.
const PAUSE: Duration = Duration::from_secs(15);

/// What the demo publishes, in turn: title, body, priority, link.
const NOTIFICATIONS: &[(&str, &str, &str, Option<&str>)] = &[
    ("Build 1284 passed", "main · 4 min 12 s · 318 tests", "3", None),
    ("Backup finished", "212 GB in 38 min, nothing skipped", "2", None),
    ("Disk almost full on db-2", "94 % of /var is used; 6 h left at this pace", "4", None),
    ("Release 2.4.0 is out", "The notes are online.", "3", Some("https://example.com/releases/2.4.0")),
    ("Certificate expires in 7 days", "alerts.example.com · renew it before Friday", "4", None),
    ("Payment service is down", "3 of 3 probes failed since 14:02", "5", None),
    ("Payment service is back", "Down for 2 min 10 s", "3", None),
];

/// Builds, and then shows it on this desktop, or by itself in a session of its own.
pub(crate) fn run(project: &Project, headless: bool) -> Result<(), String> {
    let mut steps = Steps::of(if headless { 4 } else { 3 });
    steps.need("Rust, Node and system packages", || {
        toolchains::ensure(project)?;
        packages::ensure(if headless { Purpose::DesktopTest } else { Purpose::Build })
    })?;
    steps.need("UI: install and build", || {
        ui::install(project)?;
        ui::script(project, "build")
    })?;
    steps.need("Build window, agent and server (the first time takes some minutes)", || {
        let build =
            ["build", "--locked", "--bins", "-p", "tidings", "-p", "tidings-agent", "-p", "tidings-server"];
        project.cargo().args(build).args(["-p", "tidings-lab"].iter().filter(|_| headless)).run()
    })?;
    if headless {
        let walk = Tool::new(project.program("debug", "walk")).args(["demo"]).within(project.root());
        steps.need("Walk through it in a session of its own", || walk.run())?;
        return steps.finish();
    }
    show(project)
}

fn show(project: &Project) -> Result<(), String> {
    let needs_display = cfg!(target_os = "linux");
    if needs_display && ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| env::var_os(name).is_none()) {
        return Err("There is no display here. `cargo xtask demo --headless` brings its own.".to_owned());
    }
    let (sender, interrupted) = channel();
    let interrupt = move || {
        // a second Ctrl-C, while everything is being ended, changes nothing
        let _ = sender.send(());
    };
    ctrlc::set_handler(interrupt).map_err(|error| format!("Ctrl-C cannot be heard: {error}"))?;
    let mut household = Household::found(project)?;
    println!(
        "\nTidings runs. Sign in in its window:\n\n    Server    {}\n    User      {}\n    Password  {}\n\n\
         A notification comes every {} s. Close the window and the agent stays in the tray. Ctrl-C ends everything.\n",
        household.server(),
        Household::USER,
        Household::PASSWORD,
        PAUSE.as_secs()
    );
    let result = publish_until(&interrupted, &mut household);
    println!("\nEnding the demo …");
    household.end();
    result
}

fn publish_until(interrupted: &Receiver<()>, household: &mut Household) -> Result<(), String> {
    for (title, body, priority, link) in NOTIFICATIONS.iter().cycle() {
        match interrupted.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if !household.agent_runs() {
            println!("The agent was told to quit.");
            return Ok(());
        }
        household.publish(title, body, priority, *link)?;
        println!("  published: {title}");
    }
    Ok(())
}
