use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::lenient;

/// How much a notification matters, 1 to 5. Numbers outside are taken for the nearest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Priority {
    /// 1: keep it quiet.
    Min = 1,
    /// 2.
    Low = 2,
    /// 3.
    #[default]
    Default = 3,
    /// 4.
    High = 4,
    /// 5: interrupt.
    Urgent = 5,
}

impl Priority {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The nearest priority to a number.
    pub const fn nearest(number: i64) -> Self {
        match number {
            ..=1 => Self::Min,
            2 => Self::Low,
            3 => Self::Default,
            4 => Self::High,
            5.. => Self::Urgent,
        }
    }
}

impl Serialize for Priority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl<'de> Deserialize<'de> for Priority {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::nearest)
    }
}

/// A button on a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Unique within its notification.
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    /// What the button says.
    pub label: String,
    /// What it opens or calls; empty where it copies.
    #[serde(default)]
    pub url: String,
    /// HTTP method; absent means "open it".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Header fields of the call. They may hold a secret of the publisher's: they are kept with the notification, sent with
    /// the call, and shown to nobody.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lenient::or_default")]
    pub headers: BTreeMap<String, String>,
    /// What the call carries; as `headers`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub body: Option<String>,
    /// The text that it copies: it neither opens nor calls anything then.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub copy: Option<String>,
}

/// A file that a notification comes with. It stays where it is until a person asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is called.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its media type, as the publisher has it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub media_type: Option<String>,
    /// Bytes in it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub size: Option<u64>,
    /// After this moment it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "lenient::moment")]
    pub expires_at: Option<OffsetDateTime>,
}

/// One notification, as a server sends it.
///
/// Servers of others that speak only the sign-in flows may leave out `seq` and even `id`. Title and body are texts or
/// missing; whatever else has a shape that is not ours is taken for missing, so that the message itself is not lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Rises by one per user within an epoch.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub seq: Option<u64>,
    /// Unique for the server.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::id")]
    pub id: Option<String>,
    /// First line.
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: String,
    /// The rest.
    #[serde(default, deserialize_with = "lenient::text")]
    pub body: String,
    /// How much it matters.
    #[serde(default, deserialize_with = "lenient::priority")]
    pub priority: Priority,
    /// Topic it was published to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub topic: Option<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient::readable")]
    pub tags: Vec<String>,
    /// What opens on a click.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub click_url: Option<String>,
    /// Buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient::readable")]
    pub actions: Vec<Action>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub icon_url: Option<String>,
    /// A large picture, shown below the text.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub image_url: Option<String>,
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub attachment: Option<Attachment>,
    /// True where the body is no Markdown, and is shown as it stands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "lenient::or_default")]
    pub plain: bool,
    /// Id of an earlier one whose place this takes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::id")]
    pub replaces: Option<String>,
    /// When the server stored it; absent from servers that do not say.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "lenient::moment")]
    pub created_at: Option<OffsetDateTime>,
    /// After this moment nobody needs to be told.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "lenient::moment")]
    pub expires_at: Option<OffsetDateTime>,
}
