//! From counted chunks to merges.
//!
//! Again and again the most frequent pair of neighbours becomes a token; of equals the smallest. A
//! merge visits only the places that hold the pair, and of the pairs around it only those that
//! change, once each: what changes is summed up by neighbour first.

use std::cmp::Reverse;
use std::hint::black_box;
use std::ops::BitXor;

use crate::count::Counts;
use crate::error::{BpeError, Result};
use crate::pairs::{Pair, Pairs, Place};
use crate::pulse::Pulse;

/// How many tokens are bytes: the first.
pub const BYTES: usize = 256;

/// How many cells are fetched at a time.
const AHEAD: usize = 32;

/// How many fetches of cells lie between two beats, and how many cells at first.
const BEAT: usize = 1 << 12;

/// No token.
const VOID: u32 = u32::MAX;

/// The merges that a vocabulary of `vocab_size` tokens has room for: merge `k` makes token
/// `256 + k`. There are fewer if the pairs run out.
pub fn train(counts: Counts, vocab_size: usize, pulse: &dyn Pulse) -> Result<Vec<Pair>> {
    let room = vocab_size
        .checked_sub(BYTES)
        .ok_or(BpeError::VocabSize(vocab_size))?;
    let mut trainer = Trainer {
        text: Text::new(counts),
        ..Trainer::default()
    };
    trainer.find_pairs(pulse)?;
    let mut merges = Vec::new();
    while merges.len() < room {
        let Some((pair, starts)) = trainer.pairs.pop() else {
            break;
        };
        let id = u32::try_from(BYTES + merges.len()).map_err(|_| BpeError::TooLarge)?;
        trainer.merge(pair, id, &starts, pulse)?;
        merges.push(pair);
        pulse.learned(merges.len(), room)?;
    }
    Ok(merges)
}

/// The distinct chunks as tokens, one chunk after the other, the frequent ones first.
///
/// A token of n bytes fills n cells. Its id stands in the first and in the last of them, so that
/// both neighbours of a token are one step away however long the chunk is. The cells inside are
/// void, and so is one on either side of a chunk.
#[derive(Debug, Default)]
struct Text {
    cells: Vec<u32>,
    /// How many cells each token fills.
    lengths: Vec<u32>,
    /// Where the chunks end that occur as often as each other, and how often that is.
    counts: Vec<(usize, u64)>,
}

impl Text {
    fn new(counts: Counts) -> Self {
        let (mut bytes, mut chunks) = (Vec::new(), Vec::with_capacity(counts.len()));
        counts.drain(|chunk, count| {
            chunks.push((count, bytes.len(), chunk.len()));
            bytes.extend_from_slice(chunk);
        });
        chunks.sort_unstable_by_key(|(count, ..)| Reverse(*count));
        let mut text = Self {
            cells: Vec::with_capacity(1 + bytes.len() + chunks.len()),
            lengths: vec![1; BYTES],
            counts: Vec::new(),
        };
        text.cells.push(VOID);
        for (count, start, length) in chunks {
            let chunk = &bytes[start..][..length];
            text.cells.extend(chunk.iter().map(|&byte| u32::from(byte)));
            text.cells.push(VOID);
            match text.counts.last_mut() {
                Some((end, same)) if *same == count => *end = text.cells.len(),
                _ => text.counts.push((text.cells.len(), count)),
            }
        }
        text
    }

    /// Where the chunks as frequent as the one at a cell end, and how often they occur.
    fn run(&self, at: usize) -> (usize, u64) {
        let run = self.counts.partition_point(|(end, _)| *end <= at);
        self.counts.get(run).copied().unwrap_or((usize::MAX, 0))
    }

    /// Have some cells brought into the cache, all at the same time.
    ///
    /// They lie anywhere in memory, so that most of a merge was waiting for one after the other.
    fn fetch(&self, starts: &[u32]) {
        let cells = starts.iter().filter_map(|&at| self.cells.get(at as usize));
        black_box(cells.copied().fold(0, BitXor::bitxor));
    }

    /// Make the pair at a cell one token, if it is still there, and tell what stands around it.
    fn join(&mut self, pair: Pair, id: u32, start: usize) -> Option<(u32, u32)> {
        let middle = start + self.lengths[pair.0 as usize] as usize;
        if (self.cells[start], self.cells[middle]) != pair {
            return None;
        }
        let end = middle + self.lengths[pair.1 as usize] as usize;
        (self.cells[middle - 1], self.cells[middle]) = (VOID, VOID);
        (self.cells[start], self.cells[end - 1]) = (id, id);
        Some((self.cells[start - 1], self.cells[end]))
    }
}

#[derive(Debug, Default)]
struct Trainer {
    text: Text,
    pairs: Pairs,
    left: Side,
    right: Side,
}

impl Trainer {
    fn find_pairs(&mut self, pulse: &dyn Pulse) -> Result<()> {
        let mut places: Vec<Place> = (0..BYTES * BYTES).map(|_| Place::default()).collect();
        let (mut end, mut count) = (0, 0);
        for (start, pair) in self.text.cells.windows(2).enumerate() {
            if start % BEAT == 0 {
                pulse.beat()?;
            }
            if start >= end {
                (end, count) = self.text.run(start);
            }
            if pair[0] != VOID && pair[1] != VOID {
                let start = u32::try_from(start).map_err(|_| BpeError::TooLarge)?;
                places[pair[0] as usize * BYTES + pair[1] as usize].add(start, count);
            }
        }
        let all = (0..256).flat_map(|left| (0..256).map(move |right| (left, right)));
        all.zip(places)
            .filter(|(_, place)| place.count > 0)
            .try_for_each(|(pair, place)| self.pairs.add(pair, place))
    }

    /// Make `pair` the token `id` wherever it stands at `starts`, and bring the counts up to date.
    ///
    /// What stood left of the pair now stands left of the token, and so on the right.
    fn merge(&mut self, pair: Pair, id: u32, starts: &[u32], pulse: &dyn Pulse) -> Result<()> {
        let length = |id: u32| self.text.lengths[id as usize];
        let both = length(pair.0) + length(pair.1);
        self.text.lengths.push(both);
        let (mut end, mut count) = (0, 0);
        for (turn, some) in starts.chunks(AHEAD).enumerate() {
            if turn % BEAT == BEAT - 1 {
                pulse.beat()?;
            }
            self.text.fetch(some);
            for &start in some {
                // Places come in order, and so do the runs that they are in.
                if start as usize >= end {
                    (end, count) = self.text.run(start as usize);
                }
                let Some((left, right)) = self.text.join(pair, id, start as usize) else {
                    continue;
                };
                if left != VOID {
                    let before = self.text.lengths[left as usize];
                    self.left.add(left, start - before, count);
                }
                if right != VOID {
                    self.right.add(right, start, count);
                }
            }
        }
        // Right before left: where two new tokens meet, the second one's left neighbour is the
        // first, and the pair that is lost there is one that its right neighbour made.
        for (neighbour, place) in self.right.drain() {
            self.pairs.lose((pair.1, neighbour), place.count);
            self.pairs.add((id, neighbour), place)?;
        }
        for (neighbour, place) in self.left.drain() {
            self.pairs.lose((neighbour, pair.0), place.count);
            self.pairs.add((neighbour, id), place)?;
        }
        Ok(())
    }
}

/// The neighbours on one side of the places of a merge.
#[derive(Debug, Default)]
struct Side {
    /// For each token its place in `seen`, plus one; 0 for those not seen.
    slots: Vec<u32>,
    seen: Vec<(u32, Place)>,
}

impl Side {
    #[inline]
    fn add(&mut self, neighbour: u32, start: u32, count: u64) {
        let index = neighbour as usize;
        if index >= self.slots.len() {
            self.slots.resize(index + 1, 0);
        }
        if self.slots[index] == 0 {
            self.seen.push((neighbour, Place::default()));
            // Each entry is a token, and tokens are counted in 32 bits.
            self.slots[index] = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        }
        if let Some((_, place)) = self.seen.get_mut(self.slots[index] as usize - 1) {
            place.add(start, count);
        }
    }

    fn drain(&mut self) -> impl Iterator<Item = (u32, Place)> + use<> {
        let seen = std::mem::take(&mut self.seen);
        for (neighbour, _) in &seen {
            self.slots[*neighbour as usize] = 0;
        }
        seen.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::{Count, Steady};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn learned(words: &[(&str, u64)], merges: usize) -> Vec<Pair> {
        let mut counts = Counts::default();
        for &(word, count) in words {
            (0..count).for_each(|_| counts.add(word.as_bytes(), 0, word.len()));
        }
        train(counts, BYTES + merges, &Steady).unwrap()
    }

    /// The definition, word by word: recount everything after each merge.
    fn by_definition(words: &[(&str, u64)], merges: usize) -> Vec<Pair> {
        let tokens = |word: &str| word.bytes().map(u32::from).collect::<Vec<u32>>();
        let mut words: Vec<_> = words
            .iter()
            .map(|(word, count)| (tokens(word), *count))
            .collect();
        let mut learned = Vec::new();
        for id in (256..).take(merges) {
            let mut counts = BTreeMap::new();
            for (tokens, count) in &words {
                for pair in tokens.windows(2) {
                    *counts.entry((pair[0], pair[1])).or_insert(0) += count;
                }
            }
            // max_by_key takes the last of equals, so count backwards
            let best = counts
                .iter()
                .rev()
                .filter(|(_, count)| **count > 0)
                .max_by_key(|(_, count)| **count);
            let Some((&pair, _)) = best else { break };
            learned.push(pair);
            for (tokens, _) in &mut words {
                let mut at = 0;
                while at + 1 < tokens.len() {
                    if (tokens[at], tokens[at + 1]) == pair {
                        tokens.splice(at..at + 2, [id]);
                    }
                    at += 1;
                }
            }
        }
        learned
    }

    #[test]
    fn the_most_frequent_pair_comes_first() {
        assert_eq!(learned(&[("ab", 2), ("cd", 3)], 2), [(99, 100), (97, 98)]);
    }

    #[test]
    fn of_equals_the_smallest_pair_comes_first() {
        assert_eq!(
            learned(&[("cd", 1), ("ab", 1), ("aa", 1)], 3),
            [(97, 97), (97, 98), (99, 100)]
        );
    }

    #[test]
    fn overlapping_pairs_all_count() {
        // (a, a) occurs twice in aaa, (b, c) once
        assert_eq!(
            learned(&[("bc", 1), ("aaa", 1)], 3),
            [(97, 97), (98, 99), (256, 97)]
        );
    }

    #[test]
    fn merges_end_when_the_pairs_do() {
        assert_eq!(learned(&[("abc", 1)], 100), [(97, 98), (256, 99)]);
        assert_eq!(learned(&[], 100), []);
        assert_eq!(learned(&[("abc", 1)], 0), []);
    }

    #[test]
    fn a_vocabulary_holds_the_bytes() {
        assert_eq!(
            train(Counts::default(), 255, &Steady),
            Err(BpeError::VocabSize(255))
        );
    }

    #[test]
    fn the_pulse_can_end_the_training() {
        struct Tired(usize);
        impl Pulse for Tired {
            fn beat(&self) -> Result<()> {
                Ok(())
            }
            fn learned(&self, done: usize, total: usize) -> Result<()> {
                assert_eq!(total, 5);
                if done == self.0 {
                    Err(BpeError::Interrupted)
                } else {
                    Ok(())
                }
            }
        }
        let mut counts = Counts::default();
        counts.add(b"abcd", 0, 4);
        assert_eq!(train(counts, 261, &Tired(2)), Err(BpeError::Interrupted));
    }

    #[test]
    fn long_work_feels_the_pulse() {
        let beats = |length, merges| {
            let mut counts = Counts::default();
            counts.add(&b"ab".repeat(length / 2), 0, length);
            let pulse = Count::default();
            train(counts, BYTES + merges, &pulse).unwrap();
            pulse.beats()
        };
        // the two void cells around the chunk, and then a window less
        assert_eq!(beats(BEAT - 2, 0), 1);
        assert_eq!(beats(BEAT, 0), 2);
        let length = 6 * AHEAD * BEAT;
        let at_first = (length + 1).div_ceil(BEAT);
        // either merge looks at length / 2 places, the second at every other one in vain
        assert_eq!(beats(length, 2) - at_first, 6);
    }

    #[test]
    fn a_chunk_may_be_long() {
        let word = |length: usize| "abcbdacca".chars().cycle().take(length).collect::<String>();
        for length in [2_000, 2_001, 2_002] {
            let words = [(word(length), 1), (word(17), 2), ("ab".to_owned(), 1)];
            let words: Vec<_> = words.iter().map(|(word, n)| (word.as_str(), *n)).collect();
            assert_eq!(learned(&words, 400), by_definition(&words, 400));
        }
    }

    /// Words as text has them, or few and long ones.
    fn words() -> impl Strategy<Value = BTreeMap<String, u64>> {
        prop_oneof![
            2 => prop::collection::btree_map("[abc]{1,30}", 1_u64..5, 0..12),
            1 => prop::collection::btree_map("[ab]{100,300}|a{1,200}", 1_u64..3, 0..4),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_fast_trainer_is_the_definition(words in words(), merges in 0_usize..60) {
            let words: Vec<_> = words.iter().map(|(word, count)| (word.as_str(), *count)).collect();
            prop_assert_eq!(learned(&words, merges), by_definition(&words, merges));
        }
    }
}
