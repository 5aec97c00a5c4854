//! Reading what other servers write: a decoration of the wrong shape costs the decoration, never the message.
//!
//! Only for what a server says to a client. What a client asks of a server is read strictly, so that it can be told what
//! is wrong.

use serde::{Deserialize, Deserializer, Serializer, de::DeserializeOwned};
use serde_json::Value;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{Code, ErrorDetail, Priority, Secret};

/// Characters of a stranger's sentence that are worth keeping.
const SENTENCE: usize = 1000;

/// The value, or its default when it is something else.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// The readable ones of a list; none when it is no list.
pub(crate) fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => {
            values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect()
        }
        _ => Vec::new(),
    })
}

/// A text; `null` is an empty one, anything else is an error.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

/// An id, if it is not empty: back ends that count their rows send numbers.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(id_of(Value::deserialize(deserializer)?))
}

/// As [`id`], where there has to be one.
pub(crate) fn required_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    id(deserializer)?.ok_or_else(|| serde::de::Error::custom("an id is a text or a number, and not empty"))
}

/// As [`id`], for each of a list.
pub(crate) fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Value>::deserialize(deserializer)?.into_iter().filter_map(id_of).collect())
}

fn id_of(value: Value) -> Option<String> {
    match value {
        // an empty one would make all that carry it the same
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A number, the nearest priority to it; anything else is the default one.
pub(crate) fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Priority, D::Error> {
    let number = Value::deserialize(deserializer)?;
    // a cast of a float to an integer saturates
    let nearest = number.as_i64().or_else(|| number.as_f64().map(|number| number.round() as i64));
    Ok(nearest.map_or(Priority::Default, Priority::nearest))
}

/// Seconds, whole or not; anything else is not said.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Value::deserialize(deserializer)?;
    let whole = number.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64);
    Ok(number.as_u64().or(whole))
}

/// A secret, or none where it is missing or empty.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<Secret>::deserialize(deserializer)?.filter(|secret| !secret.is_empty()))
}

/// A secret that has to be there.
pub(crate) fn required_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    secret(deserializer)?.ok_or_else(|| serde::de::Error::custom("it is empty"))
}

/// `code` and `message` as far as they are there.
pub(crate) fn detail(payload: &Value, otherwise: Code) -> ErrorDetail {
    let code = match &payload["code"] {
        Value::String(code) if !code.is_empty() => Code::from(clipped(code)),
        Value::Number(code) => Code::from(code.to_string()),
        _ => otherwise,
    };
    let message = payload["message"].as_str().or(payload.as_str()).unwrap_or_default();
    ErrorDetail { code, message: clipped(message) }
}

fn clipped(text: &str) -> String {
    text.chars().take(SENTENCE).collect()
}

/// A moment in RFC 3339, kept and sent in UTC; one that cannot be read is not said.
pub(crate) mod moment {
    use super::{Deserialize, Deserializer, OffsetDateTime, Rfc3339, Serializer, UtcOffset, Value};

    pub(crate) fn serialize<S: Serializer>(
        moment: &Option<OffsetDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // a year beyond four digits has no RFC 3339 form
        let written = moment
            .and_then(|moment| moment.checked_to_offset(UtcOffset::UTC))
            .and_then(|moment| moment.format(&Rfc3339).ok());
        match written {
            Some(text) => serializer.serialize_some(&text),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<OffsetDateTime>, D::Error> {
        let said = Value::deserialize(deserializer)?;
        let moment = said.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        Ok(moment.and_then(|moment| moment.checked_to_offset(UtcOffset::UTC)))
    }
}
