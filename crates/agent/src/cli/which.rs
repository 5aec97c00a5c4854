//! Which account a person means.

use tidings_control::{Account, Failure, FailureCode};

use super::print;

/// The account with this id, user, or `user@host`; the only one if nothing is typed.
pub(super) fn one<'a>(accounts: &'a [Account], typed: Option<&str>) -> Result<&'a Account, Failure> {
    let meant: Vec<&Account> = accounts
        .iter()
        .filter(|account| {
            typed.is_none_or(|typed| {
                account.id == typed || account.username == typed || print::name(account) == typed
            })
        })
        .collect();
    match (meant.as_slice(), typed) {
        ([account], _) => Ok(account),
        ([], None) => Err(Failure::new(FailureCode::UnknownAccount, "nobody is signed in")),
        ([], Some(typed)) => {
            Err(Failure::new(FailureCode::UnknownAccount, format!("there is no account {typed:?}")))
        }
        (several, _) => {
            let names: Vec<String> = several.iter().map(|account| print::name(account)).collect();
            let message = format!("say which account: {}", names.join(", "));
            Err(Failure::new(FailureCode::UnknownAccount, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use tidings_control::{Flow, Persistence, State, Status};
    use time::OffsetDateTime;

    use super::*;

    fn account(id: &str, username: &str, server: &str) -> Account {
        let since = OffsetDateTime::UNIX_EPOCH;
        Account {
            id: id.into(),
            server: server.into(),
            username: username.into(),
            name: None,
            colour: tidings_control::Colour::default(),
            pictures: false,
            signed_in: true,
            flow: Flow::Ticket,
            status: Status { state: State::Initial, attempt: 0, cause: None, retry_at: None, since },
            persistence: Persistence::Keychain,
            unread: 0,
        }
    }

    #[test]
    fn an_account_is_known_by_several_names() {
        let accounts = [
            account("1", "alice", "https://a.example/"),
            account("2", "alice", "https://b.example:8443/x"),
            account("3", "bob", "https://a.example/"),
        ];
        for (typed, id) in [("1", "1"), ("bob", "3"), ("alice@a.example", "1"), ("alice@b.example:8443", "2")]
        {
            assert_eq!(one(&accounts, Some(typed)).unwrap().id, id, "{typed}");
        }
        for typed in [None, Some("alice"), Some("carol"), Some("")] {
            assert_eq!(one(&accounts, typed).unwrap_err().code, FailureCode::UnknownAccount, "{typed:?}");
        }
        assert_eq!(one(&accounts[..1], None).unwrap().id, "1");
        assert!(one(&[], None).is_err());
    }
}
