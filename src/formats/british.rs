//! What British files share: fractions, distances between dogs, trials, finishing orders.
//!
//! A British margin is the gap to the dog in front. Ours is lengths behind the winner, so gaps are
//! summed down the order of finish, in hundredths of a length.

use super::races::Race;
use crate::domain::{Draft, ResultRunnerDraft};

/// The gap to the dog in front.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Gap {
    /// Not told.
    #[default]
    Unknown,
    /// Hundredths of a length; 0 is a dead heat.
    Hundredths(i32),
    /// Too far to measure.
    Distance,
    /// Did not finish.
    NoFinish,
}

/// Gaps with a name, in hundredths of a length.
const NAMED: [(&str, i32); 5] = [("DH", 0), ("SH", 10), ("SHD", 10), ("HD", 20), ("NK", 25)];

/// From `SH`, `NK`, `1 1/4`, `2½`, `DIS`, `DNF`; `None` when it is none of these.
pub(super) fn gap(text: &str) -> Option<Gap> {
    let text = text.trim();
    if text.is_empty() || text == "-" {
        return Some(Gap::Unknown);
    }
    match text.to_ascii_uppercase().as_str() {
        "DIS" | "DIST" => return Some(Gap::Distance),
        "DNF" => return Some(Gap::NoFinish),
        _ => {}
    }
    if let Some((_, gap)) = NAMED
        .iter()
        .find(|(name, _)| text.eq_ignore_ascii_case(name))
    {
        return Some(Gap::Hundredths(*gap));
    }
    let spelled = text
        .replace('¼', " 1/4")
        .replace('½', " 1/2")
        .replace('¾', " 3/4");
    let mut words = spelled.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    let sum = match (quarters(first), second) {
        (Some(part), None) => part,
        (Some(_), Some(_)) => return None,
        (None, second) => {
            let whole = first
                .parse::<u16>()
                .ok()
                .filter(|lengths| *lengths < 1_000)?;
            let part = match second {
                Some(second) => quarters(second)?,
                None => 0,
            };
            i32::from(whole) * 100 + part
        }
    };
    Some(Gap::Hundredths(sum))
}

fn quarters(text: &str) -> Option<i32> {
    match text {
        "1/4" => Some(25),
        "1/2" => Some(50),
        "3/4" => Some(75),
        _ => None,
    }
}

/// Decimal odds of `7/2`, `11/10F`, `EVS`; `None` when it is no price.
pub(super) fn price(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_uppercase();
    if let Some(rest) = text
        .strip_prefix("EVS")
        .or_else(|| text.strip_prefix("EVENS"))
    {
        return matches!(rest, "" | "F" | "JF" | "CF" | "J" | "C").then_some(2.0);
    }
    let fraction = ["JF", "CF", "F", "J", "C"]
        .iter()
        .find_map(|mark| text.strip_suffix(mark))
        .unwrap_or(&text);
    let (numerator, denominator) = fraction.split_once('/')?;
    let numerator: u16 = numerator.trim().parse().ok()?;
    let denominator: u16 = denominator.trim().parse().ok().filter(|n| *n > 0)?;
    Some(f64::from(numerator) / f64::from(denominator) + 1.0)
}

/// Whether a class is that of a trial: `T`, `T1` to `T4`, `IT`, `IV`.
pub(super) fn is_trial(class: &str) -> bool {
    let digits = class.strip_prefix('T');
    matches!(class, "IT" | "IV") || digits.is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// The meeting of the day: at one track the evening's races are numbered from 1 again.
pub(super) fn session(time: &str) -> Option<i64> {
    let hour: u8 = time.split_once(':')?.0.parse().ok()?;
    Some(if hour < 17 { 1 } else { 2 })
}

/// `2022-10` of `Oct-2022`; what is no month stays as it is.
pub(super) fn month(text: &str) -> String {
    chrono::NaiveDate::parse_from_str(&format!("01-{text}"), "%d-%b-%Y").map_or_else(
        |_text| text.to_owned(),
        |day| day.format("%Y-%m").to_string(),
    )
}

/// The race as a result: margins from gaps, the winner's time for all, and no race at all where
/// nobody has a place.
pub(super) fn result(mut race: Race<Gap>) -> Draft {
    let ran = |(runner, gap): &(ResultRunnerDraft, Gap)| {
        runner.performance.place.is_some_and(|place| place > 0) || *gap == Gap::NoFinish
    };
    if !race.runners.iter().any(ran) {
        if race
            .runners
            .iter()
            .all(|(runner, _)| runner.performance.outcome.is_some())
        {
            // Nobody finished and nobody is named as withdrawn: the list does not tell who was.
            for (runner, _) in &mut race.runners {
                runner.performance.outcome = None;
            }
        }
        return race.into_result("no_race");
    }
    let winner = race
        .runners
        .iter()
        .find(|(runner, _)| runner.performance.place == Some(1));
    let time = winner.and_then(|(runner, _)| runner.performance.run_time_s);
    for (runner, _) in &mut race.runners {
        if runner.performance.outcome.as_deref() != Some("SCR") {
            runner.performance.winner_time_s = time;
        }
    }
    if !race.partial {
        margins(&mut race.runners);
    }
    race.into_result("official")
}

/// Lengths of a gap that is no sum of others.
pub(super) fn measured(gap: Gap) -> Option<f64> {
    match gap {
        Gap::Hundredths(gap) => Some(lengths(gap)),
        Gap::Unknown | Gap::Distance | Gap::NoFinish => None,
    }
}

/// Turns gaps into lengths behind the winner; the winner's own is its lead over the second.
fn margins(runners: &mut [(ResultRunnerDraft, Gap)]) {
    let mut order: Vec<&mut (ResultRunnerDraft, Gap)> = runners
        .iter_mut()
        .filter(|(runner, _)| runner.performance.place.is_some_and(|place| place > 0))
        .collect();
    // Of two that share a place, the one marked as level comes after the other.
    order.sort_by_key(|(runner, gap)| (runner.performance.place, *gap == Gap::Hundredths(0)));
    let winners = order
        .iter()
        .filter(|(runner, _)| runner.performance.place == Some(1))
        .count();
    let mut behind = Some(0_i32);
    let mut lead = None;
    for (n, (runner, gap)) in order.iter_mut().enumerate() {
        if n < winners {
            continue;
        }
        behind = match gap {
            Gap::Hundredths(gap) => behind.map(|sum| sum.saturating_add(*gap)),
            Gap::Unknown | Gap::Distance | Gap::NoFinish => None,
        };
        behind = behind.filter(|sum| *sum <= 100_000);
        if n == winners {
            lead = behind;
        }
        runner.performance.margin_lengths = behind.map(lengths);
    }
    if winners > 1 {
        lead = Some(0);
    }
    for (runner, _) in order.iter_mut().take(winners) {
        runner.performance.margin_lengths = lead.map(lengths);
    }
}

fn lengths(hundredths: i32) -> f64 {
    f64::from(hundredths) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_read_in_every_spelling() {
        for (text, hundredths) in [
            ("SH", 10),
            ("hd", 20),
            ("NK", 25),
            ("DH", 0),
            ("1/2", 50),
            ("½", 50),
            ("1 1/4", 125),
            ("2¾", 275),
            ("12", 1_200),
        ] {
            assert_eq!(gap(text), Some(Gap::Hundredths(hundredths)), "{text}");
        }
        assert_eq!(gap("DIS"), Some(Gap::Distance));
        assert_eq!(gap("DNF"), Some(Gap::NoFinish));
        assert_eq!(gap(""), Some(Gap::Unknown));
    }

    #[test]
    fn nonsense_is_no_gap() {
        for text in ["1/3", "x", "1 1/4 2", "1/2 1/4", "-3", "99999"] {
            assert_eq!(gap(text), None, "{text}");
        }
    }

    #[test]
    fn a_fraction_becomes_a_decimal_price() {
        assert_eq!(price("7/2"), Some(4.5));
        assert_eq!(price("5/2JF"), Some(3.5));
        assert_eq!(price("2/1cf"), Some(3.0));
        assert_eq!(price("EVSF"), Some(2.0));
        assert_eq!(price("Evens"), Some(2.0));
        assert_eq!(price("1/0"), None);
        assert_eq!(price("n/p"), None);
    }

    #[test]
    fn only_trials_are_trials() {
        for class in ["T", "T1", "T4", "IT"] {
            assert!(is_trial(class), "{class}");
        }
        for class in ["A4", "OR", "TX", ""] {
            assert!(!is_trial(class), "{class}");
        }
    }

    #[test]
    fn the_evening_is_the_second_session() {
        assert_eq!(session("16:59:00"), Some(1));
        assert_eq!(session("17:00"), Some(2));
        assert_eq!(session("soon"), None);
    }

    #[test]
    fn a_month_of_birth_is_turned_round() {
        assert_eq!(month("Oct-2022"), "2022-10");
        assert_eq!(month("October"), "October");
    }
}
