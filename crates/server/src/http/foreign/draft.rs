//! What a client of another server said, on its way to becoming one of our notifications.
//!
//! Owns how the rest is told where we have no place for it: nothing that a person would miss is dropped.

use tidings_protocol::{Action, Attachment, Priority, PublishRequest, To};
use url::Url;

use crate::publish::{MAX_BODY, MAX_NAME, MAX_TAGS, MAX_TITLE, MAX_URL};

/// Said where a body was cut off.
const CUT: &str = "\n\n… (the rest was cut off)";

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) title: Option<String>,
    pub(super) body: String,
    pub(super) priority: Priority,
    pub(super) tags: Vec<String>,
    pub(super) click_url: Option<String>,
    pub(super) actions: Vec<Action>,
    pub(super) icon_url: Option<String>,
    pub(super) image_url: Option<String>,
    pub(super) attachment: Option<Attachment>,
    /// What others send is plain unless they say that it is Markdown; with us it is the other way round.
    pub(super) markdown: bool,
}

impl Draft {
    /// A link that no client of ours opens is told in the body instead, under what it is called.
    pub(super) fn tell_link(&mut self, called: &str, url: &str) {
        let line = if called.is_empty() { url.to_owned() } else { format!("{called}: {url}") };
        self.body = join(&self.body, &line);
    }

    /// As a request; `title` stands in where none was said.
    pub(super) fn to(mut self, to: To, title: &str) -> PublishRequest {
        if let Some(link) = self.click_url.take_if(|link| !is_web(link)) {
            self.tell_link("", &link);
        }
        let (mut tags, mut told) = (Vec::new(), Vec::new());
        for tag in self.tags {
            let fits = tags.len() < MAX_TAGS && tag.chars().count() <= MAX_NAME;
            if fits { tags.push(tag) } else { told.push(tag) }
        }
        if !told.is_empty() {
            self.body = join(&self.body, &format!("Tags: {}", told.join(", ")));
        }
        let said = self.title.take().map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        let title = match said {
            Some(long) if long.chars().count() > MAX_TITLE => {
                self.body = join(&long, &self.body);
                long.chars().take(MAX_TITLE - 1).chain(['…']).collect()
            }
            Some(title) => title,
            None => title.to_owned(),
        };
        PublishRequest {
            to,
            title,
            body: clipped(self.body),
            priority: self.priority,
            tags,
            click_url: self.click_url,
            actions: self.actions,
            icon_url: self.icon_url,
            image_url: self.image_url,
            attachment: self.attachment,
            plain: !self.markdown,
            replaces: None,
            expires_at: None,
        }
    }
}

/// Whether our clients open it.
pub(super) fn is_web(link: &str) -> bool {
    link.len() <= MAX_URL
        && Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A part of a message reaches somebody, and one that is refused nobody.
fn clipped(mut body: String) -> String {
    if body.len() > MAX_BODY {
        let room = MAX_BODY - CUT.len();
        body.truncate((0..=room).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0));
        body.push_str(CUT);
    }
    body
}

fn join(above: &str, below: &str) -> String {
    let gap = if above.is_empty() || below.is_empty() { "" } else { "\n\n" };
    format!("{above}{gap}{below}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(draft: Draft) -> PublishRequest {
        draft.to(To::Topic("builds".to_owned()), "builds")
    }

    #[test]
    fn the_topic_stands_in_for_a_title() {
        for title in [None, Some("  ".to_owned())] {
            assert_eq!(request(Draft { title, ..Draft::default() }).title, "builds");
        }
    }

    #[test]
    fn a_title_that_is_too_long_is_told_whole_in_the_body() {
        let long = "ä".repeat(MAX_TITLE + 1);
        let draft = Draft { title: Some(long.clone()), body: "more".to_owned(), ..Draft::default() };
        let request = request(draft);
        assert_eq!(request.title.chars().count(), MAX_TITLE);
        assert_eq!(request.body, format!("{long}\n\nmore"));
    }

    #[test]
    fn a_link_that_nobody_opens_is_told_in_the_body() {
        let draft = |link: &str| Draft { click_url: Some(link.to_owned()), ..Draft::default() };
        let told = request(draft("mailto:phil@example.com"));
        assert_eq!((told.click_url, told.body.as_str()), (None, "mailto:phil@example.com"));
        let opened = request(draft("https://example.com"));
        assert_eq!((opened.click_url.as_deref(), opened.body.as_str()), (Some("https://example.com"), ""));
        let long = format!("https://example.com/{}", "x".repeat(MAX_URL));
        assert_eq!(request(draft(&long)).body, long);
    }

    #[test]
    fn tags_that_are_too_many_or_too_long_are_told_in_the_body() {
        let long = "x".repeat(MAX_NAME + 1);
        let mut tags = vec![long.clone()];
        tags.extend((0..=MAX_TAGS).map(|number| number.to_string()));
        let told = request(Draft { tags, body: "down".to_owned(), ..Draft::default() });
        assert_eq!((told.tags.len(), told.body), (MAX_TAGS, format!("down\n\nTags: {long}, {MAX_TAGS}")));
    }

    #[test]
    fn a_body_that_is_too_long_is_cut_off_and_says_so() {
        for character in ["x", "ä", "😀"] {
            let body = character.repeat(MAX_BODY + 1);
            let told = request(Draft { body, ..Draft::default() }).body;
            assert!(told.ends_with(CUT) && told.len() <= MAX_BODY && told.len() + character.len() > MAX_BODY);
        }
        let body = "x".repeat(MAX_BODY);
        assert_eq!(request(Draft { body: body.clone(), ..Draft::default() }).body, body);
    }
}
