//! What a person chooses, as far as no administrator has decided it. It holds at once: whoever follows a setting reads it
//! when it matters.

use tidings_control::{Autostart, Failure, FailureCode, Reply, Setting, SignInHint};
use tidings_engine::Endpoint;
use tidings_protocol::Flow;

use super::Agent;
use crate::{
    convert,
    policy::{Decided, Policy},
    settings::SetError,
};

impl Agent {
    pub(super) fn set(&mut self, setting: Setting) -> Result<Reply, Failure> {
        self.changed = true;
        let proxy = self.settings.held().proxy.clone();
        let set = self.settings.set(setting);
        if self.settings.held().proxy != proxy {
            self.take_proxy();
        }
        match set {
            Ok(changed) => {
                if matches!(changed, Setting::KeepDays(_) | Setting::KeepCount(_)) {
                    self.sweep_soon();
                }
                Ok(Reply::Done)
            }
            Err(SetError::Senseless(objection)) => {
                Err(Failure::new(FailureCode::BadRequest, objection.to_string()))
            }
            Err(error @ SetError::Locked(_)) => {
                Err(Failure::new(FailureCode::SettingLocked, error.to_string()))
            }
            Err(SetError::Unstored(error)) => Err(convert::inbox_failure(&error)),
        }
    }

    pub(super) fn set_autostart(&mut self, on: bool) -> Result<Reply, Failure> {
        self.unlocked("autostart")?;
        self.surfaces.desktop.set_autostart(on)?;
        self.settings.set_autostart_chosen();
        self.autostart = self.surfaces.desktop.autostart();
        self.changed = true;
        Ok(Reply::Done)
    }

    /// Does what an administrator has decided beside settings: a preset once, a lock at every start.
    pub(super) fn follow_policy(&mut self, policy: &Policy) {
        match &policy.server {
            Some(Decided::Locked(server)) => {
                self.hint =
                    SignInHint { server: Some(server.clone()), server_locked: true, ..self.hint.clone() };
            }
            Some(Decided::Preset(server)) => {
                self.hint.server.get_or_insert_with(|| server.clone());
            }
            None => {}
        }
        let wanted = match policy.autostart {
            Some(Decided::Locked(on)) => on,
            Some(Decided::Preset(on)) if !self.settings.autostart_chosen() => on,
            Some(Decided::Preset(_)) | None => return,
        };
        let now = if wanted { Autostart::On } else { Autostart::Off };
        if self.autostart != now {
            if let Err(failure) = self.surfaces.desktop.set_autostart(wanted) {
                tracing::warn!(%failure, "starting with the session is not as an administrator has decided");
            }
            self.autostart = self.surfaces.desktop.autostart();
        }
        self.settings.set_autostart_chosen();
    }

    /// Whether this server may be signed in to.
    pub(super) fn allows_server(&self, server: &str) -> Result<(), Failure> {
        let decided = self.hint.server.as_deref().filter(|_| self.hint.server_locked);
        let address = decided.and_then(|decided| Endpoint::parse(decided, Flow::Ticket, true).ok());
        match address {
            Some(address) if address.server.as_str() != server => Err(decided_by_an_administrator("server")),
            _ => Ok(()),
        }
    }

    fn unlocked(&self, name: &'static str) -> Result<(), Failure> {
        if self.settings.is_locked(name) {
            return Err(decided_by_an_administrator(name));
        }
        Ok(())
    }
}

fn decided_by_an_administrator(name: &'static str) -> Failure {
    Failure::new(FailureCode::SettingLocked, SetError::Locked(name).to_string())
}
