"""Files of others, and other libraries."""

import base64
import contextlib
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PATTERNS = {
    "nanochat": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    "GPT-4, published": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "GPT-4, in tiktoken": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "GPT-2, published": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "GPT-2, in tiktoken": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "another": r"(?:\p{Lu}?\p{Ll}{1,3}+){2}+|\p{L}|[\p{N}]{2}+|.|\s",
}
LETTERS = " \t\n\r'aBé中1½٣._\u2019\u2028\u200d😀\u0301\x1c\xa0\x00"
PIECES = ("  ", "\r\n", "'s", "'LL", "'\u017f", "'v", "the", "Word", "23", "4567", "!?", "ing")

BYTES = b"".join(b"%s %d\n" % (base64.b64encode(bytes([byte])), byte) for byte in range(256))


def same(one, other, texts):
    return (
        one.get_mergeable_ranks() == other.get_mergeable_ranks()
        and one.encode_batch(texts) == other.encode_batch(texts)
        and one.get_pattern() == other.get_pattern()
    )


def test_a_rank_file_comes_back(tokenizer, texts):
    from rustbpe import Tokenizer

    data = tokenizer.to_ranks()
    assert data.startswith(b"AA== 0\nAQ== 1\n")
    assert same(Tokenizer.from_ranks(data), tokenizer, texts)
    assert same(Tokenizer.from_ranks(data.decode(), tokenizer.get_pattern()), tokenizer, texts)
    assert Tokenizer.from_ranks(bytearray(data), "a").get_pattern() == "a"


def test_a_hugging_face_file_comes_back(tokenizer, texts):
    from rustbpe import Tokenizer

    text = tokenizer.to_huggingface()
    assert json.loads(text)["model"]["type"] == "BPE"
    assert same(Tokenizer.from_huggingface(text), tokenizer, texts)
    assert same(Tokenizer.from_huggingface(text.encode()), tokenizer, texts)


def test_tiktoken_encodes_alike(tokenizer, texts):
    pytest.importorskip("tiktoken", reason="tiktoken is optional: pip install tiktoken")
    bos = tokenizer.vocab_size
    encoding = tokenizer.to_tiktoken("mine", {"<|bos|>": bos})
    assert encoding.name == "mine"
    assert encoding.encode("<|bos|>", allowed_special="all") == [bos]
    assert encoding.encode_ordinary_batch(texts) == tokenizer.encode_batch(texts)


def test_hugging_face_encodes_alike(tokenizer, texts):
    reason = "tokenizers is optional: pip install tokenizers"
    tokenizers = pytest.importorskip("tokenizers", reason=reason)
    theirs = tokenizers.Tokenizer.from_str(tokenizer.to_huggingface())
    assert [theirs.encode(text).ids for text in texts] == tokenizer.encode_batch(texts)
    assert theirs.decode(tokenizer.encode(texts[4])) == texts[4]


@pytest.fixture(scope="module", params=PATTERNS.values(), ids=PATTERNS)
def both(request, texts):
    """A tokenizer of each pattern, and what Hugging Face makes of its file."""
    from rustbpe import Tokenizer

    reason = "tokenizers is optional: pip install tokenizers"
    tokenizers = pytest.importorskip("tokenizers", reason=reason)
    ours = Tokenizer()
    ours.train_from_iterator(texts * 3, 400, pattern=request.param)
    return ours, tokenizers.Tokenizer.from_str(ours.to_huggingface())


@given(pieces=st.lists(st.sampled_from([*LETTERS, *PIECES]), max_size=30))
@settings(max_examples=300, deadline=None)
def test_hugging_face_reads_each_pattern_alike(both, pieces):
    ours, theirs = both
    text = "".join(pieces)
    assert theirs.encode(text).ids == ours.encode(text)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_known_by_heart_comes_back_as_it_was(pattern):
    from rustbpe import Tokenizer

    file = Tokenizer.from_ranks(BYTES, pattern).to_huggingface()
    again = Tokenizer.from_huggingface(file).get_pattern()
    assert (again == pattern) == (pattern != PATTERNS["another"])
    assert Tokenizer.from_huggingface(file, pattern).get_pattern() == pattern


def test_a_pickle_keeps_the_pattern():
    from rustbpe import Tokenizer

    tokenizer = Tokenizer.from_ranks(BYTES, PATTERNS["another"])
    assert pickle.loads(pickle.dumps(tokenizer)).get_pattern() == PATTERNS["another"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the byte 0x00 is no token"),
        (b"AA== 0\nAQ==\n", "line 2 is not a token in base 64, a space and its id"),
        (b"AA== 0\nAA== 1\n", "tokens 0 and 1 are the same bytes"),
        (b"AA== 0\nAQ== 0\n", "two tokens have the id 0"),
        (b"AA== 99999999999\n", "the id 99999999999 is too large"),
        (b" 5\n", "token 5 is empty"),
        (pickle.dumps({"a": 1}), "line 1 is not"),
    ],
)
def test_a_damaged_rank_file_says_where(data, message):
    from rustbpe import Tokenizer

    with pytest.raises(ValueError, match=message):
        Tokenizer.from_ranks(data)


def test_a_truncated_file_is_a_value_error(tokenizer):
    from rustbpe import Tokenizer

    text, ranks = tokenizer.to_huggingface(), tokenizer.to_ranks()
    for at in range(0, len(text) - 1, 97):
        with pytest.raises(ValueError, match=r"not a tokenizer\.json"):
            Tokenizer.from_huggingface(text[:at])
    for at in range(0, 2_000, 7):  # bytes are missing
        with pytest.raises(ValueError, match=r"byte|line|id"):
            Tokenizer.from_ranks(ranks[:at])


def test_a_pickle_is_no_json(tokenizer):
    from rustbpe import Tokenizer

    with pytest.raises(ValueError, match=r"not a tokenizer\.json"):
        Tokenizer.from_huggingface(pickle.dumps(tokenizer))


@pytest.mark.parametrize("bad", [None, 7, ["a"], [7], 1.5])
def test_what_is_no_file_content_is_a_type_error(bad):
    from rustbpe import Tokenizer

    for read in (Tokenizer.from_huggingface, Tokenizer.from_ranks):
        with pytest.raises(TypeError):
            read(bad)


def paths(value, path=()):
    """The places of all values in a JSON document, but for the insides of long lists."""
    yield path
    children = value.items() if isinstance(value, dict) else []
    children = list(enumerate(value))[:3] if isinstance(value, list) else list(children)[-12:]
    for key, child in children:
        yield from paths(child, (*path, key))


JUNK = st.sampled_from(
    [None, True, -1, 0.5, 2**70, "", "x y", "Ġ", [], [[]], {}, {"type": "Split"}]
)


@given(data=st.data(), junk=JUNK)
@settings(max_examples=400, deadline=None)
def test_no_tampering_makes_it_panic(tokenizer, data, junk):
    from rustbpe import Tokenizer

    document = json.loads(tokenizer.to_huggingface())
    *parents, last = data.draw(st.sampled_from([path for path in paths(document) if path]))
    place = document
    for key in parents:
        place = place[key]
    place[last] = junk
    with contextlib.suppress(ValueError):  # a panic is none
        Tokenizer.from_huggingface(json.dumps(document)).encode("a b")


@given(st.binary(max_size=60))
def test_no_bytes_make_it_panic(data):
    from rustbpe import Tokenizer

    for read in (Tokenizer.from_huggingface, Tokenizer.from_ranks):
        with pytest.raises(ValueError, match=r"."):
            read(data)


def test_json_as_deep_as_the_sea_is_a_value_error():
    from rustbpe import Tokenizer

    with pytest.raises(ValueError, match="recursion"):
        Tokenizer.from_huggingface("[" * 1_000_000)
