//! Threads that own something, and a bounded queue in front of them.
//!
//! Blocking work never runs on the async threads. It is handed to a [`Crew`]: a fixed number of
//! named threads, each holding one `S` of its own (a connection, a scratch buffer). Callers wait
//! for the answer asynchronously. A full queue refuses at once; it never grows.
//!
//! In a crew of two or more, the first member takes live work only, so that batch work can never
//! keep a live caller waiting for a thread. A work closure never holds a crew, which is why crews
//! cannot deadlock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;
use std::{io, thread};

use tokio::sync::oneshot;

use super::lanes::{Lanes, Next};
use super::timing;

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
}

type Work<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A handle to the crew. The crew goes home when the last handle is dropped.
pub struct Crew<S> {
    members: Arc<Members<S>>,
}

struct Members<S> {
    name: &'static str,
    lanes: Arc<Lanes<Work<S>, LANES>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl<S> Clone for Crew<S> {
    fn clone(&self) -> Self {
        Self {
            members: Arc::clone(&self.members),
        }
    }
}

impl<S: Send + 'static> Crew<S> {
    /// Starts one thread per tool in `tools`. Each lane holds at most `capacity` pieces of work.
    pub fn start(name: &'static str, capacity: usize, tools: Vec<S>) -> io::Result<Self> {
        let lanes: Arc<Lanes<Work<S>, LANES>> = Arc::new(Lanes::new(capacity));
        let several = tools.len() > 1;
        let mut threads = Vec::with_capacity(tools.len());
        for (n, tool) in tools.into_iter().enumerate() {
            let lanes = Arc::clone(&lanes);
            let first = if several && n == 0 { 1 } else { LANES };
            let thread = thread::Builder::new()
                .name(format!("{name}-{n}"))
                .spawn(move || serve(name, &lanes, tool, first))?;
            threads.push(thread);
        }
        let members = Arc::new(Members {
            name,
            lanes,
            threads,
        });
        Ok(Self { members })
    }

    /// Has one member do `work` and returns what it made of it.
    ///
    /// If the caller stops waiting before a member starts, the work is skipped.
    pub async fn ask<T, F>(&self, lane: Lane, work: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        let crew = self.members.name;
        let (reply, answer) = oneshot::channel();
        let asked = Instant::now();
        let work: Work<S> = Box::new(move |tool| {
            if !reply.is_closed() {
                let began = Instant::now();
                let done = work(tool);
                // The caller may have gone meanwhile; then nobody wants the answer.
                drop(reply.send((done, began, began.elapsed())));
            }
        });
        self.members
            .lanes
            .post(lane.index(), work)
            .map_err(|_work| Refused::Full { crew })?;
        let (done, began, took) = answer.await.map_err(|_gone| Refused::Dropped { crew })?;
        timing::book(timing::QUEUE, began.duration_since(asked));
        timing::book(crew, took);
        Ok(done)
    }

    /// How much work waits in front of the crew.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.members.lanes.waiting()
    }

    /// How much live work waits, and how much batch work.
    #[must_use]
    pub fn waiting_each(&self) -> (usize, usize) {
        let [live, batch] = self.members.lanes.waiting_each();
        (live, batch)
    }

    /// How many threads it has.
    #[must_use]
    pub fn members(&self) -> usize {
        self.members.threads.len()
    }
}

fn serve<S>(name: &'static str, lanes: &Lanes<Work<S>, LANES>, mut tool: S, first: usize) {
    while let Next::Work(work) = lanes.wait(first, None) {
        if catch_unwind(AssertUnwindSafe(|| work(&mut tool))).is_err() {
            tracing::error!(crew = name, "work panicked");
        }
    }
}

impl<S> Drop for Members<S> {
    fn drop(&mut self) {
        self.lanes.close();
        let me = thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != me && thread.join().is_err() {
                tracing::error!(crew = self.name, "a crew member died");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_panic_costs_one_answer_not_the_worker() {
        let crew = Crew::start("worker", 4, vec![0_u32]).unwrap();

        let broken = crew.ask(Lane::Live, |_| -> u32 { panic!("boom") }).await;

        assert_eq!(broken, Err(Refused::Dropped { crew: "worker" }));
        assert_eq!(crew.ask(Lane::Batch, |n| *n + 3).await, Ok(3));
    }

    #[tokio::test]
    async fn batch_work_never_takes_the_last_thread() {
        let crew = Crew::start("worker", 8, vec![(), ()]).unwrap();
        let (open, gate) = mpsc::channel::<()>();
        let slow = tokio::spawn({
            let crew = crew.clone();
            async move {
                let wait = move |(): &mut ()| gate.recv().unwrap();
                crew.ask(Lane::Batch, wait).await
            }
        });

        assert_eq!(crew.ask(Lane::Live, |()| "at once").await, Ok("at once"));

        open.send(()).unwrap();
        slow.await.unwrap().unwrap();
    }
}
