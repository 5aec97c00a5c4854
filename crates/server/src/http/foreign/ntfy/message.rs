//! One message, out of its parameters and its body.

use tidings_protocol::{Action, Attachment, Priority};
use time::OffsetDateTime;
use url::Url;

use super::{
    super::draft::{Draft, is_web},
    actions::{self, Button, Pressed},
    delay,
    fault::{Fault, Refused},
    parameters::{self as named, Names, Parameters},
};
use crate::publish::{MAX_BODY, MAX_TITLE, is_name};

/// Said where nothing is: the mere arrival is the message.
const EMPTY: &str = "triggered";
/// Files that are as good as a message: what Apprise, for one, makes of a long one.
const READABLE: [&str; 3] = [".txt", ".md", ".log"];
/// What ntfy can do and Tidings cannot. To go on without it would look as if it had been done.
const UNKNOWN: [(Names, Fault, &str); 5] = [
    (named::EMAIL, Fault::Email, "Tidings sends no e-mail"),
    (named::CALL, Fault::Calls, "Tidings makes no calls"),
    (named::TEMPLATE, Fault::Request, "templates are not supported here"),
    (named::UNIFIED_PUSH, Fault::Request, "UnifiedPush is not supported here"),
    (named::POLL, Fault::Request, "poll requests are not supported here"),
];

/// See the module.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) title: Option<String>,
    pub(super) message: String,
    pub(super) priority: Option<Priority>,
    pub(super) tags: Vec<String>,
    pub(super) click: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) buttons: Vec<Button>,
    pub(super) markdown: bool,
    pub(super) due: Option<OffsetDateTime>,
    pub(super) attachment: Option<Attachment>,
    pub(super) sequence: Option<String>,
    actions: Vec<Action>,
    links: Vec<(String, String)>,
}

impl Message {
    /// # Errors
    /// What is wrong, or what Tidings cannot do.
    pub(super) fn read(said: &Parameters, body: &[u8], now: OffsetDateTime) -> Result<Self, Refused> {
        for (names, fault, why) in UNKNOWN {
            if said.read(names).is_some_and(|value| !named::is_no(&value)) {
                return Err(fault.because(why));
            }
        }
        let attachment = attachment(said)?;
        let upload = said.read(named::FILENAME).filter(|_| attachment.is_none());
        let message =
            message(said, body, upload.as_deref(), attachment.as_ref().map(|file| file.name.as_str()))?;
        let priority = said.read(named::PRIORITY).map(|text| priority(&text)).transpose()?;
        let tags = said.read(named::TAGS).unwrap_or_default();
        let icon = said.read(named::ICON);
        if icon.as_ref().is_some_and(|icon| !is_web(icon)) {
            return Err(Fault::Icon.into());
        }
        let buttons = said.read(named::ACTIONS).map(|text| actions::read(&text)).transpose();
        let buttons = buttons.map_err(|why| Fault::Actions.because(why))?.unwrap_or_default();
        let (mut actions, mut links) = (Vec::new(), Vec::new());
        for button in &buttons {
            match button.pressed().map_err(|why| Fault::Actions.because(why))? {
                Pressed::Ours(action) => actions.push(action),
                Pressed::Link { label, url } => links.push((label, url)),
                Pressed::Elsewhere => {}
            }
        }
        let sequence = said.read(named::SEQUENCE);
        if sequence.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(Fault::Sequence.into());
        }
        let due = said.read(named::DELAY).map(|text| delay::read(&text, now)).transpose()?;
        let kind = said.read(named::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        Ok(Self {
            title: said.read(named::TITLE),
            message,
            priority,
            tags: tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            click: said.read(named::CLICK),
            icon,
            buttons,
            markdown: said.is_set(named::MARKDOWN) || kind.eq_ignore_ascii_case("text/markdown"),
            due,
            attachment,
            sequence,
            actions,
            links,
        })
    }

    pub(super) fn into_draft(self) -> Draft {
        let mut draft = Draft {
            title: self.title,
            body: self.message,
            priority: self.priority.unwrap_or_default(),
            tags: self.tags,
            click_url: self.click,
            actions: self.actions,
            icon_url: self.icon,
            attachment: self.attachment,
            markdown: self.markdown,
            ..Draft::default()
        };
        for (label, url) in &self.links {
            draft.tell_link(label, url);
        }
        draft
    }
}

/// The body, unless there is none; a file is one only if it is text.
fn message(
    said: &Parameters,
    body: &[u8],
    upload: Option<&str>,
    attachment: Option<&str>,
) -> Result<String, Refused> {
    let given = said.read(named::MESSAGE).map(|text| text.replace("\\n", "\n"));
    if let Some(name) = upload {
        let readable = READABLE.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        if !readable || given.is_some() {
            return Err(
                Fault::Attachments.because("files cannot be sent to Tidings; send a link to it with Attach")
            );
        }
    }
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_BODY);
    let text = text.ok_or_else(|| {
        Fault::Attachments.because(format!("a message is text of at most {MAX_BODY} bytes"))
    })?;
    Ok(match (text.trim(), given, attachment) {
        ("", Some(given), _) => given,
        ("", None, Some(name)) => format!("You received a file: {name}"),
        ("", None, None) => EMPTY.to_owned(),
        (text, ..) => text.to_owned(),
    })
}

/// A link to a file.
fn attachment(said: &Parameters) -> Result<Option<Attachment>, Refused> {
    let Some(link) = said.read(named::ATTACH) else { return Ok(None) };
    let url = Url::parse(&link).ok().filter(|_| is_web(&link)).ok_or(Fault::AttachmentUrl)?;
    let last = || url.path_segments()?.next_back().map(decoded).filter(|last| !last.is_empty());
    let name = said.read(named::FILENAME).or_else(last).unwrap_or_else(|| "attachment".to_owned());
    let name = name.chars().take(MAX_TITLE).collect();
    Ok(Some(Attachment { name, url: link, ..Attachment::default() }))
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

fn priority(text: &str) -> Result<Priority, Fault> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "1" | "min" => Priority::Min,
        "2" | "low" => Priority::Low,
        "3" | "default" => Priority::Default,
        "4" | "high" => Priority::High,
        "5" | "max" | "urgent" => Priority::Urgent,
        _ => return Err(Fault::Priority),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};
    use proptest::{collection::vec, prelude::*, sample::select};
    use tidings_protocol::To;

    use super::*;
    use crate::publish;

    const NAMES: [&str; 16] = [
        "title",
        "t",
        "m",
        "priority",
        "p",
        "tags",
        "click",
        "actions",
        "icon",
        "attach",
        "f",
        "in",
        "md",
        "email",
        "content-type",
        "sid",
    ];

    /// What such headers hold, bent a little.
    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            vec(any::<u8>(), 0..40),
            "(https?://|mailto:|//|a\\.example|/|%|\\?|[a-z]){0,8}".prop_map(String::into_bytes),
            "(view|http|copy|, |; |=|\"|https://a\\.example|clear|body|headers\\.a|\\[|\\{){0,12}"
                .prop_map(String::into_bytes),
            "(=\\?UTF-8\\?[BQ]\\?[A-Za-z0-9=]{0,8}\\?=| ){0,3}".prop_map(String::into_bytes),
            "([1-5]|high|u=1|[0-9]{1,20}[smhd]|yes|no)".prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_sent_becomes_a_request_or_a_refusal(
            headers in vec((select(&NAMES[..]), value()), 0..6),
            query in "([a-z]{1,8}|=|&|%[0-9A-F]{0,2}|\\+){0,12}",
            body in vec(any::<u8>(), 0..60),
        ) {
            let mut request = Request::builder().uri(format!("/alerts?{query}"));
            for (name, value) in &headers {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    request = request.header(*name, value);
                }
            }
            let parameters = Parameters::of(request.body(()).unwrap().into_parts().0);
            if let Ok(message) = Message::read(&parameters, &body, OffsetDateTime::UNIX_EPOCH) {
                let request = message.into_draft().to(To::Topic("alerts".to_owned()), "alerts");
                prop_assert!(!request.title.trim().is_empty() && !request.body.trim().is_empty());
                prop_assert!(request.click_url.as_deref().is_none_or(is_web));
                let _ = publish::check(&request);
            }
        }

        #[test]
        fn whatever_json_is_posted_becomes_a_message_or_a_refusal(
            fields in vec((select(&["topic", "message", "priority", "tags", "actions", "delay", "click"][..]), json()), 0..7),
        ) {
            let fields: serde_json::Map<_, _> =
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let body = serde_json::to_vec(&fields).unwrap();
            if let Ok((_, message, parameters)) = Parameters::default().with_json(&body) {
                let _ = Message::read(&parameters, message.as_bytes(), OffsetDateTime::UNIX_EPOCH);
            }
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        prop_oneof![
            Just(serde_json::Value::Null),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            "\\PC{0,20}".prop_map(serde_json::Value::from),
            vec("\\PC{0,8}".prop_map(serde_json::Value::from), 0..3).prop_map(serde_json::Value::from),
            Just(serde_json::json!([{"action": "http", "label": "x", "url": "y", "headers": {"a": "b"}}])),
        ]
    }
}
