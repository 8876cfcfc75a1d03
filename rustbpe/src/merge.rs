//! The merges of one chunk: the pair with the smallest id first, of equals the leftmost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::Result;
use crate::pulse::Pulse;
use crate::table::PairTable;

/// No id, no pair.
const NONE: u32 = u32::MAX;

/// Up to so many tokens, looking at all of them for each merge is faster than a heap.
const SMALL: usize = 128;

/// How many merges of a long chunk lie between two beats.
const BEAT: usize = 1 << 12;

/// Replace pairs of `ids` by the ids that `pairs` gives them until there is none left.
pub fn merge(pairs: &PairTable, ids: &mut Vec<u32>, pulse: &dyn Pulse) -> Result<()> {
    if ids.len() > SMALL {
        return Chain::new(pairs, ids).merge(pulse);
    }
    merge_small(pairs, ids);
    Ok(())
}

/// Quadratic, in two short arrays.
fn merge_small(pairs: &PairTable, ids: &mut Vec<u32>) {
    let mut made = [NONE; SMALL];
    for (made, pair) in made.iter_mut().zip(ids.windows(2)) {
        *made = pairs.get((pair[0], pair[1])).unwrap_or(NONE);
    }
    let mut length = ids.len();
    while length > 1 {
        let smallest = made[..length - 1]
            .iter()
            .zip(0..)
            .min_by_key(|(id, _)| **id);
        let Some((&id, at)) = smallest.filter(|(id, _)| **id != NONE) else {
            break;
        };
        ids[at] = id;
        ids.copy_within(at + 2..length, at + 1);
        made.copy_within(at + 1..length - 1, at);
        length -= 1;
        for left in at.saturating_sub(1)..(at + 1).min(length - 1) {
            made[left] = pairs.get((ids[left], ids[left + 1])).unwrap_or(NONE);
        }
    }
    ids.truncate(length);
}

/// A long chunk as a chain of tokens, with all possible merges in a heap: O(n log n).
struct Chain<'a> {
    pairs: &'a PairTable,
    ids: &'a mut Vec<u32>,
    /// For each token where the ones before and after it are; those of a merged token are void.
    before: Vec<usize>,
    after: Vec<usize>,
    /// The id that would be made, and where. Void once its tokens have changed.
    heap: BinaryHeap<Reverse<(u32, usize)>>,
}

impl<'a> Chain<'a> {
    fn new(pairs: &'a PairTable, ids: &'a mut Vec<u32>) -> Self {
        let before = (0..ids.len()).map(|at| at.saturating_sub(1)).collect();
        let after = (1..=ids.len()).collect();
        let mut chain = Self {
            pairs,
            ids,
            before,
            after,
            heap: BinaryHeap::new(),
        };
        let merges = (0..chain.ids.len()).filter_map(|at| Some(Reverse((chain.made(at)?, at))));
        chain.heap = merges.collect();
        chain
    }

    fn merge(mut self, pulse: &dyn Pulse) -> Result<()> {
        let mut turn = 0;
        while let Some(Reverse((id, at))) = self.heap.pop() {
            turn += 1;
            if turn % BEAT == 0 {
                pulse.beat()?;
            }
            if self.made(at) == Some(id) {
                self.join(at, id);
            }
        }
        self.ids.retain(|&id| id != NONE);
        Ok(())
    }

    /// The id that the token at `at` and the one after it would make.
    fn made(&self, at: usize) -> Option<u32> {
        self.pairs
            .get((self.ids[at], *self.ids.get(self.after[at])?))
    }

    fn join(&mut self, at: usize, id: u32) {
        let gone = self.after[at];
        let next = self.after[gone];
        (self.ids[at], self.ids[gone], self.after[at]) = (id, NONE, next);
        if let Some(before) = self.before.get_mut(next) {
            *before = at;
        }
        for at in [self.before[at], at] {
            if let Some(id) = self.made(at) {
                self.heap.push(Reverse((id, at)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::{Count, Steady};
    use proptest::prelude::*;

    fn table(merges: &[(u32, u32)]) -> PairTable {
        let mut table = PairTable::default();
        (256..)
            .zip(merges)
            .for_each(|(id, &pair)| table.insert(pair, id));
        table
    }

    fn merged(merges: &[(u32, u32)], text: &str) -> Vec<u32> {
        let mut ids = text.bytes().map(u32::from).collect();
        merge(&table(merges), &mut ids, &Steady).unwrap();
        ids
    }

    /// Every merge in the order in which they were learned, each from left to right.
    fn by_definition(merges: &[(u32, u32)], text: &str) -> Vec<u32> {
        let mut ids: Vec<u32> = text.bytes().map(u32::from).collect();
        for (id, &pair) in (256..).zip(merges) {
            let mut at = 0;
            while at + 1 < ids.len() {
                if (ids[at], ids[at + 1]) == pair {
                    ids.splice(at..at + 2, [id]);
                }
                at += 1;
            }
        }
        ids
    }

    #[test]
    fn the_smallest_id_comes_before_the_leftmost_pair() {
        // neither leftmost first nor longest first
        assert_eq!(merged(&[(98, 99), (97, 98)], "abc"), [97, 256]);
        assert_eq!(merged(&[(97, 97)], "aaa"), [256, 97]);
    }

    #[test]
    fn little_is_left_as_it_is() {
        assert_eq!(merged(&[(97, 98)], ""), [] as [u32; 0]);
        assert_eq!(merged(&[(97, 98)], "a"), [97]);
        assert_eq!(merged(&[(97, 98)], "ba"), [98, 97]);
    }

    #[test]
    fn both_ways_meet_where_they_change_hands() {
        let merges = [
            (97, 98),
            (256, 97),
            (98, 256),
            (256, 256),
            (259, 259),
            (98, 97),
        ];
        for length in SMALL - 3..SMALL + 4 {
            let text: String = "ababba".chars().cycle().take(length).collect();
            assert_eq!(merged(&merges, &text), by_definition(&merges, &text));
        }
    }

    #[test]
    fn a_long_chunk_feels_the_pulse() {
        let pulse = Count::default();
        let mut ids = vec![97; 2 * BEAT];
        merge(&table(&[(97, 97)]), &mut ids, &pulse).unwrap();
        // of 2 * BEAT - 1 places where two letters meet
        assert_eq!((ids.len(), pulse.beats()), (BEAT, 1));
    }

    /// Merges that a training could have found: of tokens that are there.
    fn merges() -> impl Strategy<Value = Vec<(u32, u32)>> {
        prop::collection::vec((any::<u32>(), any::<u32>()), 0..30).prop_map(|seeds| {
            let token = |seed: u32, known: u32| match seed % (3 + known) {
                byte @ 0..3 => 97 + byte,
                merge => 253 + merge,
            };
            let mut merges: Vec<(u32, u32)> = Vec::new();
            for ((left, right), known) in seeds.into_iter().zip(0..) {
                let pair = (token(left, known), token(right, known));
                // a pair twice would have no meaning: a filler that never occurs takes its place
                merges.push(if merges.contains(&pair) {
                    (0, known)
                } else {
                    pair
                });
            }
            merges
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn both_ways_are_the_definition(merges in merges(), text in "[abc]{0,300}") {
            let expected = by_definition(&merges, &text);
            prop_assert_eq!(&merged(&merges, &text), &expected);
            let mut ids = text.bytes().map(u32::from).collect();
            Chain::new(&table(&merges), &mut ids).merge(&Steady)?;
            prop_assert_eq!(&ids, &expected);
            let short: String = text.chars().take(SMALL).collect();
            let mut ids = short.bytes().map(u32::from).collect();
            merge_small(&table(&merges), &mut ids);
            prop_assert_eq!(ids, by_definition(&merges, &short));
        }
    }
}
