//! Text to ids and back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{BpeError, Result};
use crate::hash::{Key, home};
use crate::parallel::share;
use crate::pulse::Pulse;
use crate::split::Splitter;
use crate::vocab::Vocab;

/// A pattern and a vocabulary: all that text needs to become ids.
#[derive(Debug)]
pub struct Encoder {
    splitter: Splitter,
    vocab: Vocab,
    /// Those not in use. A thread takes one for the time of a call.
    caches: Mutex<Vec<Cache>>,
}

impl Encoder {
    /// An encoder that has seen no text yet.
    pub fn new(splitter: Splitter, vocab: Vocab) -> Self {
        Self {
            splitter,
            vocab,
            caches: Mutex::default(),
        }
    }

    /// What it splits by.
    pub fn splitter(&self) -> &Splitter {
        &self.splitter
    }

    /// What it knows.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// The ids of a text.
    pub fn encode(&self, text: &str, pulse: &dyn Pulse) -> Result<Vec<u32>> {
        let mut cache = self.take_cache();
        let ids = self.encode_with(&mut cache, text, pulse);
        self.put_back(cache);
        ids
    }

    /// The ids of each text, on some threads.
    pub fn encode_batch(
        &self,
        texts: &[&str],
        threads: usize,
        pulse: &dyn Pulse,
    ) -> Result<Vec<Vec<u32>>> {
        let next = AtomicUsize::new(0);
        let crew = threads.min(texts.len()).max(1);
        let mut shares: Vec<_> = (0..crew).map(|_| (self.take_cache(), Vec::new())).collect();
        let outcome = share(&mut shares, pulse, |(cache, done), pulse| {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(text) = texts.get(number) else {
                    return Ok(());
                };
                done.push((number, self.encode_with(cache, text, pulse)?));
            }
        });
        let mut all = vec![Vec::new(); texts.len()];
        for (cache, done) in shares {
            self.put_back(cache);
            for (number, ids) in done {
                all[number] = ids;
            }
        }
        outcome.map(|()| all)
    }

    /// The bytes of some ids.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            let token = self
                .vocab
                .get(id)
                .ok_or_else(|| BpeError::UnknownId(id.to_string()))?;
            bytes.extend_from_slice(token);
        }
        Ok(bytes)
    }

    fn encode_with(&self, cache: &mut Cache, text: &str, pulse: &dyn Pulse) -> Result<Vec<u32>> {
        let mut ids = Vec::with_capacity(text.len() / 4 + 1);
        let bytes = text.as_bytes();
        self.splitter.for_each(text, pulse, |start, end| {
            let key = Key::new(bytes, start, end);
            if let Some(known) = key.and_then(|key| cache.get(key)) {
                known.append_to(&mut ids);
                return Ok(());
            }
            self.encode_chunk(&bytes[start..end], &mut cache.chunk, pulse)?;
            ids.extend_from_slice(&cache.chunk);
            if let Some(key) = key {
                cache.keep(key);
            }
            Ok(())
        })?;
        Ok(ids)
    }

    fn encode_chunk(&self, chunk: &[u8], ids: &mut Vec<u32>, pulse: &dyn Pulse) -> Result<()> {
        match self.vocab.find(chunk) {
            Some(id) => {
                ids.clear();
                ids.push(id);
                Ok(())
            }
            None => self.vocab.encode(chunk, ids, pulse),
        }
    }

    fn take_cache(&self) -> Cache {
        self.caches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    fn put_back(&self, cache: Cache) {
        self.caches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(cache);
    }
}

const CACHE_BITS: u32 = 14;

/// The ids of chunks met lately: text repeats itself. A new chunk drives out an old one.
#[derive(Debug)]
struct Cache {
    slots: Vec<Slot>,
    /// Room to work in.
    chunk: Vec<u32>,
}

impl Default for Cache {
    fn default() -> Self {
        let slots = vec![
            Slot {
                key: Key::NONE,
                length: 0,
                ids: [0; MOST]
            };
            1 << CACHE_BITS
        ];
        Self {
            slots,
            chunk: Vec::new(),
        }
    }
}

impl Cache {
    /// The ids of a chunk, if it is in here.
    #[inline]
    fn get(&self, key: Key) -> Option<&Slot> {
        self.slots
            .get(home(key.hash(), CACHE_BITS))
            .filter(|slot| slot.key == key)
    }

    /// Keep the ids that stand in `chunk`, if they are few enough.
    fn keep(&mut self, key: Key) {
        let slot = &mut self.slots[home(key.hash(), CACHE_BITS)];
        let room = slot.ids.get_mut(..self.chunk.len());
        if let (Some(room), Ok(length)) = (room, u32::try_from(self.chunk.len())) {
            room.copy_from_slice(&self.chunk);
            (slot.key, slot.length) = (key, length);
        }
    }
}

/// A slot is a cache line.
const MOST: usize = 11;

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slot {
    key: Key,
    length: u32,
    ids: [u32; MOST],
}

impl Slot {
    #[inline]
    fn append_to(&self, ids: &mut Vec<u32>) {
        match self.length {
            1 => ids.push(self.ids[0]),
            length => ids.extend_from_slice(&self.ids[..length as usize]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Steady;
    use crate::split::DEFAULT_PATTERN;
    use proptest::prelude::*;

    fn encoder(pattern: &str) -> Encoder {
        let merges =
            [(b'a', b'b'), (b' ', b'a'), (b'b', b'b')].map(|(a, b)| (u32::from(a), u32::from(b)));
        Encoder::new(
            Splitter::new(pattern).unwrap(),
            Vocab::from_merges(&merges).unwrap(),
        )
    }

    #[test]
    fn no_merge_crosses_chunks() {
        let encoder = encoder(DEFAULT_PATTERN);
        // ab | " ab" | " a": in the second, a and b come first
        let expected = [256, 32, 256, 257];
        assert_eq!(encoder.encode("ab ab a", &Steady).unwrap(), expected);
        assert_eq!(
            encoder.encode("ab ab a", &Steady).unwrap(),
            expected,
            "from the cache"
        );
        assert_eq!(encoder.decode(&expected).unwrap(), b"ab ab a");
    }

    #[test]
    fn an_id_without_token_is_an_error() {
        let outcome = encoder(DEFAULT_PATTERN).decode(&[97, 259]);
        assert_eq!(outcome, Err(BpeError::UnknownId("259".into())));
    }

    #[test]
    fn a_call_that_fails_leaves_the_encoder_as_it_was() {
        let encoder = encoder(r"(a|a)+(?=b)\1|c");
        assert!(encoder.encode(&"a".repeat(100), &Steady).is_err());
        assert_eq!(encoder.caches.lock().unwrap().len(), 1);
        assert_eq!(encoder.encode("c", &Steady).unwrap(), [99]);
        assert!(
            encoder
                .encode_batch(&["c", &"a".repeat(100)], 2, &Steady)
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(text: String, again: String) {
            let encoder = encoder(DEFAULT_PATTERN);
            for text in [&text, &again, &text] {
                let ids = encoder.encode(text, &Steady)?;
                prop_assert_eq!(encoder.decode(&ids)?, text.as_bytes());
            }
        }

        #[test]
        fn a_batch_is_each_text_alone(texts in prop::collection::vec("[ab ]{0,50}", 0..20), threads in 1_usize..4) {
            let encoder = encoder(DEFAULT_PATTERN);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let batch = encoder.encode_batch(&texts, threads, &Steady)?;
            let alone: Result<Vec<_>> = texts.iter().map(|text| encoder.encode(text, &Steady)).collect();
            prop_assert_eq!(batch, alone?);
        }
    }
}
