//! The text of desktop entries, as far as we write and read them (Desktop Entry Specification 1.5, Autostart
//! Specification 0.5).

use std::path::PathBuf;

/// An autostart entry that runs `command`.
pub(crate) fn write(command: &[String]) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Tidings\nComment=Live notifications in the tray\n{}\n\
         Icon=org.tidings.desktop\nTerminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n",
        exec(command)
    )
}

/// As an entry was, but that it runs `command`: what a desktop or a person has added stays.
pub(crate) fn with_command(text: &str, command: &[String]) -> String {
    let mut changed: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some((line, _)) = find(text, "Exec") {
        changed[line] = exec(command);
    }
    changed.join("\n") + "\n"
}

/// The program that an entry runs: the first word of its command, after what sets variables for it.
pub(crate) fn program(text: &str) -> Option<PathBuf> {
    let (_, command) = find(text, "Exec")?;
    let mut words = words(&unescape(command)).into_iter().peekable();
    if words.next_if(|word| word == "env").is_some() {
        while words.next_if(|word| word.contains('=')).is_some() {}
    }
    words.next().map(PathBuf::from)
}

fn exec(command: &[String]) -> String {
    let words: Vec<_> = command.iter().map(|argument| quote(argument)).collect();
    format!("Exec={}", words.join(" "))
}

/// The number of the line that has this key in the entry's own group, and its value.
fn find<'a>(text: &'a str, wanted: &str) -> Option<(usize, &'a str)> {
    let mut within = false;
    text.lines().enumerate().find_map(|(number, line)| {
        let line = line.trim();
        if line.starts_with('[') {
            within = line == "[Desktop Entry]";
        }
        let (key, value) = line.split_once('=').filter(|_| within)?;
        (key.trim() == wanted).then(|| (number, value.trim()))
    })
}

/// Undoes the rule for strings.
fn unescape(value: &str) -> String {
    let (mut plain, mut rest) = (String::new(), value.chars());
    while let Some(c) = rest.next() {
        match c {
            '\\' => plain.extend(rest.next().map(|escaped| match escaped {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            })),
            c => plain.push(c),
        }
    }
    plain
}

/// The words of a command, by the rule of quoting of `Exec`.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().extend(rest.next()),
            '%' => word.get_or_insert_default().extend(rest.next().filter(|&c| c == '%')),
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// An entry that keeps one of the system's from running.
pub(crate) const HIDDEN: &str = "[Desktop Entry]\nType=Application\nName=Tidings\nHidden=true\n";

/// A value that is a string.
pub(crate) fn escape(value: &str) -> String {
    value.replace('\\', "\\\\")
}

/// Whether an entry runs. Desktops switch one off by either key.
pub(crate) fn runs(text: &str) -> bool {
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
pub(crate) fn quote(argument: &str) -> String {
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

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn the_program_of_an_entry_is_found_whoever_wrote_it() {
        for (exec, program_there) in [
            ("/usr/bin/tidings-agent run", Some("/usr/bin/tidings-agent")),
            ("env TIDINGS_HOME=/x \"/a b/tidings-agent\" run", Some("/a b/tidings-agent")),
            ("\"env\" \"TIDINGS_HOME=/x y\" \"/a/tidings-agent\"", Some("/a/tidings-agent")),
            ("", None),
        ] {
            let text = format!("[Desktop Entry]\nExec = {exec}\n[Desktop Action x]\nExec=/other\n");
            assert_eq!(program(&text), program_there.map(PathBuf::from), "{exec}");
        }
        assert_eq!(program("Exec=/x\n[Other]\nExec=/y\n"), None);
    }

    #[test]
    fn another_command_leaves_the_rest_as_it_was() {
        let text = "[Desktop Entry]\nName=x\nExec=/old run\nX-GNOME-Autostart-Delay=5\n[Other]\nExec=/y\n";
        assert_eq!(
            with_command(text, &command(&["/new", "run"])),
            "[Desktop Entry]\nName=x\nExec=\"/new\" \"run\"\nX-GNOME-Autostart-Delay=5\n[Other]\nExec=/y\n"
        );
    }

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
        assert!(
            write(&command(&["/x/tidings-agent", "run"])).contains("\nExec=\"/x/tidings-agent\" \"run\"\n")
        );
        for (path, _) in table {
            assert_eq!(program(&write(&command(&[path, "run"]))), Some(PathBuf::from(path)));
        }
    }

    #[test]
    fn an_entry_is_off_by_either_key_and_only_in_its_own_group() {
        assert!(runs(&write(&command(&["x"]))));
        assert!(!runs(HIDDEN));
        assert!(!runs("[Desktop Entry]\nName=x\n X-GNOME-Autostart-enabled = false \n"));
        assert!(runs("[Desktop Entry]\nHidden=false\n[Desktop Action other]\nHidden=true\n"));
    }
}
