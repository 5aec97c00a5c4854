//! Windows' word that the connectivity has changed.

use std::io;

use tokio::sync::mpsc;
use windows::Networking::Connectivity::{NetworkInformation, NetworkStatusChangedEventHandler};

/// The subscription. It is given up with the value.
#[derive(Debug)]
pub(super) struct Hints {
    cookie: i64,
    changes: mpsc::Receiver<()>,
}

impl Hints {
    pub(super) fn open() -> io::Result<Self> {
        let (tell, changes) = mpsc::channel(1);
        let handler = NetworkStatusChangedEventHandler::new(move |_| {
            // a full queue says all that there is to say
            let _ = tell.try_send(());
            Ok(())
        });
        let cookie = NetworkInformation::NetworkStatusChanged(&handler).map_err(io::Error::other)?;
        Ok(Self { cookie, changes })
    }

    /// Returns at the next hint. Cancel safe.
    pub(super) async fn next(&mut self) -> io::Result<()> {
        self.changes.recv().await.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Takes in what waits; true if there was any.
    pub(super) fn drain(&mut self) -> bool {
        self.changes.try_recv().is_ok()
    }

    /// Nothing is said about ways out.
    pub(super) fn ways(&self) -> u64 {
        0
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        let _ = NetworkInformation::RemoveNetworkStatusChanged(self.cookie);
    }
}
