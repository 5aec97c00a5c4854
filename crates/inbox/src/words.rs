//! What is typed into a search, as words that all have to be found somewhere in a row. Nothing that is typed has a
//! meaning of its own.

use rusqlite::types::{FromSqlResult, ValueRef};

/// Words of a search that count.
const MOST: usize = 16;

/// What the index is made of; a shorter word is looked for in the rows themselves.
const TRIGRAM: usize = 3;

/// A search.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// For the index; empty if no word is long enough for it.
    pub(crate) long: String,
    /// For the rows themselves, in small letters.
    pub(crate) short: Vec<String>,
}

impl Words {
    pub(crate) fn of(typed: &str) -> Self {
        let typed = typed.replace('\0', " ");
        let (long, short): (Vec<&str>, Vec<&str>) =
            typed.split_whitespace().take(MOST).partition(|word| word.chars().count() >= TRIGRAM);
        let quoted: Vec<String> =
            long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        Self { long: quoted.join(" "), short: short.iter().map(|word| word.to_lowercase()).collect() }
    }

    /// Whether a row, as [`crate::row::COLUMNS`] has it, holds every short word.
    pub(crate) fn are_in(&self, columns: &rusqlite::Row<'_>) -> rusqlite::Result<bool> {
        let mut texts = [""; 4];
        for (text, column) in texts.iter_mut().zip([4, 5, 7, 8]) {
            *text = text_of(columns.get_ref(column)?)?;
        }
        Ok(self.short.iter().all(|word| texts.iter().any(|text| holds(text, word))))
    }
}

fn text_of(value: ValueRef<'_>) -> FromSqlResult<&str> {
    Ok(value.as_str_or_null()?.unwrap_or_default())
}

/// Whether the text has the word in it, which is in small letters already.
fn holds(text: &str, word: &str) -> bool {
    if word.is_ascii() {
        // byte by byte: a letter of ASCII is never a part of another
        text.as_bytes().windows(word.len()).any(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes()))
    } else {
        text.contains(word) || text.to_lowercase().contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_for_the_index_and_short_ones_for_the_rows() {
        let words = Words::of(" say \"hi\" to Ed \0");
        assert_eq!(words.long, "\"say\" \"\"\"hi\"\"\"");
        assert_eq!(words.short, ["to", "ed"]);
        assert!(Words::of("  ").long.is_empty());
    }

    #[test]
    fn a_short_word_is_found_in_any_case() {
        assert!(holds("Left at TEN", "te"));
        assert!(holds("an Übergabe", "üb"));
        assert!(holds("备份完成", "完成"));
        assert!(!holds("a", "ab"));
        assert!(!holds("été", "et"));
    }
}
