//! An autostart entry's text (Desktop Entry Specification 1.5, Autostart Specification 0.5).

/// An entry that runs `command`.
pub(super) fn write(command: &[&str]) -> String {
    let exec: Vec<_> = command.iter().map(|argument| quote(argument)).collect();
    format!(
        "[Desktop Entry]\nType=Application\nVersion=1.5\nName=Tidings\nComment=Live notifications in the tray\n\
         Exec={}\nIcon=org.tidings.desktop\nTerminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n",
        exec.join(" ")
    )
}

/// An entry that keeps one of the system's from running.
pub(super) const HIDDEN: &str = "[Desktop Entry]\nType=Application\nName=Tidings\nHidden=true\n";

/// Whether an entry runs. Desktops switch one off by either key.
pub(super) fn runs(text: &str) -> bool {
    let mut within = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line == "[Desktop Entry]";
        } else if within && let Some((key, value)) = line.split_once('=') {
            match (key.trim(), value.trim()) {
                ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false") => return false,
                _ => {}
            }
        }
    }
    true
}

/// One argument of `Exec`: quoted by that key's own rule, then escaped by the rule for strings.
fn quote(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for c in argument.chars() {
        match c {
            '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
            '\\' => quoted += "\\\\\\\\",
            '%' => quoted += "%%",
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_both_rules_of_quoting() {
        let table = [
            ("/usr/bin/tidings-agent", "\"/usr/bin/tidings-agent\""),
            ("/home/a b/tidings-agent", "\"/home/a b/tidings-agent\""),
            ("/opt/100%/x", "\"/opt/100%%/x\""),
            ("/a\"b", r#""/a\\"b""#),
            ("/a$HOME`b`", r#""/a\\$HOME\\`b\\`""#),
            (r"/a\b", r#""/a\\\\b""#),
        ];
        for (path, quoted) in table {
            assert_eq!(quote(path), quoted, "{path}");
        }
        assert!(write(&["/x/tidings-agent", "run"]).contains("\nExec=\"/x/tidings-agent\" \"run\"\n"));
    }

    #[test]
    fn an_entry_is_off_by_either_key_and_only_in_its_own_group() {
        assert!(runs(&write(&["x"])));
        assert!(!runs(HIDDEN));
        assert!(!runs("[Desktop Entry]\nName=x\n X-GNOME-Autostart-enabled = false \n"));
        assert!(runs("[Desktop Entry]\nHidden=false\n[Desktop Action other]\nHidden=true\n"));
    }
}
