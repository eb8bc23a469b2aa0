//! Work shared out between threads.

use std::sync::Mutex;
use std::thread;

/// Does the work on every item, each by whichever thread is free. An item must need no other, so
/// the number of threads changes nothing.
pub(super) fn share<T: Send>(threads: usize, items: &mut [T], work: impl Fn(&mut T) + Sync) {
    let helpers = threads.min(items.len()).saturating_sub(1);
    let queue = Mutex::new(items.iter_mut());
    let next = || queue.lock().ok().and_then(|mut items| items.next());
    let labour = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(labour);
        }
        labour();
    });
}
