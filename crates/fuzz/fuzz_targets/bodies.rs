//! HTTP bodies in both directions, and the session in the keychain: what can be read can be written and read again, and
//! no secret is printed. Each input is tried as every kind of body.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use tidings_protocol::{
    ErrorBody, GuestRequest, Info, LoginRequest, PublishReceipt, PublishRequest, RefreshRequest, Session,
    TicketResponse,
};

fuzz_target!(|bytes: &[u8]| {
    stable::<Info>(bytes);
    stable::<PublishReceipt>(bytes);
    stable::<PublishRequest>(bytes);
    stable::<GuestRequest>(bytes);
    if let Some(error) = ErrorBody::parse(bytes) {
        assert_eq!(stable::<ErrorBody>(bytes), Some(error));
    }
    if let Some(session) = stable::<Session>(bytes) {
        assert!(!session.access_token.is_empty());
        let refresh_token = session.refresh_token.as_ref().map(|_| "another".into());
        let another = Session { access_token: "another".into(), refresh_token, ..session.clone() };
        prints_alike(&session, &another);
    }
    if let Some(ticket) = stable::<TicketResponse>(bytes) {
        assert!(!ticket.ticket.is_empty());
        prints_alike(&ticket, &TicketResponse { ticket: "another".into(), ..ticket.clone() });
    }
    if let Some(login) = stable::<LoginRequest>(bytes) {
        prints_alike(&login, &LoginRequest { password: "another".into(), ..login.clone() });
    }
    if let Some(refresh) = stable::<RefreshRequest>(bytes) {
        prints_alike(&refresh, &RefreshRequest { refresh_token: "another".into() });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        tidings_engine::fuzzing::a_stored_session_is_read_or_garbled(text);
    }
});

fn stable<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let value = serde_json::from_slice::<T>(bytes).ok()?;
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let again = serde_json::from_slice::<T>(&written).expect("what was written can be read");
    assert_eq!(again, value);
    Some(value)
}

fn prints_alike(one: &impl Debug, other: &impl Debug) {
    assert_eq!(
        format!("{one:?} {one:#?}"),
        format!("{other:?} {other:#?}"),
        "what is printed depends on a secret"
    );
}
