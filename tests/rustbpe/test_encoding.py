"""Encoding and decoding, as Python sees them."""

import array
import contextlib
import copy
import pickle
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(text=ANY_TEXT)
def test_decode_undoes_encode(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.decode_bytes(ids) == text.encode()


@given(texts=st.lists(ANY_TEXT), threads=st.integers(1, 4))
@settings(deadline=None)
def test_a_batch_is_each_text_alone(tokenizer, texts, threads):
    expected = [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch(texts, num_threads=threads) == expected
    assert tokenizer.encode_batch(iter(texts)) == expected


@given(text=ANY_TEXT)
def test_a_buffer_has_the_same_ids(tokenizer, text):
    buffer = tokenizer.encode_to_buffer(text)
    assert buffer.tolist() == tokenizer.encode(text)
    assert array.array("I", buffer).tolist() == tokenizer.encode(text)
    assert tokenizer.decode(buffer) == text


def test_a_buffer_can_be_written_to(tokenizer):
    buffer = tokenizer.encode_to_buffer("xyz")
    assert (buffer.format, buffer.itemsize, buffer.readonly) == ("I", 4, False)
    buffer[0] = 7
    assert buffer[0] == 7


def test_partial_utf8_is_replaced_unless_told_otherwise(tokenizer):
    ids = list("é".encode())[:1]
    assert tokenizer.decode(ids) == "\ufffd"
    assert tokenizer.decode(ids, errors="ignore") == ""
    with pytest.raises(UnicodeDecodeError):
        tokenizer.decode(ids, errors="strict")


@pytest.mark.parametrize("bad", [400, 10**30, -1, 2**32])
def test_an_unknown_id_is_a_key_error(tokenizer, bad):
    with pytest.raises(KeyError, match=f"no token has the id {bad}"):
        tokenizer.decode([97, bad])


@pytest.mark.parametrize("bad", ["ab", [1.5], [None], 7, None])
def test_what_is_no_list_of_ids_is_a_type_error(tokenizer, bad):
    with pytest.raises(TypeError):
        tokenizer.decode(bad)


@pytest.mark.parametrize("bad", [7, None, b"bytes", ["list"]])
def test_what_is_no_text_is_a_type_error(tokenizer, bad):
    for encode in (tokenizer.encode, tokenizer.encode_to_buffer):
        with pytest.raises(TypeError, match="'str'"):
            encode(bad)


def test_a_batch_names_the_item_that_is_wrong(tokenizer):
    with pytest.raises(TypeError, match="item 1 is not a str but int"):
        tokenizer.encode_batch(["a", 7])
    with pytest.raises(ValueError, match=r"item 2: .*surrogates"):
        tokenizer.encode_batch(["a", "b", "\ud800"])
    with pytest.raises(TypeError, match="one str"):
        tokenizer.encode_batch("abc")


def test_a_lone_surrogate_is_a_value_error(tokenizer):
    for encode in (tokenizer.encode, tokenizer.encode_to_buffer):
        with pytest.raises(ValueError, match="surrogates not allowed"):
            encode("a\ud800")


def test_an_untrained_tokenizer_says_so():
    from rustbpe import Tokenizer

    empty = Tokenizer()
    calls = [
        lambda: empty.encode("a"),
        lambda: empty.encode_to_buffer("a"),
        lambda: empty.encode_batch(["a"]),
        lambda: empty.decode([97]),
        lambda: empty.decode_bytes([97]),
        lambda: empty.vocab_size,
        empty.get_pattern,
        empty.get_mergeable_ranks,
        empty.to_ranks,
        empty.to_huggingface,
        empty.to_tiktoken,
    ]
    for call in calls:
        with pytest.raises(ValueError, match="not trained yet: call train_from_iterator first"):
            call()
    assert repr(empty) == "<rustbpe.Tokenizer, untrained>"
    assert repr(pickle.loads(pickle.dumps(empty))) == repr(empty)


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))]
)
def test_copies_encode_alike(tokenizer, texts, clone):
    twin = clone(tokenizer)
    assert repr(twin) == "<rustbpe.Tokenizer of 400 tokens>"
    assert twin.get_pattern() == tokenizer.get_pattern()
    assert twin.get_mergeable_ranks() == tokenizer.get_mergeable_ranks()
    assert twin.encode_batch(texts) == tokenizer.encode_batch(texts)


def test_a_million_letters_without_a_place_to_split_take_no_minute(tokenizer):
    text = "ab" * 500_000
    start = time.monotonic()
    ids = tokenizer.encode(text)
    assert time.monotonic() - start < 20
    assert tokenizer.decode(ids) == text


def test_ctrl_c_ends_a_long_encode(tokenizer, ctrl_c):
    text = "ab" * 20_000_000
    with ctrl_c(0.3):
        tokenizer.encode_batch([text] * 100, num_threads=1)


def test_threads_share_a_tokenizer(tokenizer, texts):
    expected = tokenizer.encode_batch(texts)
    outcomes = []

    def work():
        outcomes.extend(tokenizer.encode_batch(texts) == expected for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 200


anything = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.text(st.characters(), max_size=9),
    st.binary(max_size=9),
    st.lists(
        st.one_of(
            st.integers(), st.integers(0, 500), st.text(st.characters(), max_size=5), st.none()
        ),
        max_size=5,
    ),
)


@given(argument=anything, option=anything)
@settings(max_examples=500)
def test_no_argument_makes_it_panic(tokenizer, argument, option):
    from rustbpe import Tokenizer

    calls = [
        lambda: tokenizer.encode(argument),
        lambda: tokenizer.encode_to_buffer(argument),
        lambda: tokenizer.encode_batch(argument, num_threads=option),
        lambda: tokenizer.decode(argument, errors=option),
        lambda: tokenizer.decode_bytes(argument),
        lambda: tokenizer.to_tiktoken(argument),
        lambda: Tokenizer.from_ranks(argument, option),
        lambda: Tokenizer.from_huggingface(argument, option),
        lambda: Tokenizer(argument),
    ]
    for call in calls:
        with contextlib.suppress(
            ValueError, TypeError, LookupError, ImportError
        ):  # a panic is none of these
            call()
