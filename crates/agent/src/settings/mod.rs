//! What a person has chosen: each setting as JSON under its name in the inbox.
//!
//! Owns what holds now. Refuses to know what follows from it: whoever follows a setting reads it here, each time. What
//! cannot be read is as on the first day; what cannot be stored holds for this run.

mod check;
mod names;
mod noted;

use std::sync::Arc;

use tidings_control::{self as control, DoNotDisturb, Setting};
use tidings_inbox::{Inbox, InboxError};
use time::OffsetDateTime;

pub use self::{
    check::Objection,
    noted::{is_this_run_only, set_this_run_only},
};
use crate::{policy::Policy, quiet_hours::Span};

const DO_NOT_DISTURB: &str = "do_not_disturb";

/// The choices of a person, and what they have been told.
#[derive(Debug)]
pub struct Settings {
    inbox: Arc<Inbox>,
    held: control::Settings,
    spans: Vec<Span>,
    do_not_disturb: DoNotDisturb,
    silent_after: Option<i64>,
    locked: Vec<String>,
}

/// A setting was not changed, or not for good.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// An administrator has decided it.
    #[error("an administrator has decided {0}; it cannot be changed here")]
    Locked(&'static str),
    /// It makes no sense.
    #[error(transparent)]
    Senseless(#[from] Objection),
    /// It holds for this run, and could not be stored.
    #[error(transparent)]
    Unstored(#[from] InboxError),
}

impl Settings {
    /// As they were left, beneath what an administrator has decided. What cannot be read is as on the first day.
    pub fn load(inbox: Arc<Inbox>, policy: &Policy) -> Self {
        let locked = policy.locked();
        let mut held = control::Settings { locked: locked.clone(), ..control::Settings::default() };
        for preset in &policy.presets {
            names::put(&mut held, preset.clone());
        }
        for name in names::ALL {
            if let Some(setting) = read(&inbox, name) {
                names::put(&mut held, setting);
            }
        }
        for lock in &policy.locks {
            names::put(&mut held, lock.clone());
        }
        let do_not_disturb = read_do_not_disturb(&inbox);
        let (spans, silent_after) = (spans(&held), noted::silent_after(&inbox));
        Self { inbox, held, spans, do_not_disturb, silent_after, locked }
    }

    /// What holds now.
    pub fn held(&self) -> &control::Settings {
        &self.held
    }

    /// The quiet hours that hold now.
    pub fn quiet_hours(&self) -> &[Span] {
        &self.spans
    }

    /// Changes one, for this run in any case. Returns it as it was understood.
    ///
    /// # Errors
    /// [`SetError`].
    pub fn set(&mut self, setting: Setting) -> Result<Setting, SetError> {
        let name = names::name(&setting);
        if self.is_locked(name) {
            return Err(SetError::Locked(name));
        }
        let setting = check::check(setting)?;
        names::put(&mut self.held, setting.clone());
        self.spans = spans(&self.held);
        let (name, value) = names::text(&setting);
        self.inbox.put_setting(name, &value)?;
        Ok(setting)
    }

    /// Whether an administrator has decided this, by its name in the file.
    pub fn is_locked(&self, name: &str) -> bool {
        self.locked.iter().any(|locked| locked == name)
    }

    /// Whether the person wants quiet, and until when.
    pub fn do_not_disturb(&self) -> DoNotDisturb {
        self.do_not_disturb
    }

    /// Switches quiet on or off, for this run in any case.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn set_do_not_disturb(&mut self, now: DoNotDisturb) -> Result<(), InboxError> {
        self.do_not_disturb = now;
        let until = now.until.map(OffsetDateTime::unix_timestamp);
        let value = serde_json::json!({ "on": now.on, "until": until });
        self.inbox.put_setting(DO_NOT_DISTURB, &value.to_string())
    }

    /// An account is gone, and with it all that was chosen and noted of it.
    pub fn forget(&mut self, account: &str) {
        let of_others = |rule: &control::Rule| rule.account != account;
        if !self.held.rules.iter().all(of_others) {
            let rules = self.held.rules.iter().filter(|rule| of_others(rule)).cloned().collect();
            if let Err(error) = self.set(Setting::Rules(rules)) {
                tracing::warn!(%error, "an account's rules cannot be removed");
            }
        }
        noted::forget(&self.inbox, account);
    }
}

/// A setting's name.
pub fn name(setting: &Setting) -> &'static str {
    names::name(setting)
}

/// A setting as an administrator's file has it.
///
/// # Errors
/// What is wrong with it, for whoever has written the file.
pub fn from_file(name: &str, value: toml::Value) -> Result<Setting, String> {
    if !names::ALL.contains(&name) {
        return Err("there is no such setting".to_owned());
    }
    let value = match value {
        // as one would write it down
        toml::Value::String(text) if name == "proxy" => match text.as_str() {
            "system" | "direct" => serde_json::json!({ "kind": text }),
            address => serde_json::json!({ "kind": "through", "url": address }),
        },
        value => serde_json::to_value(value).map_err(|error| error.to_string())?,
    };
    let setting = names::setting(name, &value).map_err(|error| error.to_string())?;
    check::check(setting).map_err(|error| error.to_string())
}

fn spans(held: &control::Settings) -> Vec<Span> {
    // all were read once already, when they were chosen or loaded
    held.quiet_hours.iter().filter_map(|hours| Span::parse(hours).ok()).collect()
}

fn read(inbox: &Inbox, name: &str) -> Option<Setting> {
    let text = stored(inbox, name)?;
    let setting = match serde_json::from_str(&text) {
        Ok(value) => names::setting(name, &value).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match setting.and_then(|setting| check::check(setting).map_err(|error| error.to_string())) {
        Ok(setting) => Some(setting),
        Err(error) => {
            tracing::warn!(name, error, "a stored setting cannot be read");
            None
        }
    }
}

fn read_do_not_disturb(inbox: &Inbox) -> DoNotDisturb {
    #[derive(serde::Deserialize)]
    struct Stored {
        on: bool,
        until: Option<i64>,
    }
    let Some(text) = stored(inbox, DO_NOT_DISTURB) else { return DoNotDisturb::default() };
    match (text.as_str(), serde_json::from_str::<Stored>(&text)) {
        // as it was written before it could end by itself
        ("on", _) => DoNotDisturb { on: true, until: None },
        ("off", _) => DoNotDisturb::default(),
        (_, Ok(Stored { on, until })) => {
            let until = until.and_then(|until| OffsetDateTime::from_unix_timestamp(until).ok());
            DoNotDisturb { on, until }
        }
        (_, Err(error)) => {
            tracing::warn!(%error, "a stored setting cannot be read");
            DoNotDisturb::default()
        }
    }
}

fn stored(inbox: &Inbox, name: &str) -> Option<String> {
    inbox.setting(name).unwrap_or_else(|error| {
        tracing::warn!(%error, name, "cannot read a setting");
        None
    })
}

#[cfg(test)]
mod tests;
