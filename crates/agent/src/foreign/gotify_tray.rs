//! gotify-tray: a file of Qt's settings, with one server.

use std::path::Path;

use tidings_control::{Dialect, Program};
use tidings_protocol::Secret;

use super::{Found, Key, Unreadable, legible, server};

pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Found>, Unreadable> {
    let (mut section, mut url, mut token) = ("", None, None);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let (true, Some((name, value))) = (section == "Server", line.split_once('=')) {
            match name.trim() {
                "url" => url = Some(unquoted(value.trim())?),
                "client_token" => token = Some(unquoted(value.trim())?),
                _ => {}
            }
        }
    }
    let (Some(url), Some(token)) =
        (url.filter(|url| !url.is_empty()), token.filter(|token| !token.is_empty()))
    else {
        return Ok(Vec::new());
    };
    let dialect = Dialect::Gotify;
    Ok(vec![Found {
        program: Program::GotifyTray,
        file: file.to_owned(),
        dialect,
        server: server(&url, dialect)?,
        key: Key::Token(Secret::from(legible(&token)?)),
        topics: Vec::new(),
    }])
}

/// A value as Qt writes it: in quotes where it holds what has a meaning, with escapes of C. What is no text begins with `@`.
fn unquoted(value: &str) -> Result<String, Unreadable> {
    let odd = || Unreadable::Names("a value of an unknown form");
    if value.starts_with('@') && !value.starts_with("@@") {
        return Err(odd());
    }
    let inside = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or_else(odd)?,
        None => value,
    };
    let (mut text, mut rest) = (String::new(), inside.chars().peekable());
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next().ok_or_else(odd)? {
            c @ ('\\' | '"' | ';' | ',') => text.push(c),
            'x' => {
                let mut digits = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_hexdigit) {
                    digits.push(digit);
                }
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                text.push(code.ok_or_else(odd)?);
            }
            _ => return Err(odd()),
        }
    }
    Ok(text)
}
