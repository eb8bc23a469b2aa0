//! Values as people write them in files of unknown layout, with what they put around a number.
//!
//! Each gives `None` for what it cannot read, and the mapping's reader makes a fault of that.

use super::british::{gap, measured, price};

/// `31.9` of `31.9kg`, `460m`, `$31.9`.
pub(super) fn number(text: &str) -> Option<f64> {
    let around = |c: char| c.is_ascii_alphabetic() || "$€£ ".contains(c);
    let number: f64 = text.trim_matches(around).parse().ok()?;
    Some(number).filter(|number| number.is_finite())
}

/// `8` of `Rug 8`, `[8]`, `8th`, `8.0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    let around = |c: char| c.is_ascii_alphabetic() || "[]()#. ".contains(c);
    let digits = text.strip_suffix(".0").unwrap_or(text);
    digits.trim_matches(around).parse().ok()
}

/// `29.87`, `29.87s`, `0:29.87`, `00:00:29.870`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut sum = 0.0;
    for part in text.trim_end_matches(['s', ' ']).split(':') {
        sum = sum * 60.0 + part.parse::<f64>().ok().filter(|part| *part >= 0.0)?;
    }
    Some(sum).filter(|sum| sum.is_finite())
}

/// Decimal odds of `4.50`, `$4.50`, `7/2F`.
pub(super) fn odds(text: &str) -> Option<f64> {
    price(text).or_else(|| number(text))
}

/// Lengths of `2.25`, `2 1/4`, `NK`.
pub(super) fn lengths(text: &str) -> Option<f64> {
    number(text).or_else(|| measured(gap(text)?))
}

/// `yes` and `no` in every spelling.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "yes" | "y" | "true" | "winner" | "x" => Some(true),
        "0" | "0.0" | "no" | "n" | "false" | "loser" => Some(false),
        _ => None,
    }
}

/// `D` of `Dog`, `d`, `Male`; another word is left to be unknown.
pub(super) fn sex(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "d" | "dog" | "m" | "male" => Some("D".to_owned()),
        "b" | "bitch" | "f" | "female" => Some("B".to_owned()),
        _ => None,
    }
}

/// Positions without what stands between them: `3,2,2`, `1-2-`.
pub(super) fn calls(text: &str) -> String {
    text.chars().filter(|c| !",- ".contains(*c)).collect()
}

/// `18:24:00` of `18:24:00.000`; instants stay as they are.
pub(super) fn clock(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|byte| byte.is_ascii_digit()) => whole.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_number_goes_and_nonsense_is_none() {
        assert_eq!(number("31.9kg"), Some(31.9));
        assert_eq!(number("-0.5"), Some(-0.5));
        assert_eq!(whole("[8]"), Some(8));
        assert_eq!(whole("Rug 10"), Some(10));
        assert_eq!(whole("2.5"), None);
        assert_eq!(whole("-3"), Some(-3));
        assert_eq!(seconds("1:02.5"), Some(62.5));
        assert_eq!(odds("EVS"), Some(2.0));
        assert_eq!(lengths("1 1/4"), Some(1.25));
        assert_eq!(flag("perhaps"), None);
        for text in ["", "x", "1,365", "1e999", "::"] {
            assert_eq!(
                (number(text), whole(text), seconds(text)),
                (None, None, None),
                "{text}"
            );
        }
    }
}
