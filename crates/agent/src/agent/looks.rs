//! How accounts are shown: their names, what marks them, whether their pictures are fetched, and their order.

use tidings_control::{AccountChange, Colour, Failure, FailureCode, Reply};
use tidings_inbox::Look;
use tidings_protocol::is_legible;

use super::Agent;
use crate::convert::{self, COLOURS};

/// Longest name of an account, in characters. It stands beside every notification.
const LONGEST_NAME: usize = 40;

impl Agent {
    pub(super) fn set_look(&mut self, change: AccountChange) -> Result<Reply, Failure> {
        let AccountChange { account: id, name, colour, pictures, place, paused: _, deletes_on_server } =
            change;
        let id = id.as_str();
        let unknown = || Failure::new(FailureCode::UnknownAccount, format!("there is no account {id:?}"));
        let account = self.accounts.find_mut(id).ok_or_else(unknown)?;
        let mut row = account.row.clone();
        if let Some(name) = name {
            row.look.name = read_name(&name)?;
        }
        if let Some(colour) = colour {
            row.look.colour = Some(convert::stored_colour(colour).to_owned());
        }
        row.look.pictures = pictures.unwrap_or(row.look.pictures);
        row.deletes_on_server = deletes_on_server.unwrap_or(row.deletes_on_server);
        self.inbox.put_account(&row).map_err(|error| convert::inbox_failure(&error))?;
        account.row = row;
        self.changed = true;
        if let Some(place) = place {
            let order = self.accounts.put_to(id, usize::try_from(place).unwrap_or(usize::MAX));
            self.inbox.order_accounts(&order).map_err(|error| convert::inbox_failure(&error))?;
        }
        Ok(Reply::Done)
    }

    /// A new account is marked by what marks no other one yet.
    pub(super) fn first_look(&self) -> Look {
        let taken = |colour: &Colour| {
            self.accounts.iter().any(|account| convert::colour(account.row.look.colour.as_deref()) == *colour)
        };
        let free = COLOURS.into_iter().find(|colour| !taken(colour)).unwrap_or_default();
        Look { colour: Some(convert::stored_colour(free).to_owned()), ..Look::default() }
    }
}

/// A name as a person types it; none if it is empty.
fn read_name(typed: &str) -> Result<Option<String>, Failure> {
    let name: String = typed.trim().chars().filter(|c| is_legible(*c) && !c.is_control()).collect();
    if name.chars().count() > LONGEST_NAME {
        let message = format!("a name has up to {LONGEST_NAME} characters");
        return Err(Failure::new(FailureCode::BadRequest, message));
    }
    Ok((!name.is_empty()).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_legible_or_none() {
        for (typed, name) in [
            (" Work ", Some("Work")),
            ("", None),
            ("  ", None),
            ("two\nlines", Some("twolines")),
            ("in\u{202e}vert", Some("invert")),
        ] {
            assert_eq!(read_name(typed).unwrap().as_deref(), name, "{typed:?}");
        }
        assert!(read_name(&"ä".repeat(LONGEST_NAME)).is_ok());
        assert_eq!(read_name(&"ä".repeat(LONGEST_NAME + 1)).unwrap_err().code, FailureCode::BadRequest);
    }
}
