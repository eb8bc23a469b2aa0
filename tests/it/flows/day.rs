//! A whole day through the real path: sources are asked by their schedules as the clock goes on,
//! prices are posted, and in the end every race has a card, a price, a result and a prediction that
//! was made before it jumped.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use lurcher::runtime::Cron;
use lurcher::season::SeasonRace;
use lurcher::upstream::{SourceSpec, Template};
use serde_json::{Value, json};

use crate::collect::draft;
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, day, eventually, instant, key, season};

/// The day, the last one of the season that has results.
const DAY: &str = "2026-11-19";
/// When the first race jumps; the others follow a quarter of an hour apart.
const FIRST: &str = "2026-11-19T08:00:00Z";
/// How long after the jump a result is there.
const RUN: TimeDelta = TimeDelta::minutes(4);

fn races() -> Vec<&'static SeasonRace> {
    let races = season().finished();
    races.filter(|race| race.day == day(DAY)).collect()
}

fn jump(race: &SeasonRace) -> DateTime<Utc> {
    instant(FIRST) + TimeDelta::minutes(15) * i32::from(race.number - 1)
}

/// The season's runs whose day, and number on it, are wanted.
fn runs(wanted: impl Fn(&str, u8) -> bool) -> String {
    let text = season().runs_csv(0);
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let rows = lines.filter(|line| {
        let cells: Vec<_> = line.split(',').collect();
        wanted(cells[1], cells[4].parse().unwrap())
    });
    std::iter::once(head)
        .chain(rows)
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Cards by their names, and the results of what has been run by now.
fn upstream(clock: &Arc<Mutex<DateTime<Utc>>>) -> Chaos {
    let clock = Arc::clone(clock);
    Chaos::start(move |request| {
        let now = *clock.lock().unwrap();
        let path = request.path.replace("%20", " ");
        if let Some(name) = path.strip_prefix("/cards/") {
            let races = races();
            let race = races.iter().find(|race| season().card_name(race) == name);
            return race.map_or(Reply::status(404), |race| {
                Reply::ok(season().card_csv(race))
            });
        }
        let over: Vec<u8> = races()
            .iter()
            .filter(|race| jump(race) + RUN <= now)
            .map(|race| race.number)
            .collect();
        Reply::ok(runs(|of, number| of == DAY && over.contains(&number)))
    })
}

/// Cards at half past six, results every quarter of an hour.
fn sources(server: &Chaos) -> Vec<SourceSpec> {
    let mut cards = draft("cards", &[]);
    let address = server.url("/cards/Race%20{track}%20-%20{day:%d %B %Y}.csv");
    cards.reach.urls = vec![Template::parse(&address).unwrap()];
    let named = |race: &&SeasonRace| {
        let name = season().card_name(race);
        let rest = name.strip_prefix("Race ").unwrap();
        rest.rsplit_once(" - ").unwrap().0.to_owned()
    };
    cards.reach.tracks = races().iter().map(named).collect();
    cards.cron = Some(Cron::parse("30 6 * * *").unwrap());
    let mut results = draft("results", &[server.url("/results/{day}.csv")]);
    results.cron = Some(Cron::parse("*/15 9-23 * * *").unwrap());
    [cards, results]
        .into_iter()
        .map(|mut source| {
            source.timezone = Some(chrono_tz::Australia::Melbourne);
            source.check().unwrap()
        })
        .collect()
}

/// What a collector of the betting posts: when a race jumps, and what its runners cost.
fn post_prices(world: &World, race: &SeasonRace, now: DateTime<Utc>) {
    let track = season().tracks[race.track].slug;
    let head = json!({
        "source": "book", "track": track, "day": DAY, "number": race.number,
        "jump_at": jump(race).to_rfc3339(), "runners": [],
    });
    let prices: Vec<Value> = race
        .starters()
        .map(|runner| json!({"rug": runner.rug.get(), "win": runner.prices.unwrap().sp}))
        .collect();
    let tick = json!({
        "source": "book", "race": key(race), "at": now.to_rfc3339(), "kind": "fixed", "prices": prices,
    });
    for (path, body) in [("/api/cards", head), ("/api/prices", tick)] {
        let answer = world.post_json(path, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// Waits until nothing is to be done at this hour.
fn settle(world: &World, now: DateTime<Utc>) {
    let ms = now.timestamp_millis();
    let idle = format!(
        "SELECT NOT EXISTS (SELECT 1 FROM job WHERE state = 'running' OR (state = 'queued' AND due_at_ms <= {ms}))"
    );
    let said = format!(
        "SELECT count(*) FROM race WHERE status = 'open' AND jump_at_ms > {ms} AND jump_at_ms <= {ms} + 600000
           AND NOT EXISTS (SELECT 1 FROM prediction WHERE race_id = race.id AND as_of_ms >= jump_at_ms - 600000)"
    );
    let quarter = ms - ms % 900_000;
    let fired = format!("SELECT fired_at_ms >= {quarter} FROM schedule WHERE source = 'results'");
    eventually("the hour is done", || {
        let number = |sql: &str| world.house.number(sql);
        (number(&fired) == 1 && number(&said) == 0 && number(&idle) == 1).then_some(())
    });
}

#[test]
fn at_the_end_of_a_day_every_race_has_all_that_belongs_to_it() {
    let clock = Arc::new(Mutex::new(instant("2026-11-18T18:00:00Z")));
    let server = upstream(&clock);
    let house = House::asking(sources(&server));
    house.set_clock("2026-11-18T18:00:00Z");
    let report = house.import_text("runs.csv", runs(|of, _| of < DAY));
    assert_eq!(report.faults, []);
    assert!(house.train(Some(day("2026-11-16"))).activated);
    let world = World::working(house);
    let go = |now: DateTime<Utc>| {
        *clock.lock().unwrap() = now;
        world.house.set_clock(&now.to_rfc3339());
    };
    let both = || (world.house.number("SELECT count(*) FROM schedule") == 2).then_some(());
    eventually("the sources are seen", both);

    go(instant("2026-11-18T19:31:00Z"));
    let carded = "SELECT count(*) FROM collection WHERE source = 'cards' AND outcome = 'taken'";
    let all = i64::try_from(races().len()).unwrap();
    eventually("the cards are there", || {
        (world.house.number(carded) == all).then_some(())
    });
    let mut now = instant(FIRST) - TimeDelta::minutes(20);
    for race in races() {
        go(now);
        post_prices(&world, race, now);
    }
    while now < instant(FIRST) + TimeDelta::hours(2) + TimeDelta::minutes(20) {
        go(now);
        settle(&world, now);
        now += TimeDelta::minutes(5);
    }

    assert!(all >= 8, "{all} races");
    // What the clock asks for beside the races, ratings that are owed, may come after the last race is settled.
    let left = "SELECT count(*) FROM job WHERE state IN ('queued', 'running')";
    eventually("nothing is left to do", || {
        (world.house.number(left) == 0).then_some(())
    });
    let wrong = world.house.texts("SELECT state || ' ' || spec || ' ' || coalesce(error, '') FROM job WHERE state <> 'succeeded'");
    assert_eq!(wrong, [] as [String; 0]);
    let meetings = world.get(&format!("/api/meetings?day={DAY}")).json();
    let tracks: Vec<_> = meetings["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["track"]["slug"].as_str().unwrap().to_owned())
        .collect();
    assert!(!tracks.is_empty());
    for track in tracks {
        let whole = world
            .get(&format!("/api/meetings/{DAY}-{track}/completeness"))
            .json();
        assert_eq!(whole["complete"], true, "{whole:#}");
        assert_eq!(whole["missing"], json!([]));
    }
    let last_words = "SELECT count(*) FROM race WHERE jump_at_ms IS NOT NULL AND EXISTS (
        SELECT 1 FROM prediction WHERE race_id = race.id
          AND as_of_ms < jump_at_ms AND made_at_ms < jump_at_ms AND as_of_ms >= jump_at_ms - 600000)";
    assert_eq!(world.house.number(last_words), all);
    let too_late = "SELECT count(*) FROM prediction JOIN race ON race.id = race_id
        WHERE as_of_ms >= jump_at_ms OR made_at_ms >= jump_at_ms";
    assert_eq!(world.house.number(too_late), 0);
    let exported = world.get("/api/export/predictions?format=ndjson").body;
    for race in races() {
        assert!(exported.contains(&key(race)), "{}", key(race));
    }
}
