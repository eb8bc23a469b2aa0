//! The same facts again, in another order, and corrected.

use std::fs;
use std::path::PathBuf;

use lurcher::season::SeasonRace;

use crate::facts::{assert_same, facts, ratings, row_counts};
use crate::world::{House, instant, key, now, season, write_season};

/// The runs of some races of the season, as a file.
pub(crate) fn runs(fits: impl Fn(&SeasonRace) -> bool) -> String {
    let kept: Vec<_> = season().races.iter().filter(|race| fits(race)).collect();
    let whole = season().runs_csv(0);
    let mut lines = whole.lines();
    let mut text = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let id = line.split(',').next().unwrap();
        if kept.iter().any(|race| race.id == id) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The same file with the first two places of one race exchanged.
pub(crate) fn corrected(text: &str, race: &SeasonRace) -> String {
    let mut rows: Vec<Vec<_>> = text.lines().map(|line| line.split(',').collect()).collect();
    let at = |place: &str| {
        let ran = |row: &Vec<&str>| row.first() == Some(&race.id.as_str()) && row[16] == place;
        rows.iter().position(ran).unwrap()
    };
    let (first, second) = (at("1"), at("2"));
    // Everything from `won` to `pir` is what a dog did; the dogs and their prices stay.
    let [one, other] = rows.get_disjoint_mut([first, second]).unwrap();
    one[14..25].swap_with_slice(&mut other[14..25]);
    let lines: Vec<_> = rows.iter().map(|row| row.join(",")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_same_files_again_change_nothing() {
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let paths = [written.runs, files.path().join("cards")];
    let mut house = House::empty();
    let first = house.import(&paths);
    let (counts, said) = (row_counts(&house.database()), facts(&house.database()));

    let again = house.import(&paths);

    house.close();
    assert_eq!((first.counts.failed, again.counts.failed), (0, 0));
    assert_eq!((again.counts.created, again.counts.updated), (0, 0));
    assert_eq!(
        again.counts.unchanged,
        first.counts.created + first.counts.unchanged
    );
    assert_eq!(row_counts(&house.database()), counts);
    assert_same(&facts(&house.database()), &said);
}

#[test]
fn files_in_another_order_say_the_same() {
    let files = tempfile::tempdir().unwrap();
    let written = write_season(files.path());
    let mut forward: Vec<PathBuf> = vec![written.runs];
    forward.extend(written.cards);
    let backward: Vec<PathBuf> = forward.iter().rev().cloned().collect();
    let (mut one, mut other) = (House::empty(), House::empty());

    one.import(&forward);
    other.import(&backward);

    one.close();
    other.close();
    assert_same(&facts(&one.database()), &facts(&other.database()));
    assert_same(&ratings(&one.database()), &ratings(&other.database()));
}

#[test]
fn days_in_another_order_say_the_same() {
    let middle = season().settings.first_day.plus(12);
    let (early, late) = (
        runs(|race| race.day < middle),
        runs(|race| race.day >= middle),
    );
    let (mut one, mut other) = (House::empty(), House::empty());

    for text in [&early, &late] {
        one.import_text("runs.csv", text);
    }
    for text in [&late, &early] {
        other.import_text("runs.csv", text);
    }

    one.close();
    other.close();
    assert_same(&facts(&one.database()), &facts(&other.database()));
    assert_same(&ratings(&one.database()), &ratings(&other.database()));
}

/// A race with two places told, whose dogs ran again within the season, and a later race of one of
/// them.
pub(crate) fn corrected_race() -> (&'static SeasonRace, &'static SeasonRace) {
    let told = |race: &&SeasonRace| {
        race.detail != lurcher::season::SeasonDetail::Bare
            && race.day > season().settings.first_day.plus(14)
    };
    for race in season().finished().filter(told) {
        let placed = |place| {
            race.starters()
                .find(|runner| runner.place().is_some_and(|p| p.get() == place))
        };
        let (Some(first), Some(_)) = (placed(1), placed(2)) else {
            continue;
        };
        let later = season().finished().find(|later| {
            later.day > race.day && later.starters().any(|runner| runner.dog == first.dog)
        });
        if let Some(later) = later {
            return (race, later);
        }
    }
    panic!("the season has no such race");
}

#[test]
fn a_changed_result_is_a_new_version_beside_the_old_one() {
    let house = House::of_season();
    let (race, _) = corrected_race();
    let count = format!(
        "SELECT count(*) FROM result
         JOIN race_ref ON race_ref.race_id = result.race_id
         WHERE race_ref.source = 'canonical' AND ref = '{}'",
        race.id
    );
    assert_eq!(house.number(&count), 1);
    let text = runs(|other| other.id == race.id);

    let report = house.import_text("runs.csv", corrected(&text, race));

    assert_eq!((report.counts.updated, report.counts.failed), (1, 0));
    assert_eq!(house.number(&count), 2);
    let again = house.import_text("runs.csv", corrected(&text, race));
    let old = house.import_text("runs.csv", &text);
    assert_eq!((again.counts.unchanged, old.counts.unchanged), (1, 1));
    assert_eq!(house.number(&count), 2);
}

/// The races from that of the correction on, and those to come.
fn asked_after(race: &SeasonRace) -> Vec<String> {
    let races = season().races.iter();
    races
        .filter(|other| other.day >= race.day)
        .map(key)
        .collect()
}

/// Tells the correction of a race, six hours after everything else.
fn correct(house: &House, race: &SeasonRace) {
    house.set_clock("2026-11-20T06:00:00Z");
    let text = runs(|other| other.id == race.id);
    let report = house.import_text("runs.csv", corrected(&text, race));
    assert_eq!(report.counts.updated, 1);
}

#[test]
fn what_was_known_before_a_correction_stays() {
    let house = House::of_season();
    let (race, later) = corrected_race();
    let asked = asked_after(race);
    assert!(asked.contains(&key(later)));
    let then = asked.iter().map(|race| house.field(race, now()));
    let then = then.collect::<Vec<_>>();

    correct(&house, race);

    let still = asked.iter().map(|race| house.field(race, now()));
    assert!(then == still.collect::<Vec<_>>(), "the form book of then");
    let since = house.field(&key(later), instant("2026-11-20T06:00:00Z"));
    assert!(house.field(&key(later), now()) != since, "the correction");
}

#[test]
fn what_was_predicted_before_a_correction_stays() {
    let house = House::of_season();
    let (race, _) = corrected_race();
    let asked = asked_after(race);
    let ask = || {
        let bits = asked.iter().map(|race| house.bits(race, Some(now())));
        bits.collect::<Vec<_>>()
    };
    let before = ask();

    correct(&house, race);

    let after = ask();
    let differ = before
        .iter()
        .zip(&after)
        .filter(|(one, other)| one != other);
    assert_eq!(differ.count(), 0, "of {} predictions", asked.len());
}

#[test]
fn a_folder_says_what_its_files_say() {
    let files = tempfile::tempdir().unwrap();
    write_season(files.path());
    let listed = fs::read_dir(files.path().join("cards")).unwrap();
    let mut listed: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    listed.sort();
    let (mut one, mut other) = (House::empty(), House::empty());

    one.import(&[files.path().join("cards")]);
    other.import(&listed);

    one.close();
    other.close();
    assert_same(&facts(&one.database()), &facts(&other.database()));
}
