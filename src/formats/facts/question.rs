//! Races to predict: not a fact, but read as one, so that every fault is told at once.

use super::loose::object;

object! {
    /// Races to predict, and on what terms.
    PredictionsBody as NewPredictions {
        /// Their natural keys; one that is named twice is answered twice.
        #[schema(required = true, nullable = false, min_items = 1, max_items = 50, value_type = Vec<RaceName>)]
        races = "races": Vec<String>,
        /// Only what was known at this instant; now when left out.
        #[schema(format = DateTime)]
        as_of = "as_of": String,
        /// Whether the races' own prices are looked at: `latest`, as when left out, or `none`.
        #[schema(pattern = "^(latest|none)$")]
        market = "market": String,
        /// Share that is taken off winnings, 0.08 when left out.
        #[schema(minimum = 0, maximum = 0.5)]
        commission = "commission": f64,
        /// What a bet of 1 shall win on average, 0.05 when left out.
        #[schema(minimum = 0, maximum = 1)]
        edge = "edge": f64,
    }
}

/// A race's natural key.
#[derive(utoipa::ToSchema)]
#[schema(
    as = RaceName,
    example = "2025-07-21-angle-park-3",
    pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9-]{1,60}-(t[0-9]{4}|[+0-9]+)(-s[0-9+]+)?$"
)]
#[expect(dead_code, reason = "describes `domain::RaceKey`")]
pub(crate) struct RaceName(String);
