//! The writer's queue: what matters goes first, nobody starves, and nothing is taken by half.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use lurcher::ingest::file::{Progress, Request};
use lurcher::ingest::{self, Ingest};
use lurcher::runtime::{Clock, PATIENCE};
use lurcher::store::{Class, Error, Settings, Store};
use serde_json::json;
use tempfile::TempDir;

use super::told;
use crate::collect::{DAY, HEAD, row};
use crate::world::{now, wait};

/// A store whose writer waits until the gate opens.
struct Held {
    store: Store,
    gate: mpsc::Sender<()>,
    served: Arc<Mutex<Vec<Class>>>,
    _folder: TempDir,
}

fn held(queue: usize) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        queue,
        ..Settings::new(folder.path())
    };
    let store = Store::open(settings, |_touched| ()).unwrap();
    let (gate, opens) = mpsc::channel::<()>();
    let (tell, begun) = mpsc::channel::<()>();
    drop(store.write(Class::Admin, move |_tx| {
        tell.send(()).unwrap();
        opens.recv().unwrap();
        Ok::<_, Error>(())
    }));
    begun.recv().unwrap();
    Held {
        store,
        gate,
        served: Arc::default(),
        _folder: folder,
    }
}

impl Held {
    /// Queues so many changes of a class.
    fn ask(&self, class: Class, times: usize) {
        for _ in 0..times {
            let served = Arc::clone(&self.served);
            drop(self.store.write(class, move |_tx| {
                served.lock().unwrap().push(class);
                Ok::<_, Error>(())
            }));
        }
    }

    /// Opens the gate and says who was served in which order.
    fn served(self) -> Vec<Class> {
        self.gate.send(()).unwrap();
        self.store.close();
        self.served.lock().unwrap().clone()
    }
}

#[test]
fn what_matters_goes_first() {
    let held = held(100);
    let classes = [
        Class::Backfill,
        Class::Price,
        Class::Scratching,
        Class::Result,
        Class::Admin,
    ];
    for class in classes {
        held.ask(class, 2);
    }

    let mut served = held.served();

    served.dedup();
    served.reverse();
    assert_eq!(served, classes);
}

#[test]
fn a_flood_of_results_does_not_starve_a_price() {
    let held = held(1_000);
    held.ask(Class::Price, 1);
    held.ask(Class::Result, 200);

    let served = held.served();

    let place = served.iter().position(|class| *class == Class::Price);
    let patience = usize::try_from(PATIENCE).unwrap();
    assert!(place.is_some_and(|place| place <= patience), "{place:?}");
}

#[test]
fn a_request_that_does_not_fit_is_refused_whole() {
    let held = held(4);
    let ingest = Ingest::start(held.store.clone(), Clock::fixed(now())).unwrap();
    let price = |number: usize| {
        let body = json!({
            "source": "bookie", "track": "Sale", "day": "2026-11-20", "number": number,
            "at": "2026-11-20T00:00:00Z", "kind": "fixed", "prices": [{"rug": 1, "win": 2.0}],
        });
        told::fact("prices", "", &body)
    };

    let too_many = ingest.facts((1..=5).map(price).collect());
    let fitting = ingest.facts((6..=9).map(price).collect());
    let one_more = ingest.facts(vec![price(10)]);
    let result = ingest.facts(vec![told::fact(
        "result",
        "",
        &json!({
            "source": "results", "track": "Sale", "day": "2026-11-20", "number": 12,
            "status": "official", "runners": [{"rug": 1, "dog": "Amber Rocket", "place": 1}],
        }),
    )]);
    held.gate.send(()).unwrap();

    let is_busy = |refused: Result<_, ingest::Error>| match refused {
        Err(ingest::Error::Store(error)) => error.is_busy(),
        Err(_) | Ok(_) => false,
    };
    assert!(is_busy(wait(too_many)));
    assert_eq!(wait(fitting).unwrap().len(), 4);
    assert!(is_busy(wait(one_more)));
    assert_eq!(wait(result).unwrap().len(), 1);
    let folder = held.store.folder().join(lurcher::store::DATABASE);
    held.store.close();
    let conn = rusqlite::Connection::open(folder).unwrap();
    let races: i64 = conn
        .query_row("SELECT count(*) FROM race", [], |row| row.get(0))
        .unwrap();
    assert_eq!(races, 5);
}

#[test]
fn a_file_waits_for_room_however_short_the_queue_is() {
    let races: String = (1..=60).map(|race| row(DAY, race, 1, 1)).collect();
    for queue in [1, 7] {
        let held = held(queue);
        let path = held.store.folder().join("runs.csv");
        std::fs::write(&path, format!("{HEAD}{races}")).unwrap();
        let ingest = Ingest::start(held.store.clone(), Clock::fixed(now())).unwrap();
        held.ask(Class::Backfill, queue);
        let opener = thread::spawn({
            let gate = held.gate.clone();
            move || {
                thread::sleep(Duration::from_millis(100));
                gate.send(())
            }
        });

        let request = Request {
            paths: vec![path],
            ..Request::default()
        };
        let report = wait(ingest.files(request, Arc::new(Progress::default()))).unwrap();

        assert_eq!((report.rows, report.counts.created), (60, 60), "{queue}");
        opener.join().unwrap().unwrap();
    }
}
