//! `tidings-server serve`.

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Global, Outcome, print, settings::Settings};
use crate::Server;

/// Run the server until SIGTERM or Ctrl-C.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let file = Settings::from_file(global.config.as_deref())?;
        let config = self.settings.resolve(file, global.database.as_deref())?;
        if config.tls.is_none() && !config.listen.ip().is_loopback() {
            warn!("passwords travel in clear on {}: use --tls-cert and --tls-key, or a proxy", config.listen);
        }
        let shutdown = CancellationToken::new();
        // before the first line is printed, as whoever reads it may stop us at once
        let signal = Signals::listen()?;
        let server = Server::bind(config).await?;
        print(&format!("listening on {}", server.url()))?;
        tokio::spawn({
            let shutdown = shutdown.clone();
            async move {
                signal.first().await;
                shutdown.cancel();
            }
        });
        server.run(shutdown).await;
        info!("stopped");
        Ok(())
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn first(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_shutdown};
        Ok(Self { ctrl_c: ctrl_c()?, shutdown: ctrl_shutdown()? })
    }

    async fn first(mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
