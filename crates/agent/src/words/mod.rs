//! What the agent says on the desk, in tray and toasts: one file per language.
//!
//! Owns every such sentence, the choice of a language, and how times are written. [`Words`] is a struct without
//! defaults: a language that lacks a sentence does not compile. Refuses the window's words (`ui/src/words`) and those
//! of logs, failures and the command line, which are English and for whoever reads them next to a source.

mod en;
mod pt_br;
mod system;

use tidings_control::{CauseKind, Language};
use time::Weekday;
use url::Url;

/// A language that there are words in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// Brazilian Portuguese.
    BrazilianPortuguese,
}

/// How the hours of a day are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Clock {
    /// `14:30`.
    #[default]
    Hours24,
    /// `2:30 PM`.
    Hours12,
}

/// How to speak to the person: cheap to find out anew whenever something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locale {
    /// In which words.
    pub tongue: Tongue,
    /// And with which clock.
    pub clock: Clock,
}

impl Locale {
    /// What the setting and the system's own choice come to.
    pub fn chosen(language: Language) -> Self {
        Self::with(language, &system::names())
    }

    fn with(language: Language, system: &system::Names) -> Self {
        let tongue = match language {
            Language::System => system::tongue(&system.messages),
            Language::English => Tongue::English,
            Language::BrazilianPortuguese => Tongue::BrazilianPortuguese,
        };
        let clock = match tongue {
            Tongue::English => system::clock(&system.times),
            Tongue::BrazilianPortuguese => Clock::Hours24,
        };
        Self { tongue, clock }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self.tongue {
            Tongue::English => &en::WORDS,
            Tongue::BrazilianPortuguese => &pt_br::WORDS,
        }
    }

    /// A time to come.
    pub fn time(self, wall: Wall) -> String {
        let Wall { hour, minute, day } = wall;
        let time = match self.clock {
            Clock::Hours24 => format!("{hour:02}:{minute:02}"),
            Clock::Hours12 => {
                let half = if hour < 12 { "AM" } else { "PM" };
                format!("{}:{minute:02} {half}", if hour % 12 == 0 { 12 } else { hour % 12 })
            }
        };
        match day {
            None => time,
            Some(day) => format!("{} {time}", (self.words().weekday)(day)),
        }
    }
}

/// A time to come within a week, as a clock on the wall will show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// The day, unless it is today.
    pub day: Option<Weekday>,
}

/// What happened to a connection, and what comes of it or can be done about it. Without full stops at the end of the
/// first, which stands alone in a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub headline: String,
    /// What Tidings does about it, or what the person can do.
    pub then: Option<&'static str>,
}

/// Every sentence of tray and toasts. Counts come in as numbers: how they inflect is for the language.
pub struct Words {
    /// What somebody without a user name is called.
    pub guest: &'static str,
    /// A user at a host.
    pub user_at: fn(user: &str, host: &str) -> String,
    /// A day of the week, short.
    pub weekday: fn(Weekday) -> &'static str,

    /// No account is signed in.
    pub not_signed_in: &'static str,
    /// The only account is live.
    pub connected_to: fn(host: &str) -> String,
    /// The only account is on its way.
    pub connecting_to: fn(host: &str) -> String,
    /// All of several are live.
    pub all_connected: fn(accounts: usize) -> String,
    /// Some of several are.
    pub some_connected: fn(connected: usize, accounts: usize) -> String,
    /// Every account is put to rest.
    pub paused: &'static str,
    /// A connection closes.
    pub disconnecting: &'static str,
    /// Not live, and nothing more is known than the host.
    pub cut_off: fn(host: &str) -> Said,
    /// Not live, and why.
    pub trouble: fn(kind: CauseKind, host: &str) -> Said,
    /// An account's state in a word or two, after its name.
    pub standing: fn(Standing) -> &'static str,

    /// How many are unread; never asked about none.
    pub unread: fn(count: u32) -> String,
    /// A notification without words.
    pub untitled: &'static str,
    /// Opens the window.
    pub open: &'static str,
    /// Marks everything as read.
    pub mark_all_read: &'static str,
    /// Starts an attempt now.
    pub reconnect: &'static str,
    /// Holds the accounts.
    pub accounts: &'static str,
    /// Ends a session.
    pub sign_out: &'static str,
    /// Ends the agent.
    pub quit: &'static str,

    /// The switch and its choices.
    pub do_not_disturb: &'static str,
    /// "Do not disturb" is on; until when, if it ends by itself.
    pub do_not_disturb_on: fn(until: Option<&str>) -> String,
    /// Switches it off.
    pub turn_off: &'static str,
    /// For 30 minutes.
    pub half_hour: &'static str,
    /// For an hour.
    pub one_hour: &'static str,
    /// Until the next morning.
    pub until_tomorrow: &'static str,
    /// For good.
    pub until_turned_off: &'static str,
    /// Quiet hours; until when, if that is known.
    pub quiet_hours: fn(until: Option<&str>) -> String,
    /// The desktop's own "do not disturb" is on.
    pub desktop_quiet: &'static str,

    /// The action of a click on a toast, which some daemons show.
    pub show: &'static str,
    /// Marks one as read.
    pub mark_read: &'static str,
    /// A toast that stands for many.
    pub summary: fn(count: usize) -> String,
    /// A toast that stands for many of one topic.
    pub summary_of: fn(count: usize, topic: &str) -> String,
    /// A toast that stands for what arrived while the person was away.
    pub missed: fn(count: usize) -> String,
    /// The last line of a toast that stands for more than it names.
    pub and_more: fn(count: usize) -> String,
    /// A sign-in has ended.
    pub sign_in_ended: &'static str,
    /// And what to do about it.
    pub sign_in_again: fn(user: &str) -> String,
    /// A button's address did not do what was asked.
    pub not_done: fn(label: &str) -> String,
    /// The toast that shows what toasts are like.
    pub preview_title: &'static str,
    /// Its text.
    pub preview_body: &'static str,
}

impl Words {
    /// What a person calls whoever has this user name.
    pub fn called<'a>(&self, username: &'a str) -> &'a str {
        if username.is_empty() { self.guest } else { username }
    }

    /// An account without a name of its own.
    pub fn account(&self, username: &str, server: &str) -> String {
        (self.user_at)(self.called(username), &host(server))
    }
}

/// A server as a person says it: host, and the port where it is not the usual one.
pub fn host(server: &str) -> String {
    let Ok(url) = Url::parse(server) else { return server.to_owned() };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => server.to_owned(),
    }
}

/// Where an account stands, as a list of several says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Live.
    Connected,
    /// On its way.
    Connecting,
    /// Cut off; it comes back by itself.
    CutOff,
    /// There is no network.
    Offline,
    /// No session.
    SignedOut,
    /// Only the person can mend it.
    NeedsYou,
    /// The person, or the number of attempts, has ended it.
    Disconnected,
    /// The person has put it to rest.
    Paused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_goes_before_the_system() {
        let system = system::Names { messages: "pt_BR.UTF-8".to_owned(), times: "en_US.UTF-8".to_owned() };
        let table = [
            (Language::System, Tongue::BrazilianPortuguese, Clock::Hours24),
            (Language::English, Tongue::English, Clock::Hours12),
            (Language::BrazilianPortuguese, Tongue::BrazilianPortuguese, Clock::Hours24),
        ];
        for (language, tongue, clock) in table {
            assert_eq!(Locale::with(language, &system), Locale { tongue, clock }, "{language:?}");
        }
    }

    #[test]
    fn a_time_is_written_as_the_person_writes_it() {
        let english = |clock| Locale { tongue: Tongue::English, clock };
        let portuguese = Locale { tongue: Tongue::BrazilianPortuguese, clock: Clock::Hours24 };
        #[rustfmt::skip]
        let table = [
            (23, 5, None, "23:05", "11:05 PM", "23:05"),
            (0, 0, Some(Weekday::Tuesday), "Tue 00:00", "Tue 12:00 AM", "ter. 00:00"),
            (12, 7, Some(Weekday::Tuesday), "Tue 12:07", "Tue 12:07 PM", "ter. 12:07"),
            (7, 0, Some(Weekday::Saturday), "Sat 07:00", "Sat 7:00 AM", "sáb. 07:00"),
        ];
        for (hour, minute, day, whole, halves, in_portuguese) in table {
            let wall = Wall { hour, minute, day };
            assert_eq!(english(Clock::Hours24).time(wall), whole);
            assert_eq!(english(Clock::Hours12).time(wall), halves);
            assert_eq!(portuguese.time(wall), in_portuguese);
        }
    }

    #[test]
    fn counts_inflect() {
        for (count, english, portuguese) in [
            (1, "1 unread", "1 não lida"),
            (99, "99 unread", "99 não lidas"),
            (100, "99+ unread", "99+ não lidas"),
        ] {
            assert_eq!((en::WORDS.unread)(count), english);
            assert_eq!((pt_br::WORDS.unread)(count), portuguese);
        }
        for (count, english, portuguese) in
            [(1, "1 more notification", "Mais 1 notificação"), (40, "40 notifications", "40 notificações")]
        {
            assert_eq!((en::WORDS.summary)(count), english);
            assert_eq!((pt_br::WORDS.summary)(count), portuguese);
        }
        for (count, english, portuguese) in [
            (1, "1 notification while you were away", "1 notificação enquanto você estava fora"),
            (40, "40 notifications while you were away", "40 notificações enquanto você estava fora"),
        ] {
            assert_eq!((en::WORDS.missed)(count), english);
            assert_eq!((pt_br::WORDS.missed)(count), portuguese);
        }
    }

    #[test]
    fn a_headline_stands_alone_and_what_follows_is_a_sentence() {
        use CauseKind::*;
        let all = [
            Offline,
            Unreachable,
            ServerBusy,
            Restarting,
            SignInNeeded,
            Blocked,
            NotSuchServer,
            Certificate,
            ClientCertificate,
            CertificateFile,
            Proxy,
            KeychainLocked,
            GaveUp,
            Stopped,
        ];
        for words in [&en::WORDS, &pt_br::WORDS] {
            for kind in all {
                let Said { headline, then } = (words.trouble)(kind, "a.example");
                assert!(!headline.is_empty() && !headline.ends_with('.'), "{kind:?}: {headline}");
                assert!(then.is_none_or(|then| then.ends_with('.')), "{kind:?}: {then:?}");
            }
        }
    }
}
