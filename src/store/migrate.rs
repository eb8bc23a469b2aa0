//! Numbered, append-only migrations; `PRAGMA user_version` counts the applied ones.
//!
//! Each step is one transaction that includes the new number, so a kill leaves the old schema or
//! the new one, never something between.

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

const STEPS: &[&str] = &[
    include_str!("../../sql/migrations/0001_tracks_and_dogs.sql"),
    include_str!("../../sql/migrations/0002_track_seed.sql"),
    include_str!("../../sql/migrations/0003_cards.sql"),
    include_str!("../../sql/migrations/0004_results.sql"),
    include_str!("../../sql/migrations/0005_prices_and_payloads.sql"),
    include_str!("../../sql/migrations/0006_ratings_models_predictions.sql"),
    include_str!("../../sql/migrations/0007_jobs_and_keys.sql"),
    include_str!("../../sql/migrations/0008_audit.sql"),
    include_str!("../../sql/migrations/0009_price_versions.sql"),
    include_str!("../../sql/migrations/0010_read_indexes.sql"),
    include_str!("../../sql/migrations/0011_answers.sql"),
    include_str!("../../sql/migrations/0012_jobs_and_uploads.sql"),
    include_str!("../../sql/migrations/0013_collections.sql"),
    include_str!("../../sql/migrations/0014_irish_and_nz_tracks.sql"),
    include_str!("../../sql/migrations/0015_four_ratings.sql"),
    include_str!("../../sql/migrations/0016_shadow_predictions.sql"),
    include_str!("../../sql/migrations/0017_hindsight.sql"),
    include_str!("../../sql/migrations/0018_summaries.sql"),
    include_str!("../../sql/migrations/0019_mark.sql"),
];

/// The schema this binary knows.
pub(super) fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The schema of the database.
pub(super) fn version(conn: &Connection) -> Result<u32, Error> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the database up to date; refuses one that is newer than this binary.
pub(super) fn run(conn: &mut Connection) -> Result<(), Error> {
    let done = version(conn)?;
    if done > newest() {
        return Err(Error::Newer {
            found: done,
            known: newest(),
        });
    }
    for (number, step) in (1_u32..)
        .zip(STEPS)
        .skip_while(|(number, _)| *number <= done)
    {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_from_the_future_is_left_alone() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 999).unwrap();

        assert!(matches!(
            run(&mut conn),
            Err(Error::Newer { found: 999, .. })
        ));
    }

    #[test]
    fn the_steps_leave_no_dangling_reference_and_run_once() {
        let mut conn = Connection::open_in_memory().unwrap();

        run(&mut conn).unwrap();
        run(&mut conn).unwrap();

        assert_eq!(version(&conn).unwrap(), newest());
        let broken: i64 = conn
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(broken, 0);
    }

    #[test]
    fn every_table_is_strict() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn).unwrap();

        let loose: i64 = conn
            .query_row(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
                [],
                |row| row.get(0),
            )
            .unwrap();

        assert_eq!(loose, 0);
    }
}
