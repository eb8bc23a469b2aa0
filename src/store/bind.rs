//! How domain types cross into SQLite and back. The domain itself does not know SQLite exists.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, RowIndex};

use crate::domain::{
    BoxNo, CircuitId, DogId, Fault, Grams, JobId, JobKind, JobState, Lengths, MeetingId, Metres,
    Millis, ModelId, Odds, Outcome, Place, PriceKind, RaceDay, RaceId, RaceStatus, Rug, Sex,
    Source, TrackId, TrainerId, UploadId,
};

macro_rules! crossing {
    ($($kind:ty: $read:ident, |$value:ident| $to:expr, |$stored:ident| $from:expr;)+) => {$(
        impl ToSql for $kind {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let $value = self;
                Ok(ToSqlOutput::from($to))
            }
        }
        impl FromSql for $kind {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let $stored = $read(value)?;
                $from
            }
        }
    )+};
}

pub(super) fn broken(fault: Fault) -> FromSqlError {
    FromSqlError::Other(Box::new(fault))
}

fn whole(value: ValueRef<'_>) -> FromSqlResult<i64> {
    value.as_i64()
}

fn real(value: ValueRef<'_>) -> FromSqlResult<f64> {
    f64::column_result(value)
}

fn text(value: ValueRef<'_>) -> FromSqlResult<&str> {
    value.as_str()
}

crossing! {
    RaceId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    TrackId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    CircuitId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    MeetingId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    DogId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    TrainerId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    ModelId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    JobId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    UploadId: whole, |id| id.get(), |raw| Ok(Self::new(raw));
    Metres: whole, |metres| i64::from(metres.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Millis: whole, |millis| i64::from(millis.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Grams: whole, |grams| i64::from(grams.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Lengths: whole, |lengths| i64::from(lengths.raw()), |raw| Self::from_raw(raw).map_err(broken);
    BoxNo: whole, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Rug: whole, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Place: whole, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Odds: real, |odds| odds.get(), |raw| Self::new(raw).map_err(broken);
    RaceDay: text, |day| day.to_string(), |text| Self::parse(text).map_err(broken);
    Source: text, |source| source.as_str(), |text| Self::new(text).map_err(broken);
    Outcome: text, |outcome| outcome.as_str(), |text| Self::parse(text).map_err(broken);
    RaceStatus: text, |status| status.as_str(), |text| Self::parse(text).map_err(broken);
    PriceKind: text, |kind| kind.as_str(), |text| Self::parse(text).map_err(broken);
    JobKind: text, |kind| kind.as_str(), |text| Self::parse(text).map_err(broken);
    JobState: text, |state| state.as_str(), |text| Self::parse(text).map_err(broken);
    Sex: text, |sex| sex.as_str(), |text| Self::parse(text).map_err(broken);
}

/// Reads an instant stored as milliseconds since 1970.
pub(super) fn instant<I: RowIndex + Copy>(
    row: &Row<'_>,
    column: I,
) -> rusqlite::Result<DateTime<Utc>> {
    let ms: i64 = row.get(column)?;
    Ok(DateTime::from_timestamp_millis(ms).unwrap_or_default())
}

/// Reads an instant that may be missing.
pub(super) fn maybe_instant<I: RowIndex + Copy>(
    row: &Row<'_>,
    column: I,
) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let ms: Option<i64> = row.get(column)?;
    Ok(ms.and_then(DateTime::from_timestamp_millis))
}

/// Milliseconds since 1970, for binding.
pub(super) fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}
