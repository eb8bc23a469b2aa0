//! Taking the bookmaker's margin out of the prices of a whole field.
//!
//! With `q = 1 / odds` and the book `B = Σ q`, every method gives chances that sum to 1; they differ
//! in who bears the margin. Multiplicative and additive: folklore. Power and odds ratio: Clarke,
//! Kovalchik & Ingram 2017 (<https://doi.org/10.11648/j.ajss.20170506.12>). Shin: Shin 1992 and 1993,
//! with two runners the same as additive. A book at or under 1 has no margin to take out: its prices
//! are scaled to 1 whatever the method, and the answer says so.

use crate::domain::{Chances, Fault, Odds};

/// A book this close above 1, or lower, has no margin.
const NO_MARGIN: f64 = 1e-9;

/// Halvings of the search for a parameter: below these an `f64` has no more digits.
const HALVINGS: u32 = 200;

/// How often the search's upper end is doubled before it gives up.
const DOUBLINGS: u32 = 1_000;

/// Who bears the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Everyone in proportion: `q / B`.
    Multiplicative,
    /// Everyone the same: `q − (B − 1) / n`. Outsiders of a wide book would fall below 0; they are
    /// held at 0 and the rest are scaled.
    Additive,
    /// Outsiders more: `q^k`.
    Power,
    /// Outsiders more: `q / (c + q − c·q)`, the odds against divided by the same `c`.
    OddsRatio,
    /// Outsiders more, as if a share `z` of the money knew the winner:
    /// `(√(z² + 4(1 − z)q²/B) − z) / (2 − 2z)`.
    Shin,
}

impl Method {
    /// The one that stands behind the market's chances in a blend, when it is fitted and when it
    /// answers: it never leaves 0 to 1, and in narrow books all of them say the same.
    pub const OF_THE_BLEND: Self = Self::Power;

    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Multiplicative,
        Self::Additive,
        Self::Power,
        Self::OddsRatio,
        Self::Shin,
    ];
}

/// Prices without their margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Fair {
    /// In the order of the prices.
    pub chances: Chances,
    /// `Σ 1 / odds`; above 1 by the margin.
    pub book: f64,
    /// The `k`, `c` or `z` that was found; `None` for the methods without one, and without a margin.
    pub parameter: Option<f64>,
    /// Whether a bound spoke instead of the formula: no margin, or a chance held at 0.
    pub clamped: bool,
}

/// The chances behind the prices of a whole field; fails on none.
pub fn remove(method: Method, odds: &[Odds]) -> Result<Fair, Fault> {
    let inverse: Vec<f64> = odds.iter().map(|odds| 1.0 / odds.get()).collect();
    let book: f64 = inverse.iter().sum();
    let fair = |raw: Vec<f64>, parameter, clamped| {
        Ok(Fair {
            chances: scaled(&raw)?,
            book,
            parameter,
            clamped,
        })
    };
    if book <= 1.0 + NO_MARGIN {
        return fair(inverse, None, true);
    }
    match method {
        Method::Multiplicative => fair(inverse, None, false),
        Method::Additive => {
            let each = (book - 1.0) / inverse.len() as f64;
            let clamped = inverse.iter().any(|q| *q < each);
            let raw = inverse.iter().map(|q| (q - each).max(0.0)).collect();
            fair(raw, None, clamped)
        }
        Method::Power => {
            let shares = |k: f64| inverse.iter().map(|q| q.powf(k)).collect();
            let k = above_one(shares);
            fair(shares(k), Some(k), false)
        }
        Method::OddsRatio => {
            let shares = |c: f64| inverse.iter().map(|q| q / (c + q - c * q)).collect();
            let c = above_one(shares);
            fair(shares(c), Some(c), false)
        }
        Method::Shin => {
            let shares = |z: f64| inverse.iter().map(|q| informed(q * q / book, z)).collect();
            let z = between(0.0, 1.0, shares);
            fair(shares(z), Some(z), false)
        }
    }
}

/// Shin's chance, written so that nothing cancels when `z` is near 1.
fn informed(square: f64, z: f64) -> f64 {
    2.0 * square / ((z * z + 4.0 * (1.0 - z) * square).sqrt() + z)
}

fn scaled(raw: &[f64]) -> Result<Chances, Fault> {
    let sum: f64 = raw.iter().sum();
    let shares: Vec<f64> = raw.iter().map(|share| share / sum).collect();
    Chances::new(&shares)
}

/// The parameter above 1 where the shares, which shrink as it grows, sum to 1.
fn above_one(shares: impl Fn(f64) -> Vec<f64>) -> f64 {
    let mut high = 2.0;
    for _ in 0..DOUBLINGS {
        if shares(high).iter().sum::<f64>() <= 1.0 {
            break;
        }
        high *= 2.0;
    }
    between(1.0, high, shares)
}

/// The parameter in a range where the shares, which shrink as it grows, sum to 1.
fn between(mut low: f64, mut high: f64, shares: impl Fn(f64) -> Vec<f64>) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if shares(middle).iter().sum::<f64>() > 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn odds(prices: &[f64]) -> Vec<Odds> {
        prices.iter().map(|&o| Odds::new(o).unwrap()).collect()
    }

    /// Six runners of a book of 1.233333.
    fn remove_from_six(method: Method) -> Fair {
        let six = odds(&[1.8, 3.5, 6.0, 9.0, 15.0, 21.0]);
        remove(method, &six).unwrap()
    }

    fn assert_close(fair: &Fair, expected: [f64; 6]) {
        for (found, expected) in fair.chances.all().iter().zip(expected) {
            assert!(
                (found.get() - expected).abs() < 6e-10,
                "{found:?} {expected}"
            );
        }
    }

    fn assert_parameter(fair: &Fair, expected: f64) {
        let found = fair.parameter.unwrap();
        assert!((found - expected).abs() < 6e-10, "{found}");
    }

    #[test]
    fn multiplicative_gives_the_known_chances() {
        let fair = remove_from_six(Method::Multiplicative);

        assert!((fair.book - 1.233_333_333).abs() < 1e-9);
        assert!(!fair.clamped);
        assert_close(
            &fair,
            [
                0.450_450_450,
                0.231_660_232,
                0.135_135_135,
                0.090_090_090,
                0.054_054_054,
                0.038_610_039,
            ],
        );
    }

    #[test]
    fn additive_gives_the_known_chances() {
        let fair = remove_from_six(Method::Additive);

        assert!(!fair.clamped);
        assert_close(
            &fair,
            [
                0.516_666_667,
                0.246_825_397,
                0.127_777_778,
                0.072_222_222,
                0.027_777_778,
                0.008_730_159,
            ],
        );
    }

    #[test]
    fn power_gives_the_known_chances() {
        let fair = remove_from_six(Method::Power);

        assert_parameter(&fair, 1.172_960_172);
        assert_close(
            &fair,
            [
                0.501_851_837,
                0.230_054_034,
                0.122_253_014,
                0.075_982_144,
                0.041_734_171,
                0.028_124_799,
            ],
        );
    }

    #[test]
    fn odds_ratio_gives_the_known_chances() {
        let fair = remove_from_six(Method::OddsRatio);

        assert_parameter(&fair, 1.367_737_607);
        assert_close(
            &fair,
            [
                0.477_511_572,
                0.226_277_926,
                0.127_572_369,
                0.083_738_763,
                0.049_631_914,
                0.035_267_457,
            ],
        );
    }

    #[test]
    fn shin_gives_the_known_chances() {
        let fair = remove_from_six(Method::Shin);

        assert_parameter(&fair, 0.050_889_811);
        assert_close(
            &fair,
            [
                0.487_376_556,
                0.238_626_842,
                0.129_552_153,
                0.079_329_676,
                0.040_388_677,
                0.024_726_097,
            ],
        );
    }

    #[test]
    fn outsiders_of_a_wide_book_are_held_at_nothing_and_that_is_told() {
        let wide = odds(&[1.2, 2.0, 3.0, 50.0]);

        let fair = remove(Method::Additive, &wide).unwrap();

        assert!(fair.clamped);
        assert!(fair.chances.all()[3].get() <= 0.0);
    }

    #[test]
    fn a_book_without_margin_is_scaled_and_that_is_told() {
        for method in Method::ALL {
            for prices in [[2.0, 2.0], [2.2, 2.4]] {
                let fair = remove(method, &odds(&prices)).unwrap();

                let first = fair.chances.all()[0].get();
                let share = prices[1] / (prices[0] + prices[1]);
                assert!((first - share).abs() < 1e-12, "{method:?} {first}");
                assert!(fair.clamped && fair.parameter.is_none(), "{method:?}");
            }
        }
    }

    #[test]
    fn no_prices_are_a_fault_and_one_price_is_certain() {
        for method in Method::ALL {
            assert!(remove(method, &[]).is_err());
            let fair = remove(method, &odds(&[1.01])).unwrap();
            assert!((fair.chances.all()[0].get() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn prices_of_next_to_nothing_have_an_answer() {
        for method in Method::ALL {
            let fair = remove(method, &odds(&[1.000_000_001, 1.000_000_001, 100_000.0]));
            assert!(fair.is_ok(), "{method:?}");
        }
    }

    proptest! {
        #[test]
        fn chances_keep_the_order_of_the_prices(
            prices in prop::collection::vec(1.01_f64..200.0, 2..12),
        ) {
            for method in Method::ALL {
                let fair = remove(method, &odds(&prices)).unwrap();
                let chances = fair.chances.all();
                for (i, j) in (0..prices.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                    let kept = (prices[i] - prices[j]) * (chances[i].get() - chances[j].get());
                    prop_assert!(kept <= 1e-12, "{method:?}");
                }
            }
        }

        #[test]
        fn with_two_runners_shin_is_additive(short in 1.05_f64..2.0, long in 1.05_f64..2.0) {
            let two = odds(&[short, long]);
            let (shin, additive) =
                (remove(Method::Shin, &two).unwrap(), remove(Method::Additive, &two).unwrap());

            let apart = shin.chances.all()[0].get() - additive.chances.all()[0].get();
            prop_assert!(apart.abs() < 1e-9);
        }
    }
}
