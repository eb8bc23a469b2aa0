//! What a crew survives.

use std::collections::HashSet;
use std::sync::mpsc;
use std::thread::ThreadId;
use std::time::Duration;

use super::*;

/// Long enough that no honest work of these tests takes it.
const LIMIT: Duration = Duration::from_millis(600);

fn watched(members: usize, abandoned: usize) -> Crew<()> {
    crew(members, abandoned, LIMIT)
}

/// One that gives nothing up: the trace of a panic may take long on a machine that is busy.
fn patient(members: usize) -> Crew<()> {
    crew(members, 0, LIMIT * 1_000)
}

fn crew(members: usize, abandoned: usize, live: Duration) -> Crew<()> {
    let patience = Patience { live, abandoned };
    Crew::start_watched("worker", 16, members, patience).unwrap()
}

/// Work that ends when the gate opens or is gone.
fn stuck() -> (mpsc::SyncSender<()>, impl FnOnce(&mut ()) + Send + 'static) {
    let (open, gate) = mpsc::sync_channel::<()>(1);
    (open, move |(): &mut ()| gate.recv().unwrap_or_default())
}

async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT * 100, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_panic_costs_one_answer_not_the_worker() {
    let crew = Crew::start("worker", 4, vec![0_u32]).unwrap();

    let broken = crew.ask(Lane::Live, |_| -> u32 { panic!("boom") }).await;

    assert_eq!(broken, Err(Refused::Dropped { crew: "worker" }));
    assert_eq!(crew.ask(Lane::Batch, |n| *n + 3).await, Ok(3));
    assert_eq!((crew.stats().panicked, crew.stats().threads), (1, 1));
}

#[tokio::test]
async fn a_thousand_panics_take_no_thread_and_no_place_in_the_line() {
    let crew = patient(2);

    for n in 0..1_000 {
        let lane = if n % 2 == 0 { Lane::Live } else { Lane::Batch };
        let broken = crew.ask(lane, |()| -> u32 { panic!("boom") }).await;
        assert_eq!(broken, Err(Refused::Dropped { crew: "worker" }));
    }

    eventually("all are idle", || crew.stats().busy == 0).await;
    let stats = crew.stats();
    assert_eq!((stats.panicked, stats.threads), (1_000, 2));
    assert_eq!((stats.waiting, stats.replaced), ((0, 0), 0));
    assert_eq!(crew.ask(Lane::Live, |()| 3).await, Ok(3));
}

#[tokio::test]
async fn batch_work_never_takes_the_last_thread() {
    let crew = Crew::start("worker", 8, vec![(), ()]).unwrap();
    let (open, wait) = stuck();
    let slow = tokio::spawn({
        let crew = crew.clone();
        async move { crew.ask(Lane::Batch, wait).await }
    });

    assert_eq!(crew.ask(Lane::Live, |()| "at once").await, Ok("at once"));

    open.send(()).unwrap();
    slow.await.unwrap().unwrap();
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_not_begun() {
    let crew = Crew::start("worker", 8, vec![()]).unwrap();
    let (open, wait) = stuck();
    let (holds, asks) = (crew.clone(), crew.clone());
    let held = tokio::spawn(async move { holds.ask(Lane::Live, wait).await });
    eventually("the only member is at work", || crew.stats().busy == 1).await;
    let gone = asks.ask(Lane::Live, |()| -> () { unreachable!("it is begun") });

    let late = tokio::time::timeout(Duration::from_millis(5), gone).await;
    open.send(()).unwrap();

    assert!(late.is_err());
    held.await.unwrap().unwrap();
    assert_eq!(crew.ask(Lane::Live, |()| 3).await, Ok(3));
    assert_eq!((crew.stats().skipped, crew.stats().panicked), (1, 0));
}

#[tokio::test]
async fn a_member_that_is_stuck_costs_one_answer_and_takes_no_more_work() {
    let crew = watched(1, 4);
    let (open, wait) = stuck();
    let mut threads: HashSet<ThreadId> = HashSet::new();
    let old = crew.ask(Lane::Live, |()| thread::current().id()).await;

    let given_up = crew.ask(Lane::Live, wait).await;

    assert_eq!(given_up, Err(Refused::Stuck { crew: "worker" }));
    assert_eq!((crew.stats().replaced, crew.stats().abandoned), (1, 1));
    for _ in 0..50 {
        let on = crew.ask(Lane::Live, |()| thread::current().id()).await;
        threads.insert(on.unwrap());
    }
    open.send(()).unwrap();
    eventually("the old thread has ended", || crew.stats().abandoned == 0).await;
    for _ in 0..50 {
        let on = crew.ask(Lane::Batch, |()| thread::current().id()).await;
        threads.insert(on.unwrap());
    }
    assert_eq!(threads.len(), 1);
    assert!(!threads.contains(&old.unwrap()));
    assert_eq!((crew.stats().replaced, crew.stats().threads), (1, 1));
}

#[tokio::test]
async fn batch_work_may_take_as_long_as_it_takes() {
    let crew = watched(1, 4);

    let slow = crew.ask(Lane::Batch, |()| thread::sleep(LIMIT * 3)).await;

    assert_eq!(slow, Ok(()));
    assert_eq!(crew.stats().replaced, 0);
}

#[tokio::test]
async fn only_so_many_threads_are_given_up_and_every_caller_is_told() {
    let crew = watched(1, 2);
    let mut gates = Vec::new();
    for _ in 0..3 {
        let (open, wait) = stuck();
        gates.push(open);
        let given_up = crew.ask(Lane::Live, wait).await;
        assert_eq!(given_up, Err(Refused::Stuck { crew: "worker" }));
    }

    let stats = crew.stats();
    assert_eq!((stats.replaced, stats.abandoned, stats.busy), (2, 2, 1));
    let late = tokio::time::timeout(LIMIT * 2, crew.ask(Lane::Live, |()| 3)).await;
    assert!(late.is_err(), "a third thread was given up");
    gates.clear();
    assert_eq!(crew.ask(Lane::Live, |()| 3).await, Ok(3));
    eventually("the old threads have ended", || crew.stats().abandoned == 0).await;
}

#[tokio::test]
async fn an_input_that_panics_five_times_is_refused_and_others_are_not() {
    let crew = patient(2);
    let (bad, good) = (Subject::of(&"bad"), Subject::of(&"good"));

    for _ in 0..PANICS {
        let broken = crew.ask_about(bad, Lane::Live, |()| panic!("boom")).await;
        assert_eq!(broken, Err::<(), _>(Refused::Dropped { crew: "worker" }));
        // Its answer is dropped before the panic is noted.
        eventually("it is noted", || crew.stats().busy == 0).await;
    }
    let refused = crew.ask_about(bad, Lane::Live, |()| 3).await;

    assert!(matches!(refused, Err(Refused::Blown { .. })), "{refused:?}");
    assert_eq!(crew.ask_about(good, Lane::Live, |()| 3).await, Ok(3));
    assert_eq!(crew.ask(Lane::Live, |()| 3).await, Ok(3));
    let stats = crew.stats();
    assert_eq!((stats.panicked, stats.blown, stats.left_alone), (5, 1, 1));
}

#[tokio::test]
async fn an_input_that_had_to_be_given_up_is_refused_at_once() {
    let crew = watched(1, 4);
    let (_open, wait) = stuck();
    let bad = Subject::of(&"bad");

    let given_up = crew.ask_about(bad, Lane::Live, wait).await;
    let refused = crew.ask_about(bad, Lane::Live, |()| ()).await;

    assert_eq!(given_up, Err(Refused::Stuck { crew: "worker" }));
    assert!(matches!(refused, Err(Refused::Blown { .. })), "{refused:?}");
    assert_eq!(crew.stats().replaced, 1);
}

#[tokio::test]
async fn a_crew_goes_home_without_those_who_are_stuck() {
    for abandoned in [0, 4] {
        let crew = watched(2, abandoned);
        let (open, wait) = stuck();
        let (tell, told) = oneshot::channel();
        let asks = crew.clone();
        let asked = tokio::spawn(async move {
            let work = |tool: &mut ()| {
                tell.send(()).unwrap();
                wait(tool);
            };
            asks.ask(Lane::Live, work).await
        });
        told.await.unwrap();
        asked.abort();
        drop(asked.await);

        let home = tokio::task::spawn_blocking(move || drop(crew));

        assert!(tokio::time::timeout(LIMIT * 50, home).await.is_ok());
        drop(open);
    }
}
