use proptest::prelude::*;

use super::*;

fn wager(chance: f64, taken: f64, closing: f64, won: f64) -> Wager {
    Wager {
        chance: Chance::new(chance).unwrap(),
        taken: Odds::new(taken).unwrap(),
        closing: Some(Odds::new(closing).unwrap()),
        won,
    }
}

/// One bet a race at 4.00, of which so many in a hundred win.
fn hundreds(wins: usize, hundreds: usize) -> Vec<Vec<Wager>> {
    (0..100 * hundreds)
        .map(|n| {
            let won = f64::from(u8::from(n % 100 < wins));
            vec![wager(0.3, 4.0, 4.0, won)]
        })
        .collect()
}

fn level(races: &[Vec<Wager>], commission: f64) -> Return {
    let commission = Commission::new(commission).unwrap();
    returned(races, Plan::Level, commission, Bootstrap::default()).unwrap()
}

#[test]
fn level_stakes_are_one_a_bet() {
    let races = hundreds(30, 1);

    let (gross, net) = (level(&races, 0.0), level(&races, 0.08));

    assert_eq!(gross.bets, 100);
    assert!((gross.profit - 20.0).abs() < 1e-9);
    assert!((gross.roi - 0.2).abs() < 1e-12);
    assert!((net.profit - (30.0 * 3.0 * 0.92 - 70.0)).abs() < 1e-9);
    // √(.3 · .7) · 4 / √99
    assert!((gross.roi_se - 0.184_226_475).abs() < 1e-8, "{gross:?}");
}

#[test]
fn kelly_stakes_follow_the_edge_and_leave_bad_prices_alone() {
    let races = [vec![wager(0.3, 4.0, 4.0, 1.0), wager(0.2, 4.0, 4.0, 0.0)]];

    let plan = Plan::Kelly(Staking::default());
    let found = returned(&races, plan, Commission::NONE, Bootstrap::default()).unwrap();

    assert_eq!(found.bets, 1);
    assert!((found.staked - 0.25 * 0.2 / 3.0).abs() < 1e-12);
    assert!((found.profit - 3.0 * found.staked).abs() < 1e-12);
    assert_eq!(found.roi_interval, None);
}

#[test]
fn a_dead_heat_wins_with_half_the_stake() {
    let races = [vec![wager(0.3, 4.0, 4.0, 0.5), wager(0.3, 1.5, 1.5, 0.5)]];

    let found = level(&races, 0.1);

    assert!((found.profit - (1.0 * 0.9 - 0.25)).abs() < 1e-12);
}

#[test]
fn few_bets_are_no_evidence_and_many_are() {
    let (few, many) = (level(&hundreds(28, 1), 0.0), level(&hundreds(28, 100), 0.0));

    let on = |found: &Return| verdict(None, found.roi_interval);

    assert!((few.roi - many.roi).abs() < 1e-12);
    assert_eq!(on(&few), Verdict::NoEvidenceOfAnEdge);
    assert_eq!(on(&many), Verdict::EvidenceOfAnEdge);
    assert_eq!(on(&few).as_str(), "no evidence of an edge");
}

#[test]
fn the_interval_is_about_two_standard_errors_wide() {
    let found = level(&hundreds(28, 10), 0.0);

    let interval = found.roi_interval.unwrap();
    let normal = Interval::around(found.roi, found.roi_se);
    assert!((interval.low - normal.low).abs() < 0.02, "{interval:?}");
    assert!((interval.high - normal.high).abs() < 0.02, "{normal:?}");
}

#[test]
fn nothing_known_is_no_evidence() {
    let sure = Interval {
        low: 0.1,
        high: 0.2,
    };
    let even = Interval {
        low: 0.0,
        high: 0.2,
    };

    assert_eq!(verdict(None, None), Verdict::NoEvidenceOfAnEdge);
    assert_eq!(verdict(Some(even), Some(even)), Verdict::NoEvidenceOfAnEdge);
    assert_eq!(verdict(Some(sure), None), Verdict::EvidenceOfAnEdge);
    assert_eq!(verdict(Some(even), Some(sure)), Verdict::EvidenceOfAnEdge);
}

#[test]
fn better_prices_than_the_closing_ones_are_worth_something() {
    let unpriced = Wager {
        closing: None,
        ..wager(0.3, 4.0, 4.0, 0.0)
    };
    let races = [
        vec![wager(0.3, 4.4, 4.0, 0.0), unpriced],
        vec![wager(0.3, 3.8, 4.0, 0.0)],
    ];

    let line = closing_line(&races, Bootstrap::default()).unwrap();

    assert_eq!(line.bets, 2);
    assert!((line.value - 0.025).abs() < 1e-12);
    assert!((line.beaten - 0.5).abs() < 1e-12);
    assert_eq!(closing_line(&[vec![unpriced]], Bootstrap::default()), None);
}

#[test]
fn bands_show_what_each_price_brought() {
    let races = [
        vec![wager(0.5, 1.99, 2.0, 1.0), wager(0.4, 2.0, 2.0, 0.0)],
        vec![wager(0.5, 1.5, 2.0, 0.0), wager(0.01, 101.0, 90.0, 1.0)],
    ];

    let bands = bands(&races);

    let shown: Vec<_> = bands
        .iter()
        .map(|band| (band.from, band.to, band.bets))
        .collect();
    assert_eq!(
        shown,
        [(1.0, Some(2.0), 2), (2.0, Some(3.0), 1), (51.0, None, 1)]
    );
    assert!((bands[0].roi - (0.99 - 1.0) / 2.0).abs() < 1e-12);
    assert!((bands[0].priced - (1.0 / 1.99 + 1.0 / 1.5)).abs() < 1e-12);
    assert!((bands[2].roi - 100.0).abs() < 1e-9);
}

#[test]
fn no_bets_bring_nothing_and_odd_outcomes_are_faults() {
    let none = level(&[], 0.0);
    let odd = [vec![wager(0.3, 4.0, 4.0, 2.0)]];

    assert_eq!((none.bets, none.roi_interval), (0, None));
    assert!(none.roi.abs() < 1e-12 && none.roi_se.abs() < 1e-12);
    let fault = returned(&odd, Plan::Level, Commission::NONE, Bootstrap::default());
    assert_eq!(fault.unwrap_err().at, "races[0].won");
}

proptest! {
    #[test]
    fn every_bet_is_in_one_band(taken in prop::collection::vec(1.01_f64..900.0, 1..60)) {
        let races: Vec<Vec<Wager>> = taken.iter().map(|o| vec![wager(0.1, *o, *o, 0.0)]).collect();

        let bands = bands(&races);

        prop_assert_eq!(bands.iter().map(|band| band.bets).sum::<usize>(), taken.len());
        prop_assert!(bands.iter().all(|band| (band.roi + 1.0).abs() < 1e-12));
    }
}
