//! The parts of the desktop that the agent relies on, and how each is.
//!
//! What the agent knows anyway is told at once; who shows tray and toasts is asked when somebody wants to know.

use tidings_control::{Health, NoticeCode, Part, PartKind};

use super::Agent;
use crate::{
    desktop::{Availability, Facts},
    keychain::VaultError,
};

impl Agent {
    /// All of them, but for who shows tray and toasts.
    pub(super) fn parts(&self) -> Vec<Part> {
        vec![
            self.keychain_part(),
            surface(PartKind::Tray, self.surfaces.tray.now()),
            surface(PartKind::Notifications, self.surfaces.toasts.now()),
            self.network_part(),
            self.inbox_part(),
        ]
    }

    fn keychain_part(&self) -> Part {
        let store = self.keychain.name();
        let (health, detail) = match &self.keychain_said {
            Some(Ok(())) => (Health::Well, store.to_owned()),
            Some(Err(VaultError::Locked(why))) => (Health::Limited, format!("{store}, locked: {why}")),
            Some(Err(VaultError::Unavailable(why))) => {
                (Health::Missing, format!("{store}: {why}; sign-ins last until the agent ends"))
            }
            Some(Err(VaultError::Garbled(why))) => (Health::Limited, format!("{store}: {why}")),
            None => (Health::Limited, format!("{store}, not used yet")),
        };
        Part { kind: PartKind::Keychain, health, detail }
    }

    fn network_part(&self) -> Part {
        let health = if self.surroundings.is_told() { Health::Well } else { Health::Limited };
        let detail = match health {
            Health::Well => "the system tells of changes",
            _ => "the system tells of no changes; they are looked for every minute",
        };
        Part { kind: PartKind::Network, health, detail: detail.to_owned() }
    }

    fn inbox_part(&self) -> Part {
        let stands = |code: &NoticeCode| self.notices.visible().iter().any(|notice| notice.code == *code);
        let trouble = [
            (NoticeCode::InboxTooNew, "the file is of a newer version and was left alone"),
            (NoticeCode::StorageFull, "the disk is full"),
            (NoticeCode::StorageReadOnly, "the data folder cannot be written"),
        ]
        .into_iter()
        .find(|(code, _)| stands(code))
        .map(|(_, words)| words);
        let (health, mut detail) = match self.inbox.size() {
            Ok(size) => {
                let place = if size.in_memory { "in memory" } else { "on disk" };
                let well = trouble.is_none() && !size.in_memory;
                let health = if well { Health::Well } else { Health::Limited };
                (health, format!("{} notifications, {} KiB {place}", size.rows, size.bytes / 1024))
            }
            Err(error) => (Health::Missing, error.to_string()),
        };
        if let Some(trouble) = trouble {
            detail = format!("{detail}; {trouble}");
        }
        Part { kind: PartKind::Inbox, health, detail }
    }
}

/// Adds who shows them.
pub(super) fn name(parts: &mut [Part], facts: Facts) {
    let Facts { tray, toasts } = facts;
    for (kind, told) in [(PartKind::Tray, tray), (PartKind::Notifications, toasts)] {
        let shows = |part: &&mut Part| part.kind == kind && part.health == Health::Well;
        if let (Some(part), Some(told)) = (parts.iter_mut().find(shows), told) {
            part.detail = told;
        }
    }
}

fn surface(kind: PartKind, now: Option<Availability>) -> Part {
    let (health, detail) = match now {
        None => (Health::Off, String::new()),
        Some(Availability::Starting) => (Health::Limited, "not known yet".to_owned()),
        Some(Availability::Ready) => (Health::Well, String::new()),
        Some(Availability::Missing(why)) => (Health::Missing, why),
    };
    Part { kind, health, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_works_is_named_after_who_shows_it() {
        let facts = Facts { tray: Some("shown by a panel".into()), toasts: Some("a daemon 1.0".into()) };
        let mut parts = [
            surface(PartKind::Tray, Some(Availability::Ready)),
            surface(PartKind::Notifications, Some(Availability::Missing("nobody answers".into()))),
        ];
        name(&mut parts, facts);
        assert_eq!(parts.map(|part| part.detail), ["shown by a panel", "nobody answers"]);
        assert_eq!(surface(PartKind::Tray, None).health, Health::Off);
    }
}
