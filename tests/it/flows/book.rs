//! Many races read together see what each of them sees alone.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use lurcher::domain::RaceKey;
use lurcher::runtime::Lane;
use lurcher::store::snapshots::{self, Snapshots};
use lurcher::store::{Error, races};

use super::twice::{corrected, runs};
use crate::world::{House, instant, key, now, season, wait};

/// Races that are asked about in one question, which has a deadline.
const A_QUESTION: usize = 240;

/// Fails unless each race, asked about together with others, has the snapshot that it has alone.
/// `None` asks as of its jump. Says how many runs of the past there were.
pub(crate) fn assert_alike(house: &House, asked: &[(String, Option<DateTime<Utc>>)]) -> usize {
    let mut past = 0;
    for some in asked.chunks(A_QUESTION) {
        let some = some.iter().map(|(key, at)| (key.parse().unwrap(), *at));
        let some: Vec<(RaceKey, Option<DateTime<Utc>>)> = some.collect();
        let read = house.app().store.read(Lane::Batch, move |reader| {
            let mut known = Vec::with_capacity(some.len());
            for (key, at) in &some {
                let race = races::by_key(reader, key)?.unwrap();
                let at = at.unwrap_or_else(|| race.cutoff());
                known.push((race, at));
            }
            let asked: Vec<_> = known.iter().map(|(race, at)| (race, *at)).collect();
            let together = Snapshots::load(reader, &asked)?;
            let mut runs = 0;
            for (snapshot, (race, at)) in together.some(0..asked.len()).zip(&asked) {
                assert_eq!(
                    snapshot,
                    snapshots::load(reader, race, *at)?,
                    "{}",
                    race.key
                );
                runs += snapshot
                    .entries
                    .iter()
                    .map(|one| one.history.runs.len())
                    .sum::<usize>();
            }
            Ok::<_, Error>(runs)
        });
        past += wait(read).unwrap();
    }
    past
}

/// Form lines of a dog of the season on each of so many days before it.
fn long_past(dog: &str, days: i64) -> String {
    let mut text = "date,track_code,track_src,distance_m,grade,dog_name,dog_key,sex,box,weight_kg,\
                    finish_pos,field_size,run_time_s,winner_time_s,best_of_night_s,sectional_s,\
                    margin_lengths,winner_or_second,pir,sp_decimal,trainer,src\n"
        .to_owned();
    let first = season().settings.first_day;
    for back in 1..=days {
        let day = first.plus(-back);
        writeln!(
            text,
            "{day},SHE,thedogs,450,5,{dog},,,{},30.8,2,,26.{:03},25.9,,,0.75,Glass Fork,,2.7,,\
             thedogs_form",
            1 + back % 8,
            back % 900,
        )
        .unwrap();
    }
    text
}

#[test]
fn races_that_are_asked_about_together_see_what_each_sees_alone() {
    let house = House::of_season();
    house.set_clock("2026-11-20T06:00:00Z");
    let later = season().settings.first_day.plus(20);
    let told = season().finished().filter(|race| {
        let place = |n| {
            race.starters()
                .any(|one| one.place().is_some_and(|p| p.get() == n))
        };
        race.detail != lurcher::season::SeasonDetail::Bare
            && race.day > later
            && place(1)
            && place(2)
    });
    let told: Vec<_> = told.step_by(9).take(12).collect();
    let mut text = runs(|race| told.iter().any(|one| one.id == race.id));
    for race in &told {
        text = corrected(&text, race);
    }
    let report = house.import_text("runs.csv", text);
    assert_eq!((report.counts.updated, report.counts.failed), (12, 0));
    let veteran = house.texts(
        "SELECT name FROM dog WHERE id = (
        SELECT dog_id FROM runner GROUP BY dog_id ORDER BY count(*) DESC, dog_id LIMIT 1)",
    );
    let report = house.import_text("form-runs.csv", long_past(&veteran[0], 380));
    assert_eq!((report.counts.created, report.counts.failed), (380, 0));
    let most = "SELECT max(rows) FROM (SELECT count(*) AS rows FROM run GROUP BY dog_id)";
    assert!(
        house.number(most) > 360,
        "one dog has too long a past to be read at once"
    );

    let mut asked = Vec::new();
    for race in &season().races {
        asked.push((key(race), None));
        asked.push((key(race), Some(now())));
        asked.push((key(race), Some(instant("2026-11-20T07:00:00Z"))));
    }
    let past = assert_alike(&house, &asked);

    assert!(past > 10_000, "{past} runs");
}
