//! A bounded queue with two lanes: what somebody waits for, and what can wait.
//!
//! A full lane refuses at once; it never grows. The owner drains it from one or more threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Who waits for the answer. [`Lane::Live`] always goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A caller with a clock running.
    Live,
    /// A job that can wait.
    Batch,
}

/// What came of waiting for work.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<W> {
    /// Something to do.
    Work(W),
    /// Nothing came in time.
    Idle,
    /// The queue is closed and empty.
    Closed,
}

struct Queue<W> {
    live: VecDeque<W>,
    batch: VecDeque<W>,
    closed: bool,
}

/// The queue.
pub struct Lanes<W> {
    capacity: usize,
    queue: Mutex<Queue<W>>,
    bell: Condvar,
}

impl<W> Lanes<W> {
    /// An empty queue; each lane holds at most `capacity`.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            queue: Mutex::new(Queue {
                live: VecDeque::new(),
                batch: VecDeque::new(),
                closed: false,
            }),
            bell: Condvar::new(),
        }
    }

    /// Adds work, or gives it back when the lane is full or the queue closed.
    pub fn post(&self, lane: Lane, work: W) -> Result<(), W> {
        let mut queue = self.lock();
        let closed = queue.closed;
        let line = match lane {
            Lane::Live => &mut queue.live,
            Lane::Batch => &mut queue.batch,
        };
        if closed || line.len() >= self.capacity {
            return Err(work);
        }
        line.push_back(work);
        drop(queue);
        self.bell.notify_all();
        Ok(())
    }

    /// The next piece of work, live before batch. Waits as long as `patience` says, or for ever.
    pub fn wait(&self, live_only: bool, patience: Option<Duration>) -> Next<W> {
        let mut queue = self.lock();
        loop {
            if let Some(work) = queue.pop(live_only) {
                return Next::Work(work);
            }
            if queue.closed {
                return Next::Closed;
            }
            let Some(patience) = patience else {
                queue = self
                    .bell
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (woken, timeout) = self
                .bell
                .wait_timeout(queue, patience)
                .unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            if timeout.timed_out() {
                return queue.pop(live_only).map_or(Next::Idle, Next::Work);
            }
        }
    }

    /// The next piece of work if there is one right now; with `live_only`, live work only.
    pub fn take(&self, live_only: bool) -> Option<W> {
        self.lock().pop(live_only)
    }

    /// How much is waiting in both lanes.
    pub fn waiting(&self) -> usize {
        let queue = self.lock();
        queue.live.len() + queue.batch.len()
    }

    /// Takes no more work; what waits is still handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.bell.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<W>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> Queue<W> {
    fn pop(&mut self, live_only: bool) -> Option<W> {
        let live = self.live.pop_front();
        if live.is_some() || live_only {
            return live;
        }
        self.batch.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_goes_first_and_a_full_lane_gives_work_back() {
        let lanes = Lanes::new(1);
        assert_eq!(lanes.post(Lane::Batch, "batch"), Ok(()));
        assert_eq!(lanes.post(Lane::Live, "live"), Ok(()));

        assert_eq!(lanes.post(Lane::Live, "too much"), Err("too much"));
        assert_eq!(lanes.take(false), Some("live"));
        assert_eq!(lanes.take(false), Some("batch"));
    }

    #[test]
    fn a_closed_queue_is_emptied_before_it_ends() {
        let lanes = Lanes::new(4);
        lanes.post(Lane::Live, 1).unwrap();
        lanes.close();

        assert_eq!(lanes.post(Lane::Live, 2), Err(2));
        assert_eq!(lanes.wait(false, None), Next::Work(1));
        assert_eq!(lanes.wait(false, None), Next::Closed);
    }

    #[test]
    fn patience_ends() {
        let lanes = Lanes::<()>::new(1);

        assert_eq!(
            lanes.wait(false, Some(Duration::from_millis(1))),
            Next::Idle
        );
    }
}
