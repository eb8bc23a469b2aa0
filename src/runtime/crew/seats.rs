//! Who sits where and what each is at.
//!
//! A thread cannot be stopped. One that sits on a piece of live work for too long is given up: its
//! seat gets a fresh thread with a fresh tool, whoever waits for the answer is told, and the old one
//! ends when its work returns, if ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::sync::oneshot;

use super::{Fuses, LANES, Lane, Subject};
use crate::runtime::lanes::{Lanes, Next};

/// How often whoever sends a crew home looks whether all have gone.
const GLANCE: Duration = Duration::from_millis(1);

/// When a member is given up, and how many may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one piece of live work may take.
    pub live: Duration,
    /// Threads that were given up and still run, at most; above it no seat gets a fresh one.
    pub abandoned: usize,
}

/// One piece of work in line.
pub(super) struct Work<S> {
    /// Does it, unless nobody waits for it any more; says whether it was done.
    pub(super) run: Box<dyn FnOnce(&mut S) -> bool + Send>,
    pub(super) task: Task,
}

/// What the crew knows of a piece of work.
pub(super) struct Task {
    pub(super) lane: Lane,
    pub(super) subject: Option<Subject>,
    /// Tells who waits that it was given up; in a crew that is watched.
    pub(super) given_up: Option<oneshot::Sender<()>>,
}

/// What a member is at.
struct At {
    since: Instant,
    task: Task,
}

/// Where a thread of the crew works.
struct Seat {
    /// Counts those who have sat here; who was given up has another number.
    sitter: u64,
    thread: Option<JoinHandle<()>>,
    at: Option<At>,
}

/// What was counted since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) refused: AtomicU64,
    pub(super) skipped: AtomicU64,
    pub(super) panicked: AtomicU64,
    pub(super) replaced: AtomicU64,
    /// Threads that were given up and still run.
    pub(super) abandoned: AtomicUsize,
}

/// Makes a tool for a fresh thread.
type Fresh<S> = fn() -> S;

pub(super) struct Seats<S> {
    pub(super) name: &'static str,
    pub(super) lanes: Lanes<Work<S>, LANES>,
    pub(super) counts: Counts,
    pub(super) fuses: Fuses,
    places: Vec<Mutex<Seat>>,
    patience: Option<(Patience, Fresh<S>)>,
    closing: Mutex<bool>,
    bell: Condvar,
}

impl<S> Seats<S> {
    pub(super) fn new(
        name: &'static str,
        capacity: usize,
        members: usize,
        patience: Option<(Patience, Fresh<S>)>,
    ) -> Self {
        let empty = |_place| {
            Mutex::new(Seat {
                sitter: 0,
                thread: None,
                at: None,
            })
        };
        Self {
            name,
            lanes: Lanes::new(capacity),
            counts: Counts::default(),
            fuses: Fuses::new(name),
            places: (0..members).map(empty).collect(),
            patience,
            closing: Mutex::new(false),
            bell: Condvar::new(),
        }
    }

    /// Whether anybody is given up.
    pub(super) fn is_watched(&self) -> bool {
        self.patience.is_some()
    }

    pub(super) fn members(&self) -> usize {
        self.places.len()
    }

    /// How many are at work.
    pub(super) fn busy(&self) -> usize {
        let seats = self.places.iter();
        seats.filter(|seat| locked(seat).at.is_some()).count()
    }

    /// Notes what who sits there begins with.
    fn begin(&self, place: usize, task: Task) {
        self.seat(place).at = Some(At {
            since: Instant::now(),
            task,
        });
    }

    /// Says whether this is still the sitter's seat.
    fn end(&self, place: usize, sitter: u64) -> bool {
        let mut seat = self.seat(place);
        let is_own = seat.sitter == sitter;
        if is_own {
            seat.at = None;
        }
        drop(seat);
        if !is_own {
            self.counts.abandoned.fetch_sub(1, Ordering::Relaxed);
        }
        is_own
    }

    fn serve(&self, place: usize, sitter: u64, mut tool: S) {
        // In a crew of several the first takes live work only.
        let first = if self.places.len() > 1 && place == 0 {
            1
        } else {
            LANES
        };
        while let Next::Work(Work { run, task }) = self.lanes.wait(first, None) {
            let subject = task.subject;
            self.begin(place, task);
            match catch_unwind(AssertUnwindSafe(|| run(&mut tool))) {
                Ok(true) => {}
                Ok(false) => count(&self.counts.skipped),
                Err(_panic) => self.panicked(subject),
            }
            if !self.end(place, sitter) {
                tracing::warn!(crew = self.name, "work that was given up has ended");
                return;
            }
        }
    }

    fn panicked(&self, subject: Option<Subject>) {
        count(&self.counts.panicked);
        // The panic itself was logged where it happened, as an error.
        tracing::warn!(crew = self.name, "work panicked");
        if let Some(subject) = subject {
            self.fuses.panicked(subject, Instant::now());
        }
    }

    fn seat(&self, place: usize) -> MutexGuard<'_, Seat> {
        locked(&self.places[place])
    }

    fn is_closing(&self) -> MutexGuard<'_, bool> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + 'static> Seats<S> {
    /// Puts a thread on a seat.
    pub(super) fn sit(self: &Arc<Self>, place: usize, tool: S) -> io::Result<()> {
        self.put(place, &mut self.seat(place), tool)
    }

    fn put(self: &Arc<Self>, place: usize, seat: &mut Seat, tool: S) -> io::Result<()> {
        let (seats, sitter) = (Arc::clone(self), seat.sitter + 1);
        let thread = thread::Builder::new()
            .name(format!("{}-{place}", self.name))
            .spawn(move || seats.serve(place, sitter, tool))?;
        *seat = Seat {
            sitter,
            thread: Some(thread),
            at: None,
        };
        Ok(())
    }

    /// Gives up who is stuck until the crew is closed.
    pub(super) fn watch(self: &Arc<Self>) {
        loop {
            let next = self.look(Instant::now());
            let open = |closing: &mut bool| !*closing;
            let woken = self.bell.wait_timeout_while(self.is_closing(), next, open);
            if *woken.unwrap_or_else(PoisonError::into_inner).0 {
                return;
            }
        }
    }

    /// Gives up who is stuck; says how long nobody else can be.
    fn look(self: &Arc<Self>, now: Instant) -> Duration {
        let Some((patience, fresh)) = self.patience else {
            return Duration::MAX;
        };
        let places = 0..self.places.len();
        let left = places.map(|place| self.look_at(place, now, patience, fresh));
        left.min().unwrap_or(patience.live)
    }

    fn look_at(
        self: &Arc<Self>,
        place: usize,
        now: Instant,
        patience: Patience,
        fresh: Fresh<S>,
    ) -> Duration {
        let mut seat = self.seat(place);
        // Work that begins after this look is due after the next one.
        let Some(at) = seat.at.as_mut().filter(|at| at.task.lane == Lane::Live) else {
            return patience.live;
        };
        let left = patience
            .live
            .saturating_sub(now.saturating_duration_since(at.since));
        if !left.is_zero() {
            return left;
        }
        if let Some(given_up) = at.task.given_up.take() {
            if let Some(subject) = at.task.subject {
                self.fuses.stuck(subject, now);
            }
            // Its caller may have gone meanwhile.
            given_up.send(()).unwrap_or_default();
        }
        self.replace(place, &mut seat, patience.abandoned, fresh);
        drop(seat);
        patience.live
    }

    fn replace(self: &Arc<Self>, place: usize, seat: &mut Seat, most: usize, fresh: Fresh<S>) {
        let crew = self.name;
        if *self.is_closing() {
            tracing::error!(crew, "a member is stuck and is not waited for");
            seat.thread = None;
            return;
        }
        let abandoned = self.counts.abandoned.load(Ordering::Relaxed);
        if abandoned >= most {
            tracing::error!(
                crew,
                abandoned,
                "a member is stuck, and too many are already"
            );
            return;
        }
        if let Err(error) = self.put(place, seat, fresh()) {
            tracing::error!(crew, %error, "a member is stuck, and no thread can be started");
            return;
        }
        self.counts.abandoned.fetch_add(1, Ordering::Relaxed);
        count(&self.counts.replaced);
        tracing::error!(crew, "a member is stuck and has been replaced");
    }

    /// Sends all home, after what waits is done. Who is stuck is not waited for.
    pub(super) fn close(self: &Arc<Self>) {
        self.lanes.close();
        *self.is_closing() = true;
        self.bell.notify_all();
        let me = thread::current().id();
        for place in 0..self.places.len() {
            while self.is_watched() && self.is_here(place, me) {
                self.look(Instant::now());
                thread::sleep(GLANCE);
            }
            let thread = self.seat(place).thread.take();
            let Some(thread) = thread.filter(|thread| thread.thread().id() != me) else {
                continue;
            };
            if thread.join().is_err() {
                tracing::error!(crew = self.name, "a crew member died");
            }
        }
    }

    fn is_here(&self, place: usize, me: thread::ThreadId) -> bool {
        let is_here = |thread: &JoinHandle<()>| thread.thread().id() != me && !thread.is_finished();
        self.seat(place).thread.as_ref().is_some_and(is_here)
    }
}

fn locked(seat: &Mutex<Seat>) -> MutexGuard<'_, Seat> {
    seat.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
