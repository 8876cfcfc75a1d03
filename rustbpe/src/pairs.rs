//! The pairs of neighbours in a text under training: how often, where, and which is next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::{BpeError, Result};
use crate::table::PairTable;

/// Two tokens side by side.
pub type Pair = (u32, u32);

/// What is known of a pair.
#[derive(Debug, Default)]
pub struct Place {
    /// How often it occurs.
    pub count: u64,
    /// The words that hold it, and perhaps some that no longer do.
    pub words: Vec<u32>,
}

impl Place {
    /// Count the pair in a word once more. Words come one after the other.
    #[inline]
    pub fn add(&mut self, word: u32, count: u64) {
        self.count += count;
        if self.words.last() != Some(&word) {
            self.words.push(word);
        }
    }
}

/// All pairs, the most frequent one at hand.
#[derive(Debug, Default)]
pub struct Pairs {
    places: Vec<Place>,
    index: PairTable,
    /// By count, then the smallest pair first. A count in here may be out of date: too high.
    heap: BinaryHeap<(u64, Reverse<Pair>, u32)>,
}

impl Pairs {
    /// Add a pair that was not there.
    pub fn add(&mut self, pair: Pair, place: Place) -> Result<()> {
        let at = u32::try_from(self.places.len()).map_err(|_| BpeError::TooLarge)?;
        self.heap.push((place.count, Reverse(pair), at));
        self.index.insert(pair, at);
        self.places.push(place);
        Ok(())
    }

    /// Say that a pair occurs less often by `count`.
    pub fn lose(&mut self, pair: Pair, count: u64) {
        if let Some(place) = self
            .index
            .get(pair)
            .and_then(|at| self.places.get_mut(at as usize))
        {
            place.count = place.count.saturating_sub(count);
            if place.count == 0 {
                place.words = Vec::new();
            }
        }
    }

    /// Take out the most frequent pair, of equals the smallest, with its words.
    pub fn pop(&mut self) -> Option<(Pair, Vec<u32>)> {
        loop {
            let (count, Reverse(pair), at) = self.heap.pop()?;
            let place = self.places.get_mut(at as usize)?;
            if place.count == count && count > 0 {
                return Some((pair, std::mem::take(place).words));
            }
            if place.count > 0 {
                self.heap.push((place.count, Reverse(pair), at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(count: u64, words: &[u32]) -> Place {
        Place {
            count,
            words: words.to_vec(),
        }
    }

    #[test]
    fn a_pair_that_lost_occurrences_comes_later() {
        let mut pairs = Pairs::default();
        pairs.add((1, 2), place(9, &[4])).unwrap();
        pairs.add((3, 4), place(7, &[5, 6])).unwrap();
        pairs.lose((1, 2), 3);
        assert_eq!(pairs.pop(), Some(((3, 4), vec![5, 6])));
        assert_eq!(pairs.pop(), Some(((1, 2), vec![4])));
        assert_eq!(pairs.pop(), None);
    }

    #[test]
    fn a_pair_without_occurrences_never_comes() {
        let mut pairs = Pairs::default();
        pairs.add((1, 2), place(1, &[4])).unwrap();
        pairs.add((1, 3), place(0, &[4])).unwrap();
        pairs.lose((1, 2), 1);
        pairs.lose((8, 8), 1);
        assert_eq!(pairs.pop(), None);
    }

    #[test]
    fn a_word_stands_once_in_a_row() {
        let mut place = Place::default();
        for word in [3, 3, 5] {
            place.add(word, 2);
        }
        assert_eq!((place.count, place.words), (6, vec![3, 5]));
    }
}
