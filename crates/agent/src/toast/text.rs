//! A stranger's words, made fit for a toast.
//!
//! Whoever may publish chooses them. A toast shows the beginning as plain text; the inbox has all of it.

use tidings_protocol::is_legible;

/// Longest title, in characters. Daemons show one line of it.
const TITLE: usize = 200;
/// Longest body, in characters. Daemons show a few lines of it.
const BODY: usize = 1000;
/// Longest label of a button, in characters.
const LABEL: usize = 40;

/// A first line: no line breaks, nothing that steers the reader's eye or terminal.
pub(super) fn title(text: &str) -> String {
    clip(&clean(text, ' '), TITLE)
}

/// The rest; lines stay lines.
pub(super) fn body(text: &str) -> String {
    clip(&clean(text, '\n'), BODY)
}

/// A button's label.
pub(super) fn label(text: &str) -> String {
    clip(&clean(text, ' '), LABEL)
}

/// Plain text as the notification specification's markup.
#[cfg(target_os = "linux")]
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&apos;",
            other => escaped.push(other),
        }
    }
    escaped
}

fn clean(text: &str, line_break: char) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => cleaned.push(line_break),
            '\t' => cleaned.push(' '),
            c if is_legible(c) => cleaned.push(c),
            _ => {}
        }
    }
    cleaned
}

fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_clean_line() {
        let table = [
            ("Backup finished", "Backup finished"),
            ("  padded \n", "padded"),
            ("two\nlines", "two lines"),
            ("two\r\nlines", "two lines"),
            ("tab\tand bell\u{7}", "tab and bell"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("c1\u{9b}31m nul\0", "c131m nul"),
            ("Grüße 🎉 שלום", "Grüße 🎉 שלום"),
        ];
        for (raw, clean) in table {
            assert_eq!(title(raw), clean, "{raw:?}");
        }
    }

    #[test]
    fn a_body_keeps_its_lines() {
        assert_eq!(body("one\r\n\ttwo\n\nthree\u{0}"), "one\n two\n\nthree");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_and_not_within_a_character() {
        assert_eq!(title(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(title(&"é".repeat(201)), "é".repeat(200) + "…");
        assert_eq!(body(&"x ".repeat(5000)).chars().count(), 1000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn markup_is_shown_and_not_obeyed() {
        assert_eq!(
            escape("<a href=\"http://x\">it's</a> & <b>bold</b>"),
            "&lt;a href=&quot;http://x&quot;&gt;it&apos;s&lt;/a&gt; &amp; &lt;b&gt;bold&lt;/b&gt;"
        );
    }
}
