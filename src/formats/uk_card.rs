//! British cards as a MongoDB export: a race with its dogs, in extended JSON.
//!
//! The past runs that come with each dog bear neither day nor track, so they are left out: what
//! cannot be placed in time is no fact. Races have no number and are known by their local time.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Europe::London;

use super::british::session;
use super::json::Documents;
use super::node::{Node, Notes, member};
use super::{Out, Stop};
use crate::domain::{CardDraft, CardRunnerDraft, DogDraft, Draft, RaceDraft};

const SOURCE: &str = "uk-card";
/// The most dogs of a race.
const DOGS: usize = 20;

/// Draft fields, and the members that fill them.
const FIELDS: [(&str, &str); 8] = [
    ("runners", "dogs"),
    ("rug", "trapNumber"),
    ("box", "trapNumber"),
    ("dog", "dogName"),
    ("day", "race_date_time"),
    ("distance_m", "distance"),
    ("grade", "race_grade"),
    ("ref", "race_id"),
];

/// Entities that stand in names.
const ENTITIES: [(&str, &str); 6] = [
    ("&apos", "'"),
    ("&#39", "'"),
    ("&#039", "'"),
    ("&quot", "\""),
    ("&nbsp", " "),
    ("&amp", "&"),
];

/// Every race as a card.
pub(super) fn read(documents: &mut Documents<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    while let Some((row, value)) = documents.good(out)? {
        let notes = Notes::of(row);
        let card = Draft::Card(Box::new(card(&Node::root(&value, &notes))));
        notes.all(card.faults(), |at| member(&FIELDS, at));
        if notes.clean() {
            out.draft(row, card)?;
        }
        out.faults(notes.faults())?;
    }
    Ok(())
}

fn card(node: &Node<'_>) -> CardDraft {
    let dogs = node.list("dogs", DOGS);
    let jump = instant(node, "race_date_time");
    let local = jump.map(|jump| London.from_utc_datetime(&jump.naive_utc()));
    let time = local.map(|local| local.format("%H:%M").to_string());
    if local.is_none() {
        let _: Option<()> = node.bad("race_date_time", "must be given");
    }
    CardDraft {
        race: RaceDraft {
            source: SOURCE.to_owned(),
            track: track(node, &dogs),
            day: local.map_or_else(String::new, |local| local.date_naive().to_string()),
            session: time.as_deref().and_then(session),
            jump_at: time,
            distance_m: node.number("distance"),
            grade: words(node, "race_grade"),
            reference: node.text("race_id").map(|id| (SOURCE.to_owned(), id)),
            ..RaceDraft::default()
        },
        known_at: instant(node, "createdAt").map(|at| at.to_rfc3339()),
        runners: dogs.iter().map(runner).collect(),
    }
}

/// The track, which only the dogs name.
fn track(node: &Node<'_>, dogs: &[Node<'_>]) -> String {
    let mut tracks = dogs.iter().map(|dog| words(dog, "trackName"));
    let first = tracks.next().flatten().unwrap_or_default();
    if tracks.any(|track| track.is_some_and(|track| track != first)) {
        let _: Option<()> = node.bad("dogs", "must all run at one track");
    }
    first
}

fn runner(dog: &Node<'_>) -> CardRunnerDraft {
    let trap = dog.whole("trapNumber");
    CardRunnerDraft {
        rug: trap.unwrap_or_default(),
        box_no: trap,
        dog: DogDraft::named(words(dog, "dogName").unwrap_or_default()),
        trainer: words(dog, "trainerName"),
        ..CardRunnerDraft::default()
    }
}

fn instant(node: &Node<'_>, key: &str) -> Option<DateTime<Utc>> {
    let text = node.text(key)?;
    let at = text.parse().map_or_else(
        |_text| {
            DateTime::parse_from_rfc3339(&text)
                .map(|at| at.with_timezone(&Utc))
                .ok()
        },
        DateTime::from_timestamp_millis,
    );
    at.or_else(|| node.bad(key, "must be an instant"))
}

/// A text whose HTML entities have become characters, with or without their semicolon.
fn words(node: &Node<'_>, key: &str) -> Option<String> {
    let mut text = node.text(key)?;
    for (entity, plain) in ENTITIES {
        text = text
            .replace(&format!("{entity};"), plain)
            .replace(entity, plain);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    #[test]
    fn a_race_is_known_by_its_local_time() {
        let (drafts, faults) = fixture("uk-card.json");

        let [Draft::Card(card), Draft::Card(summer)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(card.race.day, "2025-10-27");
        assert_eq!(card.race.jump_at.as_deref(), Some("17:56"));
        assert_eq!((card.race.number, card.race.session), (None, Some(2)));
        assert_eq!(
            card.known_at.as_deref(),
            Some("2025-10-27T08:21:48.483+00:00")
        );
        assert_eq!(
            card.runners[1].dog.name.as_deref(),
            Some("Miller's Tin & Son")
        );
        assert_eq!(card.runners[1].rug, 3);
        assert_eq!(
            summer.race.jump_at.as_deref(),
            Some("14:30"),
            "an hour before Greenwich"
        );
        assert_eq!(summer.race.grade, None);
    }

    #[test]
    fn a_fault_names_the_member() {
        let (drafts, faults) = text(
            r#"[{"race_id":1,"race_date_time":{"$date":{"$numberLong":"1761587760000"}},"distance":450,
              "dogs":[{"trackName":"Sunderland","trapNumber":12,"dogName":"A"},
                      {"trackName":"Sunderland","trapNumber":"two"}]}]"#,
        );

        assert_eq!(drafts, []);
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with("row 1: dogs[0].trapNumber"))
        );
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with("row 1: dogs[1].trapNumber must be a"))
        );
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with("row 1: dogs[1].dogName"))
        );
    }
}
