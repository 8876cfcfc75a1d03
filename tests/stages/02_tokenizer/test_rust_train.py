"""Check of 02_tokenizer/rust_train."""

import random
from collections import Counter

from nanochat.tokenizer.codec import BPE
from nanochat.tokenizer.rust_train import encode_chunk, train
from nanochat.tokenizer.train import train as train_slowly

from nanolab.expect import attempt, equal

# What `split` makes of "low low low lower lower newest newest widest".
WORDS = ["low", " low", " low", " lower", " lower", " newest", " newest", " widest"]
WIKI = ["aaabdaaabac"]


def learned(train, chunks, num_merges):
    """The merges as the bytes of each new token, from distinct chunks and their weights."""
    weights = Counter(chunks)
    words = [list(chunk.encode()) for chunk in weights]
    tokens = {number: bytes([number]) for number in range(256)}
    for left, right in train(words, list(weights.values()), num_merges):
        tokens[len(tokens)] = tokens[left] + tokens[right]
    return [tokens[number] for number in range(256, len(tokens))]


def random_chunks(seed):
    """Up to thirty chunks over a tiny alphabet, where ties and overlaps abound."""
    rng = random.Random(seed)
    letters = "abc"[: rng.randrange(1, 4)]
    return ["".join(rng.choices(letters, k=rng.randrange(9))) for _ in range(rng.randrange(30))]


def test_the_first_merges():
    """The most frequent pair comes first; of equals, the smallest.

    Kills ids_from_255.
    """
    tokens = learned(train, WIKI, 4)
    equal(tokens, [b"aa", b"ab", b"aaab", b"ac"], "aa comes four times in aaabdaaabac")
    equal(learned(train, WIKI, 0), [], "no merges were asked for")


def test_a_word_weighs_as_often_as_it_occurs():
    """The weights count, from the first merge to the last.

    Kills unweighted_change.
    """
    expected = [b"lo", b"low", b" low", b"es", b"est", b" n", b"er", b"ew"]
    tokens = learned(train, WORDS, 8)
    equal(tokens, expected, "low occurs five times, as a part of lower too")


def test_it_ends_when_nothing_is_left():
    """Fewer merges than asked for, if no pair is left.

    Kills breaks_at_zero and merges_nothing.
    """
    equal(len(learned(train, WIKI, 100)), 7, "after seven merges aaabdaaabac is one token")
    equal(learned(train, [], 3), [], "an empty corpus has no pairs")
    equal(learned(train, ["a", "b"], 3), [], "neither have words of one byte")


def test_the_merges_are_those_of_train():
    """On 60 random corpora, merge for merge what the obvious way learns.

    Kills never_refreshes, drops_stale, places_not_extended and pushes_nothing.
    """
    for seed in range(60):
        chunks = random_chunks(seed)
        expected = list(train_slowly(chunks, 20))
        weights = Counter(chunks)
        merges = train([list(chunk.encode()) for chunk in weights], [*weights.values()], 20)
        equal(merges, expected, f"the merges of train on {chunks}")


def test_a_weight_for_each_word():
    """Two words and one weight are an error, not a panic.

    Kills unchecked_lengths.
    """
    message = "train([[1, 2], [3, 4]], [1], 1) should return an Err"
    equal(attempt(train, [[1, 2], [3, 4]], [1], 1), ("raises", "ValueError"), message)


def test_encoding_merges_what_was_learned_first():
    """Encoding follows the order of learning, not of reading.

    Kills leftmost_first and last_learned_first.
    """
    merges = {(98, 99): 256, (97, 98): 257}
    equal(encode_chunk(b"abc", merges), [97, 256], "bc was learned before ab")
    equal(
        encode_chunk(b"aaaaa", {(97, 97): 256, (256, 97): 257}), [256, 257], "aa aa a, then aa aaa"
    )
    equal(encode_chunk(b"", merges), [], "nothing is encoded as nothing")
    for seed in range(20):
        learned = train_slowly(random_chunks(seed), 12)
        chunk = "".join(random.Random(seed).choices("abc", k=20)).encode()
        equal(encode_chunk(chunk, learned), BPE(learned).encode_chunk(chunk), f"encoding {chunk}")


def probe(module):
    """Values in which every wrong answer differs from the solution and from all others."""

    def trained(chunks, num_merges):
        return attempt(learned, module.train, chunks, num_merges)

    merges = {(98, 99): 256, (97, 98): 257, (98, 97): 258}
    return (
        trained(WIKI, 100),
        trained(WORDS, 12),
        [trained(random_chunks(seed), 20) for seed in range(30)],
        attempt(module.train, [[1, 2], [3, 4]], [1], 1),
        attempt(module.train, [[1, 2], [1, 2]], [1, 0], 5),
        [attempt(module.encode_chunk, text, merges) for text in (b"abc", b"aba", b"bc", b"")],
    )
