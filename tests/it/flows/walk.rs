//! The walk over ratings, while facts go on arriving.

use std::fs;
use std::sync::Arc;

use lurcher::domain::RaceDay;
use lurcher::ingest::file::Request;
use lurcher::runtime::Lane;
use lurcher::store::ratings::{self, DayRows};
use lurcher::store::{Class, Error, walk};

use super::twice::runs;
use crate::world::{House, season, wait};

/// Imports a file and leaves the ratings as they are.
fn tell(house: &House, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.csv");
    fs::write(&path, text).unwrap();
    let request = Request {
        paths: vec![path],
        ..Request::default()
    };
    let report = wait(house.app().ingest.files(request, Arc::default())).unwrap();
    assert_eq!(report.counts.failed, 0);
}

/// What the walk leaves of a day without a race that can be rated, read now.
fn read(house: &House, day: RaceDay) -> DayRows {
    let read = house.app().store.read(Lane::Batch, move |reader| {
        Ok::<_, Error>(DayRows {
            revisions: ratings::revisions(reader, day)?,
            ..DayRows::default()
        })
    });
    wait(read).unwrap()
}

fn put(house: &House, day: RaceDay, rows: DayRows) -> bool {
    let change = move |tx: &mut lurcher::store::Tx<'_>| walk::put_day(tx, day, &rows);
    let written: Result<bool, Error> = wait(house.app().store.write(Class::Backfill, change));
    written.unwrap()
}

fn debt(house: &House) -> Option<RaceDay> {
    wait(house.app().store.read(Lane::Batch, ratings::debt)).unwrap()
}

#[test]
fn a_day_whose_races_changed_since_it_was_read_is_still_owed() {
    let day = season().settings.first_day;
    let house = House::empty();
    tell(&house, &runs(|race| race.day == day && race.number < 4));
    let rows = read(&house, day);
    tell(&house, &runs(|race| race.day == day && race.number == 4));

    let put_then = put(&house, day, rows);

    assert_eq!((put_then, debt(&house)), (false, Some(day)));
    let rows = read(&house, day);
    assert!(put(&house, day, rows));
    assert_eq!(debt(&house), None);
}

#[test]
fn a_day_is_not_written_before_an_earlier_one_that_is_owed() {
    let (first, second) = (
        season().settings.first_day,
        season().settings.first_day.plus(1),
    );
    let house = House::empty();
    tell(&house, &runs(|race| race.day <= second));

    let early = read(&house, second);

    assert!(!put(&house, second, early));
    assert_eq!(debt(&house), Some(first));
    let rows = read(&house, first);
    assert!(put(&house, first, rows));
    assert_eq!(debt(&house), Some(second));
}
