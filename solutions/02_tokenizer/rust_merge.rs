//! Merge a pair inside a word, in Rust, and say what that changes.
//!
//! The twin of `pairs.py`, with one thing more: whoever is told what a merge has changed need not
//! count everything again.
//!
//! Lesson: README.md, "The same in Rust". Source: nanochat, `rustbpe/src/lib.rs`, `merge_pair` and
//! `MergeJob`.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Two neighbouring ids.
pub type Pair = (u32, u32);

/// Replace each occurrence of `pair` by `new_id`, from left to right, inside `ids` itself.
///
/// Returns what that does to the number of occurrences of pairs, change by change: `((3, 4), -1)`
/// says that one 3 4 has gone. A pair may come several times, and its changes may cancel out.
pub fn merge_pair(ids: &mut Vec<u32>, pair: Pair, new_id: u32) -> Vec<(Pair, i64)> {
    let mut merged: Vec<u32> = Vec::with_capacity(ids.len());
    let mut changes = Vec::new();
    let mut i = 0;
    while i < ids.len() {
        // the last id has no neighbour, and ids[i + 1] would panic
        if i + 1 < ids.len() && (ids[i], ids[i + 1]) == pair {
            changes.push((pair, -1));
            // the left neighbour is the last one written: a merge just before may have made it
            if let Some(&left) = merged.last() {
                changes.push(((left, pair.0), -1));
                changes.push(((left, new_id), 1));
            }
            // the right one is still as it was; if it is merged next, that merge corrects this
            if let Some(&right) = ids.get(i + 2) {
                changes.push(((pair.1, right), -1));
                changes.push(((new_id, right), 1));
            }
            merged.push(new_id);
            i += 2; // both are used up
        } else {
            merged.push(ids[i]);
            i += 1;
        }
    }
    // hand the new word to whoever lent us the old one
    *ids = merged;
    changes
}

/// A pair that waits for its merge in a heap, which always gives its greatest entry first.
#[derive(Debug, PartialEq, Eq)]
pub struct Job {
    pub count: i64,
    pub pair: Pair,
}

impl Ord for Job {
    /// The greater job is the one with the higher count; of equal counts, the smaller pair.
    fn cmp(&self, other: &Self) -> Ordering {
        // the pairs are compared the other way round: the smaller pair makes the greater job
        self.count
            .cmp(&other.count)
            .then_with(|| other.pair.cmp(&self.pair))
    }
}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order in which a heap gives these jobs back, each a count and a pair.
pub fn pop_order(jobs: Vec<(i64, Pair)>) -> Vec<(i64, Pair)> {
    let mut heap: BinaryHeap<Job> = BinaryHeap::new();
    for (count, pair) in jobs {
        heap.push(Job { count, pair });
    }
    let mut popped = Vec::new();
    while let Some(job) = heap.pop() {
        popped.push((job.count, job.pair));
    }
    popped
}
