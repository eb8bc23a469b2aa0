//! Who has done best.

use std::collections::BTreeMap;

use lurcher::domain::Cents;
use serde_json::{Value, json};

use crate::world::{World, season};

/// Starts, wins, starts with a price and thousandths won, by subject.
type Scores = BTreeMap<i64, (i64, i64, i64, i64)>;

/// Thousandths.
fn milli(profit: f64) -> i64 {
    Cents::nearest(profit * 1_000.0).unwrap().get()
}

/// What the runners of finished races come to, counted here; the season has no dead heats.
fn scores(world: &World, column: &str, from: &str, track: &str) -> Scores {
    let sql = format!(
        "SELECT {column}, won, coalesce(sp_price, bsp_price)
         FROM race
         JOIN meeting ON meeting.id = meeting_id
         JOIN track ON track.id = track_id
         JOIN runner ON race_id = race.id
         WHERE status IN ('official', 'amended') AND scratched = 0 AND race.day >= '{from}'
           AND ('{track}' = '' OR slug = '{track}') AND {column} IS NOT NULL"
    );
    let look = world.house.look();
    let mut statement = look.prepare(&sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut scores = Scores::new();
    while let Some(row) = rows.next().unwrap() {
        let won = row.get::<_, Option<bool>>(1).unwrap() == Some(true);
        let price: Option<f64> = row.get(2).unwrap();
        let one = scores.entry(row.get(0).unwrap()).or_default();
        one.0 += 1;
        one.1 += i64::from(won);
        if let Some(price) = price {
            let back = if won { price } else { 0.0 };
            one.2 += 1;
            one.3 += milli(back - 1.0);
        }
    }
    scores
}

/// The best of them as the answer must have them: id, starts, wins, priced starts, thousandths.
fn best(scores: &Scores, by: &str, min_starts: i64, limit: usize) -> Vec<[i64; 5]> {
    let mut rows: Vec<_> = scores
        .iter()
        .filter(|(_, one)| one.0 >= min_starts && (by != "profit" || one.2 > 0))
        .map(|(id, one)| [*id, one.0, one.1, one.2, one.3])
        .collect();
    let value = |row: &[i64; 5]| match by {
        "starts" => row[1] as f64,
        "wins" => row[2] as f64,
        "profit" => row[4] as f64,
        _ => row[2] as f64 / row[1] as f64,
    };
    rows.sort_by(|one, other| {
        let more = value(other).total_cmp(&value(one));
        more.then(other[1].cmp(&one[1])).then(one[0].cmp(&other[0]))
    });
    rows.truncate(limit);
    rows
}

fn shown(board: &Value) -> Vec<[i64; 5]> {
    let items = board["items"].as_array().unwrap().iter();
    let whole = |one: &Value, name: &str| one[name].as_i64().unwrap();
    items
        .map(|one| {
            let profit = one["profit"].as_f64().unwrap_or(0.0);
            let starts = ["id", "starts", "wins", "priced_starts"].map(|name| whole(one, name));
            [starts[0], starts[1], starts[2], starts[3], milli(profit)]
        })
        .collect()
}

#[test]
fn every_board_is_what_its_races_come_to() {
    let world = World::of_season();
    let track = season().tracks[0].slug;
    let until = season().finished().map(|race| race.day).max().unwrap();
    let from = until.plus(-13).to_string();

    for (of, column) in [
        ("dogs", "dog_id"),
        ("trainers", "trainer_id"),
        ("tracks", "track_id"),
    ] {
        for by in ["strike_rate", "wins", "profit", "starts"] {
            for (more, from, track) in [
                ("", "", ""),
                (&format!("&track={track}"), "", track),
                ("&days=14", from.as_str(), ""),
                (&format!("&days=14&track={track}"), from.as_str(), track),
            ] {
                let path = format!("/api/leaderboard?of={of}&by={by}&min_starts=3&limit=15{more}");
                let board = world.get(&path);
                assert_eq!(board.status, 200, "{}", board.body);
                let board = board.json();
                let scores = scores(&world, column, from, track);
                assert_eq!(shown(&board), best(&scores, by, 3, 15), "{path}");
                assert!(!scores.is_empty(), "{path}");
                let days = if from.is_empty() {
                    (json!(null), json!(null))
                } else {
                    (json!(from), json!(until))
                };
                assert_eq!((board["from"].clone(), board["until"].clone()), days);
            }
        }
    }
}

#[test]
fn the_best_rated_dogs_are_in_the_order_of_their_last_ratings() {
    let world = World::of_season();
    let last = "SELECT max(day) FROM race WHERE status IN ('official', 'amended')";
    let until = world.house.texts(last).remove(0);

    let board = world
        .get("/api/leaderboard?by=rating&min_starts=2&limit=100")
        .json();

    let items = board["items"].as_array().unwrap();
    let ratings: Vec<f64> = items
        .iter()
        .map(|one| one["rating"].as_f64().unwrap())
        .collect();
    assert!(ratings.len() > 20 && ratings.is_sorted_by(|one, next| one >= next));
    assert!(items.iter().all(|one| one["starts"].as_i64() >= Some(2)));
    assert_eq!(
        (&board["until"], &board["min_starts"]),
        (&json!(until), &json!(2))
    );
    let best = &items[0];
    let newest = format!(
        "SELECT printf('%.17g', even_mean) FROM rating
         WHERE dog_id = {} AND gone_at_ms IS NULL ORDER BY day DESC LIMIT 1",
        best["id"]
    );
    let newest: f64 = world.house.texts(&newest)[0].parse().unwrap();
    assert_eq!(best["rating"].as_f64(), Some(newest));
    let name = format!("SELECT name FROM dog WHERE id = {}", best["id"]);
    assert_eq!(best["name"], world.house.texts(&name)[0]);
}

#[test]
fn an_empty_house_has_empty_boards() {
    let world = World::empty();

    for path in ["", "?by=rating", "?days=30", "?of=tracks&by=profit"] {
        let board = world.get(&format!("/api/leaderboard{path}"));
        assert_eq!(
            (board.status, &board.json()["items"]),
            (200, &json!([])),
            "{path}"
        );
    }
}

#[test]
fn a_question_that_means_nothing_is_told_where_and_why() {
    let world = World::empty();

    for (query, at, why) in [
        ("of=cats", "of", "must be dogs, trainers or tracks"),
        (
            "by=luck",
            "by",
            "must be rating, strike_rate, wins, profit or starts",
        ),
        ("of=tracks&by=rating", "by", "only dogs are rated"),
        ("of=trainers&by=rating", "by", "only dogs are rated"),
        ("days=0", "days", "must be 1 to 100"),
        ("days=101", "days", "must be 1 to 100"),
        ("min_starts=0", "min_starts", "must be 1 to"),
        ("limit=101", "limit", "must be 1 to 100"),
        ("limit=0", "limit", "must be 1 to 100"),
        ("track=WAR", "track", "must name one track"),
    ] {
        let answer = world.get(&format!("/api/leaderboard?{query}"));
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{query}");
        let fault = &answer.json()["faults"][0];
        assert_eq!(fault["at"], at, "{}", answer.body);
        assert!(
            fault["why"].as_str().unwrap().contains(why),
            "{}",
            answer.body
        );
    }
    let unknown = world.get("/api/leaderboard?track=paper-park");
    let odd = world.get("/api/leaderboard?days=many");
    let stray = world.get("/api/leaderboard?colour=blue");

    assert_eq!(unknown.problem(), (404, "unknown_track".to_owned()));
    assert_eq!(odd.problem().0, 400);
    assert_eq!(stray.problem().0, 400);
}
