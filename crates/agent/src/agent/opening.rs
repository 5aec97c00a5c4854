//! The window, opened because somebody asked for it: by a click, a second start, or a link.

use tidings_control::{Failure, FailureCode, Reply, SignInHint};

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

    /// Has the window ask the person about what a link offers, or tell why there is nothing to ask.
    pub(super) fn follow(&mut self, caller: CallerId, link: &str) -> Result<Reply, Failure> {
        let activation = self.callers.take_activation(caller);
        match self.read_link(link) {
            Ok(hint) => self.open_window(Show { add: Some(hint), activation, ..Show::default() }),
            Err(failure) => {
                // nobody is shown a window for a link that leads nowhere; one that is open tells why nothing comes of it
                if self.callers.have_window() {
                    let refused = Some(failure.clone());
                    self.callers.show(Show { refused, activation, ..Show::default() });
                }
                Err(failure)
            }
        }
    }

    fn read_link(&self, link: &str) -> Result<SignInHint, Failure> {
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
        Ok(invitation.hint(self.hint.server_locked))
    }
}
