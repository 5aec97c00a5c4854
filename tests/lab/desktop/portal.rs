use zbus::{
    fdo, interface,
    object_server::SignalEmitter,
    zvariant::{OwnedValue, Value},
};

use crate::Outcome;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PLACE: &str = "/org/freedesktop/portal/desktop";

/// What the portal calls the wish for dark colours, and how it is told (org.freedesktop.portal.Settings).
const APPEARANCE: &str = "org.freedesktop.appearance";
const COLOURS: &str = "color-scheme";
const DARK: u32 = 1;
const LIGHT: u32 = 2;

/// A desktop portal in its smallest form: it tells whether the person wants dark colours.
#[derive(Debug)]
pub(super) struct Portal {
    connection: zbus::Connection,
}

impl Portal {
    pub(super) async fn start(connection: zbus::Connection, dark: bool) -> Outcome<Self> {
        connection.object_server().at(PLACE, Appearance { dark }).await?;
        connection.request_name(NAME).await?;
        Ok(Self { connection })
    }

    /// Changes the wish, and tells everybody.
    pub(super) async fn prefer(&self, dark: bool) -> Outcome {
        let appearance = self.connection.object_server().interface::<_, Appearance>(PLACE).await?;
        appearance.get_mut().await.dark = dark;
        let colours = Value::from(appearance.get().await.colours());
        let emitter = appearance.signal_emitter();
        Ok(Appearance::setting_changed(emitter, APPEARANCE, COLOURS, colours).await?)
    }
}

#[derive(Debug)]
struct Appearance {
    dark: bool,
}

impl Appearance {
    const fn colours(&self) -> u32 {
        if self.dark { DARK } else { LIGHT }
    }
}

// the names are those of the portal's documentation
#[interface(name = "org.freedesktop.portal.Settings")]
impl Appearance {
    /// A variant in a variant: how the first version of the portal has it.
    fn read(&self, namespace: &str, key: &str) -> fdo::Result<OwnedValue> {
        if (namespace, key) != (APPEARANCE, COLOURS) {
            return Err(fdo::Error::Failed("there is no such setting".to_owned()));
        }
        let told = Value::Value(Box::new(Value::from(self.colours())));
        told.try_to_owned().map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        1
    }

    #[zbus(signal)]
    async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}
