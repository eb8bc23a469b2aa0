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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_on_any_number_of_threads() {
        for threads in [0, 1, 2, 7, 200] {
            let mut items = [0; 100];

            share(threads, &mut items, |item| *item += 1);

            assert_eq!(items, [1; 100], "{threads} threads");
        }
    }
}
