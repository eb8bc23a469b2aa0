//! Collecting: what comes of what sources send, however odd it is, and when they are asked.

mod doctor;
mod folder;
mod gbgb;
mod herd;
mod odd;
mod replay;
mod schedule;

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lurcher::collect::{Error, Report};
use lurcher::domain::Source;
use lurcher::upstream::{Manners, Reach, SourceDraft, SourceKind, Template};

use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, day, wait};

/// The day that most tests ask about.
pub(crate) const DAY: &str = "2026-11-19";
/// The head of results as lurcher writes them, as short as it may be.
pub(crate) const HEAD: &str =
    "race_id,date,track,race_number,distance_m,grade,rug,box,dog_name,won,finish_pos,bsp\n";

/// A row of it.
pub(crate) fn row(day: &str, race: u8, rug: u8, place: u8) -> String {
    let won = u8::from(place == 1);
    format!(
        "t{day}x{race},{day},Angle Park,{race},530,Gr5,{rug},{rug},DOG {race} {rug},{won},{place},{rug}.5\n"
    )
}

/// Two races of a day, in which rugs win in the order of their numbers.
pub(crate) fn results(day: &str) -> String {
    let mut text = HEAD.to_owned();
    for (race, rug) in [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 1),
        (2, 2),
        (2, 3),
        (2, 4),
    ] {
        write!(text, "{}", row(day, race, rug, rug)).unwrap();
    }
    text
}

/// A source of tables on this machine, which is asked as often as one likes.
pub(crate) fn draft(name: &str, urls: &[String]) -> SourceDraft {
    SourceDraft {
        name: Some(Source::new(name).unwrap()),
        kind: Some(SourceKind::HttpCsv),
        enabled: true,
        reach: Reach {
            urls: urls
                .iter()
                .map(|url| Template::parse(url).unwrap())
                .collect(),
            days_back: 0,
            ..Reach::default()
        },
        manners: Manners {
            allow_private: true,
            requests_per_second: 1_000.0,
            ttl: Duration::ZERO,
            ..Manners::default()
        },
        ..SourceDraft::default()
    }
}

/// A server that says of every day what it was told to, and a house that asks it.
struct Feed {
    house: House,
    says: Arc<Mutex<Reply>>,
    _server: Chaos,
}

impl Feed {
    fn new(change: impl FnOnce(&mut SourceDraft)) -> Self {
        let says = Arc::new(Mutex::new(Reply::ok(results(DAY))));
        let shared = Arc::clone(&says);
        let server = Chaos::start(move |_| shared.lock().unwrap().clone());
        let mut draft = draft("mine", &[server.url("/{day}.csv")]);
        change(&mut draft);
        Self {
            house: House::asking(vec![draft.check().unwrap()]),
            says,
            _server: server,
        }
    }

    /// What the server says from now on.
    fn says(&self, reply: Reply) {
        *self.says.lock().unwrap() = reply;
    }

    /// Asks about the day; the report, whether or not all of it came.
    fn collect(&self) -> Report {
        let source = Source::new("mine").unwrap();
        let collector = &self.house.app().collector;
        match wait(collector.collect(&source, Some(day(DAY)), |_, _| ())) {
            Ok(report) => report,
            Err(Error::Broken(report)) => *report,
            Err(error) => panic!("{error}"),
        }
    }
}

/// How the only fetch of a report ended.
fn outcome(report: &Report) -> &'static str {
    report.fetches[0].outcome.as_str()
}

/// Everything that is known, as text, line by line.
pub(crate) fn dump(house: &House) -> Vec<String> {
    let tables = [
        "race",
        "card",
        "entry",
        "result",
        "result_line",
        "price",
        "runner",
        "run",
        "dog",
    ];
    let conn = house.look();
    let mut lines = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = (0..columns).map(|n| format!("{:?}", row.get_ref(n).unwrap()));
            lines.push(format!("{table}: {}", cells.collect::<Vec<_>>().join(" ")));
        }
    }
    lines.sort();
    lines
}
