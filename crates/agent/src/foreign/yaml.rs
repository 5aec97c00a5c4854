//! As much of YAML as a file of settings has: names and values on one line each, and lists of those.
//!
//! Refuses everything else by the number of its line, rather than to guess: an anchor or a text over several lines would be
//! read wrong by somebody who knows only this much. What stands below a name that is not asked for is passed over.

use super::Unreadable;

/// A line that says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    /// How far it is indented; what begins an entry of a list counts.
    pub(super) depth: usize,
    /// It begins an entry of a list.
    pub(super) entry: bool,
    pub(super) name: &'a str,
    /// What follows on its line, as it stands there.
    pub(super) value: &'a str,
}

/// All lines that say something. Those that are no `name: value` have no name.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let bare = line.trim_start_matches(' ');
        let mut depth = line.len() - bare.len();
        let said = bare.trim_end();
        if said.is_empty() || said.starts_with('#') || said == "---" {
            return None;
        }
        let (entry, said) =
            match said.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
                Some(rest) => (true, rest.get(1..).unwrap_or_default()),
                None => (false, said),
            };
        let inner = said.trim_start_matches(' ');
        if entry {
            depth += 2 + said.len() - inner.len();
        }
        let (name, value) = parted(inner).unwrap_or(("", inner));
        Some(Line { number: index + 1, depth, entry, name, value: value.trim() })
    })
}

/// What stands before the colon, without its quotes, and what follows it.
fn parted(said: &str) -> Option<(&str, &str)> {
    let (quoted, ends) = match said.chars().next() {
        Some(quote @ ('"' | '\'')) => (true, closing(&said[1..], quote)? + 2),
        _ => (false, 0),
    };
    let colons = said[ends..].match_indices(':').map(|(at, _)| ends + at);
    let parts = |at: &usize| matches!(said.as_bytes().get(at + 1), None | Some(b' ' | b'\t'));
    let colon = { colons }.find(parts)?;
    let name = said[..colon].trim_end_matches([' ', '\t']);
    let name = if quoted && name.len() == ends { &name[1..ends - 1] } else { name };
    Some((name, &said[colon + 1..]))
}

impl Line<'_> {
    /// Whether its name is read as it was meant. One in another form may stand for any, also for one that is asked for.
    pub(super) fn has_plain_name(&self) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !self.name.is_empty() && self.name.bytes().all(plain)
    }
}

/// The text that a value on one line stands for; none for one that says nothing.
pub(super) fn scalar(line: &Line<'_>) -> Result<Option<String>, Unreadable> {
    let wrong = || Unreadable::Line(line.number);
    let value = line.value;
    if let Some(rest) = value.strip_prefix('\'') {
        let end = closing(rest, '\'').ok_or_else(wrong)?;
        ends(&rest[end + 1..]).ok_or_else(wrong)?;
        return Ok(Some(rest[..end].replace("''", "'")));
    }
    if let Some(rest) = value.strip_prefix('"') {
        let end = closing(rest, '"').ok_or_else(wrong)?;
        ends(&rest[end + 1..]).ok_or_else(wrong)?;
        return unescaped(&rest[..end]).map(Some).ok_or_else(wrong);
    }
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    match value.chars().next() {
        None | Some('#') => Ok(None),
        Some('&' | '*' | '!' | '|' | '>' | '[' | '{' | '%' | '@' | '`' | ',' | ']' | '}') => Err(wrong()),
        Some(_) if value.contains(": ") || value.chars().any(char::is_control) => Err(wrong()),
        Some(_) if matches!(value, "~" | "null" | "Null" | "NULL") => Ok(None),
        Some(_) => Ok(Some(value.to_owned())),
    }
}

/// Where a text in quotes ends.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut at = rest.char_indices().peekable();
    while let Some((index, c)) = at.next() {
        if c == '\\' && quote == '"' {
            at.next();
        } else if c == quote {
            if quote == '\'' && at.next_if(|(_, next)| *next == '\'').is_some() {
                continue;
            }
            return Some(index);
        }
    }
    None
}

/// Nothing but a comment follows.
fn ends(rest: &str) -> Option<()> {
    let rest = rest.trim_start();
    (rest.is_empty() || rest.starts_with('#')).then_some(())
}

fn unescaped(text: &str) -> Option<String> {
    let (mut plain, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next()? {
                c @ ('\\' | '"' | '/') => c,
                't' => '\t',
                'n' => '\n',
                _ => return None,
            },
            c => c,
        });
    }
    Some(plain)
}
