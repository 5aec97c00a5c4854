//! JSON as servers written in Go read it: the case of a name is no matter, and PowerShell's users write `Topic` and `Title`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IntoDeserializer as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// An object, read into `T` under names in small letters. Objects within it keep theirs.
pub(super) struct AnyCase<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for AnyCase<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData)).map(Self)
    }
}

/// Takes nothing but an object: a list would be taken for a struct's fields in their order.
struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(Small(fields)))
    }
}

/// The fields, under small letters.
struct Small<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Small<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(mut name) = self.0.next_key::<String>()? else { return Ok(None) };
        name.make_ascii_lowercase();
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(default)]
    struct Sample {
        title: String,
        headers: BTreeMap<String, String>,
    }

    fn read(text: &str) -> Option<Sample> {
        serde_json::from_str(text).ok().map(|AnyCase(sample)| sample)
    }

    #[test]
    fn names_may_be_written_in_any_case_but_not_those_within() {
        for name in ["title", "Title", "TITLE"] {
            let text = format!(r#"{{"{name}": "a", "other": [1], "Headers": {{"X-Key": "b"}}}}"#);
            let headers = [("X-Key".to_owned(), "b".to_owned())].into();
            assert_eq!(read(&text), Some(Sample { title: "a".to_owned(), headers }), "{name}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [r#"["a", {}]"#, "null", "1", r#"{"title": 1}"#, "{"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
