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
    // TODO: go through ids, write the new word into merged, and note each change to a pair: the
    // merged one, those with its left and right neighbours, and the two that arise. (22 lines)
    todo!();
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
        // TODO: compare the counts, then the pairs; mind which pair comes first. (3 lines)
        todo!()
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
