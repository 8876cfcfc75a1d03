//! Text to ids and back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use crate::error::{BpeError, Result};
use crate::hash::{Key, home};
use crate::parallel::{BEAT, share};
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
    ///
    /// This thread hands them to `sink` meanwhile, some at a time and in no order.
    pub fn encode_batch(
        &self,
        texts: &[&str],
        threads: usize,
        pulse: &dyn Pulse,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let next = AtomicUsize::new(0);
        let (sender, receiver) = channel();
        let worker = |inbox| Worker {
            cache: self.take_cache(),
            sender: sender.clone(),
            inbox,
        };
        let mut crew = vec![worker(Some(Inbox::new(receiver, texts.len(), sink)))];
        crew.resize_with(threads.min(texts.len()).max(1), || worker(None));
        let outcome = share(&mut crew, pulse, |worker, pulse| {
            while let Some((number, text)) = take(texts, &next) {
                let ids = self.encode_with(&mut worker.cache, text, pulse)?;
                worker
                    .sender
                    .send((number, ids))
                    .map_err(|_| BpeError::Interrupted)?;
                worker.inbox.iter_mut().try_for_each(Inbox::look)?;
            }
            worker
                .inbox
                .iter_mut()
                .try_for_each(|inbox| inbox.wait(pulse))
        });
        for worker in crew {
            self.put_back(worker.cache);
        }
        outcome
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

/// The number of a text, and its ids.
pub type Encoded = (usize, Vec<u32>);

/// Where encoded texts go.
pub type Sink<'a> = dyn FnMut(Vec<Encoded>) -> Result<()> + Send + 'a;

/// The next text that nobody has taken.
fn take<'a>(texts: &[&'a str], next: &AtomicUsize) -> Option<(usize, &'a str)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    texts.get(number).map(|text| (number, *text))
}

/// What one thread of a batch has.
struct Worker<'a> {
    cache: Cache,
    sender: Sender<Encoded>,
    /// The thread that called has it.
    inbox: Option<Inbox<'a>>,
}

/// How many ids the sink gets at a time: some milliseconds of work for Python.
const LOT: usize = 1 << 16;

/// Where encoded texts arrive, on their way to the sink.
struct Inbox<'a> {
    receiver: Receiver<Encoded>,
    /// How many texts have not arrived yet.
    missing: usize,
    arrived: Vec<Encoded>,
    ids: usize,
    sink: &'a mut Sink<'a>,
}

impl<'a> Inbox<'a> {
    fn new(receiver: Receiver<Encoded>, missing: usize, sink: &'a mut Sink<'a>) -> Self {
        Self {
            receiver,
            missing,
            arrived: Vec::new(),
            ids: 0,
            sink,
        }
    }

    /// Take what has arrived.
    fn look(&mut self) -> Result<()> {
        while let Ok(encoded) = self.receiver.try_recv() {
            self.take(encoded)?;
        }
        Ok(())
    }

    /// Take all that is still to arrive.
    fn wait(&mut self, pulse: &dyn Pulse) -> Result<()> {
        while self.missing > 0 {
            match self.receiver.recv_timeout(BEAT) {
                Ok(encoded) => self.take(encoded)?,
                Err(_) => pulse.beat()?,
            }
        }
        self.hand_over()
    }

    fn take(&mut self, encoded: Encoded) -> Result<()> {
        self.missing -= 1;
        self.ids += encoded.1.len();
        self.arrived.push(encoded);
        if self.ids < LOT {
            Ok(())
        } else {
            self.hand_over()
        }
    }

    fn hand_over(&mut self) -> Result<()> {
        self.ids = 0;
        (self.sink)(std::mem::take(&mut self.arrived))
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

    fn batch(encoder: &Encoder, texts: &[&str], threads: usize) -> Result<Vec<Vec<u32>>> {
        let mut all = vec![None; texts.len()];
        let mut sink = |encoded: Vec<Encoded>| {
            for (number, ids) in encoded {
                assert_eq!(all[number].replace(ids), None);
            }
            Ok(())
        };
        encoder.encode_batch(texts, threads, &Steady, &mut sink)?;
        Ok(all.into_iter().flatten().collect())
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
        assert!(batch(&encoder, &["c", &"a".repeat(100)], 2).is_err());
    }

    #[test]
    fn chunks_are_kept() {
        let encoder = encoder(DEFAULT_PATTERN);
        let short = "abb".repeat(4);
        let ids = encoder.encode(&short, &Steady).unwrap();
        encoder.encode(&"c".repeat(12), &Steady).unwrap();
        let key = |text: &str| Key::new(text.as_bytes(), 0, text.len()).unwrap();
        let caches = encoder.caches.lock().unwrap();
        let mut known = Vec::new();
        caches[0].get(key(&short)).unwrap().append_to(&mut known);
        assert_eq!((caches.len(), known), (1, ids));
        assert!(caches[0].get(key("abb")).is_none());
        assert!(
            caches[0].get(key(&"c".repeat(12))).is_none(),
            "twelve ids are one too many"
        );
    }

    #[test]
    fn the_sink_gets_texts_by_the_lot() {
        let encoder = encoder(DEFAULT_PATTERN);
        let text = "c".repeat(LOT / 2);
        let mut lots = Vec::new();
        let mut sink = |encoded: Vec<Encoded>| {
            lots.push(encoded.len());
            Ok(())
        };
        encoder
            .encode_batch(&[&*text; 5], 1, &Steady, &mut sink)
            .unwrap();
        assert_eq!(lots, [2, 2, 1]);
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
            let batch = batch(&encoder, &texts, threads)?;
            let alone: Result<Vec<_>> = texts.iter().map(|text| encoder.encode(text, &Steady)).collect();
            prop_assert_eq!(batch, alone?);
        }
    }
}
