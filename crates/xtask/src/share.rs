//! `cargo xtask share`: what an installed Tidings has in `/usr/share`: manual pages and completions, made from the command
//! lines; the desktop entry and what software centres show; icons.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{project::Project, tool::Tool};

const ENTRY: &str = "applications/org.tidings.desktop.desktop";
const METAINFO: &str = "metainfo/org.tidings.desktop.metainfo.xml";
const ICON: &str = "org.tidings.desktop";

/// Pixels in the icon theme, and the file that has them.
const SIZES: [(u32, &str); 5] =
    [(16, "16x16"), (32, "32x32"), (128, "128x128"), (256, "256x256"), (512, "512x512")];

/// What writes the manual and the completions of each program: an example of its package.
const MANUALS: [(&str, &str); 2] = [("tidings-agent", "agent-manual"), ("tidings-server", "server-manual")];

/// Writes all of it below `share`.
pub(crate) fn write(project: &Project, share: &Path) -> Result<(), String> {
    for (package, example) in MANUALS {
        let manual = ["run", "--quiet", "--locked", "--package", package, "--example", example, "--"];
        let share = std::path::absolute(share).map_err(|error| format!("{}: {error}", share.display()))?;
        project.cargo().args(manual).args([share]).run()?;
    }
    furnish(project, share)
}

/// What needs no program to be written.
fn furnish(project: &Project, share: &Path) -> Result<(), String> {
    let (desk, icons) = (project.root().join("crates/agent/share"), project.root().join("icons"));
    let file = |place: &str| Path::new(place).file_name().unwrap_or_default().to_owned();
    for place in [ENTRY, METAINFO] {
        copy(&desk.join(file(place)), &share.join(place))?;
    }
    let theme = share.join("icons/hicolor");
    for (size, name) in SIZES {
        let place = theme.join(format!("{size}x{size}/apps/{ICON}.png"));
        copy(&icons.join(format!("{name}.png")), &place)?;
    }
    copy(&icons.join("tidings.svg"), &theme.join(format!("scalable/apps/{ICON}.svg")))?;
    copy(&icons.join("tidings-symbolic.svg"), &theme.join(format!("symbolic/apps/{ICON}-symbolic.svg")))
}

/// Writes it to a place of its own, by what a build of all targets has left, and asks the desktops' own tools what they
/// think of it.
pub(crate) fn check(project: &Project) -> Result<(), String> {
    let share = project.target().join("share");
    if share.exists() {
        fs::remove_dir_all(&share).map_err(|error| format!("{}: {error}", share.display()))?;
    }
    for (_, example) in MANUALS {
        Tool::new(project.program("debug", &format!("examples/{example}"))).args([&share]).run()?;
    }
    furnish(project, &share)?;
    for place in [
        "man/man1/tidings-agent.1",
        "man/man1/tidings-agent-login.1",
        "man/man1/tidings-server.1",
        "man/man1/tidings-server-serve.1",
        "bash-completion/completions/tidings-agent",
        "bash-completion/completions/tidings-server",
        "zsh/site-functions/_tidings-agent",
        "zsh/site-functions/_tidings-server",
        "fish/vendor_completions.d/tidings-agent.fish",
        "fish/vendor_completions.d/tidings-server.fish",
    ] {
        let written: PathBuf = share.join(place);
        if !fs::metadata(&written).is_ok_and(|file| file.len() > 100) {
            return Err(format!("{} was not written", written.display()));
        }
    }
    Tool::new("desktop-file-validate").args([share.join(ENTRY)]).run()?;
    Tool::new("appstreamcli").args(["validate", "--no-net"]).args([share.join(METAINFO)]).run()
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let trouble = |error| format!("{}: {error}", to.display());
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(trouble)?;
    }
    fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}
