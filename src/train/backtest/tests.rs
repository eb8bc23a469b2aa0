//! On a generated season, whose true chances are known.

use std::sync::OnceLock;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::domain::{Chances, Class, Odds};
use crate::model::Ran;
use crate::model::discount::{Discount, Discounts};
use crate::model::features::{Matrix, TABLE};
use crate::model::returns::Verdict;
use crate::season::{Season, SeasonSettings};

fn day(text: &str) -> RaceDay {
    RaceDay::parse(text).unwrap()
}

fn season() -> &'static Season {
    static SEASON: OnceLock<Season> = OnceLock::new();
    SEASON.get_or_init(|| Season::generate(&SeasonSettings::demo().unwrap()).unwrap())
}

/// Chances seen through so much noise, in log odds.
fn blurred(truth: &[f64], noise: f64, random: &mut Pcg64) -> Vec<f64> {
    let mut uniform = || random.random_range(-1.0..1.0);
    let raw: Vec<f64> = truth
        .iter()
        .map(|p| p * (noise * (uniform() + uniform())).exp())
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|p| p / sum).collect()
}

/// The finished races with one winner, as the trainer studies them: one feature tells of the truth,
/// through noise, and the market is the truth through `market` noise.
fn studied(market: f64) -> Studied {
    let mut random = Pcg64::seed_from_u64(5);
    let mut studied = Studied::none(Rules::Australia);
    for (n, race) in season().races.iter().enumerate() {
        let won: Vec<f64> = race
            .starters()
            .map(|runner| f64::from(u8::from(runner.won())))
            .collect();
        if !race.is_over() || won.iter().sum::<f64>() > 1.0 {
            continue;
        }
        let truth: Vec<f64> = race.starters().map(|runner| runner.truth).collect();
        assert!(season().truth(n).is_some());
        let mut values = vec![0.0; truth.len() * TABLE.len()];
        let seen = blurred(&truth, 0.4, &mut random);
        for (row, p) in seen.iter().enumerate() {
            values[row * TABLE.len()] = p.ln();
        }
        let prices = blurred(&truth, market, &mut random);
        let places = usize::from(race.places());
        let field = race.starters().zip(&prices).map(|(runner, p)| {
            let place = runner.place();
            Ran {
                place,
                placed: Some(place.is_some_and(|place| usize::from(place.get()) <= places)),
                closing: Odds::new((1.0 / p).clamp(1.01, 1_000.0)).ok(),
                earlier: None,
            }
        });
        studied.abouts.push(About {
            day: race.day,
            rules: Rules::Australia,
            track: season().tracks[race.track].slug.to_owned(),
            class: Class::Standard,
            fewest_runs: n % 30,
            by_bsp: true,
            field: field.collect(),
        });
        studied.examples.push(Example {
            features: Matrix::new(TABLE.len(), values).unwrap(),
            won,
            market: Some(prices),
        });
    }
    studied
}

fn part(rules: Rules) -> FoldPart {
    FoldPart {
        rules,
        fitted_from: day("2026-07-24"),
        fitted_races: 0,
    }
}

fn fold(from: &str, until: &str) -> Fold {
    let from = day(from);
    Fold {
        from,
        until: day(until),
        fitted_from: day("2026-07-24"),
        fitted_until: from.plus(-2),
        fitted_races: 0,
        parts: Rules::ALL.map(part).into(),
        races: 0,
        log_loss: None,
        uniform: None,
        skipped: None,
    }
}

fn fit() -> PipelineFit {
    PipelineSettings::default().check().unwrap()
}

/// What an opinion comes to: the season in three parts.
fn assessed(studied: &Studied, opinion: impl Fn(&Example) -> Vec<f64>) -> Assessment {
    let races = studied.examples.iter().zip(&studied.abouts).enumerate();
    let third = studied.examples.len() / 3 + 1;
    let foreseen: Vec<Foreseen> = races
        .map(|(n, (example, about))| Foreseen {
            about: about.clone(),
            model: Chances::new(&opinion(example)).unwrap(),
            market: example.market.as_deref().map(|m| Chances::new(m).unwrap()),
            won: example.won.clone(),
            served: Discount::NONE,
            served_blend: None,
            part: n / third,
        })
        .collect();
    judge::assess(&foreseen, Terms::usual().unwrap())
        .unwrap()
        .unwrap()
}

/// What the one feature says by itself.
fn feature(example: &Example) -> Vec<f64> {
    let raw: Vec<f64> = example.features.rows().map(|row| row[0].exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|p| p / sum).collect()
}

#[test]
fn the_truth_is_better_than_knowing_nothing() {
    let studied = studied(0.0);

    let truth = assessed(&studied, |example| example.market.clone().unwrap());
    let nothing = assessed(&studied, |example| {
        vec![1.0 / example.won.len() as f64; example.won.len()]
    });

    assert!(
        truth.over_uniform.interval.high < -0.1,
        "{:?}",
        truth.over_uniform
    );
    assert!(nothing.over_uniform.mean.abs() < 1e-9);
    assert!(truth.model.log_loss < nothing.model.log_loss);
    assert!(truth.model.calibration_error < 0.02, "{:?}", truth.model);
    let behind = nothing.market.unwrap().difference;
    assert!(behind.interval.low > 0.1, "{behind:?}");
    let runners: usize = truth.reliability.iter().map(|bin| bin.runners).sum();
    let all: usize = studied
        .examples
        .iter()
        .map(|example| example.won.len())
        .sum();
    assert_eq!(runners, all);
}

#[test]
fn there_is_no_edge_over_prices_that_are_the_truth() {
    let studied = studied(0.0);

    let assessment = assessed(&studied, feature);

    let verdict = &assessment.verdict;
    assert_eq!(verdict.edge, Verdict::NoEvidenceOfAnEdge, "{verdict:?}");
    assert_eq!(verdict.words, "no evidence of an edge");
    let fit = assessment.blend.unwrap().fit;
    assert!(fit.blend.model().abs() < 3.0 * fit.model_se, "{fit:?}");
    let bets = assessment.money.at_closing_prices.unwrap();
    assert!(
        bets.returned.bets > 1_000 && bets.returned.roi < 0.0,
        "{bets:?}"
    );
    assert_eq!(bets.closing_line, None);
    assert!(
        assessment
            .notes
            .iter()
            .any(|note| note.contains("closing-line value"))
    );
}

#[test]
fn an_edge_that_is_there_is_found() {
    let studied = studied(0.6);

    let assessment = assessed(&studied, feature);

    let verdict = &assessment.verdict;
    assert_eq!(verdict.edge, Verdict::EvidenceOfAnEdge, "{verdict:?}");
    assert!(assessment.blend.unwrap().worth.unwrap().gain > 0.0);
}

#[test]
fn prices_from_before_the_jump_show_the_closing_line() {
    let mut studied = studied(0.0);
    for about in &mut studied.abouts {
        for ran in &mut about.field {
            ran.earlier = ran
                .closing
                .and_then(|odds| Odds::new(odds.get() * 1.2).ok());
        }
    }

    let assessment = assessed(&studied, |example| example.market.clone().unwrap());

    let bets = assessment.money.at_earlier_prices.unwrap();
    let line = bets.closing_line.unwrap();
    assert!(
        (line.value - 0.2).abs() < 1e-9 && line.beaten > 0.999,
        "{line:?}"
    );
    assert!(bets.returned.roi > 0.0, "{bets:?}");
    assert_eq!(assessment.notes, [] as [String; 0]);
}

#[test]
fn powers_for_places_are_fitted_on_earlier_parts_only() {
    let assessment = assessed(&studied(0.0), |example| example.market.clone().unwrap());

    let places = assessment.places.unwrap();
    let fitted = places.fitted.unwrap();
    let third = season().finished().count() / 3;
    assert!(
        fitted.races.abs_diff(2 * third) < 100,
        "{fitted:?} of {third}"
    );
    assert!(
        places.harville.log_loss < places.base.log_loss,
        "{places:?}"
    );
    // The season's places are plain Harville's, and these races are served so.
    let served = places.served;
    assert!(served.less_harville.mean.abs() < 1e-12 && served.less_benter.mean < 0.0);
    assert!(fitted.less_harville.mean.abs() < 0.003, "{fitted:?}");
    assert!(fitted.less_benter.mean < 0.0, "{fitted:?}");
}

#[test]
fn parts_add_up_to_the_whole() {
    let assessment = assessed(&studied(0.1), feature);

    let split = assessment.split;
    for parts in [
        &split.month,
        &split.track,
        &split.grade,
        &split.winner_price,
        &split.field_size,
        &split.fewest_runs,
    ] {
        let races: usize = parts.iter().map(|part| part.races).sum();
        let loss: f64 = parts
            .iter()
            .map(|part| part.log_loss * part.races as f64)
            .sum();
        assert_eq!(races, assessment.model.races);
        assert!((loss / races as f64 - assessment.model.log_loss).abs() < 1e-9);
    }
    let runs: Vec<_> = split
        .fewest_runs
        .iter()
        .map(|part| part.name.as_str())
        .collect();
    assert_eq!(runs, ["0", "1-4", "5-9", "10-19", "20+"]);
}

#[test]
fn a_fold_learns_nothing_from_its_own_days_nor_from_the_gap_nor_from_later() {
    let honest = studied(0.1);
    let mut scrambled = studied(0.1);
    let (fold, last) = (fold("2026-09-08", "2026-09-22"), day("2026-09-22"));
    let sealed = scrambled.before(fold.fitted_until.plus(1));
    for (about, example) in scrambled
        .abouts
        .iter_mut()
        .zip(&mut scrambled.examples)
        .skip(sealed)
    {
        example.won.rotate_right(1);
        example.market = None;
        about.field.reverse();
        if about.day > last {
            let values = example.features.rows().flatten().map(|x| -x).collect();
            example.features = Matrix::new(TABLE.len(), values).unwrap();
        }
    }

    let (told, before) = walk(&[honest], fold.clone(), 0, fit()).unwrap();
    let (_, after) = walk(&[scrambled], fold, 0, fit()).unwrap();

    let said = |races: &[Foreseen]| -> Vec<(Chances, Discount)> {
        let each = races.iter();
        each.map(|race| (race.model.clone(), race.served)).collect()
    };
    let measured = Discounts::AUSTRALIA;
    assert!(
        before
            .iter()
            .all(|race| race.served != measured.of(race.won.len()))
    );
    assert!(told.races > 400 && told.fitted_races > 1_200, "{told:?}");
    assert_eq!(said(&before), said(&after));
    assert!(told.log_loss < told.uniform, "{told:?}");
}

/// The races of half the tracks are run under British rules.
fn two_countries() -> [Studied; 2] {
    let all = studied(0.1);
    let abroad = [0, 1, 2].map(|track| season().tracks[track].slug);
    let mut countries = Rules::ALL.map(Studied::none);
    for (example, mut about) in all.examples.into_iter().zip(all.abouts) {
        let there = usize::from(abroad.contains(&about.track.as_str()));
        about.rules = countries[there].rules;
        countries[there].abouts.push(about);
        countries[there].examples.push(example);
    }
    countries
}

#[test]
fn each_country_is_fitted_on_its_own_races() {
    let both = two_countries();
    let mut scrambled = two_countries();
    for example in &mut scrambled[1].examples {
        example.won.rotate_right(1);
        example.market = None;
    }
    let fold = fold("2026-08-20", "2026-08-31");

    let (told, said) = walk(&both, fold.clone(), 0, fit()).unwrap();
    let (_, other) = walk(&scrambled, fold, 0, fit()).unwrap();

    let races: Vec<usize> = told.parts.iter().map(|part| part.fitted_races).collect();
    assert!(races.iter().all(|races| *races > 250), "{races:?}");
    assert_eq!(told.fitted_races, races[0] + races[1]);
    let of = |said: &[Foreseen], rules| -> Vec<Chances> {
        let there = said.iter().filter(|race| race.about.rules == rules);
        there.map(|race| race.model.clone()).collect()
    };
    assert_eq!(of(&said, Rules::Australia), of(&other, Rules::Australia));
    assert_ne!(of(&said, Rules::Britain), of(&other, Rules::Britain));
}

#[test]
fn a_country_of_few_races_is_answered_by_the_one_of_the_most() {
    let [most, mut few] = two_countries();
    let fold = fold("2026-08-20", "2026-08-31");
    few.forget_before(fold.fitted_until.plus(-7));

    let (told, said) = walk(&[most, few], fold, 0, fit()).unwrap();

    let abroad = said
        .iter()
        .filter(|race| race.about.rules == Rules::Britain);
    assert!(abroad.count() > 50);
    assert!(told.parts[1].fitted_races < 200, "{told:?}");
    assert_eq!(told.fitted_races, told.parts[0].fitted_races);
    assert!(told.log_loss < told.uniform, "{told:?}");
}

#[test]
fn a_fold_with_too_little_before_it_says_so() {
    let (fold, said) = walk(&[studied(0.1)], fold("2026-07-27", "2026-07-31"), 0, fit()).unwrap();

    assert_eq!(said, []);
    assert!(fold.skipped.unwrap().contains("200 are needed"));
}

#[test]
fn folds_are_calendar_months_or_as_many_days_as_asked_for() {
    let spec = BacktestSpec::of(day("2026-01-15"), day("2026-03-02"));
    let days = |from: &str, until: &str| (day(from), day(until));

    let months = spec.check().unwrap().folds;
    let weeks = BacktestSpec {
        step_days: Some(30),
        ..spec
    };

    let expected = [
        days("2026-01-15", "2026-01-31"),
        days("2026-02-01", "2026-02-28"),
        days("2026-03-01", "2026-03-02"),
    ];
    assert_eq!(months, expected);
    let expected = [
        days("2026-01-15", "2026-02-13"),
        days("2026-02-14", "2026-03-02"),
    ];
    assert_eq!(weeks.check().unwrap().folds, expected);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let spec = BacktestSpec {
        from: day("2026-03-02"),
        until: day("2026-03-01"),
        step_days: Some(0),
        gap_days: 0,
        commission: 0.9,
        edge: f64::NAN,
    };
    let many = BacktestSpec {
        step_days: Some(1),
        ..BacktestSpec::of(day("2025-01-01"), day("2025-12-31"))
    };

    let faults = spec.check().unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| fault.at.as_str()).collect();

    assert_eq!(
        places,
        ["to", "step_days", "gap_days", "edge", "commission"]
    );
    assert_eq!(many.check().unwrap_err()[0].at, "step_days");
}
