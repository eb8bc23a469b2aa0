//! A race day as its viewers see it: everybody opens the next races again and again while prices,
//! scratchings and results arrive. Most of it is answered from memory, and none of it is old.

use lurcher::domain::RaceDay;
use serde_json::{Value, json};

use crate::world::{World, key, season};

/// Viewers, who all look at the same races.
const VIEWERS: usize = 12;
/// Races that are opened: those of the next hour.
const NEXT: usize = 3;

/// What a viewer opens of some races of a day.
fn pages(races: &[String], day: RaceDay) -> Vec<String> {
    let of_race = |race: &String| {
        [
            format!("/api/races/{race}"),
            format!("/api/races/{race}/prediction"),
        ]
    };
    let days = [
        format!("/api/races?day={day}&limit=100"),
        format!("/api/meetings?day={day}"),
    ];
    races.iter().flat_map(of_race).chain(days).collect()
}

/// What is told of a race when its turn comes: a price, who is out, who won.
fn tell(world: &World, race: &str, number: usize) {
    let shown = world.get(&format!("/api/races/{race}")).json();
    let rugs: Vec<&Value> = shown["runners"].as_array().unwrap().iter().collect();
    let (track, day) = (&shown["track"]["slug"], &shown["day"]);
    let answer = match number % 3 {
        0 => {
            let win = 2.5 + number as f64 / 10.0;
            let price = json!({"source": "test", "race": race, "kind": "fixed",
                "at": "2026-11-19T23:00:00Z", "prices": [{"rug": rugs[0]["rug"], "win": win}]});
            world.post_json("/api/prices", &price)
        }
        1 => {
            let out = json!({"rug": rugs[1]["rug"]});
            world.post_json(&format!("/api/races/{race}/scratchings"), &out)
        }
        _ => {
            let ran = rugs.iter().filter(|runner| runner["scratched"] == false);
            let ran = ran.enumerate().map(
                |(at, runner)| json!({"rug": runner["rug"], "dog": runner["dog"], "place": at + 1}),
            );
            let result = json!({"source": "test", "track": track, "day": day,
                "number": shown["number"], "status": "official", "distance_m": shown["distance_m"],
                "known_at": "2026-11-19T23:30:00Z", "runners": ran.collect::<Vec<_>>()});
            world.post_json("/api/results", &result)
        }
    };
    assert_eq!(answer.status, 200, "{}", answer.body);
    let news = answer.json();
    assert_eq!(news["unchanged"], 0, "{news}");
}

/// Every viewer opens every page.
pub(crate) fn open_all(world: &World, races: &[String], day: RaceDay) {
    for _ in 0..VIEWERS {
        for page in pages(races, day) {
            assert_eq!(world.get(&page).status, 200, "{page}");
        }
    }
}

/// Every page says what a lurcher says that remembers nothing, but for the instant at which it was
/// said. What changes while we look is looked at again.
pub(crate) fn assert_nothing_is_old(
    world: &World,
    forgetful: &World,
    races: &[String],
    day: RaceDay,
) {
    let said = |world: &World, page: &str| {
        let answer = world.get(page);
        let mut body = answer.json();
        if let Some(body) = body.as_object_mut() {
            body.remove("as_of");
        }
        (answer.status, body)
    };
    for page in pages(races, day) {
        let mut pairs = (0..2).map(|_| (said(world, &page), said(forgetful, &page)));
        assert!(
            pairs.any(|(shown, true_now)| shown == true_now),
            "{page} is old"
        );
    }
}

/// Questions that were answered from memory, and all, of answers that are kept ready.
pub(crate) fn hits_and_questions(world: &World) -> (u64, u64) {
    let stats = world.get("/api/cache/stats").json();
    let shelves = stats["caches"].as_array().unwrap().iter();
    let shelves = shelves.filter(|cache| cache["name"] != "keys" && cache["name"] != "predictions");
    shelves.fold((0, 0), |(hits, asked), cache| {
        let count = |name: &str| cache[name].as_u64().unwrap();
        (hits + count("hits"), asked + count("total_requests"))
    })
}

#[test]
fn a_race_day_is_answered_from_memory_and_never_from_an_old_one() {
    let world = World::of_season();
    let forgetful = World::serve(world.house.forgetful());
    let races: Vec<String> = season().to_come().map(key).collect();
    let day = season().settings.last_day();
    let hours: Vec<_> = races.windows(NEXT).collect();
    assert!(hours.len() >= 6, "{}", races.len());

    for turn in 0..2 * hours.len() {
        let next = hours[turn % hours.len()];
        open_all(&world, next, day);
        // The second time something else is told of the same race.
        tell(&world, &next[0], turn + turn / hours.len());
        for page in pages(next, day) {
            let (shown, true_now) = (world.get(&page), forgetful.get(&page));
            assert_eq!(shown.status, true_now.status, "{page}");
            assert_eq!(shown.body, true_now.body, "{page}");
        }
    }

    let (hits, asked) = hits_and_questions(&world);
    assert!(hits as f64 >= 0.85 * asked as f64, "{hits} of {asked}");
    assert_eq!(hits_and_questions(&forgetful).0, 0);
}
