//! What past closing prices said about a dog. Never the prices of the race itself.

use super::runs::{Weighted, each, flag, races};
use crate::domain::{DogRating, FormLine, Snapshot};
use crate::model::rating::RatingSettings;

/// Variance at which a rating is worth half.
const HALF_SURE: f64 = 0.5;

/// Runs by which the weight of a starting price halves.
const PRICE_HALF_LIFE: f64 = 3.0;

pub(super) fn rating(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(entry.rating?.mean));
}

pub(super) fn rating_sure(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        let rating = entry.rating?;
        Some(rating.mean * certainty(&rating))
    });
}

pub(super) fn last(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(entry.rating?.last));
}

pub(super) fn unrated(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| Some(flag(entry.rating.is_none())));
}

pub(super) fn starting_price(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| {
        Weighted::by_run(races(entry), PRICE_HALF_LIFE, log_chance).mean()
    });
}

pub(super) fn last_price(snapshot: &Snapshot, out: &mut [f64]) {
    each(snapshot, out, |entry| races(entry).find_map(log_chance));
}

/// 1 for a rating without doubt, falling to 0.
fn certainty(rating: &DogRating) -> f64 {
    let variance = rating.variance + RatingSettings::MEASURED.drift_per_day * rating.days;
    HALF_SURE / (HALF_SURE + variance)
}

/// The chance that the closing price gave, log units; the exchange's price where there is one.
fn log_chance(run: &FormLine) -> Option<f64> {
    let price = run.performance.bsp.or(run.performance.sp)?;
    Some(-price.get().min(500.0).ln())
}
