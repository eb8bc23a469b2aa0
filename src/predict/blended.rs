//! The chance to win by the model and the newest prices together.
//!
//! The powers were fitted on closing prices. Earlier prices know less, so the answer listens to them
//! more than they deserve; nothing else is made of it.

use super::Prediction;
use crate::domain::{Chance, Fault, Odds};
use crate::model::overround::{self, Method};

/// In the order of the prediction; `None` for a runner without a price, and for all where the model
/// came without powers. Who has a price shares what the model gives to those who have one.
pub(super) fn blended(prediction: &Prediction) -> Result<Vec<Option<f64>>, Fault> {
    let mut blended = vec![None; prediction.runners.len()];
    let runners = prediction.runners.iter().enumerate();
    let priced: Vec<(usize, f64, Odds)> = runners
        .filter_map(|(n, runner)| Some((n, runner.win, runner.market?)))
        .collect();
    let Some(blend) = prediction.blend.filter(|_| !priced.is_empty()) else {
        return Ok(blended);
    };
    let prices: Vec<Odds> = priced.iter().map(|(_, _, odds)| *odds).collect();
    let market = overround::remove(Method::OF_THE_BLEND, &prices)?.chances;
    let model = priced.iter().map(|(_, win, _)| Chance::new(*win).map(Some));
    let shares = blend.chances(&model.collect::<Result<Vec<_>, _>>()?, &market)?;
    let whole: f64 = priced.iter().map(|(_, win, _)| win).sum();
    for ((n, ..), share) in priced.iter().zip(shares.all()) {
        blended[*n] = Some(whole * share.get());
    }
    Ok(blended)
}

#[cfg(test)]
mod tests {
    use super::super::quote::fixture::{prediction, runner};
    use super::*;
    use crate::model::blend::Blend;

    /// Model 0.5, 0.3, 0.2; the market says 0.25, 0.25, 0.5 after its margin.
    fn answered(blend: Option<Blend>, prices: [Option<f64>; 3]) -> Vec<Option<f64>> {
        let field = [(1, 0.5), (2, 0.3), (3, 0.2)].into_iter().zip(prices);
        let runners = field.map(|((rug, win), price)| runner(rug, win, price));
        let mut prediction = prediction(runners.collect());
        prediction.blend = blend;
        blended(&prediction).unwrap()
    }

    fn assert_close(found: &[Option<f64>], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found.unwrap() - expected).abs() < 1e-9,
                "{found:?} {expected}"
            );
        }
    }

    #[test]
    fn the_powers_say_who_is_listened_to() {
        let prices = [Some(4.0), Some(4.0), Some(2.0)];

        assert_close(&answered(Some(Blend::MODEL), prices), &[0.5, 0.3, 0.2]);
        assert_close(&answered(Some(Blend::MARKET), prices), &[0.25, 0.25, 0.5]);
        let both = answered(Some(Blend::new(1.0, 1.0).unwrap()), prices);
        let sum = 0.5 * 0.25 + 0.3 * 0.25 + 0.2 * 0.5;
        assert_close(&both, &[0.125 / sum, 0.075 / sum, 0.1 / sum]);
    }

    #[test]
    fn who_has_no_price_is_left_out_and_keeps_its_share() {
        let found = answered(Some(Blend::MARKET), [Some(3.0), None, Some(3.0)]);

        assert_eq!(found[1], None);
        assert!((found[0].unwrap() - 0.35).abs() < 1e-9, "{found:?}");
        assert!((found[2].unwrap() - 0.35).abs() < 1e-9, "{found:?}");
        assert_eq!(answered(Some(Blend::MARKET), [None; 3]), [None; 3]);
    }

    #[test]
    fn without_powers_there_is_no_blend() {
        assert_eq!(answered(None, [Some(4.0), Some(4.0), Some(2.0)]), [None; 3]);
    }
}
