"""Check of 02_tokenizer/train."""

import random
import string

from nanochat.tokenizer.train import train

from nanolab.expect import attempt, equal

WIKI = ["aaabdaaabac"]
# What `split` makes of "low low low lower lower newest newest widest".
WORDS = ["low", " low", " low", " lower", " lower", " newest", " newest", " widest"]
# Of "xxxx ab ab": the pair xx comes up three times, though only two of them can be merged.
OVERLAP = ["xxxx", " ab", " ab"]
# Of "你你 好你你".
CHINESE = ["你你", " 好你你"]


def tokens(merges):
    """The bytes of each new token, in the order of learning; a dictionary that is none, as it is."""
    if not isinstance(merges, dict):
        return merges
    known = {i: bytes([i]) for i in range(256)}
    for pair, new_id in merges.items():
        known[new_id] = b"".join(known.get(i, b"?") for i in pair)
    return [known[new_id] for new_id in merges.values()]


def test_the_most_frequent_pair_comes_first():
    """In aaabdaaabac, aa is merged first and becomes token 256.

    Kills ids_from_255 and rarest_first.
    """
    equal(train(["abab"], 1), {(97, 98): 256}, "in abab, ab occurs twice and ba once; 256 is new")
    equal(
        train(WIKI, 1), {(97, 97): 256}, "in aaabdaaabac, aa occurs four times, more than any other"
    )
    equal(train(WIKI, 0), {}, "no merges were asked for")
    equal(train([], 5), {}, "no text, nothing to merge")


def test_merges_build_on_each_other():
    """aaabdaaabac becomes one token in seven merges.

    Kills gaps, right_to_left, stops_at_one, crashes_at_the_end and never_replaces.
    """
    message = "aa is 256, b occurs twice behind an a, and so on until one token is left"
    expected = [b"aa", b"ab", b"aaab", b"ac", b"daaab", b"aaabdaaab", b"aaabdaaabac"]
    found = attempt(train, WIKI, 8)
    equal(tokens(found), expected, message)
    equal(list(found.values()), list(range(256, 263)), "new ids are 256, 257, 258, without gaps")
    rng = random.Random(0)
    chunks = ["".join(rng.choices(string.ascii_letters, k=10)) for _ in range(40)]
    message = "ids go on counting after 511, as far as there are merges"
    equal(list(train(chunks, 300).values()), list(range(256, 556)), message)
    equal(attempt(train, ["a", "b"], 3), {}, "single bytes have no neighbours: nothing to merge")


def test_equals_are_decided_by_the_smallest_pair():
    """Among equally frequent pairs, the smallest comes first.

    Kills first_seen and largest_pair.
    """
    message = "ba and ab occur once each; (97, 98) is smaller than (98, 97)"
    equal(tokens(train(["ba", "ab"], 1)), [b"ab"], message)
    message = "in ab and _cd, all pairs occur once: the space is smaller than a letter"
    equal(tokens(train(["ab", " cd"], 3)), [b" c", b"ab", b" cd"], message)


def test_every_chunk_counts_as_often_as_it_comes():
    """A chunk that comes twice counts twice, and chunks stay apart.

    Kills unweighted and joins_chunks.
    """
    expected = [b"lo", b"low", b" low", b"es", b"est", b" n", b"er", b"ew"]
    equal(tokens(train(WORDS, 8)), expected, "low comes three times, lower twice, newest twice")
    message = "b and c are neighbours in no chunk; a pair never reaches across a border"
    equal(tokens(train(["ab", "c", "ab", "c"], 5)), [b"ab"], message)
    equal(tokens(train(iter(WORDS), 8)), expected, "chunks may come from an iterator, read once")


def test_overlapping_pairs_count_and_bytes_are_the_alphabet():
    """xxxx holds xx three times, and 你 is three bytes.

    Kills apart and code_points.
    """
    message = "xx comes up three times in xxxx, ab twice; and that decides, mergeable or not"
    equal(tokens(train(OVERLAP, 1)), [b"xx"], message)
    message = "bytes are merged, not characters: the first merge makes two thirds of 你"
    equal(tokens(attempt(train, CHINESE, 2)), [b"\xbd\xa0", "你".encode()], message)


def test_a_negative_number_is_refused():
    """train(…, -1) is a ValueError.

    Kills negative_is_none.
    """
    equal(attempt(train, WIKI, -1), ("raises", "ValueError"), "nobody can learn -1 merges")


def probe(module):
    """The merges of some small texts."""
    cases = [(["abab"], 1), (WIKI, 8), (["ba", "ab"], 1), (["ab", " cd"], 3), (WORDS, 8)]
    cases += [(["ab", "c", "ab", "c"], 5), (OVERLAP, 1), (CHINESE, 2), (WIKI, -1), (["a", "b"], 3)]
    found = [attempt(module.train, *case) for case in cases]
    return [list(one.items()) if isinstance(one, dict) else one for one in found]
