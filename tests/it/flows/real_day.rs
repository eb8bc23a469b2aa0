//! A real day through the real path, where the data is at hand: its cards, its prices and its
//! results come from a server that knows what time it is, and lurcher asks by its schedules.
//!
//! The data has no times, so the jumps are invented, and so is the instant of the prices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use lurcher::runtime::Cron;
use lurcher::upstream::{SourceKind, SourceSpec, Template};
use serde_json::{Value, json};

use super::viewers::{assert_nothing_is_old, hits_and_questions, open_all};
use crate::collect::draft;
use crate::real_data::{CARDS, data};
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, day, eventually, instant};

/// The day.
const DAY: &str = "2025-07-21";
/// The first of the days before it that are imported, and the last one that is fitted on.
const LEARNT: [&str; 2] = ["2025-07-08", "2025-07-17"];
/// Races of the day, counted in the file.
const RACES: usize = 121;
/// When the first race jumps; those of a meeting follow ten minutes apart.
const FIRST: &str = "2025-07-21T02:00:00Z";
/// How long after the jump a result is there.
const RUN: TimeDelta = TimeDelta::minutes(4);
/// How long before the jump a price is offered.
const OFFERED: TimeDelta = TimeDelta::minutes(20);
/// How far the clock goes at a time.
const STEP: TimeDelta = TimeDelta::minutes(10);

/// A race of the day: its rows, and what the archive of cards has of it.
struct Race {
    track: String,
    number: u8,
    jump: DateTime<Utc>,
    rows: Vec<BTreeMap<String, String>>,
    lines: String,
    card: Option<(String, String)>,
}

/// The day and what was known before it.
struct Known {
    head: String,
    before: String,
    races: Vec<Race>,
}

impl Known {
    fn read(data: &Path) -> Self {
        let file = File::open(data.join("02_au_results/au_runs.csv.zst")).unwrap();
        let file = BufReader::new(zstd::Decoder::new(file).unwrap());
        let mut lines = file.lines().map(Result::unwrap);
        let head = lines.next().unwrap() + "\n";
        let mut before = head.clone();
        let mut today: BTreeMap<(String, u8), Race> = BTreeMap::new();
        for line in lines {
            let of = line.split(',').nth(1).unwrap();
            if (LEARNT[0]..DAY).contains(&of) {
                before += &(line + "\n");
            } else if of == DAY {
                let row = row(&head, &line);
                let (track, number) = (row["track"].clone(), row["race_number"].parse().unwrap());
                let race = today
                    .entry((track.clone(), number))
                    .or_insert_with(|| Race::of(track, number));
                race.rows.push(row);
                race.lines += &(line + "\n");
            }
        }
        let mut races: Vec<_> = today.into_values().collect();
        let tracks: BTreeSet<_> = races.iter().map(|race| race.track.clone()).collect();
        for (n, track) in tracks.iter().enumerate() {
            let meeting = races.iter_mut().filter(|race| race.track == *track);
            let first = instant(FIRST) + TimeDelta::minutes(i64::try_from(n).unwrap());
            for race in meeting {
                race.jump = first + STEP * i32::from(race.number - 1);
            }
        }
        deal(data, &mut races);
        Self {
            head,
            before,
            races,
        }
    }
}

fn row(head: &str, line: &str) -> BTreeMap<String, String> {
    let text = format!("{head}{line}\n");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().next().unwrap().unwrap()
}

/// A name as the data compares it.
fn name_key(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_uppercase()
}

/// Gives each race the card that has its number and most of its dogs.
fn deal(data: &Path, races: &mut [Race]) {
    let mut archive = zip::ZipArchive::new(File::open(data.join(CARDS)).unwrap()).unwrap();
    let names = archive.file_names().map(|name| name.unwrap().into_owned());
    let names: Vec<String> = names
        .filter(|name| name.ends_with(" - 21 July 2025.csv"))
        .collect();
    for name in names {
        let mut text = String::new();
        let mut file = archive.by_name(&name).unwrap();
        file.read_to_string(&mut text).unwrap();
        let number: u8 = name.split(' ').nth(1).unwrap().parse().unwrap();
        let dogs: BTreeSet<_> = text
            .lines()
            .filter_map(|line| line.split(',').next()?.split_once(". "))
            .map(|(_rug, dog)| name_key(dog))
            .collect();
        let same = |race: &&mut Race| {
            let rows = race.rows.iter();
            let known = rows.filter(|row| dogs.contains(&row["dog_key"])).count();
            race.number == number && known >= 3
        };
        if let Some(race) = races.iter_mut().find(same) {
            race.card = Some((name, text));
        }
    }
}

impl Race {
    fn of(track: String, number: u8) -> Self {
        Self {
            track,
            number,
            jump: DateTime::UNIX_EPOCH,
            rows: Vec::new(),
            lines: String::new(),
            card: None,
        }
    }

    /// When it jumps, and its field where the archive has no card of it.
    fn fields(&self) -> Value {
        let number = |row: &BTreeMap<String, String>, of: &str| row[of].parse::<f64>().ok();
        let runners = self.rows.iter().map(|row| {
            json!({
                "rug": row["rug"].parse::<u8>().unwrap(), "dog": row["dog_name"],
                "trainer": Some(&row["trainer"]).filter(|name| !name.is_empty()),
                "weight_kg": number(row, "weight_kg"),
            })
        });
        let runners: Vec<_> = runners.filter(|_| self.card.is_none()).collect();
        let first = &self.rows[0];
        json!({
            "source": "fields", "track": self.track, "day": DAY, "number": self.number,
            "distance_m": number(first, "distance_m"), "grade": first["grade"],
            "jump_at": self.jump.to_rfc3339(), "runners": runners,
        })
    }

    fn prices(&self) -> Value {
        let price = |row: &BTreeMap<String, String>| {
            let win: f64 = row["bsp"].parse().ok()?;
            Some(json!({"rug": row["rug"].parse::<u8>().unwrap(), "win": win}))
        };
        let prices: Vec<_> = self.rows.iter().filter_map(price).collect();
        json!({
            "source": "book", "track": self.track, "day": DAY, "number": self.number,
            "distance_m": self.rows[0]["distance_m"].parse::<f64>().ok(), "kind": "fixed",
            "at": (self.jump - OFFERED).to_rfc3339(), "prices": prices,
        })
    }
}

/// A server that says what it would know by now.
fn upstream(known: &Arc<Known>, clock: &Arc<Mutex<DateTime<Utc>>>) -> Chaos {
    let (known, clock) = (Arc::clone(known), Arc::clone(clock));
    Chaos::start(move |request| {
        let now = *clock.lock().unwrap();
        let items = |of: fn(&Race) -> Value, wanted: &dyn Fn(&&Race) -> bool| {
            let items: Vec<_> = known.races.iter().filter(wanted).map(of).collect();
            Reply::ok(json!({"items": items}).to_string())
        };
        let path = request.path.replace("%20", " ");
        match path.split('/').nth(1).unwrap() {
            "fields" => items(Race::fields, &|_| true),
            "prices" => items(Race::prices, &|race| {
                (now - OFFERED..=now + OFFERED).contains(&race.jump)
            }),
            "results" => {
                let over = known.races.iter().filter(|race| race.jump + RUN <= now);
                Reply::ok(over.fold(known.head.clone(), |text, race| text + &race.lines))
            }
            _ => {
                let cards = known.races.iter().filter_map(|race| race.card.as_ref());
                let mut cards = cards.filter(|(name, _)| path.ends_with(&format!("/{name}")));
                let card = cards.next();
                card.map_or(Reply::status(404), |(_, text)| Reply::ok(text))
            }
        }
    })
}

/// Cards in the morning; prices and results while there are races.
fn sources(server: &Chaos, known: &Known) -> Vec<SourceSpec> {
    let source = |name: &str, kind, path: &str, cron: &str| {
        let mut source = draft(name, &[]);
        source.kind = Some(kind);
        source.reach.urls = vec![Template::parse(&server.url(path)).unwrap()];
        source.cron = Some(Cron::parse(cron).unwrap());
        source.timezone = Some(chrono_tz::Australia::Melbourne);
        source
    };
    let (json, csv) = (SourceKind::HttpJson, SourceKind::HttpCsv);
    let day = "Race%20{track}%20-%20{day:%d %B %Y}.csv";
    let mut cards = source("cards", csv, &format!("/cards/{day}"), "30 6 * * *");
    let names = known.races.iter().filter_map(|race| race.card.as_ref());
    cards.reach.tracks = names
        .map(|(name, _)| name.strip_prefix("Race ").unwrap())
        .map(|name| name.rsplit_once(" - ").unwrap().0.to_owned())
        .collect();
    let fields = source("fields", json, "/fields/{day}.json", "30 6 * * *");
    let prices = source("prices", json, "/prices/{day}.json", "*/10 11-17 * * *");
    let results = source("results", csv, "/results/{day}.csv", "*/10 11-17 * * *");
    let all = [cards, fields, prices, results].into_iter();
    all.map(|source| source.check().unwrap()).collect()
}

/// Waits until nothing is to be done at this time.
fn settle(world: &World, now: DateTime<Utc>) {
    let ms = now.timestamp_millis();
    let busy = format!(
        "SELECT count(*) FROM job WHERE state = 'running' OR (state = 'queued' AND due_at_ms <= {ms})"
    );
    let unsaid = format!(
        "SELECT count(*) FROM race WHERE status = 'open' AND jump_at_ms > {ms} AND jump_at_ms <= {ms} + 600000
           AND NOT EXISTS (SELECT 1 FROM prediction WHERE race_id = race.id AND as_of_ms >= jump_at_ms - 600000)"
    );
    let waiting = format!(
        "SELECT count(*) FROM schedule WHERE source IN ('prices', 'results') AND fired_at_ms < {ms}"
    );
    eventually("all is done that is due", || {
        let number = |sql: &str| world.house.number(sql);
        (number(&waiting) == 0 && number(&unsaid) == 0 && number(&busy) == 0).then_some(())
    });
}

/// The races that jump within an hour.
fn next_hour(world: &World, now: DateTime<Utc>) -> Vec<String> {
    let page = world.get(&format!("/api/races?day={DAY}&limit=200")).json();
    let races = page["items"].as_array().unwrap().iter();
    let soon = races.filter(|race| {
        let jump = race["jump_at"].as_str().map(instant);
        jump.is_some_and(|jump| (now..now + TimeDelta::hours(1)).contains(&jump))
    });
    soon.map(|race| race["race"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn at_the_end_of_a_real_day_every_race_has_all_that_belongs_to_it() {
    let Some(data) = data() else { return };
    let known = Arc::new(Known::read(&data));
    let clock = Arc::new(Mutex::new(instant("2025-07-20T18:00:00Z")));
    let server = upstream(&known, &clock);
    let house = House::asking(sources(&server, &known));
    house.set_clock("2025-07-20T18:00:00Z");
    let report = house.import_text("runs.csv", &known.before);
    assert_eq!(report.counts.failed, 0, "{:?}", report.faults);
    assert!(house.train(Some(day(LEARNT[1]))).activated);
    let world = World::working(house);
    let count = |sql: &str| usize::try_from(world.house.number(sql)).unwrap();
    let go = |now: DateTime<Utc>| {
        *clock.lock().unwrap() = now;
        world.house.set_clock(&now.to_rfc3339());
    };
    eventually("the sources are seen", || {
        (count("SELECT count(*) FROM schedule") == 4).then_some(())
    });

    go(instant("2025-07-20T20:31:00Z"));
    let collected = "SELECT count(*) FROM job WHERE kind = 'collect' AND state = 'succeeded'";
    eventually("the cards are there", || {
        (count(collected) == 2).then_some(())
    });
    let last = known.races.iter().map(|race| race.jump).max().unwrap();
    let mut now = instant(FIRST) - STEP;
    let forgetful = World::serve(world.house.forgetful());
    while now < last + RUN + STEP {
        go(now);
        settle(&world, now);
        let next = next_hour(&world, now);
        open_all(&world, &next, day(DAY));
        assert_nothing_is_old(&world, &forgetful, &next, day(DAY));
        now += STEP;
    }
    let (hits, asked) = hits_and_questions(&world);
    assert!(hits as f64 > 0.85 * asked as f64, "{hits} of {asked}");
    drop(forgetful);

    let wrong = world.house.texts("SELECT state || ' ' || spec || ' ' || coalesce(error, '') FROM job WHERE state <> 'succeeded'");
    assert_eq!(wrong, [] as [String; 0]);
    let carded = known
        .races
        .iter()
        .filter(|race| race.card.is_some())
        .count();
    assert_eq!((known.races.len(), carded), (RACES, 66));
    let of_day = |what: &str| {
        count(&format!(
            "SELECT count(*) FROM race WHERE day = '{DAY}' AND {what}"
        ))
    };
    let card = "EXISTS (SELECT 1 FROM card JOIN entry ON card_id = card.id WHERE race_id = race.id AND source =";
    let all = [
        of_day("1"),
        of_day(&format!("{card} 'thedogs')")),
        of_day(&format!("{card} 'fields')")),
        of_day("EXISTS (SELECT 1 FROM price WHERE race_id = race.id AND at_ms < jump_at_ms)"),
        of_day(
            "status = 'official' AND EXISTS (SELECT 1 FROM runner WHERE race_id = race.id AND won = 1)",
        ),
        of_day(
            "EXISTS (SELECT 1 FROM prediction WHERE race_id = race.id AND as_of_ms < jump_at_ms
          AND made_at_ms < jump_at_ms AND as_of_ms >= jump_at_ms - 600000)",
        ),
    ];
    assert_eq!(all, [RACES, carded, RACES - carded, RACES, RACES, RACES]);
    let too_late =
        "EXISTS (SELECT 1 FROM prediction WHERE race_id = race.id AND made_at_ms >= jump_at_ms)";
    assert_eq!(of_day(too_late), 0);
    let meetings = world.get(&format!("/api/meetings?day={DAY}")).json();
    let meetings = meetings["items"].as_array().unwrap();
    let sum = |what: &str| -> u64 {
        let whole = meetings.iter().map(|one| {
            let track = one["track"]["slug"].as_str().unwrap();
            let path = format!("/api/meetings/{DAY}-{track}/completeness");
            world.get(&path).json()[what].as_u64().unwrap()
        });
        whole.sum()
    };
    let told = [
        "races",
        "with_card",
        "with_prices",
        "with_result",
        "with_prediction",
    ]
    .map(sum);
    assert_eq!(told, [121; 5]);
}
