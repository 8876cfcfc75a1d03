"""Check of 02_tokenizer/rust_bind."""

import random

from nanochat.tokenizer.codec import BPE
from nanochat.tokenizer.rust_bind import Encoder, train
from nanochat.tokenizer.train import train as train_slowly

from nanolab.expect import equal

WORDS = ["low", " low", " low", " lower", " lower", " newest", " newest", " widest"]


def value(function, *args):
    """What a call gives; an exception, a panic too, by its name."""
    try:
        return function(*args)
    except NotImplementedError:
        raise
    except BaseException as error:  # PyO3 lets no `except Exception` catch a panic
        return ("raises", type(error).__name__)


def test_a_dict_comes_back():
    """Merges come as a dict from pairs to ids.

    Kills ids_from_zero and the_wrong_way_round.
    """
    equal(train(["ab", "ab", "b"], 1), {(97, 98): 256}, "ab is the first merge and gets the id 256")
    equal(train([], 3), {}, "no text, no merges")


def test_the_merges_are_those_of_train():
    """The same merges as in Python, in the same order.

    Kills drops_the_first and counts_once.
    """
    equal(train(["ab", "cd", "cd"], 1), {(99, 100): 256}, "cd comes twice, ab once")
    for seed in range(20):
        rng = random.Random(seed)
        chunks = ["".join(rng.choices("abc", k=rng.randrange(8))) for _ in range(rng.randrange(25))]
        merges = list(train(chunks, 15).items())
        equal(merges, list(train_slowly(chunks, 15).items()), f"the merges of train on {chunks}")


def test_a_negative_number_is_a_value_error():
    """What makes no sense is refused with a ValueError.

    Kills wraps_around, panics and type_error.
    """
    message = "train(words, -1) should raise a ValueError"
    equal(value(train, WORDS, -1), ("raises", "ValueError"), message)


def test_pyo3_refuses_what_does_not_fit():
    """A bare string is no list of chunks; PyO3 itself says so."""
    equal(value(train, "low low", 1), ("raises", "TypeError"), "a str is not a list of str")
    equal(value(Encoder, [1, 2]), ("raises", "TypeError"), "a list is not a dict")


def test_an_encoder_keeps_its_merges():
    """An Encoder encodes with the merges that it was made with.

    Kills forgets_its_merges.
    """
    merges = train_slowly(WORDS, 12)
    encoder = Encoder(merges)
    equal(len(encoder), 268, "256 bytes and 12 merges")
    for chunk in WORDS:
        expected = BPE(merges).encode_chunk(chunk.encode())
        equal(encoder.encode_chunk(chunk.encode()), expected, f"the tokens of {chunk!r}")


def probe(module):
    """Values in which every wrong answer differs from the solution and from all others."""
    return (
        value(lambda: list(module.train(WORDS, 12).items())),
        value(module.train, ["ab", "cd", "cd"], 1),
        value(module.train, WORDS, -1),
        value(lambda: module.Encoder({(108, 111): 256}).encode_chunk(b"low")),
    )
