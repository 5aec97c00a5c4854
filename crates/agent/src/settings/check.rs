//! What a setting may be.

use std::collections::HashSet;

use tidings_control::{Proxy, Rule, Setting};
use url::Url;

use crate::quiet_hours::{Span, SpanError};

/// More days than anybody remembers.
const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// Fewer would be gone before they are read; more is not what the inbox is measured with.
const COUNT: std::ops::RangeInclusive<u32> = 100..=1_000_000;

const PROXY_SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// Why a setting makes no sense, for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// See [`SpanError`].
    #[error(transparent)]
    QuietHours(#[from] SpanError),
    /// Neither would stand before the other.
    #[error("there is more than one rule for the same account and topic")]
    TwoRules,
    /// Out of range.
    #[error("what is read can be kept for 1 to 3650 days, not for {0}")]
    KeepDays(u32),
    /// Out of range.
    #[error("100 to 1000000 notifications can be kept, not {0}")]
    KeepCount(u32),
    /// Not an address of a proxy.
    #[error("a proxy's address is like http://proxy.example.com:3128, by http, https, socks5 or socks5h")]
    ProxyAddress,
    /// It is kept in the inbox, which is no place for a password.
    #[error("a proxy's address cannot hold a user or a password here")]
    ProxyCredentials,
}

/// The setting as it is kept, if it makes sense.
pub(super) fn check(setting: Setting) -> Result<Setting, Objection> {
    match &setting {
        Setting::QuietHours(hours) => {
            for hours in hours {
                Span::parse(hours)?;
            }
        }
        Setting::Rules(rules) => {
            let mut known = HashSet::new();
            if !rules.iter().all(|Rule { account, topic, .. }| known.insert((account, topic))) {
                return Err(Objection::TwoRules);
            }
        }
        Setting::KeepDays(days) if !DAYS.contains(days) => return Err(Objection::KeepDays(*days)),
        Setting::KeepCount(count) if !COUNT.contains(count) => return Err(Objection::KeepCount(*count)),
        Setting::Proxy(Proxy::Through(address)) => {
            return Ok(Setting::Proxy(Proxy::Through(proxy(address.trim())?)));
        }
        Setting::Language(_)
        | Setting::Theme(_)
        | Setting::UrgentPasses(_)
        | Setting::FollowDesktop(_)
        | Setting::LeastPriority(_)
        | Setting::Sound(_)
        | Setting::KeepDays(_)
        | Setting::KeepCount(_)
        | Setting::Proxy(_) => {}
    }
    Ok(setting)
}

fn proxy(address: &str) -> Result<String, Objection> {
    let url = Url::parse(address).map_err(|_| Objection::ProxyAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Objection::ProxyCredentials);
    }
    let beside = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
    let hostless = url.host_str().is_none_or(str::is_empty);
    if beside || hostless || !PROXY_SCHEMES.contains(&url.scheme()) {
        return Err(Objection::ProxyAddress);
    }
    Ok(address.to_owned())
}

#[cfg(test)]
mod tests {
    use tidings_control::{QuietHours, Weekday};

    use super::*;

    fn through(address: &str) -> Setting {
        Setting::Proxy(Proxy::Through(address.into()))
    }

    #[test]
    fn what_makes_no_sense_is_told_in_words() {
        let hours = |days: &[Weekday], from: &str| {
            Setting::QuietHours(vec![QuietHours {
                days: days.into(),
                from: from.into(),
                until: "07:00".into(),
            }])
        };
        let rule = Rule { account: "a".into(), topic: None, muted: true, least_priority: None };
        let of_topic = Rule { topic: Some("builds".into()), ..rule.clone() };
        let table = [
            (hours(&[Weekday::Friday], "22:00"), None),
            (hours(&[], "22:00"), Some(Objection::QuietHours(SpanError::NoDay))),
            (hours(&[Weekday::Friday], "10 pm"), Some(SpanError::Time("10 pm".into()).into())),
            (Setting::Rules(vec![rule.clone(), of_topic]), None),
            (Setting::Rules(vec![rule.clone(), Rule { muted: false, ..rule }]), Some(Objection::TwoRules)),
            (Setting::KeepDays(0), Some(Objection::KeepDays(0))),
            (Setting::KeepDays(1), None),
            (Setting::KeepDays(3650), None),
            (Setting::KeepDays(3651), Some(Objection::KeepDays(3651))),
            (Setting::KeepCount(99), Some(Objection::KeepCount(99))),
            (Setting::KeepCount(100), None),
            (Setting::KeepCount(1_000_000), None),
            (Setting::KeepCount(1_000_001), Some(Objection::KeepCount(1_000_001))),
            (Setting::Proxy(Proxy::Direct), None),
            (through("http://proxy:3128"), None),
            (through("https://proxy.example.com/"), None),
            (through("socks5h://[::1]:1080"), None),
            (through("proxy:3128"), Some(Objection::ProxyAddress)),
            (through("ftp://proxy"), Some(Objection::ProxyAddress)),
            (through("http://proxy/path"), Some(Objection::ProxyAddress)),
            (through("http://"), Some(Objection::ProxyAddress)),
            (through("socks5://"), Some(Objection::ProxyAddress)),
            (through(""), Some(Objection::ProxyAddress)),
            (through("http://alice@proxy:3128"), Some(Objection::ProxyCredentials)),
            (through("socks5://alice:secret@proxy"), Some(Objection::ProxyCredentials)),
        ];
        for (setting, objection) in table {
            assert_eq!(check(setting.clone()).err(), objection, "{setting:?}");
        }
        assert_eq!(check(through(" http://proxy:3128 ")), Ok(through("http://proxy:3128")));
    }
}
