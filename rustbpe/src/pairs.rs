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
    /// Where it starts, in order, and perhaps some places where it no longer does.
    pub starts: Vec<u32>,
}

impl Place {
    /// Add one more start, that of a pair which occurs `count` times.
    #[inline]
    pub fn add(&mut self, start: u32, count: u64) {
        self.count += count;
        self.starts.push(start);
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
                place.starts = Vec::new();
            }
        }
    }

    /// Take out the most frequent pair, of equals the smallest, and where it starts.
    pub fn pop(&mut self) -> Option<(Pair, Vec<u32>)> {
        loop {
            let (count, Reverse(pair), at) = self.heap.pop()?;
            let place = self.places.get_mut(at as usize)?;
            if place.count == count && count > 0 {
                return Some((pair, std::mem::take(place).starts));
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

    fn place(count: u64, starts: &[u32]) -> Place {
        Place {
            count,
            starts: starts.to_vec(),
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
    fn a_place_adds_up() {
        let mut place = Place::default();
        place.add(3, 2);
        place.add(7, 5);
        assert_eq!((place.count, place.starts), (7, vec![3, 7]));
    }
}
