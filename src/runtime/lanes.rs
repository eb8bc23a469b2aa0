//! A bounded queue with several lanes, most urgent first.
//!
//! A full lane refuses at once; it never grows. The owner drains it from one or more threads. An
//! urgent lane goes before the others, but nobody waits for ever: a lane that was passed over
//! [`PATIENCE`] times in a row is served next. No clock is asked, so the same posts and takes come
//! out in the same order.

use std::array;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a lane with work in it is passed over before its turn comes.
pub const PATIENCE: u32 = 16;

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

/// What waits in one lane.
struct Line<W> {
    work: VecDeque<W>,
    /// How often others were served while this waited.
    passed: u32,
}

struct Queue<W, const N: usize> {
    lines: [Line<W>; N],
    closed: bool,
}

/// The queue. Lanes are counted from 0, the most urgent.
pub struct Lanes<W, const N: usize> {
    capacity: usize,
    queue: Mutex<Queue<W, N>>,
    bell: Condvar,
}

impl<W, const N: usize> Lanes<W, N> {
    /// An empty queue; each lane holds at most `capacity`.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let line = |_lane| Line {
            work: VecDeque::new(),
            passed: 0,
        };
        Self {
            capacity,
            queue: Mutex::new(Queue {
                lines: array::from_fn(line),
                closed: false,
            }),
            bell: Condvar::new(),
        }
    }

    /// Adds work, or gives it back when the lane is full or the queue closed.
    pub fn post(&self, lane: usize, work: W) -> Result<(), W> {
        let mut queue = self.lock();
        let closed = queue.closed;
        match queue.lines.get_mut(lane) {
            Some(line) if !closed && line.work.len() < self.capacity => line.work.push_back(work),
            _ => return Err(work),
        }
        drop(queue);
        self.bell.notify_all();
        Ok(())
    }

    /// Adds all of it, each piece to its lane, or gives all of it back.
    pub fn post_all(&self, work: Vec<(usize, W)>) -> Result<(), Vec<(usize, W)>> {
        let mut asked = [0_usize; N];
        for (lane, _) in &work {
            match asked.get_mut(*lane) {
                Some(count) => *count += 1,
                None => return Err(work),
            }
        }
        let mut queue = self.lock();
        let mut room = queue.lines.iter().zip(asked);
        if queue.closed || room.any(|(line, more)| line.work.len() + more > self.capacity) {
            return Err(work);
        }
        for (lane, piece) in work {
            if let Some(line) = queue.lines.get_mut(lane) {
                line.work.push_back(piece);
            }
        }
        drop(queue);
        self.bell.notify_all();
        Ok(())
    }

    /// The next piece of work of the `first` lanes. Waits as long as `patience` says, or for ever.
    pub fn wait(&self, first: usize, patience: Option<Duration>) -> Next<W> {
        let mut queue = self.lock();
        loop {
            if let Some(work) = queue.pop(first) {
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
                return queue.pop(first).map_or(Next::Idle, Next::Work);
            }
        }
    }

    /// The next piece of work of the `first` lanes, if there is one right now.
    pub fn take(&self, first: usize) -> Option<W> {
        self.lock().pop(first)
    }

    /// How much each lane holds at most.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// How much is waiting in all lanes.
    pub fn waiting(&self) -> usize {
        self.lock().lines.iter().map(|line| line.work.len()).sum()
    }

    /// How much is waiting in each lane.
    pub fn waiting_each(&self) -> [usize; N] {
        self.lock().lines.each_ref().map(|line| line.work.len())
    }

    /// Takes no more work; what waits is still handed out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.bell.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<W, N>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W, const N: usize> Queue<W, N> {
    fn pop(&mut self, first: usize) -> Option<W> {
        let waits = |line: &Line<W>| !line.work.is_empty();
        let overdue = |line: &Line<W>| waits(line) && line.passed >= PATIENCE;
        let open = || self.lines.iter().take(first);
        let lane = open()
            .position(overdue)
            .or_else(|| open().position(waits))?;
        let mut work = None;
        for (n, line) in self.lines.iter_mut().enumerate() {
            if n == lane {
                work = line.work.pop_front();
                line.passed = 0;
            } else if !line.work.is_empty() {
                line.passed = line.passed.saturating_add(1);
            }
        }
        work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urgent_lane_goes_first_and_a_full_one_gives_work_back() {
        let lanes = Lanes::<_, 2>::new(1);
        assert_eq!(lanes.post(1, "batch"), Ok(()));
        assert_eq!(lanes.post(0, "live"), Ok(()));

        assert_eq!(lanes.post(0, "too much"), Err("too much"));
        assert_eq!(lanes.post(2, "nowhere"), Err("nowhere"));
        assert_eq!(lanes.take(2), Some("live"));
        assert_eq!(lanes.take(1), None);
        assert_eq!(lanes.take(2), Some("batch"));
    }

    #[test]
    fn what_is_posted_together_is_refused_together() {
        let lanes = Lanes::<_, 3>::new(2);
        lanes.post(1, 'a').unwrap();

        let too_much = vec![(0, 'b'), (1, 'c'), (1, 'd')];
        assert_eq!(lanes.post_all(too_much.clone()), Err(too_much));
        assert_eq!((lanes.waiting(), lanes.waiting_each()), (1, [0, 1, 0]));

        assert_eq!(lanes.post_all(vec![(2, 'b'), (1, 'c'), (0, 'd')]), Ok(()));
        let order: String = std::iter::from_fn(|| lanes.take(3)).collect();
        assert_eq!(order, "dacb");
    }

    #[test]
    fn no_lane_is_passed_over_for_ever() {
        let lanes = Lanes::<_, 3>::new(100);
        for n in 0..60 {
            lanes.post(0, ("urgent", n)).unwrap();
        }
        for n in 0..2 {
            lanes.post(1, ("usual", n)).unwrap();
            lanes.post(2, ("late", n)).unwrap();
        }

        let served: Vec<_> = std::iter::from_fn(|| lanes.take(3)).collect();

        let at = |what| served.iter().position(|work| *work == what).unwrap();
        assert_eq!((at(("usual", 0)), at(("late", 0))), (16, 17));
        assert_eq!((at(("usual", 1)), at(("late", 1))), (33, 34));
        assert_eq!(served.len(), 64);
    }

    #[test]
    fn an_overdue_lane_is_served_only_to_those_who_take_from_it() {
        let lanes = Lanes::<_, 2>::new(100);
        lanes.post(1, "batch").unwrap();
        for _ in 0..40 {
            lanes.post(0, "live").unwrap();
        }

        for _ in 0..20 {
            assert_eq!(lanes.take(1), Some("live"));
        }
        assert_eq!(lanes.take(2), Some("batch"));
        assert_eq!(lanes.take(2), Some("live"));
    }

    #[test]
    fn a_closed_queue_is_emptied_before_it_ends() {
        let lanes = Lanes::<_, 2>::new(4);
        lanes.post(0, 1).unwrap();
        lanes.close();

        assert_eq!(lanes.post(0, 2), Err(2));
        assert_eq!(lanes.post_all(vec![(1, 2)]), Err(vec![(1, 2)]));
        assert_eq!(lanes.wait(2, None), Next::Work(1));
        assert_eq!(lanes.wait(2, None), Next::Closed);
    }

    #[test]
    fn a_million_posts_leave_what_a_lane_holds_and_all_others_come_back() {
        let lanes = Lanes::<_, 2>::new(1_000);
        let is_taken = |n: &u32| lanes.post((n % 2) as usize, *n).is_ok();

        let taken = (0..1_000_000).filter(is_taken).count();
        let together = (0..1_001).map(|n| (0, n)).collect();

        assert_eq!((taken, lanes.waiting_each()), (2_000, [1_000, 1_000]));
        assert!(lanes.post_all(together).is_err());
        let served = std::iter::from_fn(|| lanes.take(2)).count();
        assert_eq!((served, lanes.waiting()), (2_000, 0));
    }

    #[test]
    fn patience_ends() {
        let lanes = Lanes::<(), 1>::new(1);

        assert_eq!(lanes.wait(1, Some(Duration::from_millis(1))), Next::Idle);
    }
}
