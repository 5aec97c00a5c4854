//! Which language and which clock the system has.
//!
//! On Linux the environment says so, by POSIX' order of names; elsewhere the system is asked.

use super::{Clock, Tongue};

/// The system's locales, by what they are for. Empty where none is set.
pub(super) struct Names {
    /// For words.
    pub(super) messages: String,
    /// For dates and times.
    pub(super) times: String,
}

#[cfg(target_os = "linux")]
pub(super) fn names() -> Names {
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let (all, messages, times, rest) = (of("LC_ALL"), of("LC_MESSAGES"), of("LC_TIME"), of("LANG"));
    Names { messages: first([&all, &messages, &rest]), times: first([&all, &times, &rest]) }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn names() -> Names {
    let name = sys_locale::get_locale().unwrap_or_default();
    Names { messages: name.clone(), times: name }
}

/// An empty one counts as not set (POSIX.1-2017, 8.2).
#[cfg(any(target_os = "linux", test))]
fn first(names: [&String; 3]) -> String {
    names.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default()
}

/// Portuguese of any country is nearer than English.
pub(super) fn tongue(name: &str) -> Tongue {
    let language = name.split(['_', '-', '.', '@']).next().unwrap_or_default();
    if language.eq_ignore_ascii_case("pt") { Tongue::BrazilianPortuguese } else { Tongue::English }
}

/// Regions that count hours twice to twelve, where English is widely written (CLDR's preferred hour cycle).
const TWICE_TWELVE: [&str; 9] = ["US", "CA", "AU", "NZ", "IN", "PH", "PK", "SG", "MY"];

pub(super) fn clock(name: &str) -> Clock {
    let region =
        name.split(['.', '@']).next().unwrap_or_default().split(['_', '-']).nth(1).unwrap_or_default();
    let twice = TWICE_TWELVE.iter().any(|known| region.eq_ignore_ascii_case(known));
    if twice { Clock::Hours12 } else { Clock::Hours24 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_name_tells_language_and_clock() {
        let table = [
            ("pt_BR.UTF-8", Tongue::BrazilianPortuguese, Clock::Hours24),
            ("pt-BR", Tongue::BrazilianPortuguese, Clock::Hours24),
            ("pt_PT@euro", Tongue::BrazilianPortuguese, Clock::Hours24),
            ("PT", Tongue::BrazilianPortuguese, Clock::Hours24),
            ("en_US.UTF-8", Tongue::English, Clock::Hours12),
            ("en-US", Tongue::English, Clock::Hours12),
            ("en_GB.UTF-8", Tongue::English, Clock::Hours24),
            ("de_DE.UTF-8", Tongue::English, Clock::Hours24),
            ("ptx", Tongue::English, Clock::Hours24),
            ("C.UTF-8", Tongue::English, Clock::Hours24),
            ("POSIX", Tongue::English, Clock::Hours24),
            ("", Tongue::English, Clock::Hours24),
        ];
        for (name, expected_tongue, expected_clock) in table {
            assert_eq!((tongue(name), clock(name)), (expected_tongue, expected_clock), "{name}");
        }
    }

    #[test]
    fn the_first_name_that_says_anything_holds() {
        let names = ["", "pt_BR", "en_US"].map(str::to_owned);
        assert_eq!(first([&names[0], &names[1], &names[2]]), "pt_BR");
        assert_eq!(first([&names[0], &names[0], &names[0]]), "");
    }
}
