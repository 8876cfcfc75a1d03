//! How often each distinct chunk occurs: all that training needs to know of the text.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Result;
use crate::hash::{BuildBytesHasher, Key, SHORT, home};
use crate::parallel::share;
use crate::pulse::Pulse;
use crate::split::Splitter;

/// How much text a thread takes at a time, in bytes.
const PART: usize = 1 << 18;

/// The distinct chunks of some text with their numbers of occurrences.
///
/// Nearly all chunks are short enough to be the key of a slot themselves, so that a chunk seen
/// before costs one hash and one cache line, and no allocation.
#[derive(Debug)]
pub struct Counts {
    slots: Vec<(Key, u64)>,
    bits: u32,
    used: usize,
    long: HashMap<Box<[u8]>, u64, BuildBytesHasher>,
}

impl Default for Counts {
    fn default() -> Self {
        Self::with_bits(12)
    }
}

impl Counts {
    fn with_bits(bits: u32) -> Self {
        let slots = vec![(Key::NONE, 0); 1 << bits];
        Self {
            slots,
            bits,
            used: 0,
            long: HashMap::default(),
        }
    }

    /// How many distinct chunks there are.
    pub fn len(&self) -> usize {
        self.used + self.long.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each distinct chunk with its number of occurrences, in no order.
    pub fn drain(self, mut sink: impl FnMut(&[u8], u64)) {
        let mut buffer = [0; SHORT];
        for (key, count) in self.slots.into_iter().filter(|(key, _)| *key != Key::NONE) {
            let length = buffer
                .iter_mut()
                .zip(key.bytes())
                .map(|(to, byte)| *to = byte)
                .count();
            sink(&buffer[..length], count);
        }
        self.long
            .into_iter()
            .for_each(|(chunk, count)| sink(&chunk, count));
    }

    /// Count `text[start..end]` once.
    #[inline]
    pub fn add(&mut self, text: &[u8], start: usize, end: usize) {
        match Key::new(text, start, end) {
            Some(key) => self.add_short(key, 1),
            None => self.add_long(text.get(start..end).unwrap_or_default(), 1),
        }
    }

    /// The counts of two texts together.
    #[must_use]
    pub fn sum(self, other: Self) -> Self {
        let (mut more, fewer) = if self.used < other.used {
            (other, self)
        } else {
            (self, other)
        };
        for (key, count) in fewer.slots.into_iter().filter(|(key, _)| *key != Key::NONE) {
            more.add_short(key, count);
        }
        fewer
            .long
            .into_iter()
            .for_each(|(chunk, count)| more.add_long(&chunk, count));
        more
    }

    #[inline]
    fn add_short(&mut self, key: Key, count: u64) {
        let mask = self.slots.len() - 1;
        let mut at = home(key.hash(), self.bits);
        loop {
            let slot = &mut self.slots[at & mask];
            if slot.0 == key {
                slot.1 += count;
                return;
            }
            if slot.0 == Key::NONE {
                *slot = (key, count);
                break;
            }
            at += 1;
        }
        self.used += 1;
        if self.used * 3 > self.slots.len() * 2 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_bits(self.bits + 1);
        for &(key, count) in self.slots.iter().filter(|(key, _)| *key != Key::NONE) {
            larger.add_short(key, count);
        }
        (self.slots, self.bits) = (larger.slots, larger.bits);
    }

    fn add_long(&mut self, chunk: &[u8], count: u64) {
        match self.long.get_mut(chunk) {
            Some(sum) => *sum += count,
            None if chunk.is_empty() => {}
            None => drop(self.long.insert(chunk.into(), count)),
        }
    }
}

/// Count the chunks of `texts`, each thread into a table of its own.
pub fn count(
    splitter: &Splitter,
    texts: &[&str],
    tables: &mut [Counts],
    pulse: &dyn Pulse,
) -> Result<()> {
    let parts: Vec<&str> = texts
        .iter()
        .flat_map(|text| splitter.parts(text, PART))
        .collect();
    let next = AtomicUsize::new(0);
    let crew = tables
        .len()
        .min(1 + parts.iter().map(|part| part.len()).sum::<usize>() / PART);
    share(&mut tables[..crew], pulse, |table, pulse| {
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            splitter.for_each(part, pulse, |start, end| {
                table.add(part.as_bytes(), start, end);
                Ok(())
            })?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Steady;
    use crate::split::DEFAULT_PATTERN;
    use std::collections::BTreeMap;

    fn counted(texts: &[&str], threads: usize) -> BTreeMap<Vec<u8>, u64> {
        let splitter = Splitter::new(DEFAULT_PATTERN).unwrap();
        let mut tables: Vec<_> = (0..threads).map(|_| Counts::default()).collect();
        count(&splitter, texts, &mut tables, &Steady).unwrap();
        let sum = tables.into_iter().reduce(Counts::sum).unwrap();
        let (mut chunks, length) = (BTreeMap::new(), sum.len());
        sum.drain(|chunk, count| assert_eq!(chunks.insert(chunk.to_vec(), count), None));
        assert_eq!(chunks.len(), length);
        chunks
    }

    #[test]
    fn a_chunk_counts_as_often_as_it_occurs() {
        let long = " abcdefghijklmnopqrstuvwxyz";
        let text = format!("hi hi hi{long}{long}");
        let chunks = counted(&[&text, "hi", ""], 1);
        let expected = [(&b" hi"[..], 2), (long.as_bytes(), 2), (b"hi", 2)];
        assert_eq!(
            chunks,
            expected
                .map(|(chunk, count)| (chunk.to_vec(), count))
                .into()
        );
    }

    #[test]
    fn chunks_that_come_again_add_up() {
        let words: Vec<String> = (0..20_000).map(|n| (n % 10_000).to_string()).collect();
        let text = words.join(" ");
        let chunks = counted(&[&text], 1);
        assert_eq!(chunks.values().sum::<u64>(), 19_999 + 20_000 + 18_000);
        assert_eq!(chunks[&b" "[..]], 19_999);
    }

    #[test]
    fn a_table_grows_when_two_thirds_are_taken_and_keeps_its_counts() {
        let mut counts = Counts::default();
        for (number, slots) in [
            (2730, 1 << 12),
            (2731, 1 << 13),
            (5461, 1 << 13),
            (5462, 1 << 14),
        ] {
            while counts.len() < number {
                let word = counts.len().to_string();
                counts.add(word.as_bytes(), 0, word.len());
            }
            assert_eq!(counts.slots.len(), slots);
        }
        let (mut sum, mut chunks) = (0, 0);
        counts.drain(|_, count| (sum, chunks) = (sum + count, chunks + 1));
        assert_eq!((sum, chunks), (5462, 5462));
    }

    #[test]
    fn sums_do_not_depend_on_the_order() {
        let table = |words: &[&str]| {
            let mut counts = Counts::default();
            let add = |word: &&str| counts.add(word.as_bytes(), 0, word.len());
            words.iter().for_each(add);
            counts
        };
        let long = "a word of more than fifteen bytes";
        let few = || table(&["a", long]);
        let many = || table(&["a", "b", "c", "a", long, long, ""]);
        for sum in [few().sum(many()), many().sum(few())] {
            let (mut chunks, length) = (Vec::new(), sum.len());
            sum.drain(|chunk, count| chunks.push((chunk.to_vec(), count)));
            chunks.sort();
            let expected = [("a", 3), (long, 3), ("b", 1), ("c", 1)];
            assert_eq!(chunks, expected.map(|(chunk, count)| (chunk.into(), count)));
            assert_eq!(length, 4);
        }
    }

    #[test]
    fn a_short_text_is_one_threads_work() {
        let splitter = Splitter::new(DEFAULT_PATTERN).unwrap();
        let mut tables: Vec<_> = (0..3).map(|_| Counts::default()).collect();
        for _ in 0..20 {
            count(&splitter, &["a b", "c"], &mut tables, &Steady).unwrap();
        }
        assert_eq!(
            tables.iter().map(Counts::len).collect::<Vec<_>>(),
            [3, 0, 0]
        );
    }

    #[test]
    fn threads_agree() {
        let words: Vec<String> = (0..300_000_u64)
            .map(|n| (n * n % 977).to_string())
            .collect();
        let text = words.join(" word");
        assert!(text.len() > 2 * PART);
        assert_eq!(counted(&[&text, "a b"], 3), counted(&[&text, "a b"], 1));
    }

    #[test]
    fn nothing_has_no_chunks() {
        assert!(Counts::default().is_empty());
        assert!(counted(&[], 2).is_empty());
    }
}
