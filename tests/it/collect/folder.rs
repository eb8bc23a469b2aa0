//! A folder that others leave files in, as a source.

use std::fs;
use std::path::Path;

use lurcher::domain::Source;
use lurcher::runtime::Cron;
use lurcher::upstream::{Reach, SourceKind};
use serde_json::{Value, json};

use super::{DAY, HEAD, draft, results, row};
use crate::world::{House, World, eventually};

/// A lurcher whose source is that folder.
fn watching(folder: &Path) -> World {
    let mut source = draft("mine", &[]);
    source.kind = Some(SourceKind::Folder);
    source.reach = Reach {
        path: Some(folder.to_owned()),
        ..Reach::default()
    };
    source.cron = Some(Cron::parse("*/15 * * * *").unwrap());
    World::working(House::asking(vec![source.check().unwrap()]))
}

fn collect(world: &World) -> Value {
    let asked = world.post_json("/api/collections", &json!({"source": "mine"}));
    world.over(&asked.json()["id"])
}

/// How the fetches of a job ended, by the names of the files.
fn outcomes(job: &Value) -> Vec<String> {
    let fetches = job["report"]["fetches"].as_array().unwrap().iter();
    let told = fetches.map(|fetch| {
        let name = fetch["name"].as_str().unwrap();
        let name = name.rsplit('/').next().unwrap();
        format!("{name} {}", fetch["outcome"].as_str().unwrap())
    });
    told.collect()
}

#[test]
fn what_lies_in_a_folder_is_taken_in_once_and_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("deeper")).unwrap();
    write("b.csv", &results(DAY));
    write("deeper/a.csv", &results("2026-11-18"));
    write(".hidden.csv", &results("2026-11-17"));
    let world = watching(folder.path());

    let first = collect(&world);
    let again = collect(&world);
    write("b.csv", &format!("{HEAD}{}", row(DAY, 3, 1, 1)));
    fs::remove_file(folder.path().join("deeper/a.csv")).unwrap();
    let changed = collect(&world);

    assert_eq!(first["state"], "succeeded", "{first:#}");
    assert_eq!(outcomes(&first), ["b.csv taken", "a.csv taken"]);
    assert_eq!(outcomes(&again), ["b.csv same", "a.csv same"]);
    assert_eq!(outcomes(&changed), ["b.csv taken"]);
    let races = "SELECT day || ' ' || number FROM race ORDER BY day, number";
    assert_eq!(
        world.house.texts(races),
        [
            "2026-11-18 1",
            "2026-11-18 2",
            "2026-11-19 1",
            "2026-11-19 2",
            "2026-11-19 3"
        ]
    );
    let source = world.get("/api/sources").json()["items"][0].clone();
    assert_eq!(
        (&source["failures"], &source["kind"]),
        (&json!(0), &json!("folder"))
    );
}

#[test]
fn a_folder_that_is_not_there_fails_and_one_that_comes_is_looked_through_by_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let incoming = folder.path().join("incoming");
    let world = watching(&incoming);
    let seen = "SELECT count(*) FROM schedule";
    eventually("the source is seen", || {
        (world.house.number(seen) == 1).then_some(())
    });
    let name = Source::new("mine").unwrap();
    let collector = world.house.app().collector.clone();
    let missing = crate::world::wait(collector.collect(&name, None, |_, _| ())).unwrap_err();
    fs::create_dir(&incoming).unwrap();
    fs::write(incoming.join("a.csv"), results(DAY)).unwrap();

    world.house.set_clock("2026-11-20T00:15:00Z");

    let taken = "SELECT count(*) FROM collection WHERE outcome = 'taken'";
    eventually("it is looked through", || {
        (world.house.number(taken) == 1).then_some(())
    });
    assert!(missing.to_string().contains("incoming"), "{missing}");
    assert_eq!(world.house.number("SELECT count(*) FROM race"), 2);
}
