"""Check of 02_tokenizer/train_fast."""

import random
import string
from itertools import pairwise

from nanochat.tokenizer.train import train
from nanochat.tokenizer.train_fast import Corpus, index, merge_everywhere, train_fast

from nanolab.expect import attempt, equal

CHUNKS = ["ab", "abab", "ab", "c"]
# What `split` makes of "low low low lower lower newest newest widest".
WORDS = ["low", " low", " low", " lower", " lower", " newest", " newest", " widest"]


def random_chunks(seed):
    """Up to thirty chunks over a tiny alphabet, where ties and overlaps abound."""
    rng = random.Random(seed)
    letters = "abc"[: rng.randrange(1, 4)]
    return ["".join(rng.choices(letters, k=rng.randrange(7))) for _ in range(rng.randrange(30))]


def pairs_of(corpus, number):
    """The pairs of one word."""
    ids = corpus.words[number]
    return {*pairwise(ids)}


def state(corpus):
    """A corpus in plain values that do not depend on the order of anything."""
    words = sorted(zip(map(tuple, corpus.words), corpus.weights, strict=True))
    counts = {pair: corpus.counts[pair] for pair in sorted(corpus.counts) if corpus.counts[pair]}
    where = {
        pair: sorted(corpus.words[number] for number in corpus.where.get(pair, ()))
        for pair in counts
    }
    return words, counts, where


def after_merge(make, merge):
    """What becomes of a small corpus of words 7 7 7 8, 8 7 7, 5 6 when 7 7 is merged."""
    corpus = make(
        words=[[7, 7, 7, 8], [8, 7, 7], [5, 6]],
        weights=[2, 3, 10],
        counts={(7, 7): 7, (7, 8): 2, (8, 7): 3, (5, 6): 10},
        where={(7, 7): {0, 1}, (7, 8): {0}, (8, 7): {1}, (5, 6): {2}},
    )
    untouched = corpus.words[2]
    new = merge(corpus, (7, 7), 9)
    return corpus, sorted(new), corpus.words[2] is untouched


def test_index_notes_counts_and_places():
    """index reads each distinct chunk once.

    Kills index_unweighted, one_place and every_chunk.
    """
    corpus = index(CHUNKS)
    words = sorted(zip(corpus.words, corpus.weights, strict=True))
    message = "ab comes twice, abab and c once; each stands there once, with its weight"
    equal(words, [([97, 98], 2), ([97, 98, 97, 98], 1), ([99], 1)], message)
    message = "ab occurs twice as a chunk of its own, and twice in abab"
    equal(corpus.counts, {(97, 98): 4, (98, 97): 1}, message)
    places = {
        pair: sorted(map(len, (corpus.words[i] for i in where)))
        for pair, where in corpus.where.items()
    }
    equal(places, {(97, 98): [2, 4], (98, 97): [4]}, "ab occurs in two of the words, ba in one")


def test_a_merge_keeps_the_counts_true():
    """After a merge, words, counts and places agree.

    Kills forgets_old, merge_unweighted, where_not_extended and gives_all_pairs.
    """
    corpus, new, _ = after_merge(Corpus, merge_everywhere)
    equal(corpus.words, [[9, 7, 8], [8, 9], [5, 6]], "7 7 becomes 9 in the first two words")
    counts = {pair: count for pair, count in corpus.counts.items() if count}
    expected = {(9, 7): 2, (7, 8): 2, (8, 9): 3, (5, 6): 10}
    equal(dict(sorted(counts.items())), dict(sorted(expected.items())), "counts as if counted anew")
    equal(new, [(8, 9), (9, 7)], "the new pairs are those with a 9 in them")
    for number in range(3):
        missing = {
            pair for pair in pairs_of(corpus, number) if number not in corpus.where.get(pair, ())
        }
        equal(missing, set(), f"word {number} holds these pairs, but where does not say so")


def test_other_words_are_left_alone():
    """Words without the pair are not looked at.

    Kills looks_at_all: that would be right, and as slow as before.
    """
    *_, untouched = after_merge(Corpus, merge_everywhere)
    assert untouched, "5 6 does not hold the pair 7 7; its list should be the very same one"


def test_the_merges_are_those_of_train():
    """train_fast learns what train learns.

    Kills largest_pair, fewest_first and never_corrects.
    """
    for chunks, count in [
        (["aaabdaaabac"], 8),
        (["ab", " cd"], 3),
        (WORDS, 8),
        (["xxxx", " ab", " ab"], 1),
        (["cd"] * 400 + ["ab"] * 399, 2),
    ]:
        message = f"train learns other merges from {chunks[:20]}"
        equal(
            list(train_fast(chunks, count).items()),
            list(train(chunks, count).items()),
            message,
        )


def test_ties_and_overlaps_by_the_hundred():
    """On 200 random texts, too.

    Kills drops_stale, stops_at_stale and new_pairs_forgotten.
    """
    rng = random.Random(0)
    many = ["".join(rng.choices(string.ascii_letters, k=10)) for _ in range(40)]
    message = "ids go on counting after 511, as far as there are merges"
    equal(list(train_fast(many, 300).values()), list(range(256, 556)), message)
    for seed in range(200):
        chunks = random_chunks(seed)
        expected, found = train(chunks, 20), train_fast(chunks, 20)
        message = f"train learns other merges from {chunks}"
        equal(found, expected, message)
        equal(list(found), list(expected), "the merges come in another order")


def test_a_negative_number_is_refused():
    """train_fast(…, -1) is a ValueError, and 0 merges are none.

    Kills one_too_many.
    """
    equal(attempt(train_fast, WORDS, -1), ("raises", "ValueError"), "nobody can learn -1 merges")
    equal(train_fast(WORDS, 0), {}, "no merges were asked for")
    equal(train_fast([], 5), {}, "no text, nothing to merge")


def probe(module):
    """A corpus before and after a merge, and the merges of some texts."""

    def merged():
        corpus, new, untouched = after_merge(module.Corpus, module.merge_everywhere)
        return state(corpus), new, untouched

    texts = [["aaabdaaabac"], ["ab", " cd"], WORDS, [], *map(random_chunks, range(40))]
    found = [attempt(module.train_fast, chunks, 20) for chunks in texts]
    found += [attempt(module.train_fast, WORDS, count) for count in (-1, 0, 1)]
    return (
        attempt(lambda: state(module.index(CHUNKS))),
        attempt(merged),
        [list(one.items()) if isinstance(one, dict) else one for one in found],
    )
