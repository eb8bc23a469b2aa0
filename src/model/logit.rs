//! The conditional logit: a runner's chance is its share of the exponentials of the field.
//!
//! `p_i = exp(x_i·β) / Σ_j exp(x_j·β)`, fitted by maximum likelihood (Bolton & Chapman, Management
//! Science 32(8) 1986, 1040–60) with an L2 penalty on the weights of standardised features. What
//! is the same for the whole field drops out. Sums run in the order of races and runners, so the
//! same data give the same bits.

use serde::{Deserialize, Serialize};

use super::example::Example;
use super::features::Matrix;
use super::newton::{self, Limits, Slopes};
use crate::domain::Fault;

/// How to fit, as written; [`LogitSettings::check`] says whether it makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogitSettings {
    /// Penalty on the sum of squared standardised weights, against the sum of log chances of all
    /// races; above 0, at most 1,000,000.
    pub l2: f64,
    /// Share of the label that the market gives instead of the winner, 0 to 1. The price after the
    /// fact is a softer teacher than one winner in eight.
    pub soft: f64,
    /// Newton steps at most, 1 to 1,000.
    pub steps: u32,
    /// Half the squared Newton decrement that counts as arrived; above 0, at most 1.
    pub tolerance: f64,
}

impl Default for LogitSettings {
    fn default() -> Self {
        Self {
            l2: 10.0,
            soft: 0.8,
            steps: 50,
            tolerance: 1e-8,
        }
    }
}

impl LogitSettings {
    /// A fit that may start, or what is wrong with the settings.
    pub fn check(self) -> Result<LogitFit, Fault> {
        let l2 = self.l2 > 0.0 && self.l2 <= 1e6;
        let tolerance = self.tolerance > 0.0 && self.tolerance <= 1.0;
        let rules = [
            (l2, "l2", "must be above 0 and at most 1000000"),
            ((0.0..=1.0).contains(&self.soft), "soft", "must be 0 to 1"),
            (
                (1..=1_000).contains(&self.steps),
                "steps",
                "must be 1 to 1000",
            ),
            (tolerance, "tolerance", "must be above 0 and at most 1"),
        ];
        match rules.into_iter().find(|(kept, ..)| !kept) {
            Some((_, at, why)) => Err(Fault::new(why).under(at)),
            None => Ok(LogitFit(self)),
        }
    }
}

/// Settings that were checked, ready to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogitFit(LogitSettings);

/// A fitted logit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logit {
    /// Standard deviation of each feature in training, above 0; the feature is divided by it.
    pub scales: Vec<f64>,
    /// Weight of each feature after scaling, natural-log units per standard deviation.
    pub weights: Vec<f64>,
}

impl LogitFit {
    /// The settings.
    #[must_use]
    pub const fn settings(self) -> LogitSettings {
        self.0
    }

    /// Fits. Fails on no examples, on a race whose parts do not fit together, and when the climb
    /// does not arrive.
    pub fn run(self, examples: &[Example]) -> Result<Logit, Fault> {
        let columns = examples
            .first()
            .map(|example| example.features.columns())
            .ok_or_else(|| Fault::new("no races to learn from"))?;
        for (n, example) in examples.iter().enumerate() {
            example
                .check(columns)
                .map_err(|fault| fault.under(&format!("races[{n}]")))?;
        }
        let scales = scales(examples, columns);
        let races: Vec<Race> = examples
            .iter()
            .map(|example| Race::new(example, &scales, self.0.soft))
            .collect();
        let limits = Limits {
            steps: self.0.steps,
            tolerance: self.0.tolerance,
        };
        let weights = newton::climb(
            vec![0.0; columns],
            limits,
            |weights| likelihood(&races, weights, self.0.l2),
            |weights| slopes(&races, weights, self.0.l2),
        )?;
        Ok(Logit { scales, weights })
    }
}

impl Logit {
    /// Each runner's strength, natural-log units, in field order.
    #[must_use]
    pub fn strengths(&self, features: &Matrix) -> Vec<f64> {
        features
            .rows()
            .map(|row| {
                let scaled = row.iter().zip(&self.scales).map(|(x, scale)| x / scale);
                dot(scaled, &self.weights)
            })
            .collect()
    }
}

/// Shares of the exponentials; safe for any finite strengths.
#[must_use]
pub(super) fn softmax(strengths: &[f64]) -> Vec<f64> {
    let top = strengths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials: Vec<f64> = strengths.iter().map(|s| (s - top).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|e| e / sum).collect()
}

/// Root mean square of every (centred) column; 1 for a column that never varies.
fn scales(examples: &[Example], columns: usize) -> Vec<f64> {
    let mut squares = vec![0.0; columns];
    let mut n = 0.0;
    for row in examples.iter().flat_map(|example| example.features.rows()) {
        n += 1.0;
        for (square, x) in squares.iter_mut().zip(row) {
            *square += x * x;
        }
    }
    let root = |square: f64| (square / n).sqrt();
    squares
        .into_iter()
        .map(|square| if square > 0.0 { root(square) } else { 1.0 })
        .collect()
}

/// A race with scaled features and one label for every runner.
struct Race {
    columns: usize,
    scaled: Vec<f64>,
    label: Vec<f64>,
}

impl Race {
    fn new(example: &Example, scales: &[f64], soft: f64) -> Self {
        Self {
            columns: scales.len(),
            scaled: example
                .features
                .rows()
                .flat_map(|row| row.iter().zip(scales).map(|(x, scale)| x / scale))
                .collect(),
            label: example.label(soft),
        }
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.scaled.chunks_exact(self.columns)
    }

    fn strengths(&self, weights: &[f64]) -> Vec<f64> {
        self.rows()
            .map(|row| dot(row.iter().copied(), weights))
            .collect()
    }
}

/// Sum over races of `Σ label · ln p`, less the penalty.
fn likelihood(races: &[Race], weights: &[f64], l2: f64) -> f64 {
    let fit: f64 = races
        .iter()
        .map(|race| {
            let strengths = race.strengths(weights);
            let top = strengths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = strengths.iter().map(|s| (s - top).exp()).sum();
            let labels: f64 = race.label.iter().sum();
            dot(strengths.iter().map(|s| s - top), &race.label) - labels * sum.ln()
        })
        .sum();
    fit - l2 * dot(weights.iter().copied(), weights)
}

/// `Σ Xᵀ(label − p) − 2·l2·β` and `Σ (Xᵀ diag(p) X − m mᵀ) + 2·l2·I`, `m = Xᵀp`.
fn slopes(races: &[Race], weights: &[f64], l2: f64) -> Slopes {
    let n = weights.len();
    let mut gradient: Vec<f64> = weights.iter().map(|weight| -2.0 * l2 * weight).collect();
    let mut curvature = vec![0.0; n * n];
    for race in races {
        let chances = softmax(&race.strengths(weights));
        let mut mean = vec![0.0; n];
        for ((row, p), label) in race.rows().zip(&chances).zip(&race.label) {
            for (i, x) in row.iter().enumerate() {
                gradient[i] += x * (label - p);
                mean[i] += p * x;
            }
            add_outer(&mut curvature, row, *p);
        }
        add_outer(&mut curvature, &mean, -1.0);
    }
    for i in 0..n {
        curvature[i * n + i] += 2.0 * l2;
        for j in 0..i {
            curvature[j * n + i] = curvature[i * n + j];
        }
    }
    Slopes {
        gradient,
        curvature,
    }
}

/// Adds `scale · row rowᵀ` to the lower triangle.
fn add_outer(matrix: &mut [f64], row: &[f64], scale: f64) {
    for (i, x) in row.iter().enumerate() {
        let line = matrix.iter_mut().skip(i * row.len());
        for (cell, y) in line.zip(row.iter().take(i + 1)) {
            *cell += scale * x * y;
        }
    }
}

fn dot(left: impl Iterator<Item = f64>, right: &[f64]) -> f64 {
    left.zip(right).map(|(l, r)| l * r).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Races of four with two features; the first decides, as far as the label goes.
    fn examples() -> Vec<Example> {
        let race = |n: u32| {
            let x = |k: u32| f64::from((n * 7 + k * k * 5) % 11) - 5.0;
            let values: Vec<f64> = (0..4).flat_map(|k| [x(k), x(k + 9)]).collect();
            let label = softmax(&[0.3 * x(0), 0.3 * x(1), 0.3 * x(2), 0.3 * x(3)]);
            Example {
                features: Matrix::new(2, values).unwrap(),
                won: label,
                market: None,
            }
        };
        (0..40).map(race).collect()
    }

    fn with_column(example: &Example, value: f64) -> Example {
        let values = example.features.rows();
        let values = values
            .flat_map(|row| [row, &[value][..]].concat())
            .collect();
        Example {
            features: Matrix::new(3, values).unwrap(),
            ..example.clone()
        }
    }

    fn fit(examples: &[Example]) -> Logit {
        let settings = LogitSettings {
            l2: 1e-6,
            ..LogitSettings::default()
        };
        settings.check().unwrap().run(examples).unwrap()
    }

    #[test]
    fn the_fit_finds_the_weights_that_made_the_labels() {
        let logit = fit(&examples());

        assert!((logit.weights[0] / logit.scales[0] - 0.3).abs() < 1e-4);
        assert!((logit.weights[1] / logit.scales[1]).abs() < 1e-4);
    }

    #[test]
    fn a_feature_that_is_the_same_for_all_changes_nothing() {
        let plain = examples();
        let wider: Vec<Example> = plain.iter().map(|race| with_column(race, 3.5)).collect();

        let (narrow, wide) = (fit(&plain), fit(&wider));

        assert!(wide.weights[2].abs() < 1e-9);
        for (race, wider) in plain.iter().zip(&wider) {
            let left = softmax(&narrow.strengths(&race.features));
            let right = softmax(&wide.strengths(&wider.features));
            assert!(left.iter().zip(&right).all(|(l, r)| (l - r).abs() < 1e-6));
        }
    }

    #[test]
    fn nonsense_is_refused_before_the_fit() {
        let settings = LogitSettings::default();
        let soft = LogitSettings {
            soft: 1.5,
            ..settings
        };
        let l2 = LogitSettings {
            l2: f64::NAN,
            ..settings
        };
        let mut bad = examples();
        bad[3].won = vec![0.0; 4];

        assert_eq!(soft.check().unwrap_err().at, "soft");
        assert_eq!(l2.check().unwrap_err().at, "l2");
        assert!(settings.check().unwrap().run(&[]).is_err());
        let fault = settings.check().unwrap().run(&bad).unwrap_err();
        assert_eq!(fault.at, "races[3].won");
    }

    #[test]
    fn huge_strengths_are_still_chances() {
        let chances = softmax(&[1e300, -1e300, 1e300]);

        assert!((chances[0] - 0.5).abs() < 1e-12 && chances[1].abs() < 1e-12);
    }

    fn races() -> Vec<Race> {
        let examples = examples();
        let scales = scales(&examples, 2);
        examples
            .iter()
            .map(|e| Race::new(e, &scales, 0.8))
            .collect()
    }

    proptest! {
        #[test]
        fn slopes_agree_with_small_differences(a in -2.0_f64..2.0, b in -2.0_f64..2.0) {
            const STEP: f64 = 1e-5;
            let races = races();
            let here = slopes(&races, &[a, b], 2.0);

            for i in 0..2 {
                let moved = |by: f64| {
                    let mut point = [a, b];
                    point[i] += by;
                    point
                };
                let up = likelihood(&races, &moved(STEP), 2.0);
                let down = likelihood(&races, &moved(-STEP), 2.0);
                prop_assert!(((up - down) / (2.0 * STEP) - here.gradient[i]).abs() < 1e-4);
                let up = slopes(&races, &moved(STEP), 2.0).gradient;
                let down = slopes(&races, &moved(-STEP), 2.0).gradient;
                for j in 0..2 {
                    let second = (down[j] - up[j]) / (2.0 * STEP);
                    prop_assert!((second - here.curvature[i * 2 + j]).abs() < 1e-4);
                }
            }
        }
    }
}
