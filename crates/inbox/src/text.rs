//! What a stranger sent, made fit to be kept and shown.
//!
//! Limits are above what this project's own server takes, so that nothing of an honest publisher is clipped, and below
//! what would hurt.

use tidings_protocol::{Action, Attachment, Notification};
use url::Url;

/// Characters in a title.
const TITLE: usize = 500;
/// Characters in a body.
const BODY: usize = 32 * 1024;
/// Characters in a topic, a tag or a button's label.
const LABEL: usize = 200;
/// Tags, and buttons, on one notification.
const MANY: usize = 32;
/// Bytes that a button's call carries, and characters that it copies.
const CARRIED: usize = 8 * 1024;
/// Bytes in an address: what browsers agree on.
const ADDRESS: usize = 2048;
/// Bytes in an id. A longer one is taken for none, as a clipped one could hide another notification.
pub(crate) const ID: usize = 1024;

/// Cleans every part of a notification that is kept.
pub(crate) fn clean(notification: Notification) -> Notification {
    Notification {
        // SQLite counts to 2^63 - 1, and no honest server gets near it
        seq: notification.seq.filter(|seq| i64::try_from(*seq).is_ok()),
        id: notification.id.filter(|id| usable_id(id)),
        title: line(&notification.title, TITLE),
        body: text(&notification.body, BODY),
        priority: notification.priority,
        topic: notification.topic.map(|topic| line(&topic, LABEL)).filter(|topic| !topic.is_empty()),
        tags: notification
            .tags
            .iter()
            .take(MANY)
            .map(|tag| line(tag, LABEL))
            .filter(|tag| !tag.is_empty())
            .collect(),
        click_url: notification.click_url.as_deref().and_then(web_address),
        actions: actions(notification.actions),
        icon_url: notification.icon_url.as_deref().and_then(web_address),
        image_url: notification.image_url.as_deref().and_then(web_address),
        attachment: notification.attachment.and_then(attachment),
        plain: notification.plain,
        replaces: notification.replaces.filter(|id| usable_id(id)),
        created_at: notification.created_at,
        expires_at: notification.expires_at,
    }
}

/// Whether an id can be kept whole.
pub(crate) fn usable_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID
}

/// A button is named by its id alone, so no two of them may share one.
fn actions(actions: Vec<Action>) -> Vec<Action> {
    let mut kept: Vec<Action> = Vec::new();
    for action in actions.into_iter().take(MANY).filter_map(action) {
        if kept.iter().all(|known| known.id != action.id) {
            kept.push(action);
        }
    }
    kept
}

fn action(action: Action) -> Option<Action> {
    // what copies goes nowhere
    let url = if action.copy.is_some() { String::new() } else { web_address(&action.url)? };
    let (headers, body) = (action.headers, action.body);
    let carried = headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
        + body.as_ref().map_or(0, String::len);
    if carried > CARRIED || headers.len() > MANY {
        return None;
    }
    Some(Action {
        url,
        id: usable_id(&action.id).then_some(action.id)?,
        label: Some(line(&action.label, LABEL)).filter(|label| !label.is_empty())?,
        method: action.method.map(|method| line(&method, LABEL)),
        headers,
        body,
        copy: action.copy.map(|copied| text(&copied, CARRIED)),
    })
}

fn attachment(attachment: Attachment) -> Option<Attachment> {
    Some(Attachment {
        url: web_address(&attachment.url)?,
        name: line(&attachment.name, LABEL),
        media_type: attachment.media_type.map(|media_type| line(&media_type, LABEL)),
        ..attachment
    })
}

/// An address that may be opened in a browser: `http` or `https`, with a host.
fn web_address(typed: &str) -> Option<String> {
    let url = Url::parse(typed).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (web && url.as_str().len() <= ADDRESS).then(|| url.into())
}

/// One line: every run of white space is one space.
fn line(raw: &str, most: usize) -> String {
    let spaced = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(spaced.chars().filter(|c| !is_unfit(*c)), most)
}

/// Text with its line breaks and tabs.
fn text(raw: &str, most: usize) -> String {
    let unix = raw.replace("\r\n", "\n").replace('\r', "\n");
    let kept = unix.chars().filter(|c| matches!(c, '\n' | '\t') || !is_unfit(*c));
    clip(kept, most).trim_end().to_owned()
}

fn clip(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut chars = chars;
    let mut kept: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// Control characters, and the marks that turn the direction of the text that follows them: both can make one text look
/// like another (Unicode Technical Report 36 §3).
fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_has_a_label_and_an_id_of_its_own() {
        let button = |id: &str, label: &str| Action {
            id: id.to_owned(),
            label: label.to_owned(),
            url: "https://example.com".to_owned(),
            ..Action::default()
        };
        let all =
            vec![button("a", "First"), button("a", "Second"), button("b", " \u{202e} "), button("c", "C")];
        let kept: Vec<String> = actions(all).into_iter().map(|action| action.label).collect();
        assert_eq!(kept, ["First", "C"], "a second one under a name could be pressed for the first");
    }

    #[test]
    fn a_title_is_one_line_without_control_characters() {
        assert_eq!(line("  Disk\r\n full\u{0}\u{7}\u{202E} now ", TITLE), "Disk full now");
    }

    #[test]
    fn a_body_keeps_its_lines() {
        assert_eq!(text("one\r\ntwo\rthree\tx\u{1b}[31m\n", BODY), "one\ntwo\nthree\tx[31m");
    }

    #[test]
    fn long_text_is_clipped_between_characters_and_says_so() {
        assert_eq!(line("ääää", 3), "ää…");
        assert_eq!(line("äää", 3), "äää");
    }

    #[test]
    fn only_web_addresses_are_kept() {
        assert_eq!(web_address("https://example.com/x"), Some("https://example.com/x".into()));
        for refused in
            ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https:", "nonsense", ""]
        {
            assert_eq!(web_address(refused), None, "{refused}");
        }
        assert_eq!(web_address(&format!("https://example.com/{}", "x".repeat(ADDRESS))), None);
    }
}
