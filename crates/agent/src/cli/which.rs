//! Which account a person means.

use tidings_control::{Account, Failure, FailureCode};

use super::print;

/// As [`one`], where it is about those that are signed in: nothing needs to be typed if only one is.
pub(super) fn signed_in<'a>(accounts: &'a [Account], typed: Option<&str>) -> Result<&'a Account, Failure> {
    let mut present = accounts.iter().filter(|account| account.signed_in);
    match (typed, present.next(), present.next()) {
        (None, Some(only), None) => Ok(only),
        _ => one(accounts, typed),
    }
}

/// The account with this id, name, user, or `user@host`; the only one if nothing is typed.
pub(super) fn one<'a>(accounts: &'a [Account], typed: Option<&str>) -> Result<&'a Account, Failure> {
    let meant: Vec<&Account> = accounts
        .iter()
        .filter(|account| {
            typed.is_none_or(|typed| {
                account.id == typed
                    || account.name.as_deref() == Some(typed)
                    // a variable that was not set means nobody, least of all an account without a name
                    || (account.username == typed && !typed.is_empty())
                    || print::name(account) == typed
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
    use tidings_control::{Dialect, Persistence, State, Status};
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
            dialect: Dialect::Ticket,
            topics: Vec::new(),
            paused: false,
            deletes_on_server: false,
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
        let named = [accounts[0].clone(), Account { name: Some("Home".into()), ..accounts[1].clone() }];
        assert_eq!(one(&named, Some("Home")).unwrap().id, "2");
        assert!(one(&[], None).is_err());
        let guests = [account("4", "", "https://c.example/"), accounts[0].clone()];
        assert_eq!(one(&guests, Some("guest@c.example")).unwrap().id, "4");
        assert_eq!(one(&guests, Some("")).unwrap_err().code, FailureCode::UnknownAccount);
    }

    #[test]
    fn the_only_one_that_is_signed_in_needs_no_name() {
        let out = Account { signed_in: false, ..account("1", "alice", "https://a.example/") };
        let accounts = [out, account("2", "bob", "https://a.example/")];
        assert_eq!(signed_in(&accounts, None).unwrap().id, "2");
        assert_eq!(signed_in(&accounts, Some("alice")).unwrap().id, "1");
        assert_eq!(signed_in(&accounts[..1], None).unwrap().id, "1");
        let both = [accounts[1].clone(), account("3", "carol", "https://a.example/")];
        assert_eq!(signed_in(&both, None).unwrap_err().code, FailureCode::UnknownAccount);
    }
}
