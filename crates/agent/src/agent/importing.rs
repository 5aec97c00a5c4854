//! Moving in: accounts of other programs are shown, and taken over one by one when a person asks for it.
//!
//! Owns that nothing is kept of what was found: whoever takes something over has its file read again, so that no secret
//! of another program rests here.

use tidings_control::{Failure, FailureCode, Reply};

use super::{Agent, Asker, Job};
use crate::{
    convert,
    foreign::{self, Found},
    sign_in::Attempt,
};

impl Agent {
    /// Begins to look what other programs have; the answer follows, or the sign-in as `wanted`.
    pub(super) fn look_elsewhere(&self, asker: Asker, wanted: Option<String>) {
        let (places, jobs) = (self.foreign.clone(), self.jobs.0.clone());
        tokio::task::spawn_blocking(move || {
            let found = foreign::find(&places);
            let _ = jobs.send(Job::Found { asker, wanted, found });
        });
    }

    pub(super) fn on_found(
        &mut self,
        asker: Asker,
        wanted: Option<String>,
        found: Result<Vec<Found>, Failure>,
    ) {
        let found = match found {
            Ok(found) => found,
            Err(failure) => return self.answer(asker, Err(failure)),
        };
        let Some(wanted) = wanted else {
            let foreigners = found.iter().map(|found| found.shown(self.knows(found))).collect();
            return self.answer(asker, Ok(Reply::Foreigners(foreigners)));
        };
        let gone = || {
            let message = format!("no other program has an account {wanted:?}");
            Failure::new(FailureCode::UnknownAccount, message)
        };
        let meant = found.iter().find(|found| found.shown(false).id == wanted).ok_or_else(gone);
        match meant.and_then(|found| Attempt::new(&found.sign_in())) {
            Ok(attempt) => self.attempt(asker, attempt),
            Err(failure) => self.answer(asker, Err(failure)),
        }
    }

    fn knows(&self, found: &Found) -> bool {
        self.accounts.iter().map(|account| &account.row).any(|row| {
            let dialect = convert::dialect(convert::stored_dialect(row));
            !row.signed_out && found.is(&row.server, dialect, &row.username, row.anonymous)
        })
    }
}
