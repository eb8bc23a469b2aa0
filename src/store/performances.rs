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

/// The same from columns that stand one after the other from `first` on, in the order of the
/// parameters of [`bind`]: for rows of which a season is read.
pub(super) fn read_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Performance> {
    Ok(Performance {
        place: row.get(first)?,
        won: row.get(first + 1)?,
        placed: row.get(first + 2)?,
        outcome: row.get(first + 3)?,
        run_time: row.get(first + 4)?,
        winner_time: row.get(first + 5)?,
        best_of_night: row.get(first + 6)?,
        sectional: row.get(first + 7)?,
        margin: row.get(first + 8)?,
        weight: row.get(first + 9)?,
        positions: row.get(first + 10)?,
        other: row.get(first + 11)?,
        sp: row.get(first + 12)?,
        bsp: row.get(first + 13)?,
        place_bsp: row.get(first + 14)?,
        comment: row.get(first + 15)?,
    })
}

/// The columns of a performance, in the order of the statements that tell them.
#[cfg(test)]
pub(super) fn columns() -> Vec<&'static str> {
    NAMES
        .iter()
        .map(|name| name.trim_start_matches(':'))
        .collect()
}

/// The parameters of a performance, in the order of the statements that take them.
#[cfg(test)]
const NAMES: [&str; 16] = [
    ":place",
    ":won",
    ":placed",
    ":outcome",
    ":run_time_ms",
    ":winner_time_ms",
    ":best_of_night_ms",
    ":sectional_ms",
    ":margin_cl",
    ":weight_g",
    ":positions",
    ":other",
    ":sp_price",
    ":bsp_price",
    ":place_bsp_price",
    ":comment",
];

/// `first`, then every performance column, for binding by position: these statements run once for
/// every row of an import, and looking thirty names up each time costs as much as the insert.
/// A test holds the order of names against the statements.
pub(super) fn bind<'a>(
    first: &[&'a dyn ToSql],
    performance: &'a Performance,
) -> Vec<&'a dyn ToSql> {
    let mut params = Vec::with_capacity(first.len() + 16);
    params.extend_from_slice(first);
    let rest: [&dyn ToSql; 16] = [
        &performance.place,
        &performance.won,
        &performance.placed,
        &performance.outcome,
        &performance.run_time,
        &performance.winner_time,
        &performance.best_of_night,
        &performance.sectional,
        &performance.margin,
        &performance.weight,
        &performance.positions,
        &performance.other,
        &performance.sp,
        &performance.bsp,
        &performance.place_bsp,
        &performance.comment,
    ];
    params.extend_from_slice(&rest);
    params
}

/// The named parameters of a statement, in the order in which SQLite numbers them.
#[cfg(test)]
pub(super) fn named(sql: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for piece in sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')) {
        if piece.starts_with(':') && !names.contains(&piece) {
            names.push(piece);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query::query;

    #[test]
    fn statements_take_a_performance_in_the_order_it_is_bound() {
        for query in [query!("run/insert"), query!("result/add_line")] {
            let names = named(query.sql);

            assert!(names.ends_with(&NAMES), "{}: {names:?}", query.name);
        }
    }
}
