//! What lets a connection be: one of [`crate::Config::max_connections`], and until somebody has signed in on it, one of
//! [`crate::Config::max_newcomers`] of its address. Connections that say nothing are cheap to open; no one address may
//! take all there are with them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedSemaphorePermit;

/// Held by the connection, and by whoever takes it over. Clones are the same permit.
#[derive(Clone)]
pub(crate) struct Permit(Arc<Held>);

struct Held {
    _connection: OwnedSemaphorePermit,
    newcomer: Mutex<Option<Newcomer>>,
}

impl Permit {
    pub(super) fn new(connection: OwnedSemaphorePermit, newcomer: Option<Newcomer>) -> Self {
        Self(Arc::new(Held { _connection: connection, newcomer: Mutex::new(newcomer) }))
    }

    /// Somebody has signed in; from here on the limit is that of the user.
    pub(crate) fn signed_in(&self) {
        self.0.newcomer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// How many connections of each address have not signed in.
pub(super) struct Newcomers {
    most: usize,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them, until it is dropped.
pub(super) struct Newcomer {
    among: Arc<Newcomers>,
    address: IpAddr,
}

impl Newcomers {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, counts: Mutex::default() })
    }

    /// Counts one in; `None` when there are too many.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Newcomer> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Newcomer { among: Arc::clone(self), address })
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        let mut counts = self.among.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_number_and_gets_it_back() {
        let newcomers = Newcomers::new(1);
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = newcomers.enter(here);
        assert!(first.is_some() && newcomers.enter(here).is_none() && newcomers.enter(there).is_some());
        drop(first);
        assert!(newcomers.enter(here).is_some());
        assert!(newcomers.counts.lock().unwrap().is_empty(), "nothing is kept of those who left");
    }
}
