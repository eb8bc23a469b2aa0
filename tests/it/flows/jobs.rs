//! The table of jobs: one of a kind, so many at a time, tried again later, given up in the end.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lurcher::domain::{Job, JobId, JobKind, JobState, UploadId};
use lurcher::ingest::file::{Checkpoint, Progress, Report, Request};
use lurcher::runtime::Lane;
use lurcher::store::jobs::{self, Progress as Beat, StoredJob};
use lurcher::store::{self, Class, Tx};

use crate::world::{House, day, now, season, wait, write_season};

fn write<T: Send + 'static>(
    house: &House,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, store::Error> + Send + 'static,
) -> T {
    wait(house.app().store.write(Class::Admin, change)).unwrap()
}

fn ask(house: &House, job: Job) -> (JobId, bool) {
    wait(house.app().board.ask(job)).unwrap()
}

fn lease(house: &House, after: TimeDelta) -> Option<StoredJob> {
    let at = now() + after;
    write(house, move |tx| {
        jobs::lease(tx, JobKind::Import, at + TimeDelta::minutes(1), at)
    })
}

fn show(house: &House, id: JobId) -> StoredJob {
    wait(house.app().board.show(id)).unwrap().stored
}

fn import(upload: i64) -> Job {
    Job::Import {
        upload: UploadId::new(upload),
    }
}

/// Lets jobs be done until none waits or runs.
fn work(house: &House) {
    wait(async {
        let board = house.app().board.clone();
        let runner = tokio::task::LocalSet::new();
        let until = async {
            while house.number("SELECT count(*) FROM job WHERE state IN ('queued', 'running')") > 0
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            board.close();
        };
        runner
            .run_until(async { tokio::join!(house.app().runner().run(), until) })
            .await;
    });
}

#[test]
fn the_same_job_is_asked_for_once_while_it_waits_or_runs() {
    let house = House::empty();

    let first = ask(&house, import(1));
    let second = ask(&house, import(1));
    let other = ask(&house, import(2));
    lease(&house, TimeDelta::zero());
    let third = ask(&house, import(1));
    wait(house.app().board.cancel(other.0)).unwrap();
    let after = ask(&house, import(2));

    assert!(first.1 && other.1 && after.1);
    assert_eq!([second, third], [(first.0, false); 2]);
    assert_ne!(after.0, other.0);
}

#[test]
fn a_lease_of_a_former_process_is_released_and_one_interruption_counted() {
    let house = House::empty();
    let (id, _) = ask(&house, import(1));
    lease(&house, TimeDelta::zero()).unwrap();
    assert_eq!(lease(&house, TimeDelta::zero()), None);

    let released = write(&house, |tx| jobs::release(tx, now()));

    assert_eq!(released, 1);
    let job = show(&house, id);
    assert_eq!((job.state, job.interruptions), (JobState::Queued, 1));
    assert_eq!(lease(&house, TimeDelta::zero()).unwrap().id, id);
}

#[test]
fn a_job_during_which_the_daemon_always_ends_is_given_up() {
    let house = House::empty();
    let (id, _) = ask(&house, import(1));

    for interruptions in 1..=25 {
        assert!(
            lease(&house, TimeDelta::zero()).is_some(),
            "{interruptions}"
        );
        write(&house, |tx| jobs::release(tx, now()));
    }

    let job = show(&house, id);
    assert_eq!((job.state, job.interruptions), (JobState::Failed, 25));
    assert_eq!(job.error.unwrap(), "the daemon ended 25 times during it");
    assert_eq!(job.finished_at, Some(now()));
    assert_eq!(lease(&house, TimeDelta::days(1)), None);
}

#[test]
fn a_job_that_failed_waits_for_its_time() {
    let house = House::empty();
    let (id, _) = ask(&house, import(1));
    lease(&house, TimeDelta::zero()).unwrap();

    write(&house, move |tx| {
        jobs::again(tx, id, "the disk was away", now() + TimeDelta::minutes(4))
    });

    assert_eq!(lease(&house, TimeDelta::seconds(239)), None);
    let job = lease(&house, TimeDelta::minutes(4)).unwrap();
    assert_eq!((job.id, job.attempt), (id, 1));
    assert_eq!(job.error.unwrap(), "the disk was away");
}

#[test]
fn a_wish_to_end_is_heard_by_the_beat_whoever_missed_it() {
    let house = House::empty();
    let (id, _) = ask(&house, import(1));
    lease(&house, TimeDelta::zero()).unwrap();
    let beat = move |tx: &mut Tx<'_>| jobs::beat(tx, id, &Beat::default(), now());

    let before = write(&house, beat);
    // No runner holds a ticket of it.
    wait(house.app().board.cancel(id)).unwrap();
    let after = write(&house, beat);

    assert_eq!([before, after], [false, true]);
}

/// How often the one reader that takes batch work is held up: predictions that are begun wait for it,
/// so that they are seen together however soon they end.
const HOLDS: usize = 40;

/// Whether four predictions run, before whoever waits for this has waited too long.
fn four(look: &rusqlite::Connection) -> bool {
    let running = "SELECT count(*) = 4 FROM job WHERE state = 'running' AND kind = 'predict'";
    (0..30).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        look.query_row(running, [], |row| row.get(0)).unwrap()
    })
}

#[test]
fn no_more_jobs_of_a_kind_run_than_may() {
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.store.readers = 2;
    });
    house
        .look()
        .execute_batch(
            "CREATE TABLE seen (kind TEXT, running INTEGER); \
             CREATE TRIGGER seen_leases AFTER UPDATE OF state ON job WHEN NEW.state = 'running' \
             BEGIN INSERT INTO seen SELECT kind, count(*) FROM job \
             WHERE state = 'running' AND kind = NEW.kind; END",
        )
        .unwrap();
    for upload in 1..=60 {
        ask(&house, import(upload));
    }
    for number in 1..=12 {
        for track in ["sale", "bendigo", "ballarat", "geelong"] {
            let race = format!("2026-11-20-{track}-{number}").parse().unwrap();
            ask(&house, Job::Predict { race });
        }
    }

    std::thread::scope(|scope| {
        let store = house.app().store.clone();
        let looks: Vec<_> = (0..HOLDS).map(|_| house.look()).collect();
        scope.spawn(move || {
            looks.into_iter().any(|look| {
                let held = move |_: &store::Reader<'_>| Ok::<_, store::Error>(four(&look));
                wait(store.read(Lane::Batch, held)).unwrap()
            })
        });
        work(&house);
    });

    let most = |kind: &str| {
        house.number(&format!(
            "SELECT max(running) FROM seen WHERE kind = '{kind}'"
        ))
    };
    assert_eq!(most("import"), 1);
    assert!((2..=4).contains(&most("predict")), "{}", most("predict"));
    assert_eq!(
        house.number("SELECT count(*) FROM job WHERE state = 'failed'"),
        108
    );
}

fn files(house: &House, request: Request) -> impl Future<Output = Report> {
    let work = house
        .app()
        .ingest
        .files(request, Arc::new(Progress::default()));
    async { work.await.unwrap() }
}

#[test]
fn what_stands_before_a_checkpoint_does_not_go_to_the_writer_again() {
    let folder = tempfile::tempdir().unwrap();
    let runs = write_season(folder.path()).runs;
    let all = u64::try_from(season().finished().count()).unwrap();
    let (house, skipped) = (House::empty(), all - 20);
    let mut from = Checkpoint {
        items: skipped,
        ..Checkpoint::default()
    };
    from.report.counts.created = skipped;

    let request = Request {
        paths: vec![runs],
        from,
        ..Request::default()
    };
    let report = wait(files(&house, request));

    assert_eq!(report.counts.created, all);
    assert_eq!(house.number("SELECT count(*) FROM result"), 20);
}

#[test]
fn imports_at_the_same_time_share_the_writer_and_refuse_nothing() {
    let lines = |name: &str| {
        let first = day("2020-01-01");
        let rows = (0..6_000_i64).map(|n| {
            let (date, number) = (first.plus(n / 12), n % 12 + 1);
            format!("{name}{n},{date},{name},{number},515,1,Dog of {name} {n},1\n")
        });
        let head = "race_id,date,track,race_number,distance_m,rug,dog_name,won\n".to_owned();
        rows.fold(head, |text, row| text + &row)
    };
    let folder = tempfile::tempdir().unwrap();
    let house = House::empty();
    let requests = ["sale", "bendigo", "ballarat"].map(|track| {
        let path = folder.path().join(format!("{track}.csv"));
        std::fs::write(&path, lines(track)).unwrap();
        Request {
            paths: vec![path],
            ..Request::default()
        }
    });

    let [one, two, three] = requests.map(|request| files(&house, request));
    let reports = wait(async { tokio::join!(one, two, three) });

    for report in [reports.0, reports.1, reports.2] {
        assert_eq!(
            (report.counts.created, report.counts.failed),
            (6_000, 0),
            "{:?}",
            report.faults.first()
        );
    }
}
