//! Where the agent's log goes: to stderr, and to one file a day of which a week is kept.
//!
//! Owns the filter (`TIDINGS_LOG`, else `info`) and the places. Lines are written on the spot: a line is one write
//! into the page cache, and a writer thread would rest in memory for nothing.

use std::{fs, path::Path};

use tidings_control::Home;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Days of which the log is kept.
const DAYS: usize = 7;

/// Dependencies that would tell more than is wanted at `info`.
const QUIET: [&str; 2] = ["zbus", "ksni"];

/// Starts logging. Without a writable log folder there is stderr alone, and a line there that says so.
pub fn start(home: &Home) {
    let filter = filter(std::env::var("TIDINGS_LOG").ok().as_deref());
    let (file, trouble) = match file(home.log()) {
        Ok(file) => (Some(fmt::layer().with_ansi(false).with_writer(file)), None),
        Err(error) => (None, Some(error)),
    };
    let stderr = fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    // a second start in one process (tests) keeps the first
    let _ = tracing_subscriber::registry().with(filter).with(stderr).with(file).try_init();
    if let Some(error) = trouble {
        tracing::warn!(error, "no log file is kept");
    }
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "a fault of ours");
        report(panic);
    }));
}

/// By target and level alone. What `EnvFilter` can beyond that brings a whole engine for regular expressions.
fn filter(wanted: Option<&str>) -> Targets {
    let wanted = wanted.filter(|wanted| !wanted.trim().is_empty()).and_then(|wanted| wanted.parse().ok());
    wanted.unwrap_or_else(|| {
        let quiet = QUIET.map(|target| (target, LevelFilter::WARN));
        Targets::new().with_default(LevelFilter::INFO).with_targets(quiet)
    })
}

fn file(folder: &Path) -> Result<RollingFileAppender, String> {
    Home::create(folder).map_err(|error| error.to_string())?;
    // the appender reports an unwritable folder on its own only at the first line
    let probe = folder.join(".writable");
    fs::write(&probe, "").map_err(|error| error.to_string())?;
    fs::remove_file(&probe).map_err(|error| error.to_string())?;
    let builder = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("agent")
        .filename_suffix("log")
        .max_log_files(DAYS);
    // links need a privilege on Windows
    let builder = if cfg!(unix) { builder.latest_symlink("agent.log") } else { builder };
    builder.build(folder).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn at_info_unless_asked_and_dependencies_keep_quieter() {
        for unsaid in [None, Some(""), Some("no=such=filter")] {
            let filter = filter(unsaid);
            assert!(filter.would_enable("tidings_engine::driver", &Level::INFO), "{unsaid:?}");
            assert!(!filter.would_enable("tidings_engine::driver", &Level::DEBUG), "{unsaid:?}");
            assert!(!filter.would_enable("zbus::connection", &Level::INFO), "{unsaid:?}");
        }
    }

    #[test]
    fn a_level_or_levels_by_target_can_be_asked_for() {
        assert!(filter(Some("debug")).would_enable("tidings_agent", &Level::DEBUG));
        let one = filter(Some("warn,tidings_engine=debug"));
        assert!(one.would_enable("tidings_engine::machine", &Level::DEBUG));
        assert!(!one.would_enable("tidings_agent", &Level::INFO));
    }
}
