//! Tokens: their ids, their bytes, and the pairs that make them.

use crate::error::{BpeError, Result};
use crate::hash::{hash_bytes, home};
use crate::merge::merge;
use crate::pairs::Pair;
use crate::pulse::{Pulse, Steady};
use crate::table::PairTable;
use crate::train::BYTES;

/// Ids end here: a file that names a larger one is damaged.
const LARGEST: usize = 1 << 24;

/// What a tokenizer has learned.
#[derive(Debug)]
pub struct Vocab {
    tokens: Tokens,
    bytes: [u32; BYTES],
    pairs: PairTable,
    merges: Vec<(Pair, u32)>,
    /// The tokens that a chunk of the same bytes becomes.
    whole: Index,
    /// Whether no merges lead to some of them.
    ignores_merges: bool,
}

impl Vocab {
    /// The vocabulary of some merges: merge `k` makes token `256 + k`.
    pub fn from_merges(merges: &[Pair]) -> Result<Self> {
        let mut tokens = Tokens::default();
        for (byte, id) in (0..=u8::MAX).zip(0..) {
            tokens.push(&[byte], id);
        }
        let mut vocab = Self::new(tokens)?;
        for (&pair, id) in merges.iter().zip(256..) {
            let bytes = [vocab.get(pair.0), vocab.get(pair.1)]
                .map(Option::unwrap_or_default)
                .concat();
            vocab.tokens.push(&bytes, id);
            vocab.add_merge(pair, id);
        }
        vocab.whole = Index::new(&vocab.tokens, |_| true)?;
        Ok(vocab)
    }

    /// The vocabulary of some tokens, of which the smaller id is made first, as in tiktoken.
    pub fn from_ranks(ranks: impl IntoIterator<Item = (Vec<u8>, usize)>) -> Result<Self> {
        let mut vocab = Self::new(Tokens::sorted(ranks)?)?;
        for id in vocab.ids() {
            match *vocab.parts(id)? {
                [_] => {}
                [left, right] => vocab.add_merge((left, right), id),
                // No merges lead here: then any two tokens that add up to it make it.
                _ => {
                    vocab.ignores_merges = true;
                    let bytes = vocab.get(id).unwrap_or_default().to_vec();
                    let halves = (1..bytes.len()).map(|at| bytes.split_at(at));
                    for (left, right) in halves {
                        if let (Some(left), Some(right)) = (vocab.find(left), vocab.find(right)) {
                            vocab.add_merge((left, right), id);
                        }
                    }
                }
            }
        }
        Ok(vocab)
    }

    /// The vocabulary of some tokens and the pairs that make them, in order, as in Hugging Face
    /// files. With `ignores_merges` a chunk that is a token becomes it whether merges do so or not.
    pub fn from_pairs(
        ranks: impl IntoIterator<Item = (Vec<u8>, usize)>,
        merges: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
        ignores_merges: bool,
    ) -> Result<Self> {
        let mut vocab = Self::new(Tokens::sorted(ranks)?)?;
        for (number, (left, right)) in merges.into_iter().enumerate() {
            let find = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes);
                let message =
                    format!("merge {number} needs the token {text:?}, which is not there");
                vocab.find(bytes).ok_or(BpeError::Vocab(message))
            };
            let (pair, id) = (
                (find(&left)?, find(&right)?),
                find(&[left, right].concat())?,
            );
            if vocab.merges.last().is_some_and(|(_, last)| *last > id) {
                let message =
                    format!("merge {number} makes token {id}: ids must be in the order of merges");
                return Err(BpeError::Vocab(message));
            }
            vocab.add_merge(pair, id);
        }
        vocab.ignores_merges = ignores_merges;
        if !ignores_merges {
            let mut reached = Vec::new();
            for id in vocab.ids() {
                reached.push(vocab.parts(id)?.len() == 1);
            }
            let reached: Vec<u32> = vocab
                .ids()
                .zip(reached)
                .filter_map(|(id, reached)| reached.then_some(id))
                .collect();
            vocab.whole = Index::new(&vocab.tokens, |id| reached.binary_search(&id).is_ok())?;
        }
        Ok(vocab)
    }

    fn new(tokens: Tokens) -> Result<Self> {
        let whole = Index::new(&tokens, |_| true)?;
        let mut bytes = [0; BYTES];
        for (byte, id) in (0..=u8::MAX).zip(&mut bytes) {
            let message = format!("the byte {byte:#04x} is no token; each of the 256 must be one");
            *id = whole
                .find(&tokens, &[byte])
                .ok_or(BpeError::Vocab(message))?;
        }
        let (pairs, merges) = (PairTable::default(), Vec::new());
        Ok(Self {
            tokens,
            bytes,
            pairs,
            merges,
            whole,
            ignores_merges: false,
        })
    }

    fn add_merge(&mut self, pair: Pair, id: u32) {
        self.pairs.insert(pair, id);
        self.merges.push((pair, id));
    }

    /// What the bytes of a token become with the merges known so far.
    fn parts(&self, id: u32) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        self.encode(self.get(id).unwrap_or_default(), &mut ids, &Steady)?;
        Ok(ids)
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.used
    }

    /// Whether there is none: never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = u32> + use<> {
        let ids: Vec<u32> = (0..)
            .zip(&self.tokens.ends)
            .filter(|(_, end)| **end > 0)
            .map(|(id, _)| id)
            .collect();
        ids.into_iter()
    }

    /// The pairs and the tokens that they make, in order.
    pub fn merges(&self) -> &[(Pair, u32)] {
        &self.merges
    }

    /// Whether some tokens are made although no merges lead to them.
    pub fn ignores_merges(&self) -> bool {
        self.ignores_merges
    }

    /// The bytes of a token.
    #[inline]
    pub fn get(&self, id: u32) -> Option<&[u8]> {
        self.tokens.get(id)
    }

    /// The token that a chunk of these bytes becomes, if it becomes a single one.
    #[inline]
    pub fn find(&self, bytes: &[u8]) -> Option<u32> {
        self.whole.find(&self.tokens, bytes)
    }

    /// Replace `ids` by those of a chunk, merge by merge.
    pub fn encode(&self, chunk: &[u8], ids: &mut Vec<u32>, pulse: &dyn Pulse) -> Result<()> {
        ids.clear();
        ids.extend(chunk.iter().map(|&byte| self.bytes[usize::from(byte)]));
        merge(&self.pairs, ids, pulse)
    }
}

/// The bytes of tokens, one after the other.
#[derive(Debug, Default)]
struct Tokens {
    bytes: Vec<u8>,
    /// For each id where its bytes start and end; an end of 0 where there is no token.
    starts: Vec<usize>,
    ends: Vec<usize>,
    used: usize,
}

impl Tokens {
    fn sorted(ranks: impl IntoIterator<Item = (Vec<u8>, usize)>) -> Result<Self> {
        let mut tokens = Self::default();
        for (bytes, id) in ranks {
            let wrong = match u32::try_from(id) {
                _ if bytes.is_empty() => format!("token {id} is empty"),
                Ok(short) if tokens.get(short).is_some() => format!("two tokens have the id {id}"),
                Ok(short) if id < LARGEST => {
                    tokens.push(&bytes, short);
                    continue;
                }
                _ => format!("the id {id} is too large; {LARGEST} is the limit"),
            };
            return Err(BpeError::Vocab(wrong));
        }
        Ok(tokens)
    }

    fn push(&mut self, bytes: &[u8], id: u32) {
        let index = id as usize;
        if index >= self.ends.len() {
            self.starts.resize(index + 1, 0);
            self.ends.resize(index + 1, 0);
        }
        self.starts[index] = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.ends[index] = self.bytes.len();
        self.used += 1;
    }

    #[inline]
    fn get(&self, id: u32) -> Option<&[u8]> {
        let index = id as usize;
        let bytes = self
            .bytes
            .get(*self.starts.get(index)?..*self.ends.get(index)?)?;
        (!bytes.is_empty()).then_some(bytes)
    }
}

/// From bytes to ids: a hash table of ids, whose bytes `Tokens` has.
#[derive(Debug)]
struct Index {
    slots: Vec<u32>,
    bits: u32,
}

const FREE: u32 = u32::MAX;

impl Index {
    fn new(tokens: &Tokens, wanted: impl Fn(u32) -> bool) -> Result<Self> {
        let bits = (2 * tokens.used + 2).ilog2() + 1;
        let mut index = Self {
            slots: vec![FREE; 1 << bits],
            bits,
        };
        for id in (0..).take(tokens.ends.len()).filter(|id| wanted(*id)) {
            let Some(bytes) = tokens.get(id) else {
                continue;
            };
            let at = index.slot(tokens, bytes);
            if index.slots[at] != FREE {
                let message = format!("tokens {} and {id} are the same bytes", index.slots[at]);
                return Err(BpeError::Vocab(message));
            }
            index.slots[at] = id;
        }
        Ok(index)
    }

    #[inline]
    fn find(&self, tokens: &Tokens, bytes: &[u8]) -> Option<u32> {
        let id = self.slots[self.slot(tokens, bytes)];
        (id != FREE).then_some(id)
    }

    #[inline]
    fn slot(&self, tokens: &Tokens, bytes: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = home(hash_bytes(bytes), self.bits);
        loop {
            let id = self.slots[at & mask];
            if id == FREE || tokens.get(id) == Some(bytes) {
                return at & mask;
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<(Vec<u8>, usize)> {
        (0..=255)
            .map(|byte| (vec![byte], usize::from(byte)))
            .collect()
    }

    fn with(tokens: &[(&str, usize)]) -> Vec<(Vec<u8>, usize)> {
        let tokens = tokens
            .iter()
            .map(|(text, id)| (text.as_bytes().to_vec(), *id));
        bytes().into_iter().chain(tokens).collect()
    }

    fn pairs(merges: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
        merges
            .iter()
            .map(|(left, right)| (left.as_bytes().to_vec(), right.as_bytes().to_vec()))
            .collect()
    }

    fn encoded(vocab: &Vocab, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        vocab.encode(text.as_bytes(), &mut ids, &Steady).unwrap();
        ids
    }

    fn message(outcome: Result<Vocab>) -> String {
        outcome.unwrap_err().to_string()
    }

    #[test]
    fn merges_make_tokens() {
        let vocab = Vocab::from_merges(&[(97, 98), (256, 99)]).unwrap();
        assert_eq!(vocab.len(), 258);
        assert_eq!(vocab.get(257), Some(&b"abc"[..]));
        assert_eq!(vocab.find(b"abc"), Some(257));
        assert_eq!((vocab.find(b"bc"), vocab.get(258)), (None, None));
        assert_eq!(encoded(&vocab, "abcab"), [257, 256]);
        assert!(!vocab.is_empty() && !vocab.ignores_merges());
    }

    #[test]
    fn ranks_tell_their_merges() {
        let vocab = Vocab::from_ranks(with(&[("bc", 300), ("ab", 301), ("abc", 302)])).unwrap();
        assert_eq!(
            vocab.merges(),
            [((98, 99), 300), ((97, 98), 301), ((97, 300), 302)]
        );
        assert_eq!(
            vocab.ids().skip(255).collect::<Vec<_>>(),
            [255, 300, 301, 302]
        );
        assert_eq!(vocab.len(), 259);
    }

    #[test]
    fn a_rank_without_merges_is_made_of_any_two_halves() {
        // abcd is bc in the middle and two letters: no pair
        let vocab = Vocab::from_ranks(with(&[
            ("bc", 256),
            ("abcd", 257),
            ("ab", 258),
            ("cd", 259),
        ]))
        .unwrap();
        assert!(vocab.ignores_merges());
        assert_eq!(vocab.merges()[1], ((258, 259), 257));
        assert_eq!(vocab.find(b"abcd"), Some(257));
        assert_eq!(encoded(&vocab, "abcd"), [97, 256, 100]);
    }

    #[test]
    fn pairs_are_taken_as_they_are() {
        let ranks = || with(&[("ab", 256), ("abc", 257)]);
        let vocab = Vocab::from_pairs(ranks(), pairs(&[("a", "b")]), false).unwrap();
        assert_eq!(
            (vocab.find(b"ab"), vocab.find(b"abc"), vocab.find(b"a")),
            (Some(256), None, Some(97))
        );
        let vocab = Vocab::from_pairs(ranks(), pairs(&[("a", "b")]), true).unwrap();
        assert_eq!(vocab.find(b"abc"), Some(257));
        assert!(vocab.ignores_merges());
    }

    #[test]
    fn two_pairs_may_make_the_same_token() {
        let ranks = with(&[("ab", 256), ("bc", 257), ("abc", 258)]);
        let merges = pairs(&[("a", "b"), ("b", "c"), ("ab", "c"), ("a", "bc")]);
        let vocab = Vocab::from_pairs(ranks, merges, false).unwrap();
        assert_eq!(vocab.merges()[2..], [((256, 99), 258), ((97, 257), 258)]);
    }

    #[test]
    fn pairs_must_be_tokens_in_order() {
        let ranks = || with(&[("ab", 256), ("bc", 257)]);
        let wrong = |merges| message(Vocab::from_pairs(ranks(), pairs(merges), false));
        assert_eq!(
            wrong(&[("b", "d")]),
            "merge 0 needs the token \"bd\", which is not there"
        );
        assert_eq!(
            wrong(&[("b", "c"), ("xy", "c")]),
            "merge 1 needs the token \"xy\", which is not there"
        );
        assert_eq!(
            wrong(&[("b", "c"), ("a", "b")]),
            "merge 1 makes token 256: ids must be in the order of merges"
        );
    }

    #[test]
    fn a_damaged_vocabulary_says_where() {
        let wrong = |tokens| message(Vocab::from_ranks(with(tokens)));
        assert_eq!(wrong(&[("", 256)]), "token 256 is empty");
        assert_eq!(wrong(&[("ab", 7)]), "two tokens have the id 7");
        assert_eq!(
            wrong(&[("ab", 256), ("ab", 257)]),
            "tokens 256 and 257 are the same bytes"
        );
        assert_eq!(
            wrong(&[("ab", 1 << 24)]),
            "the id 16777216 is too large; 16777216 is the limit"
        );
        assert_eq!(
            wrong(&[("ab", usize::MAX)]),
            "the id 18446744073709551615 is too large; 16777216 is the limit"
        );
        let few = message(Vocab::from_ranks(bytes().into_iter().take(255)));
        assert_eq!(
            few,
            "the byte 0xff is no token; each of the 256 must be one"
        );
    }
}
