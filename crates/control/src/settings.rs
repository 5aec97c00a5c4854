//! What a person can choose, apart from accounts. Each setting has one name: in a request, in the inbox where it is
//! kept, and in an administrator's file.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Disposition, Priority};

/// All settings as they hold now, and which of them cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Settings {
    /// What the window and the agent speak.
    pub language: Language,
    /// How the window is coloured.
    pub theme: Theme,
    /// Spans of the week without toasts.
    pub quiet_hours: Vec<QuietHours>,
    /// Urgent ones are toasted in "do not disturb" and in quiet hours all the same.
    pub urgent_passes: bool,
    /// While the desktop's own "do not disturb" is on, nothing is toasted, where it can be read.
    pub follow_desktop: bool,
    /// Toasts from this priority on.
    pub least_priority: Priority,
    /// What toasts sound like.
    pub sound: Sound,
    /// Exceptions by account and topic.
    pub rules: Vec<Rule>,
    /// What is read is kept for so many days.
    pub keep_days: u32,
    /// So many notifications are kept.
    pub keep_count: u32,
    /// How servers are reached.
    pub proxy: Proxy,
    /// Names of settings that an administrator has decided, `server` and `autostart` among them.
    pub locked: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::System,
            theme: Theme::System,
            quiet_hours: Vec::new(),
            urgent_passes: true,
            follow_desktop: true,
            least_priority: Priority::Low,
            sound: Sound::System,
            rules: Vec::new(),
            keep_days: 90,
            keep_count: 50_000,
            proxy: Proxy::System,
            locked: Vec::new(),
        }
    }
}

/// One setting and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Setting {
    /// [`Settings::language`].
    Language(Language),
    /// [`Settings::theme`].
    Theme(Theme),
    /// [`Settings::quiet_hours`].
    QuietHours(Vec<QuietHours>),
    /// [`Settings::urgent_passes`].
    UrgentPasses(bool),
    /// [`Settings::follow_desktop`].
    FollowDesktop(bool),
    /// [`Settings::least_priority`].
    LeastPriority(Priority),
    /// [`Settings::sound`].
    Sound(Sound),
    /// [`Settings::rules`].
    Rules(Vec<Rule>),
    /// [`Settings::keep_days`], 1 to 3650.
    KeepDays(u32),
    /// [`Settings::keep_count`], 100 to 1,000,000.
    KeepCount(u32),
    /// [`Settings::proxy`].
    Proxy(Proxy),
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Language {
    /// The system's, else English.
    #[serde(rename = "system")]
    System,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Brazilian Portuguese.
    #[serde(rename = "pt-BR")]
    BrazilianPortuguese,
}

/// How the window is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Theme {
    /// As the system.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// A span without toasts that begins on each of these days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct QuietHours {
    /// Days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins, local time, as `22:00`.
    pub from: String,
    /// When it ends, the next day if that is not after `from`. A span that ends when it begins lasts a whole day.
    pub until: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// What toasts sound like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Sound {
    /// The desktop decides.
    System,
    /// A message's.
    Message,
    /// A bell's.
    Bell,
    /// None, but for urgent ones, whose sound the desktop decides.
    UrgentOnly,
    /// None at all.
    Off,
}

/// An exception for an account, or for one of its topics. The topic's rule stands before the account's, and both before
/// [`Settings::least_priority`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Rule {
    /// [`crate::Account::id`].
    pub account: String,
    /// One topic of it; all of it if absent.
    #[serde(default)]
    pub topic: Option<String>,
    /// Nothing of it is toasted, however urgent.
    #[serde(default)]
    pub muted: bool,
    /// Toasts from this priority on.
    #[serde(default)]
    pub least_priority: Option<Priority>,
}

/// How servers are reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "url", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Proxy {
    /// As the system or the environment says.
    System,
    /// Directly.
    Direct,
    /// Through this proxy: `http`, `https`, `socks5` or `socks5h`, without credentials.
    Through(String),
}

/// "Do not disturb", as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct DoNotDisturb {
    /// Whether it is on.
    pub on: bool,
    /// When it ends by itself; never if absent.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub until: Option<OffsetDateTime>,
}

/// What to switch "do not disturb" to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Quiet {
    /// Off.
    Off,
    /// On for 30 minutes.
    HalfHour,
    /// On for an hour.
    Hour,
    /// On until 7 in the morning of the next day, local time.
    Tomorrow,
    /// On until it is turned off.
    UntilTurnedOff,
}

/// Why nothing is toasted at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Silence {
    /// `do_not_disturb`, `quiet_hours` or `desktop_quiet`.
    pub reason: Disposition,
    /// Until when, where that is known.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub until: Option<OffsetDateTime>,
}
