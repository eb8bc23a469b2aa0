//! A fuse for every input that made work panic: one that does so again and again is left alone for a
//! while, so that it costs an answer and not a worker.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use super::Refused;

/// Panics of one input that blow its fuse.
pub const PANICS: usize = 5;
/// Within how long.
const WITHIN: Duration = Duration::from_mins(10);
/// How long an input with a blown fuse is left alone. It is shorter than [`WITHIN`], so the first
/// panic after it blows the fuse again.
const REST: Duration = Duration::from_mins(5);
/// Inputs that are remembered, at most; the one that panicked longest ago is forgotten.
const SUBJECTS: usize = 1_000;

/// What work is about: a hash of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject(u64);

impl Subject {
    /// The same for the same input.
    #[must_use]
    pub fn of(input: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What an input has done.
#[derive(Default)]
struct Fuse {
    /// The latest panics, at most [`PANICS`].
    panics: VecDeque<Instant>,
    /// Blown until then.
    until: Option<Instant>,
}

/// The fuses of a crew. Cheap to clone.
#[derive(Clone)]
pub struct Fuses(Arc<Inner>);

struct Inner {
    crew: &'static str,
    table: Mutex<LruCache<Subject, Fuse>>,
    refused: AtomicU64,
    guarded: AtomicU64,
}

impl Fuses {
    pub(super) fn new(crew: &'static str) -> Self {
        Self(Arc::new(Inner {
            crew,
            // Bounded where one is added: most crews never need any.
            table: Mutex::new(LruCache::unbounded()),
            refused: AtomicU64::new(0),
            guarded: AtomicU64::new(0),
        }))
    }

    /// Does a part of some work, so that its panic costs no other part.
    pub fn guard<T>(&self, subject: Subject, work: impl FnOnce() -> T) -> Result<T, Refused> {
        self.check(subject, Instant::now())?;
        catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| {
            let crew = self.0.crew;
            tracing::warn!(crew, "a part of some work panicked");
            self.0.guarded.fetch_add(1, Ordering::Relaxed);
            self.panicked(subject, Instant::now());
            Refused::Dropped { crew }
        })
    }

    /// Whether work about this is done.
    pub(super) fn check(&self, subject: Subject, now: Instant) -> Result<(), Refused> {
        let until = self.table().peek(&subject).and_then(|fuse| fuse.until);
        let Some(until) = until.filter(|until| *until > now) else {
            return Ok(());
        };
        self.0.refused.fetch_add(1, Ordering::Relaxed);
        Err(Refused::Blown {
            crew: self.0.crew,
            seconds: (until - now).as_secs() + 1,
        })
    }

    /// Notes a panic.
    pub(super) fn panicked(&self, subject: Subject, now: Instant) {
        let blown = self.change(subject, |fuse| {
            fuse.panics.truncate(PANICS - 1);
            fuse.panics.push_front(now);
            let first = fuse.panics.get(PANICS - 1);
            let blown = first.is_some_and(|first| now - *first <= WITHIN);
            if blown {
                fuse.until = Some(now + REST);
            }
            blown
        });
        if blown {
            let (crew, rest_s) = (self.0.crew, REST.as_secs());
            tracing::error!(
                crew,
                rest_s,
                "one input panics again and again; it is left alone"
            );
        }
    }

    /// Notes that a member had to be given up, which is as dear as many panics.
    pub(super) fn stuck(&self, subject: Subject, now: Instant) {
        self.change(subject, |fuse| fuse.until = Some(now + REST));
    }

    /// How many are blown right now.
    pub(super) fn blown(&self, now: Instant) -> usize {
        let table = self.table();
        let blown = |fuse: &Fuse| fuse.until.is_some_and(|until| until > now);
        table.iter().filter(|(_, fuse)| blown(fuse)).count()
    }

    /// How often work was refused for a blown one.
    pub(super) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Panics of guarded parts.
    pub(super) fn guarded(&self) -> u64 {
        self.0.guarded.load(Ordering::Relaxed)
    }

    fn change<T>(&self, subject: Subject, change: impl FnOnce(&mut Fuse) -> T) -> T {
        let mut table = self.table();
        let changed = change(table.get_or_insert_mut(subject, Fuse::default));
        if table.len() > SUBJECTS {
            table.pop_lru();
        }
        changed
    }

    fn table(&self) -> MutexGuard<'_, LruCache<Subject, Fuse>> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fuses() -> (Fuses, Instant) {
        (Fuses::new("worker"), Instant::now())
    }

    fn subject(name: &str) -> Subject {
        Subject::of(&name)
    }

    #[test]
    fn the_fifth_panic_of_an_input_blows_its_fuse_and_no_other() {
        let (fuses, now) = fuses();
        let (bad, good) = (subject("bad"), subject("good"));
        for _ in 1..PANICS {
            fuses.panicked(bad, now);
            fuses.panicked(good, now);
            assert_eq!(fuses.check(bad, now), Ok(()));
        }

        fuses.panicked(bad, now);

        let later = now + Duration::from_secs(1);
        let refused = Refused::Blown {
            crew: "worker",
            seconds: REST.as_secs(),
        };
        assert_eq!(fuses.check(bad, later), Err(refused));
        assert_eq!(fuses.check(good, later), Ok(()));
        assert_eq!((fuses.blown(later), fuses.refused()), (1, 1));
    }

    #[test]
    fn panics_that_are_far_apart_blow_nothing() {
        let (fuses, now) = fuses();
        let apart = WITHIN / 4 + Duration::from_secs(1);

        for n in 0..20 {
            fuses.panicked(subject("bad"), now + apart * n);
            assert_eq!(fuses.check(subject("bad"), now + apart * n), Ok(()));
        }
    }

    #[test]
    fn after_its_rest_an_input_is_tried_once_and_may_be_good_again() {
        let (fuses, now) = fuses();
        let bad = subject("bad");
        for _ in 0..PANICS {
            fuses.panicked(bad, now);
        }
        let rested = now + REST;
        assert_eq!(fuses.check(bad, rested), Ok(()));
        assert_eq!(fuses.blown(rested), 0);

        fuses.panicked(bad, rested);

        assert!(fuses.check(bad, rested).is_err());
        assert_eq!(fuses.check(bad, rested + WITHIN), Ok(()));
    }

    #[test]
    fn a_part_that_panics_costs_itself() {
        let (fuses, _) = fuses();
        let bad = subject("bad");
        let part = |n: u32| {
            assert!(n != 2, "boom");
            n
        };

        let done = [1, 2, 3].map(|n| fuses.guard(subject("part"), || part(n)).ok());
        for _ in 0..PANICS {
            let dropped = fuses.guard(bad, || part(2));
            assert_eq!(dropped, Err(Refused::Dropped { crew: "worker" }));
        }
        let refused = fuses.guard(bad, || -> u32 { unreachable!("it is refused") });

        assert_eq!(done, [Some(1), None, Some(3)]);
        assert_eq!(fuses.guarded(), 1 + PANICS as u64);
        assert!(matches!(refused, Err(Refused::Blown { .. })), "{refused:?}");
    }

    #[test]
    fn only_so_many_inputs_are_remembered() {
        let (fuses, now) = fuses();

        for n in 0..SUBJECTS * 10 {
            for _ in 0..PANICS {
                fuses.panicked(Subject::of(&n), now);
            }
        }

        assert_eq!(fuses.blown(now), SUBJECTS);
        assert!(fuses.check(Subject::of(&(SUBJECTS * 10 - 1)), now).is_err());
        assert_eq!(fuses.check(Subject::of(&0), now), Ok(()));
    }
}
