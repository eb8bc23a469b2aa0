use proptest::prelude::*;

use super::*;

const MODEL: [f64; 6] = [0.40, 0.25, 0.15, 0.10, 0.06, 0.04];
const MARKET: [f64; 6] = [0.50, 0.22, 0.12, 0.08, 0.05, 0.03];

fn chances(raw: &[f64]) -> Chances {
    Chances::new(raw).unwrap()
}

fn rated(raw: &[f64]) -> Vec<Option<Chance>> {
    raw.iter().map(|&p| Chance::new(p).ok()).collect()
}

/// Races of four whose labels are exactly what a blend of (α, β) says, so that its fit is known.
fn races_of(blend: Blend, n: u32) -> Vec<BlendRace> {
    let race = |n: u32| {
        let strength = |k: u32| f64::from((n * 7 + k * k * 5) % 11) / 4.0;
        let model = softmax(&[0, 1, 2, 3].map(strength));
        let market = softmax(&[4, 1, 2, 9].map(strength));
        let market = chances(&market);
        let won = blend.chances(&rated(&model), &market).unwrap();
        BlendRace {
            model: chances(&model),
            market,
            won: won.all().iter().map(|p| p.get()).collect(),
        }
    };
    (0..n).map(race).collect()
}

/// The same, with one winner a race, drawn in turn as often as the chances say.
fn drawn_from(blend: Blend, n: u32) -> Vec<BlendRace> {
    let mut races = races_of(blend, n);
    for (n, race) in races.iter_mut().enumerate() {
        // The golden ratio fills 0 to 1 evenly.
        let mut at = (n as f64 * 0.618_033_988_75).fract();
        let winner = race.won.iter().position(|p| {
            at -= p;
            at < 0.0
        });
        let winner = winner.unwrap_or(3);
        race.won = (0..4).map(|k| f64::from(u8::from(k == winner))).collect();
    }
    races
}

#[test]
fn a_blend_gives_the_known_chances() {
    let blend = Blend::new(0.712, 1.120).unwrap();

    let blended = blend.chances(&rated(&MODEL), &chances(&MARKET)).unwrap();

    let known = [
        0.684_122_943,
        0.195_194_567,
        0.068_814_666,
        0.032_740_237,
        0.013_443_462,
        0.005_684_124,
    ];
    for (found, known) in blended.all().iter().zip(known) {
        assert!((found.get() - known).abs() < 6e-10, "{found:?} {known}");
    }
}

#[test]
fn a_runner_that_cannot_be_rated_gets_the_public_chance() {
    let blend = Blend::new(0.712, 1.120).unwrap();
    let mut model = rated(&MODEL);
    model[1] = None;

    let some = blend.chances(&model, &chances(&MARKET)).unwrap();
    let none = blend.chances(&[None; 6], &chances(&MARKET)).unwrap();
    let all = blend.chances(&rated(&MODEL), &chances(&MARKET)).unwrap();

    let p = |chances: &Chances, n: usize| chances.all()[n].get();
    assert!((p(&some, 1) - 0.22).abs() < 1e-12);
    assert!((p(&some, 0) / p(&some, 5) - p(&all, 0) / p(&all, 5)).abs() < 1e-9);
    assert_eq!(none, chances(&MARKET));
    assert!(blend.chances(&model[..5], &chances(&MARKET)).is_err());
}

#[test]
fn the_fit_finds_the_powers_that_made_the_winners() {
    let made = Blend::new(0.7, 0.4).unwrap();

    let found = fit(&races_of(made, 60)).unwrap();

    assert!((found.blend.model() - 0.7).abs() < 1e-6, "{found:?}");
    assert!((found.blend.market() - 0.4).abs() < 1e-6, "{found:?}");
    assert!(found.likelihood > found.model_likelihood);
    assert!(found.likelihood > found.market_likelihood);
}

#[test]
fn standard_errors_shrink_with_the_root_of_the_races() {
    let made = Blend::new(0.7, 0.4).unwrap();
    let once = races_of(made, 55);
    let four_times: Vec<_> = (0..4).flat_map(|_| once.clone()).collect();

    let (few, many) = (fit(&once).unwrap(), fit(&four_times).unwrap());

    assert!(few.model_se > 0.0);
    assert!((few.model_se / many.model_se - 2.0).abs() < 1e-6);
    assert!((few.market_se / many.market_se - 2.0).abs() < 1e-6);
}

#[test]
fn the_curvature_is_that_of_the_likelihood() {
    let races = logs(drawn_from(Blend::MODEL, 40).iter()).unwrap();
    let value = |a: f64, b: f64| -> f64 { races.iter().map(|r| r.likelihood(&[a, b])).sum() };
    let step = 1e-3;

    let found = slopes(&races, [0.5, 0.3]);

    let first = (value(0.5 + step, 0.3) - value(0.5 - step, 0.3)) / (2.0 * step);
    let second =
        (value(0.5 + step, 0.3) + value(0.5 - step, 0.3) - 2.0 * value(0.5, 0.3)) / step.powi(2);
    assert!((found.gradient[0] - first).abs() < 1e-4);
    assert!((found.curvature[0] + second).abs() < 1e-4);
}

fn trials<'race>(fitted: &BlendFit, races: &'race [BlendRace]) -> Vec<Trial<'race>> {
    let trial = |race| Trial {
        race,
        blend: fitted.blend,
        rival: fitted.market_alone,
    };
    races.iter().map(trial).collect()
}

#[test]
fn a_model_that_knows_more_is_worth_something() {
    let made = Blend::new(0.9, 0.3).unwrap();
    let (earlier, later) = (drawn_from(made, 600), drawn_from(made, 900));
    let fitted = fit(&earlier).unwrap();

    let worth = worth(&trials(&fitted, &later), Bootstrap::default()).unwrap();

    let interval = worth.gain_interval.unwrap();
    assert!(interval.low > 0.0, "{worth:?}");
    assert!(interval.low < worth.gain && worth.gain < interval.high);
    assert!(worth.blend_r2 > worth.market_r2);
}

#[test]
fn a_model_that_knows_nothing_more_is_worth_nothing_for_sure() {
    let (earlier, later) = (
        drawn_from(Blend::MARKET, 600),
        drawn_from(Blend::MARKET, 900),
    );
    let fitted = fit(&earlier).unwrap();

    let worth = worth(&trials(&fitted, &later), Bootstrap::default()).unwrap();

    assert!(worth.gain_interval.unwrap().low <= 0.0, "{worth:?}");
    assert!(fitted.blend.model().abs() < 3.0 * fitted.model_se);
}

#[test]
fn two_that_always_agree_cannot_be_told_apart() {
    for power in [0.7, 1.0, 1.1, 1.3, 1.7, 2.3] {
        let same = Blend::new(power, 0.0).unwrap();
        let mut races = drawn_from(Blend::MODEL, 40);
        for race in &mut races {
            let model: Vec<f64> = race.model.all().iter().map(|p| p.get()).collect();
            race.market = same.chances(&rated(&model), &race.market).unwrap();
        }

        assert!(fit(&races).is_err(), "{power}");
    }
}

#[test]
fn races_that_do_not_fit_together_are_faults() {
    let good = races_of(Blend::MODEL, 2);
    let mut short = good.clone();
    short[1].won.pop();
    let mut twice = good;
    twice[1].won[0] += 1.0;

    assert_eq!(fit(&short).unwrap_err().at, "races[1]");
    assert_eq!(fit(&twice).unwrap_err().at, "races[1].won");
    assert!(fit(&[]).is_err());
    assert!(Blend::new(f64::NAN, 1.0).is_err());
}

proptest! {
    #[test]
    fn a_blend_of_one_is_that_one(raw in prop::collection::vec(0.01_f64..1.0, 2..10)) {
        let sum: f64 = raw.iter().sum();
        let shares: Vec<f64> = raw.iter().map(|p| p / sum).collect();
        let even = vec![1.0 / raw.len() as f64; raw.len()];

        let model = Blend::MODEL.chances(&rated(&shares), &chances(&even)).unwrap();
        let market = Blend::MARKET.chances(&rated(&even), &chances(&shares)).unwrap();

        for (n, share) in shares.iter().enumerate() {
            prop_assert!((model.all()[n].get() - share).abs() < 1e-9);
            prop_assert!((market.all()[n].get() - share).abs() < 1e-9);
        }
    }
}
