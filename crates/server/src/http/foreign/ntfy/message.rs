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
use crate::publish::{MAX_BODY, is_name};

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
