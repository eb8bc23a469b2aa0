use crate::domain::{Draft, PriceDraft};
use crate::formats::tests::{bytes, fixture, text};

/// The prices of each draft: minute, and rug with price to win.
fn told(drafts: &[Draft]) -> Vec<(&str, Vec<(i64, f64)>)> {
    let prices = |draft: &PriceDraft| {
        let ticks = draft.prices.iter();
        ticks
            .filter_map(|tick| Some((tick.rug, tick.win?)))
            .collect()
    };
    drafts
        .iter()
        .filter_map(|draft| match draft {
            Draft::Prices(draft) => Some((draft.at.get(11..16)?, prices(draft))),
            _ => None,
        })
        .collect()
}

#[test]
fn the_best_price_to_back_is_told_at_set_minutes() {
    let (drafts, _) = fixture("betfair-stream.jsonl");

    let both = |first, second| vec![(1, first), (2, second)];
    assert_eq!(
        told(&drafts),
        [
            ("08:30", vec![(1, 3.5), (2, 2.0), (4, 8.0)]),
            ("08:45", vec![(1, 3.4), (2, 2.0), (4, 8.0)]),
            ("08:50", vec![(1, 3.4), (2, 2.0), (4, 8.0)]),
            ("08:55", vec![(1, 3.4), (2, 2.0), (4, 8.0)]),
            ("08:57", both(3.4, 2.0)),
            ("08:58", both(3.0, 2.2)),
            ("08:59", both(3.0, 2.2)),
            ("09:00", both(3.0, 2.2)),
        ],
        "an hour before nobody was listening; rug 4 is out four minutes before"
    );
}

#[test]
fn the_end_of_a_market_is_a_result() {
    let (drafts, _) = fixture("betfair-stream.jsonl");

    let Some(Draft::Result(result)) = drafts.last() else {
        panic!("{drafts:?}");
    };
    let race = &result.race;
    assert_eq!((race.day.as_str(), race.number), ("2026-01-01", Some(3)));
    assert_eq!(
        (race.distance_m, race.grade.as_deref()),
        (Some(520.0), Some("Gr5"))
    );
    assert_eq!(
        race.reference,
        Some(("betfair".to_owned(), "900000077".to_owned()))
    );
    let runs: Vec<_> = result
        .runners
        .iter()
        .map(|runner| (runner.performance.won, runner.performance.bsp))
        .collect();
    assert_eq!(
        runs,
        [
            (Some(true), Some(3.12)),
            (Some(false), Some(2.3)),
            (None, None)
        ]
    );
    assert_eq!(
        result.runners[2].performance.outcome.as_deref(),
        Some("SCR")
    );
}

#[test]
fn a_place_market_is_refused_once() {
    let (_, faults) = fixture("betfair-stream.jsonl");

    assert_eq!(
        faults,
        [
            r#"row 8: mc[0].marketDefinition.marketType must be WIN: prices and results of other markets are not read (found "PLACE")"#
        ]
    );
}

#[test]
fn a_jump_that_is_moved_is_waited_for() {
    let moved = String::from_utf8(bytes("betfair-stream.jsonl")).unwrap();
    let lines: Vec<_> = moved.lines().collect();
    let later = lines[3].replace("T09:00:00", "T09:03:00");

    let (drafts, _) = text(&[lines[0], &later, lines[4], lines[5]].join("\n"));

    let minutes: Vec<_> = told(&drafts)
        .into_iter()
        .map(|(minute, _)| minute)
        .collect();
    assert_eq!(
        minutes,
        ["08:30", "08:45", "08:50", "08:55", "08:58", "09:00"],
        "five minutes and three before 09:03; the line of 09:01 ends the others"
    );
}
