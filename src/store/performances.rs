//! The columns that a result line, a form line and a runner have in common.

use rusqlite::{Row, ToSql};

use crate::domain::Performance;

/// Reads the performance columns of a row that has them all.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Performance> {
    Ok(Performance {
        place: row.get("place")?,
        won: row.get("won")?,
        placed: row.get("placed")?,
        outcome: row.get("outcome")?,
        run_time: row.get("run_time_ms")?,
        winner_time: row.get("winner_time_ms")?,
        best_of_night: row.get("best_of_night_ms")?,
        sectional: row.get("sectional_ms")?,
        margin: row.get("margin_cl")?,
        weight: row.get("weight_g")?,
        positions: row.get("positions")?,
        other: row.get("other")?,
        sp: row.get("sp_price")?,
        bsp: row.get("bsp_price")?,
        place_bsp: row.get("place_bsp_price")?,
        comment: row.get("comment")?,
    })
}

/// A named parameter.
pub(super) type Param<'a> = (&'static str, &'a dyn ToSql);

/// Binds every performance column, and `rest` after them.
pub(super) fn bind<'a>(performance: &'a Performance, rest: &[Param<'a>]) -> Vec<Param<'a>> {
    let mut params: Vec<Param<'a>> = Vec::with_capacity(16 + rest.len());
    params.extend_from_slice(&[
        (":place", &performance.place),
        (":won", &performance.won),
        (":placed", &performance.placed),
        (":outcome", &performance.outcome),
        (":run_time_ms", &performance.run_time),
        (":winner_time_ms", &performance.winner_time),
        (":best_of_night_ms", &performance.best_of_night),
        (":sectional_ms", &performance.sectional),
        (":margin_cl", &performance.margin),
        (":weight_g", &performance.weight),
        (":positions", &performance.positions),
        (":other", &performance.other),
        (":sp_price", &performance.sp),
        (":bsp_price", &performance.bsp),
        (":place_bsp_price", &performance.place_bsp),
        (":comment", &performance.comment),
    ]);
    params.extend_from_slice(rest);
    params
}
