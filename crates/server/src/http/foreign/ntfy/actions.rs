//! Buttons, as JSON or in ntfy's short form: `view, Open, https://a.example; http, "Off, now", https://b.example`.
//!
//! Owns the two forms and which buttons there are. A button that only ntfy's own app could press is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidings_protocol::Action;

use super::super::{any_case::AnyCase, draft::is_web};

/// Longest label that we store, in characters.
const LABEL: usize = 64;

/// A button as ntfy knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Button {
    #[serde(default, skip_deserializing)]
    id: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    label: String,
    /// Whether the notification goes once it was pressed; ours stays until it was read.
    #[serde(default)]
    clear: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    method: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    value: String,
}

/// What a button is here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Something that we can do.
    Ours(Action),
    /// It opens what none of our clients opens.
    Link {
        /// What it says.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// It is for another app on the same phone.
    Elsewhere,
}

/// Reads either form.
///
/// # Errors
/// What is wrong, for whoever wrote it.
pub(super) fn read(text: &str) -> Result<Vec<Button>, String> {
    let text = text.trim();
    let mut buttons = if text.starts_with('[') {
        let all: Vec<AnyCase<Button>> = serde_json::from_str(text).map_err(|problem| problem.to_string())?;
        all.into_iter().map(|AnyCase(button)| button).collect()
    } else {
        Short { rest: text }.buttons()?
    };
    for (index, button) in buttons.iter_mut().enumerate() {
        button.id = (index + 1).to_string();
        button.action.make_ascii_lowercase();
        button.method.make_ascii_uppercase();
        if button.label.trim().is_empty() {
            return Err("parameter 'label' is required".to_owned());
        }
        if matches!(button.action.as_str(), "view" | "http") && button.url.is_empty() {
            return Err(format!("parameter 'url' is required for action '{}'", button.action));
        }
        if button.action == "copy" && button.value.is_empty() {
            return Err("parameter 'value' is required for action 'copy'".to_owned());
        }
    }
    Ok(buttons)
}

impl Button {
    /// As one of ours.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn pressed(&self) -> Result<Pressed, String> {
        let label: String = match self.label.chars().count() {
            0..=LABEL => self.label.clone(),
            _ => self.label.chars().take(LABEL - 1).chain(['…']).collect(),
        };
        let opens =
            Action { id: self.id.clone(), label: label.clone(), url: self.url.clone(), ..Action::default() };
        match self.action.as_str() {
            "view" if is_web(&self.url) => Ok(Pressed::Ours(opens)),
            "view" => Ok(Pressed::Link { label, url: self.url.clone() }),
            "http" => Ok(Pressed::Ours(Action {
                method: Some(if self.method.is_empty() { "POST".to_owned() } else { self.method.clone() }),
                headers: self.headers.clone(),
                body: Some(self.body.clone()).filter(|body| !body.is_empty()),
                ..opens
            })),
            "copy" => {
                Ok(Pressed::Ours(Action { url: String::new(), copy: Some(self.value.clone()), ..opens }))
            }
            "broadcast" => Ok(Pressed::Elsewhere),
            other => Err(format!("action '{other}' unknown")),
        }
    }

    /// By its name in the short form.
    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        if let Some(name) = key.strip_prefix("headers.") {
            self.headers.insert(name.to_owned(), value);
            return Ok(());
        }
        match key.to_ascii_lowercase().as_str() {
            "action" => self.action = value,
            "label" => self.label = value,
            "url" => self.url = value,
            "method" => self.method = value,
            "body" => self.body = value,
            "clear" => {
                self.clear = match value.to_ascii_lowercase().as_str() {
                    "true" | "yes" | "1" => true,
                    "false" | "no" | "0" => false,
                    _ => return Err(format!("'clear={value}' not allowed")),
                }
            }
            "value" => self.value = value,
            // of broadcasts, which are not ours
            "intent" => {}
            other if other.starts_with("extras.") => {}
            _ => return Err(format!("key '{key}' unknown")),
        }
        Ok(())
    }
}

/// A reader of the short form: buttons end with `;`, their parts with `,`.
struct Short<'a> {
    rest: &'a str,
}

/// What a part ends with.
#[derive(PartialEq, Eq)]
enum End {
    Part,
    Button,
}

impl Short<'_> {
    fn buttons(mut self) -> Result<Vec<Button>, String> {
        let mut buttons = Vec::new();
        self.skip_space();
        while !self.rest.is_empty() {
            buttons.push(self.button()?);
            self.skip_space();
        }
        Ok(buttons)
    }

    fn button(&mut self) -> Result<Button, String> {
        let mut button = Button::default();
        for place in 0.. {
            self.skip_space();
            let key = self.key();
            let (value, end) = self.value()?;
            let key = match (key, place) {
                (Some(key), _) => key,
                (None, 0) => "action".to_owned(),
                (None, 1) => "label".to_owned(),
                (None, 2) if ["view", "http"].iter().any(|with| button.action.eq_ignore_ascii_case(with)) => {
                    "url".to_owned()
                }
                // a comma too many at the end
                (None, 2) if button.action.eq_ignore_ascii_case("copy") => "value".to_owned(),
                (None, _) if value.is_empty() && end == End::Button => break,
                (None, _) => return Err(format!("term '{value}' unknown")),
            };
            button.set(&key, value)?;
            if end == End::Button {
                break;
            }
        }
        Ok(button)
    }

    /// `name =`, if that is what comes.
    fn key(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)))?;
        let (key, after) = self.rest.split_at(end);
        let after = after.trim_start().strip_prefix('=').filter(|_| !key.is_empty())?;
        self.rest = after.trim_start();
        Some(key.to_owned())
    }

    fn value(&mut self) -> Result<(String, End), String> {
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return self.quoted(quote);
        }
        let end = self.rest.find([',', ';']).unwrap_or(self.rest.len());
        let (value, _) = self.rest.split_at(end);
        let value = value.trim_end().to_owned();
        self.rest = self.rest.get(end..).unwrap_or_default();
        Ok((value, self.end()?))
    }

    /// Within quotes nothing ends but by the same quote without a backslash before it.
    fn quoted(&mut self, quote: char) -> Result<(String, End), String> {
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, char)) = chars.next() {
            if char == '\\'
                && let Some((_, next)) = chars.next_if(|(_, next)| *next == quote)
            {
                value.push(next);
            } else if char == quote {
                self.rest = self.rest.get(at + quote.len_utf8()..).unwrap_or_default();
                self.skip_space();
                return Ok((value, self.end()?));
            } else {
                value.push(char);
            }
        }
        Err("unexpected end of input within quotes".to_owned())
    }

    fn end(&mut self) -> Result<End, String> {
        let mut chars = self.rest.chars();
        let end = match chars.next() {
            None | Some(';') => End::Button,
            Some(',') => End::Part,
            Some(other) => return Err(format!("unexpected character '{other}' after a quote")),
        };
        self.rest = chars.as_str();
        Ok(end)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn ours(text: &str) -> Vec<(String, String, Option<String>)> {
        let pressed = |button: &Button| match button.pressed().unwrap() {
            Pressed::Ours(action) => (action.label, action.url, action.method),
            other => panic!("{other:?}"),
        };
        read(text).unwrap().iter().map(pressed).collect()
    }

    #[test]
    fn the_short_form_is_read_as_ntfy_reads_it() {
        let button = |label: &str, url: &str, method: Option<&str>| {
            (label.to_owned(), url.to_owned(), method.map(str::to_owned))
        };
        for (text, expected) in [
            (
                "http, Open door, https://api.nest.com/open/yAxkasd, clear=true",
                vec![button("Open door", "https://api.nest.com/open/yAxkasd", Some("POST"))],
            ),
            (
                "view, Open portal, https://home.nest.com/, clear=true; http, Turn down, https://api.nest.com/, method=put",
                vec![
                    button("Open portal", "https://home.nest.com/", None),
                    button("Turn down", "https://api.nest.com/", Some("PUT")),
                ],
            ),
            (
                r#"action=view, label="Look ma, commas; and \"quotes\" too", url=https://a.example/?a=b"#,
                vec![button(r#"Look ma, commas; and "quotes" too"#, "https://a.example/?a=b", None)],
            ),
            (
                "label='Out of order!' , action='view' , url = https://a.example ;",
                vec![button("Out of order!", "https://a.example", None)],
            ),
            ("  VIEW , Äpfel , https://a.example ", vec![button("Äpfel", "https://a.example", None)]),
        ] {
            assert_eq!(ours(text), expected, "{text}");
        }
    }

    #[test]
    fn json_says_the_same() {
        let text = json!([
            {"action": "View", "label": "Open", "url": "https://a.example", "clear": true},
            {"Action": "http", "Label": "Off", "URL": "https://b.example", "METHOD": "delete"}
        ]);
        assert_eq!(
            ours(&text.to_string()),
            ours("view, Open, https://a.example, clear=true; http, Off, https://b.example, method=DELETE")
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("view", "'label' is required"),
            ("view, Open", "'url' is required"),
            ("view, Open, https://a.example, what", "term 'what' unknown"),
            ("view, Open, https://a.example, colour=red", "key 'colour' unknown"),
            ("view, Open, https://a.example, clear=maybe", "'clear=maybe' not allowed"),
            ("view, \"Open, https://a.example", "within quotes"),
            ("view, \"Open\" it, https://a.example", "unexpected character 'i'"),
            ("[{]", "key must be a string"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn buttons_call_with_what_they_are_given_and_copy() {
        let pressed = |text: &str| read(text).unwrap().first().unwrap().pressed();
        let called = "http, Off, https://a.example, headers.Authorization=Bearer x, body='{\"on\": false}'";
        assert_eq!(
            pressed(called).unwrap(),
            Pressed::Ours(Action {
                id: "1".to_owned(),
                label: "Off".to_owned(),
                url: "https://a.example".to_owned(),
                method: Some("POST".to_owned()),
                headers: [("Authorization".to_owned(), "Bearer x".to_owned())].into(),
                body: Some("{\"on\": false}".to_owned()),
                copy: None,
            })
        );
        let copied = Action {
            id: "1".to_owned(),
            label: "Copy code".to_owned(),
            copy: Some("123".to_owned()),
            ..Action::default()
        };
        for text in ["copy, Copy code, 123", r#"[{"action": "copy", "label": "Copy code", "value": "123"}]"#]
        {
            assert_eq!(pressed(text).unwrap(), Pressed::Ours(copied.clone()), "{text}");
        }
        assert!(read("copy, Copy code").unwrap_err().contains("'value' is required"));
    }

    #[test]
    fn a_button_for_elsewhere_is_left_out_and_one_that_is_unknown_refused() {
        let pressed = |text: &str| read(text).unwrap().first().unwrap().pressed();
        assert!(pressed("dance, Now, url=https://a.example").unwrap_err().contains("dance"));
        assert_eq!(pressed("broadcast, Snap, extras.cmd=pic").unwrap(), Pressed::Elsewhere);
        let (label, url) = ("Write".to_owned(), "mailto:phil@example.com".to_owned());
        assert_eq!(pressed("view, Write, mailto:phil@example.com").unwrap(), Pressed::Link { label, url });
    }

    #[test]
    fn a_label_that_is_too_long_is_clipped() {
        let text = format!("view, {}, https://a.example", "ä".repeat(LABEL + 1));
        assert_eq!(ours(&text).first().unwrap().0, format!("{}…", "ä".repeat(LABEL - 1)));
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_out_as_it_was(label in "[^\\\\]{1,40}") {
            prop_assume!(!label.trim().is_empty());
            let text = format!("view, \"{}\", https://a.example", label.replace('"', "\\\""));
            let buttons = read(&text).unwrap();
            prop_assert_eq!(&buttons.first().unwrap().label, &label);
        }

        #[test]
        fn nothing_breaks_it(text in "(view|http|[,;=\"'\\\\ ]|clear|label|\\PC){0,40}") {
            for button in read(&text).unwrap_or_default() {
                let _ = button.pressed();
            }
        }
    }
}
