//! Standing conditions that a person should know of.
//!
//! Owns which of them stand and which were put away. Refuses to find any out: those who see a condition raise it and
//! clear it.

use tidings_control::{Notice, NoticeCode};
use time::OffsetDateTime;

/// The notices of this run.
#[derive(Debug, Default)]
pub struct Notices {
    standing: Vec<Standing>,
}

#[derive(Debug)]
struct Standing {
    notice: Notice,
    put_away: bool,
}

impl Notices {
    /// A condition holds. One that holds already keeps its time, takes the new detail, and stays away if it was put
    /// away. True when what a person sees has changed.
    pub fn raise(&mut self, code: NoticeCode, account: Option<&str>, detail: impl Into<String>) -> bool {
        let detail = detail.into();
        if let Some(standing) = self.find(code, account) {
            let changed = standing.notice.detail != detail && !standing.put_away;
            standing.notice.detail = detail;
            return changed;
        }
        let account = account.map(str::to_owned);
        tracing::warn!(notice = ?code, ?account, detail, "a condition to know of");
        let notice = Notice { code, detail, account, since: OffsetDateTime::now_utc() };
        self.standing.push(Standing { notice, put_away: false });
        true
    }

    /// A condition holds no longer. True when what a person sees has changed.
    pub fn clear(&mut self, code: NoticeCode, account: Option<&str>) -> bool {
        self.drop_where(|notice| notice.code == code && notice.account.as_deref() == account)
    }

    /// An account is gone, and with it all that was said of it.
    pub fn forget(&mut self, account: &str) -> bool {
        self.drop_where(|notice| notice.account.as_deref() == Some(account))
    }

    /// Puts away all of one kind until its reason returns.
    pub fn dismiss(&mut self, code: NoticeCode) -> bool {
        let mut changed = false;
        for standing in self.standing.iter_mut().filter(|standing| standing.notice.code == code) {
            changed |= !standing.put_away;
            standing.put_away = true;
        }
        changed
    }

    /// Those that a person should see, oldest first.
    pub fn visible(&self) -> Vec<Notice> {
        self.standing.iter().filter(|standing| !standing.put_away).map(|s| s.notice.clone()).collect()
    }

    fn find(&mut self, code: NoticeCode, account: Option<&str>) -> Option<&mut Standing> {
        self.standing.iter_mut().find(|s| s.notice.code == code && s.notice.account.as_deref() == account)
    }

    fn drop_where(&mut self, gone: impl Fn(&Notice) -> bool) -> bool {
        let before = self.visible().len();
        self.standing.retain(|standing| !gone(&standing.notice));
        self.visible().len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NoticeCode::{KeychainLocked, NoTray, StorageFull};

    fn codes(notices: &Notices) -> Vec<NoticeCode> {
        notices.visible().iter().map(|notice| notice.code).collect()
    }

    #[test]
    fn one_condition_is_one_notice_that_keeps_its_time() {
        let mut notices = Notices::default();
        assert!(notices.raise(NoTray, None, "no watcher"));
        let since = notices.visible()[0].since;
        assert!(!notices.raise(NoTray, None, "no watcher"));
        assert!(notices.raise(NoTray, None, "no host"));
        let visible = notices.visible();
        assert_eq!((visible.len(), visible[0].since, visible[0].detail.as_str()), (1, since, "no host"));
    }

    #[test]
    fn a_dismissed_one_stays_away_until_its_reason_returns() {
        let mut notices = Notices::default();
        notices.raise(StorageFull, None, "full");
        assert!(notices.dismiss(StorageFull));
        assert!(!notices.dismiss(StorageFull));
        assert!(!notices.raise(StorageFull, None, "full still"));
        assert_eq!(codes(&notices), []);
        assert!(!notices.clear(StorageFull, None));
        assert!(notices.raise(StorageFull, None, "full again"));
        assert_eq!(codes(&notices), [StorageFull]);
    }

    #[test]
    fn an_account_takes_its_notices_along() {
        let mut notices = Notices::default();
        notices.raise(KeychainLocked, Some("a"), "");
        notices.raise(KeychainLocked, Some("b"), "");
        notices.raise(NoTray, None, "");
        assert!(notices.forget("a"));
        assert_eq!(codes(&notices), [KeychainLocked, NoTray]);
        assert!(!notices.clear(KeychainLocked, None));
        assert!(notices.clear(KeychainLocked, Some("b")));
    }
}
