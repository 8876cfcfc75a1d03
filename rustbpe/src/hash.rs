//! Short byte strings as two words, and hashes fast enough to take one per chunk.

use std::hash::{BuildHasherDefault, Hasher};

/// The longest byte string that a `Key` holds.
pub const SHORT: usize = 15;

const MIX: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93];

/// A byte string of 1 to `SHORT` bytes: its bytes, zeros, and its length in the last byte.
///
/// Equal keys are equal strings, so that a table of keys needs no pointers to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Key(pub [u64; 2]);

impl Key {
    /// The key that no string has.
    pub const NONE: Self = Self([0, 0]);

    /// The key of `text[start..end]`, or nothing if it is too long, empty, or not inside the text.
    #[inline]
    pub fn new(text: &[u8], start: usize, end: usize) -> Option<Self> {
        let length = end
            .checked_sub(start)
            .filter(|length| (1..=SHORT).contains(length))?;
        let word = match text.get(start..)?.first_chunk::<16>() {
            Some(bytes) => u128::from_le_bytes(*bytes) & (u128::MAX >> (128 - 8 * length)),
            None => padded(text.get(start..end)?),
        };
        let word = word | (length as u128) << 120;
        Some(Self([low(word), low(word >> 64)]))
    }

    /// The string.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        let [low, high] = self.0.map(u64::to_le_bytes);
        let length = usize::from(high[7]);
        low.into_iter().chain(high).take(length)
    }

    /// A hash, of which the high bits are the best.
    #[inline]
    pub fn hash(self) -> u64 {
        fold(self.0[0] ^ MIX[0], self.0[1] ^ MIX[1])
    }
}

fn padded(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u128::from(byte))
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
fn low(word: u128) -> u64 {
    word as u64
}

/// Multiply, and add the halves of the product without carry.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    low(product) ^ low(product >> 64)
}

/// A hash of two ids, of which the high bits are the best.
#[inline]
pub fn hash_pair((left, right): (u32, u32)) -> u64 {
    fold((u64::from(left) << 32 | u64::from(right)) ^ MIX[0], MIX[1])
}

/// A hash of any byte string, of which the high bits are the best.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let whole = words.by_ref().fold(bytes.len() as u64, |hash, word| {
        let word = word
            .first_chunk()
            .map_or(0, |word| u64::from_le_bytes(*word));
        fold(hash ^ word ^ MIX[0], MIX[1])
    });
    let rest = words
        .remainder()
        .iter()
        .fold(0, |word, &byte| word << 8 | u64::from(byte));
    fold(whole ^ rest ^ MIX[1], MIX[0])
}

/// Where a table of `1 << bits` slots looks first.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "no table has more slots than memory"
)]
pub fn home(hash: u64, bits: u32) -> usize {
    (hash >> (64 - bits)) as usize
}

/// `hash_bytes` for the standard library's tables.
#[derive(Debug, Default)]
pub struct BytesHasher(u64);

/// Builds them.
pub type BuildBytesHasher = BuildHasherDefault<BytesHasher>;

impl Hasher for BytesHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= hash_bytes(bytes);
    }

    fn write_usize(&mut self, _length: usize) {} // it is in hash_bytes already

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_knows_zeros_from_nothing() {
        assert_ne!(Key::new(b"a\0", 0, 2), Key::new(b"a\0", 0, 1));
        assert_ne!(Key::new(b"\0", 0, 1), Some(Key::NONE));
    }

    #[test]
    fn a_key_has_limits() {
        let text = [7; 40];
        assert_eq!(Key::new(&text, 3, 3), None);
        assert!(Key::new(&text, 3, 18).is_some());
        assert_eq!(Key::new(&text, 3, 19), None);
        assert_eq!(Key::new(&text, 38, 41), None);
        assert_eq!(Key::new(&text, 50, 51), None);
        assert_eq!(Key::new(&text, 5, 3), None);
    }

    /// How many of 4,096 slots are somebody's home, if they are as many.
    fn homes(hashes: impl Iterator<Item = u64>) -> usize {
        let mut homes: Vec<_> = hashes.map(|hash| home(hash, 12)).collect();
        assert_eq!(homes.len(), 1 << 12);
        homes.sort_unstable();
        homes.dedup();
        homes.len()
    }

    #[test]
    fn hashes_spread_what_is_nearly_equal() {
        // dice would find 63 % of the slots, a hash that forgets half of a pair 64 of them
        let few = 1 << 10;
        let pairs = || (0..64).flat_map(|left| (0..64).map(move |right| (left, right)));
        assert!(homes(pairs().map(hash_pair)) > few);
        assert!(homes(pairs().map(|(a, b)| hash_pair((a << 8, b)))) > few);
        for length in [2, 9, 14] {
            let text = |(a, b): (u32, u32)| {
                let mut text = vec![b'a'; length];
                (text[0], text[length - 1]) = (a.to_le_bytes()[0], b.to_le_bytes()[0]);
                text
            };
            let keys = pairs()
                .map(text)
                .filter_map(|text| Key::new(&text, 0, length));
            assert!(homes(keys.map(Key::hash)) > few);
        }
        for (length, one, other) in [(2, 0, 1), (9, 1, 8), (24, 3, 17), (30, 10, 25)] {
            let text = |(a, b): (u32, u32)| {
                let mut text = vec![b'a'; length];
                (text[one], text[other]) = (a.to_le_bytes()[0], b.to_le_bytes()[0]);
                text
            };
            assert!(homes(pairs().map(|pair| hash_bytes(&text(pair)))) > few);
        }
        assert_ne!(hash_bytes(&[0; 8]), hash_bytes(&[0; 16]));
        assert_ne!(hash_bytes(&[0; 1]), hash_bytes(&[0; 2]));
    }

    #[test]
    fn tables_of_the_standard_library_hash_the_bytes() {
        let mut hasher = BytesHasher::default();
        hasher.write(b"some bytes");
        hasher.write_usize(7);
        assert_eq!(hasher.finish(), hash_bytes(b"some bytes"));
    }

    proptest! {
        #[test]
        fn a_key_gives_its_string_back(text: Vec<u8>, a in 0_usize..40, length in 1_usize..=SHORT) {
            if let Some(bytes) = text.get(a..a + length) {
                let key = Key::new(&text, a, a + length).unwrap();
                prop_assert_eq!(key.bytes().collect::<Vec<_>>(), bytes);
                prop_assert_eq!(Some(key), Key::new(bytes, 0, length));
            }
        }

        #[test]
        fn hashes_tell_neighbours_apart(bytes in prop::collection::vec(any::<u8>(), 1..40), at in 0_usize..40) {
            let mut other = bytes.clone();
            other[at % bytes.len()] ^= 1;
            prop_assert_ne!(hash_bytes(&bytes), hash_bytes(&other));
        }
    }
}
