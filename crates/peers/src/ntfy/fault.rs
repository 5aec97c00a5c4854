use serde_json::json;

use crate::answer::Reply;

/// An error of theirs: a code whose first digits are the status, and words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault(pub(super) u32, pub(super) &'static str);

pub(super) const DELAY_TOO_SMALL: Fault = Fault(40005, "invalid delay parameter: too small");
pub(super) const PRIORITY: Fault = Fault(40007, "invalid priority parameter");
pub(super) const SINCE: Fault = Fault(40008, "invalid since parameter");
pub(super) const TOPIC: Fault = Fault(40009, "invalid request: topic invalid");
pub(super) const NO_UPGRADE: Fault = Fault(40016, "invalid request: client not using the websocket protocol");
pub(super) const ACTIONS: Fault = Fault(40018, "invalid request: actions invalid; only 3 actions allowed");
pub(super) const NO_TOKEN: Fault = Fault(40023, "invalid request: no token provided");
pub(super) const JSON: Fault = Fault(40024, "invalid request: request body must be valid JSON");
pub(super) const UNAUTHORIZED: Fault = Fault(40101, "unauthorized");
pub(super) const FORBIDDEN: Fault = Fault(40301, "forbidden");
pub(super) const NOT_FOUND: Fault = Fault(40401, "page not found");
pub(super) const TOO_MANY_REQUESTS: Fault = Fault(42901, "limit reached: too many requests");
pub(super) const TOO_MANY_SOCKETS: Fault = Fault(42903, "limit reached: too many active subscriptions");
pub(super) const TOO_MANY_FAILURES: Fault = Fault(42909, "limit reached: too many auth failures");

impl Fault {
    pub(super) fn status(self) -> u16 {
        u16::try_from(self.0 / 100).unwrap_or(500)
    }

    pub(super) fn reply(self) -> Reply {
        let body = json!({
            "code": self.0, "http": self.status(), "error": self.1, "link": "https://ntfy.sh/docs/"
        });
        Reply::json(self.status(), &body)
    }
}

/// The usual one of a status.
pub(super) fn by_status(status: u16) -> Fault {
    match status {
        401 => UNAUTHORIZED,
        403 => FORBIDDEN,
        404 => NOT_FOUND,
        429 => TOO_MANY_REQUESTS,
        other => Fault(u32::from(other) * 100 + 1, "closed"),
    }
}
