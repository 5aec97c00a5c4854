//! What a request says besides its body: in headers, under any of their names, in the address, or in the JSON.
//!
//! Owns where a value is looked for and how it is decoded, not what it means.

use axum::http::{HeaderMap, HeaderValue, request::Parts};
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{any_case::AnyCase, encoded_word, pairs},
    fault::{Fault, Refused},
};

/// Names of one thing. Headers under any of them go before the address.
pub(super) type Names = &'static [&'static str];

pub(super) const MESSAGE: Names = &["x-message", "message", "m"];
pub(super) const TITLE: Names = &["x-title", "title", "ti", "t"];
pub(super) const SEQUENCE: Names = &["x-sequence-id", "sequence-id", "sid"];
pub(super) const PRIORITY: Names = &["x-priority", "priority", "prio", "p"];
pub(super) const TAGS: Names = &["x-tags", "tags", "tag", "ta"];
pub(super) const CLICK: Names = &["x-click", "click"];
pub(super) const ACTIONS: Names = &["x-actions", "actions", "action"];
pub(super) const ICON: Names = &["x-icon", "icon"];
pub(super) const ATTACH: Names = &["x-attach", "attach", "a"];
pub(super) const FILENAME: Names = &["x-filename", "filename", "file", "f"];
pub(super) const DELAY: Names = &["x-delay", "delay", "x-at", "at", "x-in", "in"];
pub(super) const MARKDOWN: Names = &["x-markdown", "markdown", "md"];
pub(super) const CONTENT_TYPE: Names = &["content-type", "content_type"];
pub(super) const EMAIL: Names = &["x-email", "x-e-mail", "email", "e-mail", "mail", "e"];
pub(super) const CALL: Names = &["x-call", "call"];
pub(super) const TEMPLATE: Names = &["x-template", "template", "tpl"];
pub(super) const UNIFIED_PUSH: Names = &["x-unifiedpush", "unifiedpush", "up"];
pub(super) const POLL: Names = &["x-poll-id", "poll-id"];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// From JSON or path, by the first of the names; these go before all else.
    fixed: Vec<(&'static str, String)>,
    headers: HeaderMap,
    query: Vec<(String, String)>,
}

/// The JSON that is published to `/`.
#[derive(Deserialize)]
struct Json {
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    message: Option<String>,
    /// A number with ntfy; its words are clear enough to be taken, too.
    #[serde(default)]
    priority: Option<Value>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    click: Option<String>,
    #[serde(default)]
    icon: Option<String>,
    #[serde(default)]
    actions: Option<Vec<Value>>,
    #[serde(default)]
    attach: Option<String>,
    #[serde(default)]
    filename: Option<String>,
    #[serde(default)]
    markdown: Option<bool>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    call: Option<String>,
    #[serde(default)]
    delay: Option<String>,
    #[serde(default)]
    sequence_id: Option<String>,
}

impl Parameters {
    /// Puts in what the path says.
    pub(super) fn with(mut self, names: Names, value: String) -> Self {
        self.fixed.extend(names.first().map(|name| (*name, value)));
        self
    }

    pub(super) fn of(parts: Parts) -> Self {
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes()).collect();
        Self { fixed: Vec::new(), headers: parts.headers, query }
    }

    /// The topic of the JSON, its message, which is as good as a body, and all else that it says.
    pub(super) fn with_json(mut self, body: &[u8]) -> Result<(String, String, Self), Refused> {
        let AnyCase(json): AnyCase<Json> =
            serde_json::from_slice(body).map_err(|problem| Fault::Json.because(problem.to_string()))?;
        let number = |value: Value| match value {
            Value::String(text) => text,
            // as if it had not been said
            Value::Number(number) if number.as_i64() == Some(0) => String::new(),
            value => value.to_string(),
        };
        let all = [
            (TITLE, json.title),
            (PRIORITY, json.priority.filter(|value| !value.is_null()).map(number)),
            (TAGS, json.tags.map(|tags| tags.join(","))),
            (CLICK, json.click),
            (ICON, json.icon),
            (ACTIONS, json.actions.filter(|all| !all.is_empty()).map(|all| Value::from(all).to_string())),
            (ATTACH, json.attach),
            (FILENAME, json.filename),
            (MARKDOWN, json.markdown.filter(|is| *is).map(|_| "yes".to_owned())),
            (EMAIL, json.email),
            (CALL, json.call),
            (DELAY, json.delay),
            (SEQUENCE, json.sequence_id),
        ];
        for (names, value) in all {
            if let (Some(name), Some(value)) = (names.first(), value) {
                self.fixed.push((name, value));
            }
        }
        Ok((json.topic.unwrap_or_default(), json.message.unwrap_or_default(), self))
    }

    /// What is said under the first of these names that is not empty.
    pub(super) fn read(&self, names: Names) -> Option<String> {
        let fixed =
            self.fixed.iter().find(|(name, _)| names.first() == Some(name)).map(|(_, value)| value.clone());
        let header = || names.iter().find_map(|name| heard(name, self.headers.get(*name)?));
        let query = || {
            let value = |name: &str| self.query.iter().find(|(key, value)| key == name && !value.is_empty());
            names.iter().find_map(|name| value(name)).map(|(_, value)| value.trim().to_owned())
        };
        let said = |text: &String| !text.is_empty();
        fixed.filter(said).or_else(header).or_else(query).filter(said)
    }

    /// As [`Parameters::read`], where it is yes or no.
    pub(super) fn is_set(&self, names: Names) -> bool {
        self.read(names).is_some_and(|value| is_yes(&value))
    }
}

/// `no` is as good as silence.
pub(super) fn is_no(value: &str) -> bool {
    ["0", "no", "false"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

fn is_yes(value: &str) -> bool {
    ["1", "yes", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

/// Text of a header: UTF-8, or ISO 8859-1, which is what the headers of Python's requests are in.
fn heard(name: &str, value: &HeaderValue) -> Option<String> {
    let text = match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => encoded_word::decode(text),
        Err(_) => encoded_word::latin1(value.as_bytes()),
    };
    let text = text.trim();
    // RFC 9218: a proxy says how urgent the answer is
    let of_a_proxy = name == "priority" && text.starts_with("u=");
    (!text.is_empty() && !of_a_proxy).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parameters(headers: &[(&str, &str)], query: &str) -> Parameters {
        let mut request = Request::builder().uri(format!("/topic?{query}"));
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Parameters::of(request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn every_name_is_heard_in_headers_and_in_the_address() {
        let all = [
            MESSAGE,
            TITLE,
            SEQUENCE,
            PRIORITY,
            TAGS,
            CLICK,
            ACTIONS,
            ICON,
            ATTACH,
            FILENAME,
            DELAY,
            MARKDOWN,
            CONTENT_TYPE,
            EMAIL,
            CALL,
            TEMPLATE,
            UNIFIED_PUSH,
            POLL,
        ];
        for names in all {
            for name in names {
                assert_eq!(
                    parameters(&[(name, " said ")], "").read(names).as_deref(),
                    Some("said"),
                    "{name}"
                );
                let query = format!("{name}=+said%20");
                assert_eq!(parameters(&[], &query).read(names).as_deref(), Some("said"), "{name}");
            }
        }
    }

    #[test]
    fn the_first_that_says_something_counts_and_headers_go_before_the_address() {
        assert_eq!(parameters(&[("title", ""), ("t", "b")], "x-title=c").read(TITLE).as_deref(), Some("b"));
        assert_eq!(parameters(&[("t", "b"), ("X-Title", "a")], "").read(TITLE).as_deref(), Some("a"));
        assert_eq!(parameters(&[], "title=&t=d").read(TITLE).as_deref(), Some("d"));
        assert_eq!(parameters(&[], "").read(TITLE), None);
    }

    #[test]
    fn a_header_is_utf8_or_latin1_or_encoded() {
        assert_eq!(parameters(&[("t", "Äpfel")], "").read(TITLE).as_deref(), Some("Äpfel"));
        assert_eq!(parameters(&[("t", "=?UTF-8?Q?=C3=84pfel?=")], "").read(TITLE).as_deref(), Some("Äpfel"));
        let latin1 = HeaderValue::from_bytes(b"\xC4pfel").unwrap();
        assert_eq!(heard("t", &latin1).as_deref(), Some("Äpfel"));
    }

    #[test]
    fn what_a_proxy_says_of_urgency_is_no_priority() {
        let proxied = parameters(&[("Priority", "u=1, i"), ("p", "5")], "");
        assert_eq!(proxied.read(PRIORITY).as_deref(), Some("5"));
    }

    #[test]
    fn json_goes_before_headers() {
        let body =
            br#"{"Topic":"t","message":"a\\nb","title":"j","priority":0,"tags":["a","b"],"markdown":true}"#;
        let (topic, message, parameters) =
            parameters(&[("title", "h"), ("x-priority", "4")], "").with_json(body).unwrap();
        let read = |names| parameters.read(names);
        assert_eq!(
            (topic.as_str(), message.as_str(), read(TITLE).as_deref(), read(TAGS).as_deref()),
            ("t", "a\\nb", Some("j"), Some("a,b"))
        );
        assert_eq!(read(PRIORITY).as_deref(), Some("4"), "0 is not said");
        assert!(parameters.is_set(MARKDOWN));
    }

    #[test]
    fn what_is_no_json_of_a_message_is_refused() {
        for body in ["", "[]", "{", r#"["topic"]"#, r#"{"topic":"t","tags":"a"}"#] {
            assert_eq!(
                Parameters::default().with_json(body.as_bytes()).unwrap_err().fault(),
                Fault::Json,
                "{body}"
            );
        }
    }
}
