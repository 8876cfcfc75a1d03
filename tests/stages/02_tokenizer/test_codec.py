"""Check of 02_tokenizer/codec."""

import random

from nanochat.tokenizer.codec import BPE
from nanochat.tokenizer.split import split
from nanochat.tokenizer.train_fast import train_fast

from nanolab.expect import attempt, equal

TEXT = "the cat sat on the mat and the hen ate the oats; 你好, 你们好! it's 10 o'clock"
# One script of each kind, none of it in TEXT.
SCRIPTS = [
    "quick brown fox",
    "Привет мир",
    "안녕하세요",
    "नमस्ते",
    "שלום",
    "👍🏽🎉 1_000 ½",
    "\0\x7f\r\n\t",
]
# bc was learned first, then ab: so abc is a, bc.
BC_FIRST = {(98, 99): 256, (97, 98): 257}
AB_FIRST = {(97, 98): 256, (98, 99): 257}
DOUBLING = {(97, 97): 256, (256, 97): 257}
# The three bytes of 你, put together from the right.
NI = {(0xBD, 0xA0): 256, (0xE4, 256): 257}


def random_text(rng):
    """Words of all scripts, mixed."""
    return "".join(rng.choices([*TEXT, *"".join(SCRIPTS)], k=rng.randrange(40)))


def test_the_vocabulary_holds_the_bytes_of_every_token():
    """vocab: 256 bytes, then what the merges make of them.

    Kills unordered_vocab and no_bytes.
    """
    equal(
        BPE({}).vocab, {i: bytes([i]) for i in range(256)}, "without merges there are the 256 bytes"
    )
    vocab = BPE(DOUBLING).vocab
    equal([vocab[256], vocab[257]], [b"aa", b"aaa"], "256 is aa, so 257 is aa and one more a")
    shuffled = dict(reversed(DOUBLING.items()))
    message = "the same merges in another order are the same merges: the ids tell what came first"
    equal(attempt(lambda: BPE(shuffled).vocab[257]), b"aaa", message)


def test_the_earliest_learned_pair_is_merged_first():
    """In abc, bc was learned before ab.

    Kills longest_match, leftmost_first, latest_first and merges_once.
    """
    message = "bc was learned first, so it is merged first, and then there is no b left for ab"
    equal(attempt(BPE(BC_FIRST).encode_chunk, b"abc"), [97, 256], message)
    message = "now ab was learned first, and there is no b left for bc"
    equal(attempt(BPE(AB_FIRST).encode_chunk, b"abc"), [256, 99], message)
    message = "aa aa a becomes 256 256 97, and then 256 97 becomes 257"
    equal(attempt(BPE(DOUBLING).encode_chunk, b"aaaaa"), [256, 257], message)
    equal(
        attempt(BPE(DOUBLING).encode_chunk, b"xyz"), [120, 121, 122], "no merge fits: bytes remain"
    )
    equal(attempt(BPE(DOUBLING).encode_chunk, b"a"), [97], "one byte has no neighbour")
    equal(attempt(BPE(DOUBLING).encode_chunk, b""), [], "no bytes, no tokens")


def test_text_is_encoded_chunk_by_chunk():
    """No token reaches across the border of two chunks.

    Kills across_chunks and code_points.
    """
    merges = {(98, 32): 256, (32, 97): 257}
    message = "b and the space are in different chunks of 'ab ab', the space and a in one"
    equal(attempt(BPE(merges).encode, "ab ab"), [97, 98, 257, 98], message)
    equal(attempt(BPE(NI).encode, "你"), [257], "the bytes of 你 are merged, not its characters")
    equal(attempt(BPE(NI).encode, ""), [], "no text, no tokens")


def test_bytes_are_joined_before_they_are_read():
    """decode reads 你 even if two tokens share it.

    Kills decode_each, strict, unknown_is_nothing and key_error.
    """
    bpe = BPE({(0xBD, 0xA0): 256})
    equal(attempt(bpe.decode, [0xE4, 256]), "你", "E4 and BD A0 are two tokens, and one character")
    equal(attempt(bpe.decode, [0xE4, 33]), "\ufffd!", "half a character is no error, but U+FFFD")
    equal(attempt(bpe.decode, iter([104, 105])), "hi", "any iterable of ids will do")
    for unknown in (257, -1):
        try:
            found = bpe.decode([97, unknown])
        except ValueError as error:
            found = f"ValueError: {error}"
        except KeyError:
            found = "KeyError"
        correct = found.startswith("ValueError") and str(unknown) in found
        assert correct, (
            f"there is no token {unknown}: a ValueError should name it; this came: {found}"
        )


def test_every_text_comes_back():
    """Encoded and decoded, 200 texts are what they were; and more merges never make them longer.

    Kills drops_unseen.
    """
    merges = train_fast(split(TEXT), 40)
    bpe = BPE(merges)
    rng = random.Random(0)
    for text in [*SCRIPTS, *(random_text(rng) for _ in range(200))]:
        equal(attempt(bpe.decode, bpe.encode(text)), text, "there and back, it is the same text")
    lengths = [len(BPE(dict([*merges.items()][:k])).encode(TEXT)) for k in range(0, 41, 8)]
    message = "encoding the text of the training gets shorter with each merge"
    equal(lengths, sorted(set(lengths), reverse=True), message)


def test_the_ratio_counts_bytes():
    """ratio is bytes per token.

    Kills chars_per_token, tokens_per_byte and divides_by_zero.
    """
    equal(attempt(BPE({}).ratio, "hello"), 1.0, "without merges, every byte is a token")
    equal(attempt(BPE(DOUBLING).ratio, "aaaaa"), 2.5, "five bytes in two tokens")
    equal(attempt(BPE(NI).ratio, "你你"), 6 / 2, "two characters, but six bytes, in two tokens")
    equal(attempt(BPE({}).ratio, ""), 0.0, "an empty text has no tokens to divide by")


def probe(module):
    """Some vocabularies, encodings and decodings."""

    def vocab(merges):
        return sorted(module.BPE(merges).vocab.items())[250:]

    cases = [
        (BC_FIRST, "abc"),
        (DOUBLING, "aaaaa"),
        (DOUBLING, "xyz"),
        (DOUBLING, ""),
        (NI, "你你"),
    ]
    cases += [({(98, 32): 256, (32, 97): 257}, "ab ab"), ({(97, 98): 256}, "abab"), ({}, "é")]
    words = [
        (BC_FIRST, b"abc"),
        (AB_FIRST, b"abc"),
        (DOUBLING, b"aaaaa"),
        ({(97, 98): 256}, b"abab"),
    ]
    ids = [[104, 105], [0xE4, 256], [0xE4, 33], [257], [-1]]
    return (
        [attempt(vocab, one) for one in (DOUBLING, dict(reversed(DOUBLING.items())))],
        [attempt(lambda m, b: module.BPE(m).encode_chunk(b), *word) for word in words],
        [attempt(lambda m, t: module.BPE(m).encode(t), *case) for case in cases],
        [attempt(lambda one: module.BPE({(0xBD, 0xA0): 256}).decode(one), one) for one in ids],
        [attempt(lambda m, t: module.BPE(m).ratio(t), *case) for case in cases],
    )
