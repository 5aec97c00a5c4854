//! What people ask for: through the window, the command line, the tray and toasts.

use tidings_control::{Failure, FailureCode, Hello, Reply, Request, SignIn};

use super::{Agent, Asker, Parting};
use crate::{
    listen::{CallerId, Incoming, Show},
    toast::{self, Press},
    tray,
};

impl Agent {
    pub(super) fn on_incoming(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Opened(caller, outbox, known) => self.callers.opened(caller, outbox, known),
            Incoming::Closed(caller) => self.callers.closed(caller),
            Incoming::Asked(caller, id, request) => self.on_request(caller, id, *request),
        }
    }

    pub(super) fn answer(&mut self, asker: Asker, answer: Result<Reply, Failure>) {
        match (asker, answer) {
            (Some((caller, id)), answer) => self.callers.answer(caller, id, answer),
            (None, Err(failure)) => tracing::warn!(%failure, "what the tray asked for was not done"),
            (None, Ok(_)) => {}
        }
    }

    fn on_request(&mut self, caller: CallerId, id: u64, request: Request) {
        let asker = Some((caller, id));
        let answer = match request {
            Request::Hello { role, hello } => {
                tracing::debug!(caller, ?role, pid = hello.pid, version = hello.version, "hello");
                let window_open = self.callers.introduce(caller, role, hello.activation);
                let version = env!("CARGO_PKG_VERSION").to_owned();
                Ok(Reply::Hello(Hello { version, pid: std::process::id(), window_open, activation: None }))
            }
            Request::Snapshot => Ok(self.fresh_snapshot()),
            Request::Subscribe => {
                let snapshot = self.fresh_snapshot();
                self.callers.answer(caller, id, Ok(snapshot));
                return self.callers.subscribe(caller);
            }
            Request::Probe(asked) => return self.probe(asker, &SignIn { guest: true, ..asked }),
            Request::SignIn(asked) => return self.sign_in(asker, &asked),
            Request::SignOut { account } => return self.part(asker, &account, Parting::SignOut),
            Request::Forget { account } => return self.part(asker, &account, Parting::Forget),
            Request::SetAccount(change) => return self.set_account(asker, change),
            Request::SetTopics { account, topics } => return self.set_topics(asker, &account, &topics),
            Request::FindForeign => return self.look_elsewhere(asker, None),
            Request::Import { id } => return self.look_elsewhere(asker, Some(id)),
            Request::OpenAttachment { id } => self.open_attachment(id),
            Request::Reconnect { account } => self.reconnect(account.as_deref()),
            Request::Diagnostics { account } => return self.diagnose(asker, account.as_deref()),
            Request::Inbox(query) => self.list(query),
            Request::MarkRead { ids } => self.mark_read(ids),
            Request::MarkUnread { ids } => self.mark_unread(&ids),
            Request::MarkAllRead => return self.mark_all_read(asker),
            Request::Keep { ids, kept } => self.keep(&ids, kept),
            Request::Delete { ids } => self.delete(&ids),
            Request::Restore { ids } => self.restore(&ids),
            Request::Topics => self.topics(),
            Request::Export { query, path } => return self.export(asker, query, path),
            Request::OpenLink { id, url } => self.open_link(id, url.as_deref()),
            Request::SetDoNotDisturb { quiet } => self.set_do_not_disturb(quiet),
            Request::SetAutostart { on } => self.set_autostart(on),
            Request::DismissNotice { code } => {
                self.put_away(code);
                Ok(Reply::Done)
            }
            Request::Route { account } => self.route(&account),
            Request::SetRoute { account, route } => return self.set_route(asker, &account, route),
            Request::Picture { id, url } => return self.picture(asker, id, &url),
            Request::Act { id, action } => return self.act(asker, id, &action),
            Request::Set(setting) => self.set(setting),
            Request::PreviewToast => self.preview(),
            Request::Follow { link } => self.follow(caller, &link),
            Request::OpenWindow => {
                let activation = self.callers.take_activation(caller);
                self.open_window(Show { activation, ..Show::default() })
            }
            Request::Quit => {
                tracing::info!(caller, "asked to end");
                self.ending = true;
                self.asked_to_quit = Some(caller);
                Ok(Reply::Done)
            }
        };
        self.answer(asker, answer);
    }

    pub(super) fn on_command(&mut self, command: tray::Command) {
        let answer = match command {
            tray::Command::Open { item, activation } => {
                self.open_window(Show { item, activation, ..Show::default() })
            }
            tray::Command::MarkAllRead => return self.mark_all_read(None),
            tray::Command::Reconnect { account } => self.reconnect(account.as_deref()),
            tray::Command::SetDoNotDisturb(quiet) => self.set_do_not_disturb(quiet),
            tray::Command::SignOut { account } => return self.part(None, &account, Parting::SignOut),
            tray::Command::Quit => {
                self.ending = true;
                Ok(Reply::Done)
            }
        };
        self.answer(None, answer);
    }

    pub(super) fn on_click(&mut self, click: toast::Event) {
        match click {
            toast::Event::Activated { item, activation } => self.on_activated(item, activation),
            toast::Event::Pressed { item, press: Press::MarkRead, .. } => self.read_on_the_desk(item),
            toast::Event::Pressed { item, press: Press::Act(action), .. } => {
                self.read_on_the_desk(item);
                self.act(None, item, &action);
            }
            toast::Event::Closed { item } => self.arrivals.closed(item),
        }
    }

    /// A click on a toast leads to its link, else to the window at its row.
    fn on_activated(&mut self, item: i64, activation: Option<String>) {
        // what stands for many, or for an account, opens the window as it is
        let row = (item > 0 && !self.arrivals.is_summary(item)).then_some(item);
        if let Some(row) = row {
            self.read_on_the_desk(row);
            match self.open_link(row, None) {
                Ok(_) => return,
                Err(failure) if failure.code == FailureCode::LinkRefused => {}
                Err(failure) => tracing::warn!(%failure, "a toast's link was not opened"),
            }
        }
        let answer = self.open_window(Show { item: row, activation, ..Show::default() });
        self.answer(None, answer);
    }

    /// Who has clicked a toast has seen what it says.
    fn read_on_the_desk(&mut self, item: i64) {
        let answer = self.mark_read(vec![item]);
        self.answer(None, answer);
    }

    fn fresh_snapshot(&mut self) -> Reply {
        // the system's own settings may have switched it
        self.autostart = self.surfaces.desktop.autostart();
        Reply::Snapshot(self.snapshot())
    }

    fn reconnect(&mut self, id: Option<&str>) -> Result<Reply, Failure> {
        let chosen: Vec<_> =
            self.accounts.iter().filter(|account| id.is_none_or(|id| account.row.id == id)).collect();
        if let (Some(id), true) = (id, chosen.is_empty()) {
            return Err(Failure::new(FailureCode::UnknownAccount, format!("there is no account {id:?}")));
        }
        if id.is_some() && chosen.iter().any(|account| account.row.paused) {
            return Err(Failure::new(FailureCode::BadRequest, "the account is paused"));
        }
        for connection in chosen.into_iter().filter_map(|account| account.connection()) {
            connection.reconnect();
        }
        Ok(Reply::Done)
    }
}
