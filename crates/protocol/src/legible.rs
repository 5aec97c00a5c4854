/// True for a character that a person reads; false for one that acts on whatever shows it: a control character, which a
/// terminal obeys, or an override of the writing direction, which makes text read as something else than it is (UAX #9,
/// section 2).
///
/// Whoever shows a stranger's words leaves the others out, line breaks and tabs too unless they have a place there.
pub fn is_legible(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_not_legible_and_what_people_write_is() {
        let acts = ['\0', '\n', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}'];
        assert!(acts.into_iter().all(|c| !is_legible(c)));
        // marks of direction belong to right-to-left text, and joiners to families
        assert!("Grüße שלום\u{200f} 👩\u{200d}👧 …".chars().all(is_legible));
    }
}
