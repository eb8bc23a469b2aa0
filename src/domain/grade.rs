//! The class of a race, read from the many spellings of its grade.
//!
//! The raw text is always kept; [`grade_class`] only sorts it into a few broad classes whose dogs
//! are of comparable ability. `M` alone is Maiden, `M1` to `M5` are Masters (domain facts C.5).

/// A broad class of race, weakest expectations first. Used to seed the rating of an unraced dog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Never won.
    Maiden,
    /// Novice and first graded races.
    Novice,
    /// Restricted, tier 3, veterans and masters.
    Restricted,
    /// The lower graded races: 6, 7, A6 and below, and mixed ones.
    Low,
    /// The standard grade: 5, A4, A5.
    Standard,
    /// The upper grades: 1 to 4, A1 to A3.
    High,
    /// Open races, heats and finals of stakes, free for all.
    Open,
    /// Nothing readable.
    Unknown,
}

impl Class {
    /// A stable small number for storage and tables.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Maiden => 1,
            Self::Novice => 2,
            Self::Restricted => 3,
            Self::Low => 4,
            Self::Standard => 5,
            Self::High => 6,
            Self::Open => 7,
        }
    }

    /// The class of a stored number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        const ALL: [Class; 8] = [
            Class::Unknown,
            Class::Maiden,
            Class::Novice,
            Class::Restricted,
            Class::Low,
            Class::Standard,
            Class::High,
            Class::Open,
        ];
        ALL.into_iter().find(|class| class.code() == code)
    }
}

/// Sorts a grade text into its class.
#[must_use]
pub fn grade_class(grade: &str) -> Class {
    let text = grade.trim().to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if text == "M" || has(&["MAIDEN", "MDN", "T3-M"]) {
        return Class::Maiden;
    }
    if text == "N" || has(&["NOV", "NVCE", "JUV"]) {
        return Class::Novice;
    }
    if has(&[
        "FFA",
        "FREE FOR ALL",
        "OPEN",
        "GROUP",
        "GRP",
        "LISTED",
        "INV",
    ]) || text.starts_with("OR")
    {
        return Class::Open;
    }
    if has(&["REST", "R/W", "TIER 3", " T3", "VET", "TG"]) || is_masters(&text) {
        return Class::Restricted;
    }
    if has(&["HEAT", "FINAL", "SEMI", "S/E"]) {
        return Class::Open;
    }
    by_number(&text)
}

fn is_masters(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('M') && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// The weakest grade that the text names decides: `4/5` is a race for fives.
fn by_number(text: &str) -> Class {
    let british = text.starts_with(['A', 'D', 'S', 'B']) && !text.starts_with("S/");
    let digits = text.split(|c: char| !c.is_ascii_digit());
    let weakest = digits.filter_map(|number| number.parse::<u32>().ok()).max();
    match (weakest, british) {
        (None | Some(0), _) => Class::Unknown,
        (Some(1..=3), _) | (Some(4), false) => Class::High,
        (Some(4..=5), true) | (Some(5), false) => Class::Standard,
        (Some(_), _) => Class::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_grade_has_many_spellings() {
        for text in ["5", "Grade 5", "Gr5", "4/5", "Mixed 4/5", "A4"] {
            assert_eq!(grade_class(text), Class::Standard, "{text}");
        }
        for text in ["M", "Maiden", "Mdn", "Tier 3 - Maiden"] {
            assert_eq!(grade_class(text), Class::Maiden, "{text}");
        }
        for text in ["M1/2/3", "M5", "Grade 5 T3", "TG1-4W", "R/W"] {
            assert_eq!(grade_class(text), Class::Restricted, "{text}");
        }
        assert_eq!(grade_class("FFA"), Class::Open);
        assert_eq!(grade_class(""), Class::Unknown);
    }
}
