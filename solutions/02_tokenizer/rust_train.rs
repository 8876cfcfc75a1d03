//! Train and encode in Rust: the merges of `train`, found by looking only where something changed.
//!
//! The twin of `train_fast.py` and of `encode_chunk`. Numbers of occurrences are `i64`: nanochat's
//! crate counts in `i32`, which is too small for a corpus with 2,147,483,648 equal pairs.
//!
//! Lesson: README.md, "The same in Rust". Source: nanochat, `rustbpe/src/lib.rs`,
//! `train_core_incremental` and `encode`.

use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::rust_merge::{merge_pair, Job, Pair};

/// What a training has to remember.
pub struct Corpus {
    /// The ids of each distinct chunk.
    pub words: Vec<Vec<u32>>,
    /// For each word, how often it occurs.
    pub weights: Vec<i64>,
    /// For each pair, how often it occurs, all words counted. It may have fallen to 0.
    pub counts: HashMap<Pair, i64>,
    /// For each pair, the numbers of the words that hold it, and perhaps of some that no longer do.
    pub places: HashMap<Pair, HashSet<usize>>,
}

impl Corpus {
    /// Note the counts and the places of all pairs.
    pub fn new(words: Vec<Vec<u32>>, weights: Vec<i64>) -> Self {
        let mut counts: HashMap<Pair, i64> = HashMap::new();
        let mut places: HashMap<Pair, HashSet<usize>> = HashMap::new();
        for (number, (ids, weight)) in words.iter().zip(&weights).enumerate() {
            for two in ids.windows(2) {
                let pair = (two[0], two[1]);
                *counts.entry(pair).or_default() += weight;
                places.entry(pair).or_default().insert(number);
            }
        }
        Corpus {
            words,
            weights,
            counts,
            places,
        }
    }

    /// Merge a pair in each word that holds it; keep words, counts and places true.
    ///
    /// Returns the pairs that have become more frequent.
    pub fn merge_everywhere(&mut self, pair: Pair, new_id: u32) -> HashSet<Pair> {
        let mut risen = HashSet::new();
        for number in self.places.remove(&pair).unwrap_or_default() {
            for (changed, change) in merge_pair(&mut self.words[number], pair, new_id) {
                // a word that occurs nine times changes each count by nine
                *self.counts.entry(changed).or_default() += change * self.weights[number];
                if change > 0 {
                    // this word holds a pair that it may not have held before
                    self.places.entry(changed).or_default().insert(number);
                    risen.insert(changed);
                }
            }
        }
        risen
    }
}

/// Learn merges from words: the first one gets the id 256, the next 257, in the order returned.
///
/// Each step merges the pair that occurs most often; among equals, the smallest. If no pair is left
/// before `num_merges`, it ends there. It is an error if there is not one weight for each word.
pub fn train(
    words: Vec<Vec<u32>>,
    weights: Vec<i64>,
    num_merges: usize,
) -> Result<Vec<Pair>, String> {
    if words.len() != weights.len() {
        return Err(format!("{} words, {} weights", words.len(), weights.len()));
    }
    let mut corpus = Corpus::new(words, weights);
    let mut heap: BinaryHeap<Job> = BinaryHeap::new();
    for (&pair, &count) in &corpus.counts {
        heap.push(Job { count, pair });
    }
    let mut merges: Vec<Pair> = Vec::new();
    while merges.len() < num_merges {
        let Some(Job { count, pair }) = heap.pop() else {
            break;
        };
        let now = corpus.counts[&pair];
        // all of its occurrences have gone into other merges
        if now == 0 {
            continue;
        }
        // some of them have, since it was pushed: it waits again, with what is true now
        if now != count {
            heap.push(Job { count: now, pair });
            continue;
        }
        let new_id = 256 + merges.len() as u32;
        merges.push(pair);
        for pair in corpus.merge_everywhere(pair, new_id) {
            let count = corpus.counts[&pair];
            heap.push(Job { count, pair });
        }
    }
    Ok(merges)
}

/// The tokens of a chunk: again and again, merge the pair that was learned first.
///
/// `merges` has the new id of each pair; a pair that was learned earlier has a smaller one.
pub fn encode_chunk(bytes: &[u8], merges: &HashMap<Pair, u32>) -> Vec<u32> {
    let mut ids: Vec<u32> = bytes.iter().map(|&byte| u32::from(byte)).collect();
    loop {
        let pairs = ids.windows(2).map(|two| (two[0], two[1]));
        // the smallest new id, and its pair; nothing if no pair here was ever learned
        let first = pairs
            .filter_map(|pair| merges.get(&pair).map(|&new_id| (new_id, pair)))
            .min();
        let Some((new_id, pair)) = first else {
            return ids;
        };
        merge_pair(&mut ids, pair, new_id);
    }
}
