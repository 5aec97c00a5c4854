//! What others see of the agent: the snapshot, the tray's view, notices of the surfaces, and the one toast about a
//! sign-in that has ended.

use tidings_control::{CauseKind, Event, NoticeCode, Priority, Snapshot, State};
use tidings_inbox::{Query, Row};
use tokio::time::Instant;

use super::{Agent, SHOWN_EVERY};
use crate::{
    arrival::{Order, Screen},
    desktop::Availability,
    toast::{Manner, Toast},
    tray::{self, AccountView, Latest, View},
    words::Locale,
};

/// The row of the toast that says that an account's sign-in has ended. No notification has it, and it stays the account's
/// wherever the account stands among others. FNV-1a: what it is made of is our own.
fn sign_in_toast(account: &str) -> i64 {
    let hash = account.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    -1 - (hash >> 2).cast_signed()
}

impl Agent {
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            accounts: self
                .accounts
                .iter()
                .map(|account| account.shown(self.inbox.unread_of(&account.row.id).unwrap_or_default()))
                .collect(),
            unread: self.unread(),
            do_not_disturb: self.settings.do_not_disturb(),
            silence: self.lull.silence,
            settings: self.settings.held().clone(),
            autostart: self.autostart.clone(),
            notices: self.notices.visible(),
            hint: self.hint.clone(),
        }
    }

    fn unread(&self) -> u32 {
        self.inbox.unread().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot count what is unread");
            0
        })
    }

    /// The newest few, for the tray's menu.
    fn latest(&self) -> Vec<Latest> {
        let query = Query { limit: Some(tray::LATEST), ..Query::default() };
        let page = self.inbox.list(&query).unwrap_or_else(|error| {
            tracing::warn!(%error, "the newest cannot be listed");
            tidings_inbox::Page { rows: Vec::new(), next: None }
        });
        let shown = |row: Row| {
            let text = row.body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            let title = if row.title.trim().is_empty() { text.to_owned() } else { row.title };
            Latest { item: row.id, title, unread: !row.read }
        };
        page.rows.into_iter().map(shown).collect()
    }

    /// When changed counts are due to be shown; none are waiting without one.
    pub(super) fn shows_at(&self) -> Option<Instant> {
        self.recounted.then(|| self.shown_at + SHOWN_EVERY)
    }

    /// Brings tray and subscribers up to date, if there is anything new for them. Counts that change with every arrival
    /// are gathered: a long replay would otherwise be counted as often as it has notifications.
    pub(super) fn show_changes(&mut self) {
        let now = Instant::now();
        let recounted = self.shows_at().is_some_and(|at| at <= now);
        let changed = std::mem::take(&mut self.changed) || recounted;
        if changed {
            self.recounted = false;
            self.shown_at = now;
        }
        if changed && self.callers.has_subscribers() {
            let snapshot = self.snapshot();
            self.callers.tell(&Event::Snapshot(snapshot));
        }
        let (unread, latest) = if changed {
            (self.unread(), self.latest())
        } else {
            let shown = self.surfaces.views.borrow();
            (shown.unread, shown.latest.clone())
        };
        let view = View {
            accounts: self
                .accounts
                .iter()
                .filter(|account| !account.row.signed_out)
                .map(|account| AccountView {
                    id: account.row.id.clone(),
                    username: account.row.username.clone(),
                    server: account.row.server.clone(),
                    name: account.name(),
                    paused: account.row.paused,
                    status: account.status.clone(),
                    settled: account.is_settled(now),
                })
                .collect(),
            unread,
            latest,
            do_not_disturb: self.settings.do_not_disturb().on,
            silence: self.lull.silence,
            until: self.quiet_until(),
            locale: self.locale(),
        };
        self.surfaces.views.send_if_modified(|shown| {
            let differs = *shown != view;
            *shown = view;
            differs
        });
    }

    /// Tray or toasts came or went.
    pub(super) fn on_availability(&mut self) {
        let missing = |standing: Option<Availability>| match standing {
            Some(Availability::Missing(why)) => Some(why),
            _ => None,
        };
        let tray = missing(self.surfaces.tray.now());
        let toasts = missing(self.surfaces.toasts.now());
        let neither = self.surfaces.tray.now().is_none_or(|now| now != Availability::Ready)
            && self.surfaces.toasts.now().is_none_or(|now| now != Availability::Ready);
        let desktop = tray.as_ref().or(toasts.as_ref()).filter(|_| neither && no_session_bus()).cloned();
        // one sentence for the one reason
        let (tray, toasts) = if desktop.is_some() { (None, None) } else { (tray, toasts) };
        for (code, why) in [
            (NoticeCode::NoDesktop, desktop),
            (NoticeCode::NoTray, tray),
            (NoticeCode::NoNotifications, toasts),
        ] {
            self.changed |= match why {
                Some(why) => self.notices.raise(code, None, why),
                None => self.notices.clear(code, None),
            };
        }
    }

    /// One toast for each sign-in that has ended, as soon as it can be shown; not again after a restart.
    pub(super) fn tell_of_ended_sign_ins(&mut self) {
        if self.screen() != Screen::Shows || self.lull.silence.is_some() {
            return;
        }
        let words = self.locale().words();
        let mut orders = Vec::new();
        for account in self.accounts.iter_mut() {
            let ended = account.cause() == Some(CauseKind::SignInNeeded);
            if ended && !account.sign_in_told {
                account.sign_in_told = true;
                self.settings.set_sign_in_told(&account.row.id, true);
                let user = words.called(&account.row.username);
                orders.push(Order::Show(Toast::plain(
                    sign_in_toast(&account.row.id),
                    words.sign_in_ended.to_owned(),
                    (words.sign_in_again)(user),
                    Priority::High,
                )));
            } else if account.sign_in_told && account.status.state == State::Connected {
                account.sign_in_told = false;
                self.settings.set_sign_in_told(&account.row.id, false);
                orders.push(Order::Close(sign_in_toast(&account.row.id)));
            }
        }
        for order in orders {
            self.order(order);
        }
    }

    /// The person has signed in again, or has left the account: there is nothing to say any more.
    pub(super) fn withdraw_sign_in_toast(&self, id: &str) {
        if self.accounts.find(id).is_some_and(|account| account.sign_in_told) {
            self.order(Order::Close(sign_in_toast(id)));
        }
    }

    /// How to speak to the person, by the settings of this moment.
    pub(super) fn locale(&self) -> Locale {
        Locale::chosen(self.settings.held().language)
    }

    pub(super) fn order(&self, order: Order) {
        let order = match order {
            Order::Show(toast) => Order::Show(self.dressed(toast)),
            Order::Close(item) => Order::Close(item),
        };
        // nobody carries orders out when toasts are switched off
        let _ = self.surfaces.orders.send(order);
    }

    /// A toast in the manner of this moment.
    fn dressed(&self, toast: Toast) -> Toast {
        let locale = self.locale();
        let several = self.accounts.iter().count() > 1;
        let account = toast.account.as_deref().filter(|_| several).and_then(|id| self.accounts.find(id));
        let manner = Manner {
            account: account.map(|account| account.called(locale.words())),
            sound: self.settings.held().sound,
            locale,
        };
        Toast { manner, ..toast }
    }
}

/// Whether there is no session at all, as on a server.
fn no_session_bus() -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let usual = std::env::var_os("XDG_RUNTIME_DIR")
        .is_some_and(|folder| std::path::Path::new(&folder).join("bus").exists());
    !named && !usual
}
