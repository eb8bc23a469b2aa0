//! A finished race to learn from: what was known before it, and who won.

use super::features::Matrix;
use crate::domain::Fault;

/// How far labels may be from summing to one.
const TOLERANCE: f64 = 1e-6;

/// One finished race to learn from.
#[derive(Debug, Clone)]
pub struct Example {
    /// Features of the field, from [`super::features::matrix`].
    pub features: Matrix,
    /// Who won: 1 for the winner, 1/k each in a dead heat; sums to 1.
    pub won: Vec<f64>,
    /// Closing chances of the market, summing to 1, where every runner had a price.
    pub market: Option<Vec<f64>>,
}

impl Example {
    /// Fails on an empty field, on other features than `columns`, and on labels that are no
    /// distribution over the field.
    pub(super) fn check(&self, columns: usize) -> Result<(), Fault> {
        if self.features.is_empty() || self.features.columns() != columns {
            return Err(Fault::new(
                "must have runners, and the same features as the other races",
            ));
        }
        let labels = [("won", Some(&self.won)), ("market", self.market.as_ref())];
        for (at, label) in labels {
            if label.is_some_and(|label| !self.is_distribution(label)) {
                return Err(Fault::new("must sum to 1 over the field").under(at));
            }
        }
        Ok(())
    }

    /// What the fit aims at: `soft` of the market and the rest of the winner; the winner alone
    /// where there is no market.
    pub(super) fn label(&self, soft: f64) -> Vec<f64> {
        let Some(market) = &self.market else {
            return self.won.clone();
        };
        let both = market.iter().zip(&self.won);
        both.map(|(market, won)| soft * market + (1.0 - soft) * won)
            .collect()
    }

    fn is_distribution(&self, label: &[f64]) -> bool {
        let sum: f64 = label.iter().sum();
        label.len() == self.features.len()
            && label.iter().all(|p| (0.0..=1.0).contains(p))
            && (sum - 1.0).abs() < TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Example {
        Example {
            features: Matrix::new(1, vec![0.0; 4]).unwrap(),
            won: vec![1.0, 0.0, 0.0, 0.0],
            market: Some(vec![0.25; 4]),
        }
    }

    #[test]
    fn the_market_softens_the_label() {
        let label = example().label(0.8);

        let expected = [0.4, 0.2, 0.2, 0.2];
        assert!(
            label
                .iter()
                .zip(expected)
                .all(|(l, e)| (l - e).abs() < 1e-12)
        );
    }

    #[test]
    fn labels_that_do_not_fit_the_field_are_faults() {
        let short = Example {
            won: vec![1.0],
            ..example()
        };
        let half = Example {
            market: Some(vec![0.125; 4]),
            ..example()
        };

        assert_eq!(short.check(1).unwrap_err().at, "won");
        assert_eq!(half.check(1).unwrap_err().at, "market");
        assert!(example().check(2).is_err());
        assert_eq!(example().check(1), Ok(()));
    }
}
