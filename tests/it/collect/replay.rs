//! What came is read again, amended, and forgotten in time.

use std::sync::atomic::{AtomicU8, Ordering};

use lurcher::collect::Replay;
use lurcher::domain::Source;

use super::{DAY, Feed, HEAD, draft, dump, outcome, results, row};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, day, wait};

fn reparse(house: &House, commit: bool) -> Replay {
    let source = Source::new("mine").unwrap();
    let since = day("2026-11-20");
    wait(
        house
            .app()
            .collector
            .reparse(&source, since, commit, |_, _| ()),
    )
    .unwrap()
}

#[test]
fn reading_again_says_what_would_change_and_changes_it_only_when_told_to() {
    let feed = Feed::new(|_| {});
    feed.says(Reply::ok(results(DAY).replace("Angle Park", "Paper Park")));
    let report = feed.collect();
    assert_eq!((report.counts.created, report.counts.failed), (0, 2));
    // What a mended lurcher would know.
    let mended = "INSERT INTO track_alias (code, source, scope, track_id)
        SELECT 'PAPER PARK', 'canonical', 'any', id FROM track WHERE slug = 'angle-park'";
    feed.house.look().execute(mended, []).unwrap();
    let before = dump(&feed.house);

    let rehearsal = reparse(&feed.house, false);
    let after_rehearsal = dump(&feed.house);
    let taken = reparse(&feed.house, true);
    let again = reparse(&feed.house, true);

    assert_eq!(after_rehearsal, before);
    assert_eq!((rehearsal.committed, rehearsal.counts.created), (false, 2));
    assert_eq!(rehearsal.changed.len(), 2, "{rehearsal:?}");
    assert_eq!(
        (taken.committed, &taken.changed),
        (true, &rehearsal.changed)
    );
    assert_eq!(feed.house.number("SELECT count(*) FROM race"), 2);
    assert_eq!((again.counts.created, again.counts.unchanged), (0, 2));
    assert_eq!(again.changed, []);
}

#[test]
fn what_was_refused_for_its_day_is_refused_again() {
    let feed = Feed::new(|_| {});
    feed.says(Reply::ok(results("2026-11-18")));
    assert_eq!(outcome(&feed.collect()), "failed");

    let again = reparse(&feed.house, true);

    assert_eq!((again.payloads, again.counts.failed), (1, 1));
    assert!(again.faults[0].contains("tells of 2026-11-18"), "{again:?}");
    assert_eq!(dump(&feed.house), [] as [String; 0]);
}

#[test]
fn what_is_amended_is_picked_up_by_reading_the_last_days_again() {
    let feed = Feed::new(|draft| draft.reach.days_back = 2);
    let source = Source::new("mine").unwrap();
    let collector = feed.house.app().collector.clone();
    let collect = || wait(collector.collect(&source, None, |_, _| ()));
    let first = feed.collect();
    let swapped: String = results(DAY)
        .replace(&row(DAY, 1, 1, 1), &row(DAY, 1, 1, 2))
        .replace(&row(DAY, 1, 2, 2), &row(DAY, 1, 2, 1));
    feed.says(Reply::ok(swapped));

    drop(collect());

    let winners = "SELECT group_concat(rug) FROM runner JOIN race ON race.id = race_id
        WHERE number = 1 AND won = 1";
    assert_eq!(outcome(&first), "taken");
    assert_eq!(feed.house.texts(winners), ["2"]);
    let days = "SELECT day FROM collection WHERE id > 1 ORDER BY day";
    assert_eq!(
        feed.house.texts(days),
        ["2026-11-18", "2026-11-19", "2026-11-20"]
    );
}

#[test]
fn payloads_go_when_they_are_old() {
    let aged = Feed::new(|_| {});
    aged.collect();
    aged.house.set_clock("2026-12-19T23:00:00Z");
    wait(aged.house.app().collector.sweep()).unwrap();
    let within = aged.house.number("SELECT count(*) FROM payload");
    aged.house.set_clock("2026-12-20T01:00:00Z");
    wait(aged.house.app().collector.sweep()).unwrap();

    assert_eq!(within, 1);
    assert_eq!(aged.house.number("SELECT count(*) FROM payload"), 0);
    assert_eq!(aged.house.number("SELECT count(*) FROM race"), 2);
    // What was fetched is known to have been taken, but can be told apart no more.
    assert_eq!(outcome(&aged.collect()), "taken");
}

#[test]
fn the_oldest_payloads_go_when_all_are_too_large_together() {
    let asked = AtomicU8::new(0);
    let server = Chaos::start(move |_| {
        let told = asked.fetch_add(1, Ordering::SeqCst) + 1;
        Reply::ok(format!("{HEAD}{}", row(DAY, told, 1, 1)))
    });
    let source = draft("mine", &[server.url("/{day}.csv")]).check().unwrap();
    // The answers are of about two hundred bytes each, packed.
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.sources = vec![source];
        config.collect.payload_bytes = 500;
    });
    for minute in 10..15 {
        house.set_clock(&format!("2026-11-20T00:{minute}:00Z"));
        let asked = house.app().collector.clone();
        wait(asked.collect(&Source::new("mine").unwrap(), Some(day(DAY)), |_, _| ())).unwrap();
    }
    let sizes = |of: &str| house.number(&format!("SELECT {of} FROM payload"));
    let before = [sizes("count(*)"), sizes("min(id)"), sizes("max(id)")];
    let (all, newest) = (sizes("sum(length(body))"), sizes("max(length(body))"));

    wait(house.app().collector.sweep()).unwrap();

    assert_eq!(before, [5, 1, 5]);
    assert!(all > 500 && newest < 500, "{all} {newest}");
    let left = sizes("sum(length(body))");
    assert!(left <= 500 && left + newest > 500, "{left}");
    assert_eq!(sizes("max(id)"), 5, "the newest stay");
    assert_eq!(sizes("min(id) + count(*)"), 6, "and those before them");
}
