//! Order and repetition do not matter.
//!
//! Every shuffle is told to a race of its own, all of them in one database and many at a time, so
//! that commits are shared. What is refused because its race or runner is not known yet is told
//! again at the end, as a collector does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lurcher::domain::{RaceDay, RaceId, RaceKey};
use lurcher::ingest::Ingest;
use lurcher::runtime::Lane;
use lurcher::store::prices::Price;
use lurcher::store::{Error, prices, races};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::told;
use crate::world::{House, day, wait};

/// Where the luck of the shuffles begins; the void ones take the next.
const SEED: u64 = 32;
/// Random shuffles with repetitions of a race that counts, and as many of a void one, besides all
/// permutations of six. Each half has a house and so a writer of its own, to use two cores.
const SHUFFLES: usize = 5_000;
/// Races that are told at a time.
const AT_A_TIME: usize = 400;
/// Races of a day; its dogs run in all of them.
const A_DAY: usize = 8;

/// What can be said about a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Card,
    SameCardLater,
    Scratching,
    Tick,
    LaterTick,
    Interim,
    Official,
    Amended,
    NoRace,
}
use Event::{Amended, Card, Interim, LaterTick, NoRace, Official, SameCardLater, Scratching, Tick};

/// A race, and what is said about it in which order.
struct Telling {
    day: RaceDay,
    number: usize,
    events: Vec<Event>,
}

impl Telling {
    fn race(&self) -> String {
        format!("{}-townsville-{}", self.day, self.number)
    }

    /// An instant of the race's day.
    fn at(&self, clock: &str) -> String {
        format!("{}T{clock}:00Z", self.day)
    }

    fn head(&self, source: &str) -> Value {
        let (day, number) = (self.day.to_string(), self.number);
        json!({"source": source, "track": "Townsville", "day": day, "number": number})
    }

    fn result(&self, status: &str, at: &str, order: &[u8]) -> Value {
        let place = |(n, rug): (usize, &u8)| json!({"rug": rug, "place": n + 1});
        let runners: Vec<_> = order.iter().enumerate().map(place).collect();
        let mut body = self.head("results");
        body["status"] = json!(status);
        body["known_at"] = json!(self.at(at));
        body["distance_m"] = json!(380);
        body["runners"] = json!(runners);
        body
    }

    fn prices(&self, at: &str, ticks: &Value) -> Value {
        let mut body = self.head("bookie");
        body["at"] = json!(self.at(at));
        body["kind"] = json!("fixed");
        body["prices"] = ticks.clone();
        body
    }

    fn card(&self, at: &str) -> Value {
        let mut body = self.head("cards");
        body["known_at"] = json!(self.at(at));
        body["jump_at"] = json!("18:00");
        body["distance_m"] = json!(380);
        body["runners"] = json!([
            {"rug": 1, "box": 1, "dog": "Amber Rocket"},
            {"rug": 2, "box": 2, "dog": "Bold Tally"},
            {"rug": 4, "box": 4, "dog": "Dusty Miller"},
            {"rug": 9, "dog": "Iron Duchess", "reserve": true},
        ]);
        body
    }

    fn said(&self, event: Event) -> (&'static str, Value) {
        match event {
            Card => ("card", self.card("00:00")),
            SameCardLater => ("card", self.card("02:00")),
            Scratching => {
                let body = json!({"rug": 4, "replaced_by_rug": 9, "at": self.at("04:00")});
                ("scratching", body)
            }
            Tick => {
                let ticks = json!([{"rug": 1, "win": 2.5}, {"rug": 2, "win": 3.0, "place": 1.4}]);
                ("prices", self.prices("05:00", &ticks))
            }
            LaterTick => {
                let ticks = json!([{"rug": 1, "win": 2.2}, {"rug": 9, "win": 8.0}]);
                ("prices", self.prices("06:00", &ticks))
            }
            Interim => ("result", self.result("interim", "08:03", &[2, 1])),
            Official => ("result", self.result("official", "08:15", &[2, 1, 9])),
            Amended => ("result", self.result("amended", "09:30", &[1, 2, 9])),
            NoRace => ("result", self.result("no_race", "09:45", &[])),
        }
    }

    /// Tells everything, and what was refused once more.
    async fn tell(&self, ingest: &Ingest) {
        let mut refused = Vec::new();
        for event in &self.events {
            if !self.tell_one(ingest, *event).await {
                refused.push(*event);
            }
        }
        for event in refused {
            let accepted = self.tell_one(ingest, event).await;
            assert!(accepted, "{event:?} in {:?}", self.events);
        }
    }

    async fn tell_one(&self, ingest: &Ingest, event: Event) -> bool {
        let (post, body) = self.said(event);
        let fact = told::fact(post, &self.race(), &body);
        ingest.facts(vec![fact]).await.unwrap()[0].outcome.is_ok()
    }
}

/// Every order of these.
fn permutations(events: &[Event]) -> Vec<Vec<Event>> {
    let Some((first, rest)) = events.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for shorter in permutations(rest) {
        for at in 0..=shorter.len() {
            let mut one = shorter.clone();
            one.insert(at, *first);
            all.push(one);
        }
    }
    all
}

/// A random order of these, some of them repeated.
fn shuffle(events: &[Event], luck: &mut Pcg64) -> Vec<Event> {
    let mut below =
        |n: usize| usize::try_from(luck.next_u64() % u64::try_from(n).unwrap()).unwrap();
    let mut order = events.to_vec();
    for _ in 0..=below(3) {
        order.push(events[below(events.len())]);
    }
    for n in (1..order.len()).rev() {
        order.swap(n, below(n + 1));
    }
    order
}

fn shuffles(events: &[Event], seed: u64) -> Vec<Vec<Event>> {
    let mut luck = Pcg64::seed_from_u64(seed);
    (0..SHUFFLES).map(|_| shuffle(events, &mut luck)).collect()
}

/// Tells each order to a race of its own, from the `first` race on.
fn tell_all(house: &House, first: usize, orders: Vec<Vec<Event>>) -> Vec<Telling> {
    let tellings = orders.into_iter().enumerate().map(|(n, events)| Telling {
        day: day("2022-01-01").plus(i64::try_from((first + n) / A_DAY).unwrap()),
        number: (first + n) % A_DAY + 1,
        events,
    });
    let tellings: Vec<Telling> = tellings.collect();
    wait(async {
        let mut told = Vec::with_capacity(tellings.len());
        let mut waiting = tellings.into_iter();
        let mut telling = tokio::task::JoinSet::new();
        loop {
            while telling.len() < AT_A_TIME
                && let Some(next) = waiting.next()
            {
                let ingest = house.app().ingest.clone();
                telling.spawn(async move {
                    next.tell(&ingest).await;
                    next
                });
            }
            match telling.join_next().await {
                Some(done) => told.push(done.unwrap()),
                None => return told,
            }
        }
    })
}

/// What is kept of a race: as it stands, its form book, and everything that was said.
const STATE: [&str; 7] = [
    "SELECT status, complete, circuit_id, distance_m, grade, name, jump_at_ms - :day, local_time
     FROM race WHERE id = :race",
    "SELECT rug, box, dog_id, reserve, scratched, place, won, placed, outcome
     FROM runner WHERE race_id = :race ORDER BY rug",
    "SELECT dog_id, circuit_id, distance_m, rug, source, known_at_ms - :day, gone_at_ms - :day,
       field_size, box, place, won
     FROM run
     WHERE dog_id IN (SELECT dog_id FROM runner WHERE race_id = :race)
       AND day = (SELECT day FROM race WHERE id = :race) AND race_id = :race
     ORDER BY dog_id, known_at_ms",
    "SELECT source, known_at_ms - :day, hex(digest), jump_at_ms - :day
     FROM card WHERE race_id = :race ORDER BY known_at_ms, digest",
    "SELECT source, status, known_at_ms - :day, hex(digest)
     FROM result WHERE race_id = :race ORDER BY known_at_ms, digest",
    "SELECT rug, known_at_ms - :day, replaced_by_rug, box
     FROM scratching WHERE race_id = :race ORDER BY known_at_ms",
    "SELECT kind, rug, at_ms - :day, source, known_at_ms - :day, win_price, place_price
     FROM price WHERE race_id = :race ORDER BY kind, rug, at_ms, source, known_at_ms",
];

/// The latest prices of each race, as the race view shows them.
fn latest(house: &House, tellings: &[Telling]) -> Vec<(RaceId, Vec<Price>)> {
    let keys = tellings
        .iter()
        .map(|telling| telling.race().parse().unwrap());
    let keys: Vec<RaceKey> = keys.collect();
    wait(async {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(500) {
            let some = some.to_vec();
            let read = house.app().store.read(Lane::Live, move |reader| {
                let one = |key| {
                    let race = races::by_key(reader, key)?.unwrap().id;
                    Ok((race, prices::latest(reader, race)?))
                };
                some.iter().map(one).collect::<Result<Vec<_>, Error>>()
            });
            found.extend(read.await.unwrap());
        }
        found
    })
}

/// The final state of a race, its instants counted from the start of its day.
fn state(look: &Connection, telling: &Telling, race: RaceId, latest: &[Price]) -> String {
    let midnight: DateTime<Utc> = telling.at("00:00").parse().unwrap();
    let mut lines: Vec<String> = Vec::new();
    for price in latest {
        let (at, known) = (price.at - midnight, price.known_at - midnight);
        lines.push(format!(
            "latest {:?} {:?} {:?} {:?} {at} {known}",
            price.rug, price.kind, price.win, price.place
        ));
    }
    for sql in STATE {
        let mut statement = look.prepare_cached(sql).unwrap();
        let columns = statement.column_count();
        let params: &[(&str, &dyn rusqlite::ToSql)] = if sql.contains(":day") {
            &[
                (":race", &race.get()),
                (":day", &midnight.timestamp_millis()),
            ]
        } else {
            &[(":race", &race.get())]
        };
        let mut rows = statement.query(params).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<Cell> = (0..columns).map(|n| row.get_unwrap(n)).collect();
            lines.push(format!("{cells:?}"));
        }
    }
    lines.join("\n")
}

/// Fails unless all of these races ended alike, as they should.
fn assert_alike(house: &House, tellings: &[Telling], status: &str, places: &[(u8, Option<u8>)]) {
    let look = house.look();
    let mut ends: BTreeMap<Vec<u8>, (String, usize, &Telling)> = BTreeMap::new();
    for (telling, (race, prices)) in tellings.iter().zip(latest(house, tellings)) {
        let text = state(&look, telling, race, &prices);
        let hash = Sha256::digest(&text).to_vec();
        ends.entry(hash).or_insert((text, 0, telling)).1 += 1;
    }
    let told = ends.values().take(3).map(|(text, count, telling)| {
        format!("{count} ended like {:?}:\n{text}\n", telling.events)
    });
    let told: String = told.collect();
    assert_eq!(ends.len(), 1, "{} ends, seed {SEED}\n{told}", ends.len());
    let race = tellings[0].race();
    let (seen, field) = standing(house, &race);
    assert_eq!((seen.as_str(), field.as_slice()), (status, places));
}

fn standing(house: &House, race: &str) -> (String, Vec<(u8, Option<u8>)>) {
    let key = race.parse().unwrap();
    let read = house.app().store.read(Lane::Live, move |reader| {
        let race = races::by_key(reader, &key)?.unwrap();
        let field = lurcher::store::runners::of_race(reader, race.id)?;
        Ok::<_, Error>((race.status, field))
    });
    let (status, field) = wait(read).unwrap();
    let places = field.iter().map(|one| {
        let place = one.place.map(lurcher::domain::Place::get);
        (one.rug.get(), place)
    });
    (status.as_str().to_owned(), places.collect())
}

/// How the race with its amended result ends: the reserve ran, rug 4 did not.
const AMENDED: [(u8, Option<u8>); 4] = [(1, Some(1)), (2, Some(2)), (4, None), (9, Some(3))];
/// The same, void.
const VOID: [(u8, Option<u8>); 4] = [(1, None), (2, None), (4, None), (9, None)];

/// Everything that can be said about a race that counts.
const COUNTED: [Event; 8] = [
    Card,
    SameCardLater,
    Scratching,
    Tick,
    LaterTick,
    Interim,
    Official,
    Amended,
];

#[test]
fn every_order_of_six_facts_ends_alike() {
    let house = House::empty();
    let amended = permutations(&[Card, Scratching, Tick, Interim, Official, Amended]);
    let void = permutations(&[Card, Scratching, LaterTick, Interim, Official, NoRace]);
    assert_eq!((amended.len(), void.len()), (720, 720));

    let amended = tell_all(&house, 0, amended);
    let void = tell_all(&house, 720, void);

    assert_alike(&house, &amended, "amended", &AMENDED);
    assert_alike(&house, &void, "no_race", &VOID);
}

#[test]
fn five_thousand_shuffles_with_repetitions_end_alike() {
    let orders = shuffles(&COUNTED, SEED);
    let house = House::empty();

    let told = tell_all(&house, 0, orders);

    assert_alike(&house, &told, "amended", &AMENDED);
}

#[test]
fn five_thousand_shuffles_with_a_void_race_end_alike() {
    let mut events = COUNTED.to_vec();
    events.push(NoRace);
    let orders = shuffles(&events, SEED + 1);
    let house = House::empty();

    let told = tell_all(&house, 0, orders);

    assert_alike(&house, &told, "no_race", &VOID);
}
