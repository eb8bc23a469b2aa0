//! Eight collectors post, the daemon is killed, again and again: what was acknowledged is there,
//! nothing is half there, and nothing is there that nobody posted.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use lurcher::domain::RaceDay;
use lurcher::store::DATABASE;
use rand::RngExt;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::process::Daemon;
use crate::world::assert_sound;

const CYCLES: usize = 25;
const TRACKS: [&str; 8] = [
    "angle-park",
    "ballarat",
    "bendigo",
    "cannington",
    "geelong",
    "sale",
    "horsham",
    "the-meadows",
];

/// One post and the mark by which its rows are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Post {
    kind: &'static str,
    mark: String,
}

/// What all collectors did so far.
#[derive(Default)]
struct Diary {
    attempted: Mutex<BTreeSet<Post>>,
    acknowledged: Mutex<BTreeSet<Post>>,
}

/// The facts of one race in the order of a night: path, kind, mark, body.
fn night(writer: usize, n: usize) -> Vec<(String, Post, Value)> {
    let track = TRACKS[writer];
    let first = RaceDay::parse("2024-01-01").unwrap();
    let day = first.plus(i64::try_from(n / 12).unwrap());
    let number = n % 12 + 1;
    let race = format!("{day}-{track}-{number}");
    let mark = format!("{writer}-{n}");
    let head = json!({
        "source": "night", "track": track, "day": day.to_string(), "number": number,
        "distance_m": 520,
    });
    let with = |extra: Value| {
        let mut body = head.clone();
        let fields = extra.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(fields);
        body
    };
    let field = |rug: u32| json!({"rug": rug, "dog": format!("Dog {writer} {} {rug}", n % 40)});
    let lines = |a: u32, b: u32| json!([{"rug": a, "place": 1}, {"rug": b, "place": 2}]);
    let post = |kind| Post {
        kind,
        mark: mark.clone(),
    };
    vec![
        (
            "/api/cards".to_owned(),
            post("card"),
            with(json!({"name": mark, "runners": [field(1), field(2), field(3)]})),
        ),
        (
            format!("/api/races/{race}/scratchings"),
            post("scratching"),
            json!({"rug": 3, "at": format!("{day}T02:00:00Z")}),
        ),
        (
            "/api/prices".to_owned(),
            post("price"),
            json!({
                "source": "night", "race": race, "kind": "fixed", "at": format!("{day}T03:00:00Z"),
                "prices": [{"rug": 1, "win": 2.5}, {"rug": 2, "win": 1.6}],
            }),
        ),
        (
            "/api/results".to_owned(),
            post("result"),
            with(json!({"name": mark, "status": "official", "runners": lines(1, 2)})),
        ),
        (
            "/api/results".to_owned(),
            post("correction"),
            with(json!({"name": mark, "status": "amended", "runners": lines(2, 1)})),
        ),
    ]
}

/// Posts races from `from` on until the daemon is gone; says how many it began.
fn collect(url: &str, writer: usize, from: usize, diary: &Diary) -> usize {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)));
    let agent: ureq::Agent = config.build().into();
    for n in from.. {
        for (path, post, body) in night(writer, n) {
            diary.attempted.lock().unwrap().insert(post.clone());
            let request = agent.post(format!("{url}{path}")).send_json(&body);
            let Ok(mut answer) = request else {
                return n + 1;
            };
            let Ok(text) = answer.body_mut().read_to_string() else {
                return n + 1;
            };
            assert_eq!(answer.status(), 200, "{path}: {text}");
            diary.acknowledged.lock().unwrap().insert(post);
        }
    }
    unreachable!("there are races for longer than the daemon lives")
}

/// The posts whose rows are in the database, whole.
fn present(database: &Path) -> BTreeSet<Post> {
    let conn = Connection::open(database).unwrap();
    let slug = "JOIN race r ON r.id = race_id JOIN meeting m ON m.id = r.meeting_id \
                JOIN track t ON t.id = m.track_id";
    let slot =
        "t.slug, CAST(julianday(r.day) - julianday('2024-01-01') AS INTEGER) * 12 + r.number - 1";
    let marked = [
        (
            "card",
            "SELECT name, (SELECT count(*) FROM entry WHERE card_id = card.id) = 3 FROM card"
                .to_owned(),
        ),
        (
            "result",
            "SELECT name, (SELECT count(*) FROM result_line WHERE result_id = result.id) = 2 \
                    FROM result WHERE status = 'official'"
                .to_owned(),
        ),
        (
            "correction",
            "SELECT name, (SELECT count(*) FROM result_line WHERE result_id = result.id) = 2 \
                    FROM result WHERE status = 'amended'"
                .to_owned(),
        ),
    ];
    let slotted = [
        (
            "scratching",
            format!("SELECT {slot}, count(*) = 1 FROM scratching {slug} GROUP BY race_id"),
        ),
        (
            "price",
            format!("SELECT {slot}, count(*) = 2 FROM price {slug} GROUP BY race_id"),
        ),
    ];
    let mut found = BTreeSet::new();
    for (kind, sql) in marked {
        let mut statement = conn.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
        });
        for row in rows.unwrap() {
            let (mark, whole) = row.unwrap();
            assert!(whole, "half a {kind}: {mark}");
            assert!(
                found.insert(Post {
                    kind,
                    mark: mark.clone()
                }),
                "{kind} {mark} stands twice"
            );
        }
    }
    for (kind, sql) in slotted {
        let mut statement = conn.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, bool>(2)?,
            ))
        });
        for row in rows.unwrap() {
            let (track, n, whole) = row.unwrap();
            let writer = TRACKS.iter().position(|slug| *slug == track).unwrap();
            assert!(whole, "half a {kind}: {writer}-{n}");
            found.insert(Post {
                kind,
                mark: format!("{writer}-{n}"),
            });
        }
    }
    found
}

#[test]
fn what_was_acknowledged_survives_kill_9_under_eight_writers() {
    let folder = tempfile::tempdir().unwrap();
    let diary = Diary::default();
    let mut next = [0; TRACKS.len()];

    for _ in 0..CYCLES {
        let daemon = Daemon::start(folder.path());
        let url = daemon.url.clone();
        thread::scope(|scope| {
            let writers: Vec<_> = next
                .iter()
                .enumerate()
                .map(|(writer, from)| {
                    let (url, diary, from) = (&url, &diary, *from);
                    scope.spawn(move || collect(url, writer, from, diary))
                })
                .collect();
            // Not waiting for anything: any instant is a good one to die.
            thread::sleep(Duration::from_millis(rand::rng().random_range(20..350)));
            drop(daemon);
            for (next, writer) in next.iter_mut().zip(writers) {
                *next = writer.join().unwrap();
            }
        });
    }
    // One more start: recovery is the daemon's own.
    let mut last = Daemon::start(folder.path());
    assert!(last.stop().success());

    let database = folder.path().join(DATABASE);
    assert_sound(&database);
    let present = present(&database);
    let acknowledged = diary.acknowledged.into_inner().unwrap();
    let attempted = diary.attempted.into_inner().unwrap();
    let lost: Vec<_> = acknowledged.difference(&present).collect();
    let phantoms: Vec<_> = present.difference(&attempted).collect();
    assert_eq!((lost, phantoms), (vec![], vec![]));
    assert!(acknowledged.len() > 200, "{}", acknowledged.len());
}
