"""Training, as Python sees it."""

import contextlib
import json
import logging
import random
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))


def trained(texts, vocab_size, *arguments, **options):
    from rustbpe import Tokenizer

    tokenizer = Tokenizer()
    tokenizer.train_from_iterator(texts, vocab_size, *arguments, **options)
    return tokenizer


def merges(tokenizer):
    return [token for token, rank in tokenizer.get_mergeable_ranks() if rank >= 256]


def test_the_most_frequent_pair_comes_first_and_of_equals_the_smallest():
    assert merges(trained(["ab cd cd"], 259, pattern=r"\w+")) == [b"cd", b"ab"]
    assert merges(trained(["cd ab"], 258, pattern=r"\w+")) == [b"ab", b"cd"]


def test_the_first_tokens_are_the_bytes():
    ranks = trained([], 256).get_mergeable_ranks()
    assert ranks == [(bytes([byte]), byte) for byte in range(256)]


def test_merges_end_when_the_pairs_do():
    assert trained(["abc"], 10_000).vocab_size == 258


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_merges_and_ids_are_upstreams(case):
    tokenizer = trained(case["texts"], case["vocab_size"], pattern=case["pattern"])
    assert [token.hex() for token in merges(tokenizer)] == case["merges"]
    assert [tokenizer.encode(text) for text in case["texts"]] == case["ids"]


def test_the_pattern_is_gpt4s_unless_another_is_given():
    assert r"\p{N}{1,3}" in trained(["a"], 256).get_pattern()
    assert trained(["a"], 256, pattern="a+").get_pattern() == "a+"


@pytest.mark.parametrize("options", [{"buffer_size": 1}, {"num_threads": 3}, {"num_threads": 1}])
def test_buffers_and_threads_change_nothing(options):
    texts = [f"item {number % 7} of {number}" for number in range(100)]
    expected = merges(trained(texts, 300))
    assert merges(trained(iter(texts), 300, **options)) == expected


def test_a_long_text_is_shared_among_threads():
    text = " ".join(f"word{number * number % 977}" for number in range(200_000))
    assert merges(trained([text], 500, num_threads=4)) == merges(
        trained([text], 500, num_threads=1)
    )


def test_a_chunk_without_a_place_to_split_takes_no_minute():
    dice = random.Random(0)
    text = "".join(dice.choices(["the", "of", "tion", "qu", "x", "ing"], k=1_000_000))
    start = time.monotonic()
    assert trained([text], 5_000).vocab_size == 5_000
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("abc", 300), TypeError, "one str, .* letter by letter: pass \\[text\\]"),
        ((["a", b"b"], 300), TypeError, "item 1 is not a str but bytes"),
        (([["a"]], 300), TypeError, "item 0 is not a str but list"),
        ((b"abc", 300), TypeError, "item 0 is not a str but int"),
        ((None, 300), TypeError, "not iterable"),
        ((["a", "b", "c\ud800"], 300), ValueError, "item 2: .*surrogates"),
        ((["a"], 255), ValueError, "vocab_size is 255; it must be 256 or more"),
        ((["a"], -1), ValueError, "vocab_size is -1; it must be 256 or more"),
        ((["a"], 10**30), ValueError, "vocab_size is 10+; it must be"),
        ((["a"], 300.5), TypeError, "float"),
        ((["a"], "300"), TypeError, "str"),
        ((["a"], 300, 0), ValueError, "buffer_size is 0; it must be 1 or more"),
        ((["a"], 300, 10, "("), ValueError, "not a regular expression.*parenthesis"),
        ((["a" * 99], 300, 10, r"(a|a)+(?=b)\1"), ValueError, "backtracks too much"),
    ],
)
def test_bad_input_is_an_exception_with_a_sentence(arguments, error, message):
    with pytest.raises(error, match=message):
        trained(*arguments)


def test_no_threads_are_too_few():
    with pytest.raises(ValueError, match="num_threads is 0; it must be 1 or more"):
        trained(["a"], 300, num_threads=0)


def test_a_training_that_fails_leaves_the_tokenizer_as_it_was():
    tokenizer = trained(["ab ab"], 257)

    def broken():
        yield "cd cd"
        raise LookupError("the disk is gone")

    with pytest.raises(LookupError, match="the disk is gone"):
        tokenizer.train_from_iterator(broken(), 300)
    assert merges(tokenizer) == [b"ab"]


def test_a_second_training_replaces_the_first():
    tokenizer = trained(["ab ab"], 257)
    tokenizer.train_from_iterator(["cd cd"], 257, pattern="c.")
    assert merges(tokenizer) == [b"cd"]


@pytest.mark.parametrize("seconds", [0.3, 2])
def test_ctrl_c_ends_a_long_training(seconds, ctrl_c):
    letters = random.Random(0).choices(range(0x4E00, 0x9E00), k=4_000_000)
    chunk = "".join(map(chr, letters))
    start = time.monotonic()
    with ctrl_c(seconds):
        trained([chunk], 4_000_000)  # half a minute of merges, on a machine of 2026
    assert time.monotonic() - start < 15


def test_other_threads_run_meanwhile():
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    text = "".join(chr(0x4E00 + number * number % 20_011) for number in range(60_000))
    start = time.monotonic()
    trained([text], 3_000, num_threads=1)
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(start < at < end for at in ticks) > 5


def test_a_training_says_how_far_it_is(caplog):
    with caplog.at_level(logging.INFO, logger="rustbpe"):
        trained(["abcd"], 300)
    assert caplog.messages == ["learned 1 of 44 merges"]


texts = st.lists(st.text(alphabet=st.sampled_from("abc é'1\n"), max_size=40), max_size=6)


def by_definition(words, vocab_size):
    """Recount everything after each merge."""
    words = [[bytes([byte]) for byte in word.encode()] for word in words]
    known = {bytes([byte]): byte for byte in range(256)}
    while len(known) < vocab_size:
        counts = {}
        for word in words:
            for pair in pairwise(word):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], known[pair[0]], known[pair[1]]))
        known[best[0] + best[1]] = len(known)
        for word in words:
            at = 0
            while at < len(word) - 1:
                if (word[at], word[at + 1]) == best:
                    word[at : at + 2] = [best[0] + best[1]]
                at += 1
    return list(known.items())


@given(texts, st.integers(256, 300))
@settings(deadline=None)
def test_merges_are_those_of_the_definition(texts, vocab_size):
    tokenizer = trained(texts, vocab_size, pattern=r"[^ \n]+")
    words = [word for text in texts for line in text.split("\n") for word in line.split(" ")]
    assert tokenizer.get_mergeable_ranks() == by_definition(words, vocab_size)


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 600),
    st.floats(),
    st.text(max_size=9),
    st.binary(max_size=9),
    st.lists(st.one_of(st.text(max_size=9), st.integers(), st.binary(max_size=3)), max_size=4),
    st.lists(st.text(st.characters(), max_size=20), max_size=4),
)
patterns = st.one_of(
    st.none(), st.text(st.sampled_from(r"ab()[]{}|+*?\pLN1,:=!<^$. "), max_size=12)
)


@given(anything, anything, anything, patterns)
@settings(deadline=None, max_examples=500)
def test_no_argument_makes_it_panic(iterator, vocab_size, buffer_size, pattern):
    with contextlib.suppress(ValueError, TypeError):  # a panic is neither
        trained(iterator, vocab_size, buffer_size=buffer_size, pattern=pattern)
