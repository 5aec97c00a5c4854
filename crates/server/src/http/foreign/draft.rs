//! What a client of another server said, on its way to becoming one of our notifications.
//!
//! Owns how the rest is told where we have no place for it: nothing that a person would miss is dropped.

use tidings_protocol::{Action, Attachment, Priority, PublishRequest, To};
use url::Url;

use crate::publish::MAX_TITLE;

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
            body: self.body,
            priority: self.priority,
            tags: self.tags,
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
    Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
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
    }
}
