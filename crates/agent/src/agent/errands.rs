//! What a person does with what a notification brings along: its links, its buttons and its pictures.
//!
//! Owns the rule that none of them is touched before a person asks, and that nothing is opened, called or fetched but
//! what stands in the row itself. What takes time reports back as a [`Job`].

use std::time::Duration;

use tidings_control::{Failure, FailureCode, Item, Picture, Priority, Reply};
use tidings_engine::{Errand, ErrandError, Ground, Transport, Verb};
use tidings_inbox::Row;
use tidings_protocol::Action;
use time::OffsetDateTime;
use url::Url;

use super::{Agent, Asker, Job};
use crate::{arrival::Order, convert, links, picture, toast::Toast};

/// The row of a toast that says what a button did not do. There is one at a time.
const NOT_DONE_TOAST: i64 = i64::MIN + 1;

/// A button's address may take so long to answer.
const ACT_WITHIN: Duration = Duration::from_secs(15);
/// Of its answer the status alone counts; what is larger is cut off.
const ACT_ANSWER: usize = 64 * 1024;
/// A picture may take so long to arrive.
const PICTURE_WITHIN: Duration = Duration::from_secs(10);
/// Largest picture, in bytes. An icon has a hundredth of it.
const PICTURE: usize = 2 * 1024 * 1024;

impl Agent {
    fn row(&self, id: i64) -> Result<Item, Failure> {
        self.stored(id).map(convert::item)
    }

    /// With what a button's call carries, which leaves the agent by that call alone.
    fn stored(&self, id: i64) -> Result<Row, Failure> {
        let unknown =
            || Failure::new(FailureCode::UnknownNotification, format!("there is no notification {id}"));
        self.inbox.row(id).map_err(|error| convert::inbox_failure(&error))?.ok_or_else(unknown)
    }

    /// Opens the row's own link, or one that stands in its body.
    pub(super) fn open_link(&self, id: i64, url: Option<&str>) -> Result<Reply, Failure> {
        let row = self.row(id)?;
        let none = || Failure::new(FailureCode::LinkRefused, "this notification has no such link");
        let link = match url {
            None => row.click_url.as_deref(),
            Some(url) => Some(url).filter(|url| names(&row, row.click_url.as_deref(), url)),
        };
        self.browse(link.ok_or_else(none)?)
    }

    /// Has the browser fetch the row's file, unless it is gone.
    pub(super) fn open_attachment(&self, id: i64) -> Result<Reply, Failure> {
        let refused = |why: String| Failure::new(FailureCode::LinkRefused, why);
        let attachment = self.row(id)?.attachment;
        let attachment =
            attachment.ok_or_else(|| refused("this notification comes with no file".to_owned()))?;
        match attachment.expires_at.filter(|gone| *gone <= OffsetDateTime::now_utc()) {
            Some(gone) => Err(refused(format!("the file is gone from its server since {}", gone.date()))),
            None => self.browse(&attachment.url),
        }
    }

    fn browse(&self, link: &str) -> Result<Reply, Failure> {
        let url = links::allowed(link)?;
        self.surfaces.desktop.open_link(&url).map_err(|error| {
            Failure::new(FailureCode::LinkRefused, format!("no browser was opened: {error}"))
        })?;
        Ok(Reply::Done)
    }

    /// Presses a button: opens its address, or calls it; then the answer follows when it has answered.
    pub(super) fn act(&mut self, asker: Asker, id: i64, action: &str) {
        let pressed = self.stored(id).and_then(|row| {
            let failed = |why: String| Failure::new(FailureCode::ActionFailed, why);
            let button = row.actions.into_iter().find(|known| known.id == action);
            let button =
                button.ok_or_else(|| failed(format!("notification {id} has no button {action:?}")))?;
            if button.copy.is_some() {
                return Err(failed("this button copies a text, and calls nothing".to_owned()));
            }
            Ok((row.account, links::allowed(&button.url)?, button))
        });
        let (account, url, button) = match pressed {
            Ok(pressed) => pressed,
            Err(failure) => return self.answer(asker, Err(failure)),
        };
        let Action { label, method, headers, body, .. } = button;
        let Some(method) = method else {
            let answer = self.browse(url.as_str());
            return self.on_acted(asker, &label, answer);
        };
        let Some(verb) = Verb::named(&method) else {
            let message = format!("addresses are not called with the method {method:?}");
            return self.on_acted(asker, &label, Err(Failure::new(FailureCode::ActionFailed, message)));
        };
        // a person has pressed it, so it may lead to what only this machine can reach
        let errand = Errand {
            verb,
            url,
            headers: headers.into_iter().collect(),
            body,
            within: ACT_WITHIN,
            most: ACT_ANSWER,
            ground: Ground::Any,
        };
        let (transport, jobs) = (self.transport_of(&account), self.jobs.0.clone());
        tokio::spawn(async move {
            let answer = call(&transport, errand).await;
            let _ = jobs.send(Job::Acted { asker, label, answer: Box::new(answer) });
        });
    }

    /// Fetches a picture; the answer follows when it is here.
    pub(super) fn picture(&mut self, asker: Asker, id: i64, url: &str) {
        let (transport, errand) = match self.to_fetch(id, url) {
            Ok(fetching) => fetching,
            Err(failure) => return self.answer(asker, Err(failure)),
        };
        let jobs = self.jobs.0.clone();
        tokio::spawn(async move {
            let answer = fetch(&transport, errand).await.map(Reply::Picture);
            let _ = jobs.send(Job::Answered { asker, answer: Box::new(answer) });
        });
    }

    fn to_fetch(&self, id: i64, url: &str) -> Result<(Transport, Errand), Failure> {
        let row = self.row(id)?;
        if row.image_url.as_deref() != Some(url) && !names(&row, row.icon_url.as_deref(), url) {
            return Err(unavailable("this notification names no such picture"));
        }
        let url = links::allowed(url)?;
        let server = self.accounts.find(&row.account).map(|account| Url::parse(&account.row.server));
        let Some(Ok(home)) = server else { return Err(unavailable("its account is gone")) };
        let errand = Errand {
            verb: Verb::Get,
            url,
            headers: Vec::new(),
            body: None,
            within: PICTURE_WITHIN,
            most: PICTURE,
            // nobody looks at the address before it is called
            ground: Ground::NoNearerThan(home),
        };
        Ok((self.transport_of(&row.account), errand))
    }

    /// A button's address has answered, or will not. Who pressed it on a toast has nobody else to tell that it failed.
    pub(super) fn on_acted(&mut self, asker: Asker, label: &str, answer: Result<Reply, Failure>) {
        if let (None, Err(failure)) = (asker, &answer) {
            let title = (self.locale().words().not_done)(label);
            let toast = Toast::plain(NOT_DONE_TOAST, title, failure.message.clone(), Priority::High);
            self.order(Order::Show(toast));
        }
        self.answer(asker, answer);
    }

    /// The account's way to the network, which trusts whom it trusts. It carries no token and shows no certificate.
    fn transport_of(&self, account: &str) -> Transport {
        match self.accounts.find(account) {
            Some(account) => self.transport.with(convert::tls_files(&account.row)),
            None => self.transport.clone(),
        }
    }
}

/// Whether an address stands in a row: as what is set aside for it, or in the body, to the letter.
fn names(row: &Item, own: Option<&str>, url: &str) -> bool {
    !url.is_empty() && (own == Some(url) || row.body.contains(url))
}

async fn call(transport: &Transport, errand: Errand) -> Result<Reply, Failure> {
    let failed = |why: String| Failure::new(FailureCode::ActionFailed, why);
    match transport.errand(errand).await {
        Ok(brought) if (200..300).contains(&brought.status) => Ok(Reply::Done),
        Ok(brought) => Err(failed(format!("the address answered HTTP {}", brought.status))),
        // it has answered, and at length
        Err(ErrandError::TooLarge { status, .. }) if (200..300).contains(&status) => Ok(Reply::Done),
        Err(error) => Err(failed(error.to_string())),
    }
}

async fn fetch(transport: &Transport, errand: Errand) -> Result<Picture, Failure> {
    let brought = transport.errand(errand).await.map_err(|error| unavailable(&error.to_string()))?;
    if brought.status != 200 {
        return Err(unavailable(&format!("the address answered HTTP {}", brought.status)));
    }
    picture::read(&brought.body).ok_or_else(|| unavailable("what came is neither PNG, JPEG, GIF nor WebP"))
}

fn unavailable(why: &str) -> Failure {
    Failure::new(FailureCode::PictureUnavailable, why)
}
