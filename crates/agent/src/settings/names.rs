//! Settings by their names: in the inbox, in an administrator's file, in a request.

use serde_json::Value;
use tidings_control::{Setting, Settings};

/// Every name, in the order of [`Settings`].
pub(super) const ALL: [&str; 11] = [
    "language",
    "theme",
    "quiet_hours",
    "urgent_passes",
    "follow_desktop",
    "least_priority",
    "sound",
    "rules",
    "keep_days",
    "keep_count",
    "proxy",
];

/// A setting's name.
pub(super) fn name(setting: &Setting) -> &'static str {
    match setting {
        Setting::Language(_) => "language",
        Setting::Theme(_) => "theme",
        Setting::QuietHours(_) => "quiet_hours",
        Setting::UrgentPasses(_) => "urgent_passes",
        Setting::FollowDesktop(_) => "follow_desktop",
        Setting::LeastPriority(_) => "least_priority",
        Setting::Sound(_) => "sound",
        Setting::Rules(_) => "rules",
        Setting::KeepDays(_) => "keep_days",
        Setting::KeepCount(_) => "keep_count",
        Setting::Proxy(_) => "proxy",
    }
}

/// The setting of this name with this value.
///
/// # Errors
/// When there is no such setting, or this is no value for it.
pub(super) fn setting(name: &str, value: &Value) -> Result<Setting, serde_json::Error> {
    serde_json::from_value(serde_json::json!({ "name": name, "value": value }))
}

/// Name and value, as they are stored.
pub(super) fn text(setting: &Setting) -> (&'static str, String) {
    let value = match setting {
        Setting::Language(value) => serde_json::to_string(value),
        Setting::Theme(value) => serde_json::to_string(value),
        Setting::QuietHours(value) => serde_json::to_string(value),
        Setting::UrgentPasses(value) | Setting::FollowDesktop(value) => serde_json::to_string(value),
        Setting::LeastPriority(value) => serde_json::to_string(value),
        Setting::Sound(value) => serde_json::to_string(value),
        Setting::Rules(value) => serde_json::to_string(value),
        Setting::KeepDays(value) | Setting::KeepCount(value) => serde_json::to_string(value),
        Setting::Proxy(value) => serde_json::to_string(value),
    };
    // none of them has a map whose keys are not text, which is all that could fail
    (name(setting), value.unwrap_or_default())
}

/// Puts one in its place.
pub(super) fn put(settings: &mut Settings, setting: Setting) {
    match setting {
        Setting::Language(value) => settings.language = value,
        Setting::Theme(value) => settings.theme = value,
        Setting::QuietHours(value) => settings.quiet_hours = value,
        Setting::UrgentPasses(value) => settings.urgent_passes = value,
        Setting::FollowDesktop(value) => settings.follow_desktop = value,
        Setting::LeastPriority(value) => settings.least_priority = value,
        Setting::Sound(value) => settings.sound = value,
        Setting::Rules(value) => settings.rules = value,
        Setting::KeepDays(value) => settings.keep_days = value,
        Setting::KeepCount(value) => settings.keep_count = value,
        Setting::Proxy(value) => settings.proxy = value,
    }
}
