//! What a person chooses: settings and quiet. Changes hold at once; what follows from each is told here, in one place.

use tidings_control::{DoNotDisturb, Failure, FailureCode, Quiet, Reply, Setting};
use time::{Duration, OffsetDateTime};

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

    pub(super) fn set_do_not_disturb(&mut self, quiet: Quiet) -> Result<Reply, Failure> {
        self.changed = true;
        let now = OffsetDateTime::now_utc();
        let until = match quiet {
            Quiet::HalfHour => Some(now + Duration::minutes(30)),
            Quiet::Hour | Quiet::Tomorrow => Some(now + Duration::HOUR),
            Quiet::Off | Quiet::UntilTurnedOff => None,
        };
        let now = DoNotDisturb { on: quiet != Quiet::Off, until };
        self.settings.set_do_not_disturb(now).map_err(|error| convert::inbox_failure(&error))?;
        Ok(Reply::Done)
    }
}
