//! Damped Newton: the climb to the top of a concave function of a few dozen numbers.
//!
//! Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 3.1 (backtracking) and A.2
//! (Cholesky). The Hessian is given as its negative, which is positive definite where the function
//! is strictly concave.

use crate::domain::Fault;

/// How much of the promised gain a step must keep (Armijo's condition).
const ARMIJO: f64 = 1e-4;

/// How often a step is halved before the climb gives up.
const HALVINGS: u32 = 40;

/// First and second derivatives at one point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slopes {
    /// First derivatives.
    pub gradient: Vec<f64>,
    /// Negative second derivatives, row by row, symmetric.
    pub curvature: Vec<f64>,
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    /// Steps at most.
    pub steps: u32,
    /// Half the squared Newton decrement that counts as arrived.
    pub tolerance: f64,
}

/// Climbs from `start`; fails when the top is not reached within the limits.
pub(super) fn climb(
    start: Vec<f64>,
    limits: Limits,
    value: impl Fn(&[f64]) -> f64,
    slopes: impl Fn(&[f64]) -> Slopes,
) -> Result<Vec<f64>, Fault> {
    let mut point = start;
    let mut height = value(&point);
    for _ in 0..limits.steps {
        let Slopes {
            gradient,
            curvature,
        } = slopes(&point);
        let step = solve(curvature, &gradient)?;
        let promise: f64 = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
        if promise / 2.0 <= limits.tolerance {
            return Ok(point);
        }
        let Some((next, higher)) = advance(&point, height, &step, promise, &value) else {
            return Err(Fault::new(
                "the fit found no way up; the data may be damaged",
            ));
        };
        (point, height) = (next, higher);
    }
    Err(Fault::new(format!(
        "the fit did not settle within {} steps",
        limits.steps
    )))
}

/// The longest of step, step/2, step/4, … that keeps enough of the promise.
fn advance(
    point: &[f64],
    height: f64,
    step: &[f64],
    promise: f64,
    value: &impl Fn(&[f64]) -> f64,
) -> Option<(Vec<f64>, f64)> {
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next: Vec<f64> = point
            .iter()
            .zip(step)
            .map(|(p, s)| p + length * s)
            .collect();
        let higher = value(&next);
        if higher >= height + ARMIJO * length * promise {
            return Some((next, higher));
        }
        length /= 2.0;
    }
    None
}

/// Solves `matrix · x = right` for a symmetric positive definite matrix.
pub(super) fn solve(matrix: Vec<f64>, right: &[f64]) -> Result<Vec<f64>, Fault> {
    let n = right.len();
    let lower = cholesky(matrix, n)?;
    let mut x = right.to_vec();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| lower[i * n + k] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| lower[k * n + i] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i * n + i];
    }
    Ok(x)
}

/// The lower triangle `L` with `L · Lᵀ = matrix`; what is above the diagonal is left as it was.
fn cholesky(mut matrix: Vec<f64>, n: usize) -> Result<Vec<f64>, Fault> {
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| matrix[i * n + k] * matrix[j * n + k]).sum();
            let rest = matrix[i * n + j] - known;
            if i != j {
                matrix[i * n + j] = rest / matrix[j * n + j];
            } else if rest > 0.0 {
                matrix[i * n + i] = rest.sqrt();
            } else {
                return Err(Fault::new("the features leave a weight undetermined"));
            }
        }
    }
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        let x = solve(vec![4.0, 2.0, 2.0, 3.0], &[10.0, 8.0]).unwrap();

        assert!((x[0] - 1.75).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12);
    }

    #[test]
    fn a_flat_direction_is_a_fault() {
        assert!(solve(vec![1.0, 1.0, 1.0, 1.0], &[1.0, 1.0]).is_err());
    }

    #[test]
    fn a_step_that_overshoots_is_shortened() {
        let value = |x: &[f64]| -(x[0].cosh().ln());
        let slopes = |x: &[f64]| Slopes {
            gradient: vec![-x[0].tanh()],
            curvature: vec![1.0 - x[0].tanh().powi(2)],
        };
        let limits = Limits {
            steps: 30,
            tolerance: 1e-12,
        };

        let top = climb(vec![3.0], limits, value, slopes).unwrap();

        assert!(top[0].abs() < 1e-5);
    }
}
