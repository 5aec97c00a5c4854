//! What the window was started for, from its command line.
//!
//! Desktops start it for a link, and where the agent cannot be started by itself (an AppImage; Windows, where a console
//! would open) it stands in for it. It knows nothing else: the command line is the agent's.

use std::ffi::OsString;

/// What a start is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// The window.
    Look,
    /// The window, which asks about this `tidings:` link.
    Follow(String),
    /// No window: the agent's program, with these arguments.
    Agent(Vec<OsString>),
}

impl Errand {
    pub(crate) fn of(arguments: impl Iterator<Item = OsString>) -> Self {
        let mut arguments = arguments.peekable();
        if arguments.next_if(|first| first == "--agent").is_some() {
            return Self::Agent(arguments.collect());
        }
        // desktops pass a file that is opened with us in the same way; nothing comes of it
        let link =
            arguments.filter_map(|argument| argument.into_string().ok()).find(|argument| is_ours(argument));
        link.map_or(Self::Look, Self::Follow)
    }
}

fn is_ours(argument: &str) -> bool {
    argument.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("tidings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Errand {
        Errand::of(arguments.iter().map(OsString::from))
    }

    #[test]
    fn a_link_is_followed_and_anything_else_opens_the_window() {
        assert_eq!(of(&[]), Errand::Look);
        assert_eq!(of(&["/tmp/file", "https://example.com", "--help", "tidings"]), Errand::Look);
        assert_eq!(of(&["tidings://add?server=x"]), Errand::Follow("tidings://add?server=x".into()));
        assert_eq!(of(&["--", "TIDINGS://add"]), Errand::Follow("TIDINGS://add".into()));
    }

    #[test]
    fn the_agent_gets_its_arguments_as_they_are() {
        assert_eq!(
            of(&["--agent", "run", "--no-tray"]),
            Errand::Agent(vec!["run".into(), "--no-tray".into()])
        );
        assert_eq!(of(&["tidings://add", "--agent"]), Errand::Follow("tidings://add".into()));
    }
}
