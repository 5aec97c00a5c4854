//! What holds for whatever is published in the words of others; see [`crate::fuzzing`].

#![expect(clippy::panic, reason = "a claim that does not hold is what a fuzzer looks for")]

use axum::http::{HeaderName, HeaderValue, Request, request::Parts};

use super::{draft::is_web, gotify, ntfy};
use crate::publish::{self, MAX_BODY, MAX_TITLE, PublishError, Wish};

pub(crate) fn is_read_or_refused(bytes: &[u8]) {
    let Some((parts, body)) = request(bytes) else { return };
    let wish = match parts.uri.path() {
        "/message" => gotify::wish(parts, body),
        _ => ntfy::read(parts, body),
    };
    if let Some(wish) = wish {
        is_sound(&wish);
    }
}

fn request(bytes: &[u8]) -> Option<(Parts, &[u8])> {
    let (head, body) = match bytes.windows(2).position(|two| two == b"\n\n") {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 2..)?),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut request = Request::builder().method("POST").uri(lines.next()?);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(line.get(..colon)?).ok()?;
        let value = HeaderValue::from_bytes(line.get(colon + 1..)?.trim_ascii()).ok()?;
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).ok()?.into_parts();
    Some((parts, body))
}

/// A message that was taken has something to say, in the room that there is, and leads nowhere but to the web; what is
/// refused after all is refused for what a button would do. It is stored for later without a loss.
fn is_sound(wish: &Wish) {
    let request = &wish.request;
    assert!(
        !request.title.trim().is_empty() && request.title.chars().count() <= MAX_TITLE,
        "{:?}",
        request.title
    );
    assert!(!request.body.is_empty() && request.body.len() <= MAX_BODY, "{:?}", request.body);
    assert!(request.click_url.as_deref().is_none_or(is_web), "{:?}", request.click_url);
    if let Err(PublishError::Field { field, problem }) = publish::check(request)
        && !field.starts_with("actions")
    {
        panic!("{field}: {problem}");
    }
    let Ok(stored) = serde_json::to_string(wish) else { panic!("it cannot be stored: {wish:?}") };
    let Ok(again) = serde_json::from_str::<Wish>(&stored) else {
        panic!("it cannot be read again: {stored}")
    };
    assert_eq!(serde_json::to_string(&again).ok(), Some(stored));
}
