//! One writer, many readers, and what a commit tells the rest.

use super::*;
use crate::domain::{DogDraft, DogName, RaceId};
use std::sync::{Mutex, mpsc};
use tempfile::TempDir;

struct Home {
    store: Store,
    commits: Arc<Mutex<Vec<Touched>>>,
    _folder: TempDir,
}

fn home(adjust: impl FnOnce(&mut Settings)) -> Home {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path());
    adjust(&mut settings);
    let commits: Arc<Mutex<Vec<Touched>>> = Arc::default();
    let log = Arc::clone(&commits);
    let store = Store::open(settings, move |touched| {
        log.lock().unwrap().push(touched.clone());
    })
    .unwrap();
    Home {
        store,
        commits,
        _folder: folder,
    }
}

fn add_dog(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    let claim = DogDraft::named(name).check().unwrap();
    dogs::add(tx, "AU", &DogName::new(name).unwrap(), &claim)?;
    tx.touch(Tag::Race(RaceId::new(1)));
    Ok(())
}

async fn dogs_known(store: &Store) -> u64 {
    let counts = store.read(Lane::Live, maintenance::counts).await;
    counts.unwrap().dogs
}

#[tokio::test]
async fn a_commit_is_announced_before_the_writer_answers() {
    let home = home(|_| ());

    let added = home
        .store
        .write(Class::Price, |tx| add_dog(tx, "Early Bird"));

    added.await.unwrap();
    let announced = home.commits.lock().unwrap().len();
    assert_eq!(announced, 1);
    assert_eq!(dogs_known(&home.store).await, 1);
}

#[tokio::test]
async fn a_failed_or_panicking_change_is_taken_back_alone() {
    let home = home(|_| ());

    let kept = home.store.write(Class::Price, |tx| add_dog(tx, "One"));
    let failed = home.store.write(Class::Price, |tx| {
        add_dog(tx, "Two")?;
        Err::<(), _>(Error::ReadOnly)
    });
    let panicked = home.store.write(Class::Price, |tx| -> Result<(), Error> {
        add_dog(tx, "Three")?;
        panic!("boom")
    });
    let last = home.store.write(Class::Price, |tx| add_dog(tx, "Four"));

    assert!(kept.await.is_ok());
    assert!(matches!(failed.await, Err(Error::ReadOnly)));
    assert!(matches!(panicked.await, Err(Error::Crew(_))));
    assert!(last.await.is_ok());
    assert_eq!(dogs_known(&home.store).await, 2);
}

#[tokio::test]
async fn a_question_sees_one_moment_whatever_is_committed_meanwhile() {
    let home = home(|_| ());
    let (looked, first) = tokio::sync::oneshot::channel();
    let (open, gate) = mpsc::channel::<()>();
    let asked = tokio::spawn({
        let store = home.store.clone();
        async move {
            let twice = move |reader: &Reader<'_>| {
                let before = maintenance::counts(reader)?.dogs;
                looked.send(()).unwrap();
                gate.recv().unwrap();
                Ok::<_, Error>((before, maintenance::counts(reader)?.dogs))
            };
            store.read(Lane::Live, twice).await
        }
    });

    first.await.unwrap();
    let added = home.store.write(Class::Price, |tx| add_dog(tx, "Late"));
    added.await.unwrap();
    open.send(()).unwrap();

    assert_eq!(asked.await.unwrap().unwrap(), (0, 0));
    assert_eq!(dogs_known(&home.store).await, 1);
}

#[tokio::test]
async fn a_reader_that_is_not_free_in_time_is_busy_and_no_connection_is_added() {
    let home = home(|settings| {
        settings.readers = 1;
        settings.acquire = Duration::from_millis(20);
    });
    let (open, gate) = mpsc::channel::<()>();
    let held = tokio::spawn({
        let store = home.store.clone();
        async move {
            let wait = move |_: &Reader<'_>| {
                gate.recv().unwrap();
                Ok::<_, Error>(())
            };
            store.read(Lane::Live, wait).await
        }
    });
    tokio::task::yield_now().await;

    let refused = home.store.read(Lane::Live, maintenance::counts).await;

    assert!(refused.is_err_and(|error| error.is_busy()));
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    assert_eq!(dogs_known(&home.store).await, 0);
}

#[tokio::test]
async fn a_slow_statement_is_kept_with_its_plan_and_without_its_values() {
    let home = home(|settings| settings.slow = Duration::ZERO);

    dogs_known(&home.store).await;

    let slow = home.store.profile().slow_queries();
    let counts = slow.iter().find(|slow| slow.name == "maintenance/counts");
    assert!(counts.is_some_and(|slow| slow.plan.contains("SCAN") && slow.steps > 0));
}

#[test]
fn a_second_owner_is_told_who_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Store::open(Settings::new(folder.path()), |_| ()).unwrap();

    let second = Store::open(Settings::new(folder.path()), |_| ());

    let told = second.err().map(|error| error.to_string());
    let pid = std::process::id().to_string();
    assert!(told.is_some_and(|told| told.contains(&pid)));
}

#[tokio::test]
async fn a_question_that_panics_is_an_error_and_the_next_one_is_answered() {
    let home = home(|settings| settings.readers = 1);

    for _ in 0..3 {
        let asked = home
            .store
            .read(Lane::Live, |_| -> Result<(), Error> { panic!("boom") });
        assert!(matches!(asked.await, Err(Error::Crew(_))));
        assert_eq!(dogs_known(&home.store).await, 0);
    }
}

#[tokio::test]
async fn a_thousand_panics_take_no_reader_and_leave_nothing_open() {
    let home = home(|settings| settings.readers = 2);

    for n in 0..1_000 {
        let lane = if n % 2 == 0 { Lane::Live } else { Lane::Batch };
        let asked = home
            .store
            .read(lane, |_| -> Result<(), Error> { panic!("boom") });
        assert!(matches!(asked.await, Err(Error::Crew(_))));
        let change = home.store.write(Class::Price, |tx| -> Result<(), Error> {
            add_dog(tx, "Ghost")?;
            panic!("boom")
        });
        assert!(matches!(change.await, Err(Error::Crew(_))));
    }

    assert_eq!(dogs_known(&home.store).await, 0);
    let commits = home.commits.lock().unwrap().clone();
    assert!(commits.iter().all(|touched| *touched == Touched::default()));
    let added = home.store.write(Class::Price, |tx| add_dog(tx, "One"));
    added.await.unwrap();
    assert_eq!(dogs_known(&home.store).await, 1);
    let stats = home.store.pool();
    assert_eq!((stats.readers, stats.waiting), (2, (0, 0)));
}

#[tokio::test]
async fn nothing_can_be_written_through_a_reader() {
    let home = home(|_| ());
    let path = home.store.shared.settings.folder.join(DATABASE);
    let pool = open::readers(&path, 1, Duration::from_secs(1), 1_024).unwrap();
    let reader = pool.get().unwrap();

    let written = reader.execute("INSERT INTO dog (country) VALUES ('AU')", []);
    let asked = reader.pragma_query_value(None, "query_only", |row| row.get::<_, bool>(0));

    let refused = rusqlite::ErrorCode::ReadOnly;
    assert_eq!(written.unwrap_err().sqlite_error_code(), Some(refused));
    assert!(reader.is_readonly(rusqlite::MAIN_DB).unwrap(), "mode=ro");
    assert!(asked.unwrap());
}
