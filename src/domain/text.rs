//! Text that people wrote: what may stand in it.

use super::Fault;

/// Whether a character may stand in a name or a line of text.
///
/// Controls may not, nor what ends a line, nor what turns the direction of writing: with it a name
/// can show itself as another.
#[must_use]
pub fn printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{61c}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// Free text of 1 to 200 printable characters, trimmed.
pub(super) fn text(raw: &str) -> Result<String, Fault> {
    let text = raw.trim();
    if text.is_empty() || text.chars().count() > 200 || !text.chars().all(printable) {
        return Err(Fault::new("must be 1 to 200 printable characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_writing_is_not_printable_and_other_scripts_are() {
        let turners = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
                       \u{2066}\u{2067}\u{2068}\u{2069}\u{2028}\u{2029}\0\u{7f}\u{9b}\n";
        assert_eq!(turners.chars().find(|c| printable(*c)), None);
        let fine = "<'\"\\%=é\u{301}שלום مرحبا 狗\u{200d}🐕\u{feff}";
        assert_eq!(fine.chars().find(|c| !printable(*c)), None);
        assert!(text("gpj\u{202e}exe").is_err());
        assert_eq!(text(" A \u{200b}B\t"), Ok("A \u{200b}B".to_owned()));
    }
}
