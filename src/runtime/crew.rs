//! Threads that own something, and a bounded queue in front of them.
//!
//! Blocking work never runs on the async threads. It is handed to a [`Crew`]: a fixed number of
//! named threads, each holding one `S` of its own (a connection, a scratch buffer). Callers wait
//! for the answer asynchronously. A full queue refuses at once; it never grows.
//!
//! In a crew of two or more, the first member takes live work only, so that batch work can never
//! keep a live caller waiting for a thread. A work closure never holds a crew, which is why crews
//! cannot deadlock.
//!
//! A panic costs one answer, not the thread. In a crew that is watched, work that never ends costs
//! one answer too, up to a number of threads. An input that does either again and again is refused
//! for a while, where the work says what it is about.

mod fuses;
mod seats;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use std::{io, thread};

use tokio::sync::oneshot;

use super::timing;
pub use fuses::{Fuses, PANICS, Subject};
pub use seats::Patience;
use seats::{Seats, Task, Work};

/// Who waits for the answer. [`Lane::Live`] goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A caller with a clock running.
    Live,
    /// A job that can wait.
    Batch,
}

/// How many lanes a crew has.
const LANES: usize = 2;

impl Lane {
    const fn index(self) -> usize {
        match self {
            Self::Live => 0,
            Self::Batch => 1,
        }
    }
}

/// Why the crew gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The lane is full; try again later.
    #[error("the {crew} queue is full")]
    Full {
        /// Which crew.
        crew: &'static str,
    },
    /// The work panicked, or the crew was sent home first.
    #[error("the {crew} crew dropped the work")]
    Dropped {
        /// Which crew.
        crew: &'static str,
    },
    /// The work took longer than any may.
    #[error("the {crew} crew gave the work up: it took too long")]
    Stuck {
        /// Which crew.
        crew: &'static str,
    },
    /// Work about the same has failed too often.
    #[error("the {crew} crew leaves this alone for {seconds} s: it has failed again and again")]
    Blown {
        /// Which crew.
        crew: &'static str,
        /// For how long.
        seconds: u64,
    },
}

/// How a crew does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrewStats {
    /// Seats, each with a thread.
    pub threads: usize,
    /// Of them at work.
    pub busy: usize,
    /// Live work that waits, and batch work.
    pub waiting: (usize, usize),
    /// How much of either may.
    pub queue: usize,
    /// Work that found its lane full.
    pub refused: u64,
    /// Work that nobody waited for any more when its turn came.
    pub skipped: u64,
    /// Work, or parts of it, that panicked.
    pub panicked: u64,
    /// Members that were stuck and given up.
    pub replaced: u64,
    /// Threads of them that still run.
    pub abandoned: usize,
    /// Inputs that are left alone right now.
    pub blown: usize,
    /// Work that was refused for it.
    pub left_alone: u64,
}

/// A handle to the crew. The crew goes home when the last handle is dropped.
pub struct Crew<S: Send + 'static> {
    members: Arc<Members<S>>,
}

struct Members<S: Send + 'static> {
    seats: Arc<Seats<S>>,
    watch: Option<thread::JoinHandle<()>>,
}

impl<S: Send + 'static> Clone for Crew<S> {
    fn clone(&self) -> Self {
        Self {
            members: Arc::clone(&self.members),
        }
    }
}

impl<S: Default + Send + 'static> Crew<S> {
    /// Starts so many threads, and one that gives up those that are stuck on live work.
    pub fn start_watched(
        name: &'static str,
        capacity: usize,
        members: usize,
        patience: Patience,
    ) -> io::Result<Self> {
        let seats = Seats::new(name, capacity, members, Some((patience, S::default)));
        let tools = (0..members).map(|_| S::default());
        let mut members = Members::seated(Arc::new(seats), tools)?;
        let watched = Arc::clone(&members.seats);
        let watch = thread::Builder::new().name(format!("{name}-watch"));
        members.watch = Some(watch.spawn(move || watched.watch())?);
        Ok(Self {
            members: Arc::new(members),
        })
    }
}

impl<S: Send + 'static> Crew<S> {
    /// Starts one thread per tool in `tools`. Each lane holds at most `capacity` pieces of work.
    pub fn start(name: &'static str, capacity: usize, tools: Vec<S>) -> io::Result<Self> {
        let seats = Arc::new(Seats::new(name, capacity, tools.len(), None));
        let members = Members::seated(seats, tools.into_iter())?;
        Ok(Self {
            members: Arc::new(members),
        })
    }

    /// Has one member do `work` and returns what it made of it. What is logged meanwhile belongs to
    /// whoever asked.
    ///
    /// If the caller stops waiting before a member starts, the work is skipped.
    pub async fn ask<T, F>(&self, lane: Lane, work: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        self.have_done(lane, None, work).await
    }

    /// The same, saying what it is about: when that has failed too often, it is refused.
    pub async fn ask_about<T, F>(&self, subject: Subject, lane: Lane, work: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        self.members.seats.fuses.check(subject, Instant::now())?;
        self.have_done(lane, Some(subject), work).await
    }

    async fn have_done<T, F>(
        &self,
        lane: Lane,
        subject: Option<Subject>,
        work: F,
    ) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        let seats = &self.members.seats;
        let crew = seats.name;
        let (reply, mut answer) = oneshot::channel();
        let (given_up, stuck) = seats.is_watched().then(oneshot::channel).unzip();
        let asked = Instant::now();
        let span = tracing::Span::current();
        let run = move |tool: &mut S| {
            let wanted = !reply.is_closed();
            if wanted {
                let began = Instant::now();
                let done = span.in_scope(|| work(tool));
                // The caller may have gone meanwhile; then nobody wants the answer.
                drop(reply.send((done, began, began.elapsed())));
            }
            wanted
        };
        let task = Task {
            lane,
            subject,
            given_up,
        };
        let work = Work {
            run: Box::new(run),
            task,
        };
        if seats.lanes.post(lane.index(), work).is_err() {
            seats.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refused::Full { crew });
        }
        let given_up = async {
            match stuck {
                Some(stuck) => stuck.await.is_ok(),
                None => false,
            }
        };
        let answered = tokio::select! {
            biased;
            answered = &mut answer => answered,
            true = given_up => return Err(Refused::Stuck { crew }),
        };
        let (done, began, took) = answered.map_err(|_gone| Refused::Dropped { crew })?;
        timing::book(timing::QUEUE, began.duration_since(asked));
        timing::book(crew, took);
        Ok(done)
    }

    /// How much work waits in front of the crew.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.members.seats.lanes.waiting()
    }

    /// How much live work waits, and how much batch work.
    #[must_use]
    pub fn waiting_each(&self) -> (usize, usize) {
        let [live, batch] = self.members.seats.lanes.waiting_each();
        (live, batch)
    }

    /// For work in parts, each of which may fail alone.
    #[must_use]
    pub fn fuses(&self) -> Fuses {
        self.members.seats.fuses.clone()
    }

    /// How it does.
    #[must_use]
    pub fn stats(&self) -> CrewStats {
        let seats = &self.members.seats;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CrewStats {
            threads: seats.members(),
            busy: seats.busy(),
            waiting: self.waiting_each(),
            queue: seats.lanes.capacity(),
            refused: read(&seats.counts.refused),
            skipped: read(&seats.counts.skipped),
            panicked: read(&seats.counts.panicked) + seats.fuses.guarded(),
            replaced: read(&seats.counts.replaced),
            abandoned: seats.counts.abandoned.load(Ordering::Relaxed),
            blown: seats.fuses.blown(Instant::now()),
            left_alone: seats.fuses.refused(),
        }
    }
}

impl<S: Send + 'static> Members<S> {
    fn seated(seats: Arc<Seats<S>>, tools: impl Iterator<Item = S>) -> io::Result<Self> {
        // If one cannot be started, the others are sent home.
        let members = Self { seats, watch: None };
        for (place, tool) in tools.enumerate() {
            members.seats.sit(place, tool)?;
        }
        Ok(members)
    }
}

impl<S: Send + 'static> Drop for Members<S> {
    fn drop(&mut self) {
        self.seats.close();
        if self.watch.take().is_some_and(|watch| watch.join().is_err()) {
            tracing::error!(crew = self.seats.name, "who watches a crew has died");
        }
    }
}

#[cfg(test)]
mod tests;
