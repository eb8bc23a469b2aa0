//! One load, however many ask; nothing old, however a load and a commit meet.

use std::sync::atomic::AtomicUsize;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};

use super::*;

#[derive(Debug, PartialEq, Eq)]
struct Number {
    value: u32,
    tags: Vec<u32>,
    bytes: usize,
}

impl Cached for Number {
    type Tag = u32;

    fn tags(&self) -> &[u32] {
        &self.tags
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

fn number(value: u32) -> Number {
    Number {
        value,
        tags: vec![value],
        bytes: 1,
    }
}

type Numbers = Arc<Cache<u32, Number, &'static str>>;

const A_MOMENT: Duration = Duration::from_millis(10);
const TTL: Duration = Duration::from_mins(1);

fn numbers() -> (Numbers, Arc<Changes<u32>>) {
    let changes = Arc::new(Changes::default());
    let limits = Limits {
        entries: NonZeroUsize::new(8).unwrap(),
        bytes: 80,
        ttl: TTL,
    };
    let cache = Cache::new("numbers", limits, Arc::clone(&changes));
    (Arc::new(cache), changes)
}

/// Asks for a key, whose value is loaded as this when it is not there.
async fn ask(cache: &Numbers, key: u32, value: Number) -> u32 {
    let answer = cache.get_or(key, || async move { Ok(value) }).await;
    answer.unwrap().value
}

async fn ask_at_once(cache: &Numbers, outcome: Result<u32, &'static str>) -> (usize, usize) {
    let loads = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..500 {
        let (cache, loads) = (Arc::clone(cache), Arc::clone(&loads));
        callers.spawn(async move {
            let load = || async move {
                loads.fetch_add(1, Ordering::SeqCst);
                sleep(A_MOMENT).await;
                outcome.map(number)
            };
            cache.get_or(1, load).await.is_ok()
        });
    }
    let answers = callers.join_all().await;
    let well = answers.into_iter().filter(|ok| *ok).count();
    (loads.load(Ordering::SeqCst), well)
}

#[tokio::test]
async fn five_hundred_callers_cause_one_load_and_every_question_is_counted_once() {
    let (cache, _) = numbers();

    assert_eq!(ask_at_once(&cache, Ok(7)).await, (1, 500));

    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.coalesced), (0, 1, 499));
    assert_eq!(ask(&cache, 1, number(8)).await, 7);
    assert_eq!(cache.stats().asked(), 501);
}

#[tokio::test]
async fn a_failure_is_shared_but_not_kept() {
    let (cache, _) = numbers();

    assert_eq!(ask_at_once(&cache, Err("no")).await, (1, 0));

    assert_eq!(ask(&cache, 1, number(3)).await, 3);
}

#[tokio::test]
async fn a_leader_that_leaves_or_panics_hands_over() {
    for panics in [false, true] {
        let (cache, _) = numbers();
        let leading = Arc::new(Notify::new());
        let leader = tokio::spawn({
            let (cache, leading) = (Arc::clone(&cache), Arc::clone(&leading));
            async move {
                let load = || async move {
                    leading.notify_one();
                    sleep(A_MOMENT).await;
                    assert!(!panics, "a load panics");
                    std::future::pending().await
                };
                cache.get_or(1, load).await
            }
        });
        leading.notified().await;
        let follower = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { ask(&cache, 1, number(2)).await }
        });
        tokio::task::yield_now().await;

        if !panics {
            leader.abort();
        }

        assert_eq!(follower.await.unwrap(), 2);
        assert!(cache.flights().is_empty());
    }
}

#[tokio::test]
async fn a_thousand_loads_that_panic_wedge_no_key() {
    let (cache, _) = numbers();

    for n in 0..1_000 {
        let asked = Arc::clone(&cache);
        let load = || async { panic!("a load panics") };
        let led = tokio::spawn(async move { asked.get_or(n % 3, load).await.map(drop) });
        assert!(led.await.unwrap_err().is_panic());
    }

    assert!(cache.flights().is_empty());
    for key in 0..3 {
        assert_eq!(ask(&cache, key, number(7)).await, 7);
    }
}

#[tokio::test]
async fn whoever_comes_after_a_commit_is_not_given_what_was_read_before_it() {
    let (cache, changes) = numbers();
    let (reading, commit) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let early = tokio::spawn({
        let (cache, reading, commit) = (
            Arc::clone(&cache),
            Arc::clone(&reading),
            Arc::clone(&commit),
        );
        async move {
            let load = || async move {
                reading.notify_one();
                commit.notified().await;
                Ok(number(1))
            };
            cache.get_or(9, load).await.unwrap().value
        }
    });
    reading.notified().await;

    changes.note([1]);

    assert_eq!(ask(&cache, 9, number(2)).await, 2);
    commit.notify_one();
    assert_eq!(early.await.unwrap(), 1);
    // And the old value has not taken the place of the new one.
    assert_eq!(ask(&cache, 9, number(3)).await, 2);
}

#[tokio::test]
async fn a_commit_clears_what_it_touched_and_nothing_else() {
    let (cache, changes) = numbers();
    for key in 1..=3 {
        ask(&cache, key, number(key)).await;
    }

    changes.note([2]);

    assert_eq!(ask(&cache, 1, number(91)).await, 1);
    assert_eq!(ask(&cache, 2, number(92)).await, 92);
    assert_eq!(ask(&cache, 3, number(93)).await, 3);
    assert_eq!(cache.stats().invalidated, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_rarely_asked_for_expires_and_is_answered_once_more_in_its_grace() {
    let (cache, _) = numbers();
    ask(&cache, 1, number(1)).await;

    advance(TTL * 6 / 5).await;
    assert_eq!(ask(&cache, 1, number(2)).await, 1);
    sleep(A_MOMENT).await;
    assert_eq!(ask(&cache, 1, number(3)).await, 2);

    advance(TTL * 2).await;
    assert_eq!(ask(&cache, 1, number(4)).await, 4);
    assert_eq!(cache.stats().expired, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_hot_is_loaded_anew_before_it_expires_and_a_failure_leaves_it() {
    let (cache, _) = numbers();
    for _ in 0..4 {
        assert_eq!(ask(&cache, 1, number(1)).await, 1);
    }
    advance(TTL * 89 / 100).await;

    let fails = cache.get_or(1, || async { Err("upstream is away") }).await;
    assert_eq!(fails.unwrap().value, 1);
    sleep(A_MOMENT).await;
    assert_eq!(ask(&cache, 1, number(2)).await, 1);
    sleep(A_MOMENT).await;
    assert_eq!(ask(&cache, 1, number(3)).await, 2);
    assert_eq!(cache.stats().renewed, 2);
}

#[tokio::test]
async fn neither_values_nor_bytes_grow_beyond_their_limits() {
    let (cache, _) = numbers();
    let large = |bytes| Number { bytes, ..number(0) };
    for key in 0..1_000 {
        ask(&cache, key, number(key)).await;
    }
    assert_eq!(cache.stats().size, 8);
    for key in 1_000..2_000 {
        ask(&cache, key, large(11)).await;
    }
    // One over an eighth of everything is answered and not kept.
    assert_eq!((cache.stats().too_large, cache.stats().bytes), (1_000, 8));
    for key in 2_000..3_000 {
        ask(&cache, key, large(10)).await;
        assert!(cache.stats().bytes <= 80);
    }
    assert_eq!(cache.stats().size, 8);
}

#[tokio::test]
async fn a_cache_that_is_off_holds_nothing() {
    let (cache, _) = numbers();
    ask(&cache, 1, number(1)).await;

    cache.switch(false);

    assert_eq!(ask(&cache, 1, number(2)).await, 2);
    assert_eq!(ask(&cache, 1, number(3)).await, 3);
    assert_eq!(cache.stats().size, 0);
    cache.switch(true);
    assert_eq!(ask(&cache, 1, number(4)).await, 4);
    assert_eq!(ask(&cache, 1, number(5)).await, 4);
}

#[tokio::test(start_paused = true)]
async fn what_there_is_not_is_looked_for_once_in_a_moment_and_again_when_it_may_have_come() {
    let (numbers, changes) = numbers();
    let numbers = Arc::into_inner(numbers).unwrap();
    let absent = |failure: &&str| (*failure == "no such number").then_some([7].as_slice());
    let numbers = Arc::new(numbers.noting_absence(absent));
    let looked = Arc::new(AtomicUsize::new(0));
    let look = async |key, failure| {
        let looked = Arc::clone(&looked);
        let load = || async move {
            looked.fetch_add(1, Ordering::Relaxed);
            Err(failure)
        };
        assert_eq!(*numbers.get_or(key, load).await.unwrap_err(), failure);
    };
    let times = || looked.load(Ordering::Relaxed);

    look(1, "no such number").await;
    look(1, "no such number").await;
    assert_eq!(times(), 1);
    look(2, "no disk").await;
    look(2, "no disk").await;
    assert_eq!(times(), 3);
    changes.note([8]);
    look(1, "no such number").await;
    assert_eq!(times(), 3);
    changes.note([7]);
    look(1, "no such number").await;
    assert_eq!(times(), 4);
    advance(Duration::from_secs(11)).await;
    look(1, "no such number").await;
    assert_eq!(times(), 5);
    for key in 10..1_000 {
        look(key, "no such number").await;
    }
    look(1, "no such number").await;
    assert_eq!(times(), 996, "few are remembered");
}
