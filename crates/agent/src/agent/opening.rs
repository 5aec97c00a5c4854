//! The window, opened because somebody asked for it: by a click, a second start, or a link.

use tidings_control::{Failure, FailureCode, Reply};

use super::Agent;
use crate::{
    invitation::Invitation,
    listen::{CallerId, Show},
};

impl Agent {
    /// Shows the window that is open, else starts one, which shows what it should as soon as it listens.
    pub(super) fn open_window(&mut self, show: Show) -> Result<Reply, Failure> {
        let activation = show.activation.clone();
        if !self.callers.show(show) {
            self.surfaces.desktop.open_window(&self.home, activation.as_deref())?;
        }
        Ok(Reply::Done)
    }

    /// Has the window ask the person about what a link offers.
    pub(super) fn follow(&mut self, caller: CallerId, link: &str) -> Result<Reply, Failure> {
        let invitation = Invitation::read(link)?;
        if self.hint.server_locked
            && !self.hint.server.as_deref().is_some_and(|only| invitation.leads_to(only))
        {
            return Err(Failure::new(
                FailureCode::SettingLocked,
                "the administrator has decided the server, and the link leads to another one",
            ));
        }
        tracing::info!(server = invitation.server.as_str(), "a link asks for an account to be added");
        let hint = invitation.hint(self.hint.server_locked);
        let activation = self.callers.take_activation(caller);
        self.open_window(Show { add: Some(hint), activation, ..Show::default() })
    }
}
