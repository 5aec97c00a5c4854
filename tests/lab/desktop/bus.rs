use std::{fs, path::Path};

use futures_util::StreamExt;
use zbus::{fdo::DBusProxy, names::BusName};

use super::Desktop;
use crate::{Outcome, Spawned, patience::PATIENCE, within};

/// The one service that the bus may start: the panel and the window manager keep their settings in it.
const SETTINGS_OF_XFCE: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";

/// Starts a session bus on which nothing else is activatable, so that what a session does not have is truly missing.
pub(super) async fn start(desktop: &Desktop) -> Outcome<(Spawned, String)> {
    let folder = desktop.folder();
    let services = folder.sub("services")?;
    if Path::new(SETTINGS_OF_XFCE).is_file() {
        fs::copy(SETTINGS_OF_XFCE, services.join("org.xfce.Xfconf.service"))?;
    }
    let config = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={run}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        run = folder.sub("run")?.display(),
        services = services.display(),
    );
    let config = folder.write("bus.conf", &config)?;
    let mut command = desktop.command("dbus-daemon");
    command.arg("--config-file").arg(config).args(["--nofork", "--print-address=1"]);
    let mut program = Spawned::start(command, None).await?;
    let address = program.line().await?;
    Ok((program, address))
}

/// Waits until somebody owns a name on the bus.
pub(super) async fn owned(desktop: &Desktop, name: &'static str, program: &Spawned) -> Outcome {
    let bus = DBusProxy::new(desktop.bus()?).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await?;
    if bus.name_has_owner(BusName::try_from(name).map_err(zbus::Error::from)?).await? {
        return Ok(());
    }
    let appears = async {
        while let Some(change) = changes.next().await {
            if change.args().is_ok_and(|args| args.new_owner().is_some()) {
                return;
            }
        }
    };
    within(PATIENCE, &format!("{name} appears on the session bus; so far:\n{}", program.said()), appears)
        .await
}
