//! From pairs of ids to ids.

use crate::hash::{hash_pair, home};

/// No id: marks the slots that are free.
const FREE: u32 = u32::MAX;

/// A hash table for one purpose: 12 bytes per slot, at most half of them taken.
#[derive(Debug, Clone)]
pub struct PairTable {
    slots: Vec<(u32, u32, u32)>,
    bits: u32,
    used: usize,
}

impl Default for PairTable {
    fn default() -> Self {
        Self::with_bits(4)
    }
}

impl PairTable {
    fn with_bits(bits: u32) -> Self {
        Self {
            slots: vec![(0, 0, FREE); 1 << bits],
            bits,
            used: 0,
        }
    }

    /// What the pair was given.
    #[inline]
    pub fn get(&self, pair: (u32, u32)) -> Option<u32> {
        let id = self.slots.get(self.find(pair))?.2;
        (id != FREE).then_some(id)
    }

    /// Give the pair an id (below `u32::MAX`), or another.
    pub fn insert(&mut self, pair: (u32, u32), id: u32) {
        let at = self.find(pair);
        self.used += usize::from(self.slots[at].2 == FREE);
        self.slots[at] = (pair.0, pair.1, id);
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    /// The slot of the pair, or the free one where it belongs.
    #[inline]
    fn find(&self, pair: (u32, u32)) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = home(hash_pair(pair), self.bits);
        loop {
            let (left, right, id) = self.slots[at & mask];
            if (left, right) == pair || id == FREE {
                return at & mask;
            }
            at += 1;
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_bits(self.bits + 1);
        for &(left, right, id) in self.slots.iter().filter(|slot| slot.2 != FREE) {
            larger.insert((left, right), id);
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_smallest_pair_is_a_pair() {
        let mut table = PairTable::default();
        assert_eq!(table.get((0, 0)), None);
        table.insert((0, 0), 0);
        assert_eq!(table.get((0, 0)), Some(0));
        assert_eq!(table.get((0, 1)), None);
    }

    #[test]
    fn it_grows_when_half_of_it_is_taken() {
        let mut table = PairTable::default();
        for (id, slots) in [16; 8].into_iter().chain([32; 8]).chain([64]).enumerate() {
            table.insert((7, u32::try_from(id).unwrap()), 0);
            assert_eq!(table.slots.len(), slots);
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_an_ordered_map(pairs in prop::collection::vec(((0_u32..9, 0_u32..9), 0_u32..99), 0..200)) {
            let (mut table, mut map) = (PairTable::default(), BTreeMap::new());
            for (pair, id) in pairs {
                table.insert(pair, id);
                map.insert(pair, id);
                prop_assert_eq!(table.used, map.len());
                prop_assert!(table.used * 2 <= table.slots.len());
            }
            for pair in (0..9).flat_map(|left| (0..9).map(move |right| (left, right))) {
                prop_assert_eq!(table.get(pair), map.get(&pair).copied());
            }
        }
    }
}
