use super::{
    Ntfy,
    fault::{self, Fault},
    store::Store,
};
use crate::ask::Ask;

/// What somebody may do with a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Read and publish.
    #[default]
    ReadWrite,
    /// Read.
    Read,
    /// Publish.
    Write,
    /// Nothing.
    Deny,
}

impl Access {
    pub(super) fn reads(self) -> bool {
        matches!(self, Self::ReadWrite | Self::Read)
    }

    pub(super) fn writes(self) -> bool {
        matches!(self, Self::ReadWrite | Self::Write)
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    Alice,
}

impl Store {
    /// Whoever sends something to be known by is checked, wherever it goes; who sends nothing is nobody.
    pub(super) fn caller(&mut self, ask: &Ask) -> Result<Caller, Fault> {
        let (basic, bearer) = (ask.basic(), ask.bearer());
        if basic.is_none() && bearer.is_none() {
            return Ok(Caller::Nobody);
        }
        if self.failures >= self.options.most_failures {
            return Err(fault::TOO_MANY_FAILURES);
        }
        let by_password = basic.is_some_and(|(user, secret)| {
            // a token may stand where the password does
            user == Ntfy::USER && secret == Ntfy::PASSWORD || self.holds(&secret)
        });
        if by_password || bearer.is_some_and(|token| self.holds(token)) {
            return Ok(Caller::Alice);
        }
        self.failures += 1;
        self.seats.ledger.count(|counts| counts.strangers += 1);
        Err(fault::UNAUTHORIZED)
    }

    pub(super) fn access(&self, caller: Caller, topic: &str) -> Access {
        let user = (caller == Caller::Alice).then_some(Ntfy::USER);
        let fits = |rule: &str| match rule.strip_suffix('*') {
            Some(beginning) => topic.starts_with(beginning),
            None => topic == rule,
        };
        let rule_of = |whose: Option<&str>| {
            let mut rules = self.rules.iter().rev();
            rules
                .find(|(user, topic, _)| user.as_deref() == whose && fits(topic))
                .map(|(_, _, access)| *access)
        };
        let own = user.and_then(|user| rule_of(Some(user)));
        own.or_else(|| rule_of(None)).unwrap_or(self.options.access)
    }

    fn holds(&self, token: &str) -> bool {
        self.tokens.iter().any(|known| known.token == token)
    }
}
