//! What a machine must have beyond Rust and Node, and how it gets it.

use std::{
    io::{IsTerminal, stdin},
    path::Path,
};

use crate::tool::Tool;

/// A package of Debian and Ubuntu.
#[derive(Debug)]
struct Package {
    name: &'static str,
    why: &'static str,
    /// What the package brings, for systems with other packages: a program, or a library as pkg-config knows it.
    brings: Brings,
}

#[derive(Debug)]
enum Brings {
    Program(&'static str),
    Library(&'static str),
    File(&'static str),
}

/// What needs the packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compiling.
    Build,
    /// Compiling, and a desktop session for the tests.
    DesktopTest,
}

use Brings::{File, Library, Program};

const BUILD: &[Package] = &[
    Package {
        name: "build-essential",
        why: "compiles the C in SQLite and the TLS library",
        brings: Program("cc"),
    },
    Package { name: "pkg-config", why: "finds the libraries below", brings: Program("pkg-config") },
    Package {
        name: "libwebkit2gtk-4.1-dev",
        why: "the window's web engine, with GTK",
        brings: Library("webkit2gtk-4.1"),
    },
];

const DESKTOP_TEST: &[Package] = &[
    Package { name: "webkit2gtk-driver", why: "drives the window", brings: Program("WebKitWebDriver") },
    Package { name: "xvfb", why: "a display without a screen", brings: Program("Xvfb") },
    Package { name: "dbus", why: "a session bus", brings: Program("dbus-daemon") },
    Package { name: "xfwm4", why: "a window manager", brings: Program("xfwm4") },
    Package { name: "sway", why: "a Wayland compositor", brings: Program("sway") },
    Package { name: "xfce4-panel", why: "a panel with a tray", brings: Program("xfce4-panel") },
    Package { name: "dunst", why: "shows toasts", brings: Program("dunst") },
    Package { name: "gnome-keyring", why: "a keychain", brings: Program("gnome-keyring-daemon") },
    Package {
        name: "libsecret-tools",
        why: "reads the keychain from outside",
        brings: Program("secret-tool"),
    },
    Package {
        name: "faketime",
        why: "sets a clock on the wall for one program",
        brings: Program("faketime"),
    },
    Package {
        name: "locales",
        why: "a desktop in another language",
        brings: File("/usr/share/i18n/locales/pt_BR"),
    },
    Package {
        name: "libglib2.0-bin",
        why: "reads and writes GNOME's settings",
        brings: Program("gsettings"),
    },
    Package {
        name: "dconf-gsettings-backend",
        why: "keeps them",
        brings: File("/usr/share/dbus-1/services/ca.desrt.dconf.service"),
    },
    Package {
        name: "gsettings-desktop-schemas",
        why: "says which there are",
        brings: File("/usr/share/glib-2.0/schemas/org.gnome.desktop.notifications.gschema.xml"),
    },
    Package { name: "imagemagick", why: "takes screenshots", brings: Program("import") },
    Package {
        name: "desktop-file-utils",
        why: "reads the desktop entry",
        brings: Program("desktop-file-validate"),
    },
    Package { name: "appstream", why: "reads what software centres show", brings: Program("appstreamcli") },
    Package { name: "iproute2", why: "lays networks between namespaces", brings: Program("ip") },
    Package { name: "nftables", why: "drops packets in them", brings: Program("nft") },
    Package { name: "curl", why: "publishes as documentation says", brings: Program("curl") },
    Package { name: "python3-venv", why: "keeps Apprise, which publishes too", brings: Program("python3") },
    Package { name: "util-linux", why: "makes and enters namespaces", brings: Program("nsenter") },
    Package {
        name: "adwaita-icon-theme",
        why: "the session's icons",
        brings: File("/usr/share/icons/Adwaita/index.theme"),
    },
    Package {
        name: "fonts-inter",
        why: "the session's font",
        brings: File("/usr/share/fonts/opentype/inter"),
    },
];

/// Makes sure that everything is there, and installs what is not where that is possible.
pub(crate) fn ensure(purpose: Purpose) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    let wanted = || BUILD.iter().chain(DESKTOP_TEST.iter().filter(|_| purpose == Purpose::DesktopTest));
    let is_debian = Tool::new("dpkg-query").args(["--version"]).output().is_ok();
    let is_there =
        |package: &&Package| if is_debian { is_installed(package.name) } else { package.brings.is_there() };
    let missing: Vec<_> = wanted().filter(|package| !is_there(package)).collect();
    if missing.is_empty() {
        println!("    all {} system packages are there", wanted().count());
        return Ok(());
    }
    println!("    missing on this system:");
    for Package { name, why, .. } in &missing {
        println!("      {name:24} {why}");
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    if !is_debian {
        let names = names.join(", ");
        return Err(format!(
            "Install what gives these on your distribution, and run this again. On Debian and Ubuntu the packages \
             are: {names}."
        ));
    }
    install(&names)
}

impl Brings {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => on_path(name),
            Self::Library(name) => Tool::new("pkg-config").args(["--exists", name]).output().is_ok(),
            Self::File(path) => Path::new(path).exists(),
        }
    }
}

fn on_path(program: &str) -> bool {
    let places = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&places).any(|place| place.join(program).is_file())
}

fn is_installed(package: &str) -> bool {
    let query = Tool::new("dpkg-query").args(["--show", "--showformat", "${db:Status-Status}", package]);
    query.output().is_ok_and(|status| status == "installed")
}

fn install(names: &[&str]) -> Result<(), String> {
    let by_hand = format!("apt-get install --no-install-recommends {}", names.join(" "));
    let is_root = Tool::new("id").args(["--user"]).output()?.trim() == "0";
    if !is_root && !on_path("sudo") {
        return Err(format!("As root, run `{by_hand}`, and then this again."));
    }
    if !is_root && stdin().is_terminal() {
        println!("    sudo may ask for your password, to install them");
    }
    let apt = |arguments: &[&str]| {
        let tool = if is_root { Tool::new("apt-get") } else { Tool::new("sudo").args(["apt-get"]) };
        tool.env("DEBIAN_FRONTEND", "noninteractive").args(arguments).run()
    };
    let install: Vec<&str> =
        ["install", "--yes", "--no-install-recommends"].iter().chain(names).copied().collect();
    // the lists may be old or, in a container, not there at all: only then fetch them, and try once more
    let done = apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)));
    done.map_err(|problem| format!("{problem}. Run `{by_hand}` as root, and then this again."))
}

/// macOS and Windows bring their web engine along.
fn elsewhere() -> Result<(), String> {
    if cfg!(target_os = "macos") {
        return Tool::new("xcode-select").args(["--print-path"]).output().map(drop).map_err(|_| {
            "Xcode's command line tools are missing. Run `xcode-select --install`, and then this again."
                .to_owned()
        });
    }
    println!("    needed here: the C++ build tools of Visual Studio, and WebView2 (part of Windows 11)");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_named_once_and_says_why() {
        let mut names: Vec<_> = BUILD.iter().chain(DESKTOP_TEST).map(|package| package.name).collect();
        assert!(BUILD.iter().chain(DESKTOP_TEST).all(|package| !package.why.is_empty()));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(Program("sh").is_there());
        assert!(!Program("no-such-program-anywhere").is_there());
        assert!(!File("/no/such/file").is_there());
        assert!(!is_installed("no-such-package-anywhere"));
    }
}
