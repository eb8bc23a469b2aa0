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
    ($($kind:ty: $raw:ty, |$value:ident| $to:expr, |$stored:ident| $from:expr;)+) => {$(
        impl ToSql for $kind {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let $value = self;
                Ok(ToSqlOutput::from($to))
            }
        }
        impl FromSql for $kind {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let $stored = <$raw>::column_result(value)?;
                $from
            }
        }
    )+};
}

pub(super) fn broken(fault: Fault) -> FromSqlError {
    FromSqlError::Other(Box::new(fault))
}

crossing! {
    RaceId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    TrackId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    CircuitId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    MeetingId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    DogId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    TrainerId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    ModelId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    JobId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    UploadId: i64, |id| id.get(), |raw| Ok(Self::new(raw));
    Metres: i64, |metres| i64::from(metres.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Millis: i64, |millis| i64::from(millis.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Grams: i64, |grams| i64::from(grams.raw()), |raw| Self::from_raw(raw).map_err(broken);
    Lengths: i64, |lengths| i64::from(lengths.raw()), |raw| Self::from_raw(raw).map_err(broken);
    BoxNo: i64, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Rug: i64, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Place: i64, |number| i64::from(number.get()), |raw| Self::new(raw).map_err(broken);
    Odds: f64, |odds| odds.get(), |raw| Self::new(raw).map_err(broken);
    RaceDay: String, |day| day.to_string(), |text| Self::parse(&text).map_err(broken);
    Source: String, |source| source.as_str(), |text| Self::new(&text).map_err(broken);
    Outcome: String, |outcome| outcome.as_str(), |text| Self::parse(&text).map_err(broken);
    RaceStatus: String, |status| status.as_str(), |text| Self::parse(&text).map_err(broken);
    PriceKind: String, |kind| kind.as_str(), |text| Self::parse(&text).map_err(broken);
    JobKind: String, |kind| kind.as_str(), |text| Self::parse(&text).map_err(broken);
    JobState: String, |state| state.as_str(), |text| Self::parse(&text).map_err(broken);
    Sex: String, |sex| sex.as_str(), |text| Self::parse(&text).map_err(broken);
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
