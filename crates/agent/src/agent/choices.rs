//! What a person chooses. It holds at once: whoever follows a setting reads it when it matters.

use tidings_control::{Failure, FailureCode, Reply, Setting};

use super::Agent;
use crate::{convert, settings::SetError};

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
            Err(SetError::Unstored(error)) => Err(convert::inbox_failure(&error)),
        }
    }
}
