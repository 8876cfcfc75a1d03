"""Check of 04_dataloader/token_stream."""

from itertools import count, islice

from kit.refusals import refuses
from nanochat.dataloader.token_stream import take, token_stream

from nanolab.expect import attempt, equal

BOS = 0


class Encoder:
    """A letter is its place in the alphabet; every call is remembered."""

    def __init__(self):
        self.calls = []

    def __call__(self, texts):
        self.calls.append(len(texts))
        return [[ord(letter) - 96 for letter in text] for text in texts]


class Groups:
    """Row groups without end: a, b, c, ...; counts how many were fetched."""

    def __init__(self, size=1):
        self.fetched = 0
        self.size = size

    def __iter__(self):
        for number in count():
            self.fetched += 1
            yield ["abcdefghij"[number % 10]] * self.size


def flow(stream, *args, **kwargs):
    """All that comes, or what is raised."""
    return attempt(lambda: list(stream(*args, **kwargs)))


def river(groups, batch_size):
    """All ids; errors go through."""
    return list(token_stream(groups, Encoder(), BOS, batch_size=batch_size))


def test_bos_begins_every_document():
    """Every document has bos in front: the first, the last, an empty one.

    Kills no_bos, bos_after, bos_between, bos_first, bos_per_group, bos_per_call, skips_empty,
    loses_the_rest and overlapping_groups.
    """
    found = flow(token_stream, [["ab"]], Encoder(), BOS)
    equal(found, [BOS, 1, 2], "one document: bos, then its two letters, 1 and 2")
    found = flow(token_stream, [["ab", "c"], ["d"]], Encoder(), BOS)
    message = "three documents in two row groups: bos in front of each of them"
    equal(found, [BOS, 1, 2, BOS, 3, BOS, 4], message)
    found = flow(token_stream, [["", "a", ""]], Encoder(), BOS)
    equal(found, [BOS, BOS, 1, BOS], "an empty document is one too, and begins with bos")
    found = flow(token_stream, [["ab"], ["c"]], Encoder(), 7)
    equal(found, [7, 1, 2, 7, 3], "bos is what was handed in, here 7")


def test_nothing_comes_of_nothing():
    """Without row groups, or with empty ones, the stream just ends.

    Kills bos_first.
    """
    for groups in ([], [[]], [[], []]):
        equal(flow(token_stream, groups, Encoder(), BOS), [], f"{groups}: there is no document")
    equal(flow(token_stream, [[], ["a"], []], Encoder(), BOS), [BOS, 1], "one document in all")


def test_documents_are_encoded_in_groups():
    """The encoder is called for up to batch_size documents at a time.

    Kills one_by_one, all_at_once, all_in_one_group, a_group_too_large and fixed_groups.
    """
    encode = Encoder()
    found = flow(token_stream, [["a", "b", "c", "d", "e"]], encode, BOS, batch_size=2)
    equal(found, [BOS, 1, BOS, 2, BOS, 3, BOS, 4, BOS, 5], "all five documents come, in order")
    message = "5 documents, at most 2 in a call of the encoder: calls of 2, 2 and 1"
    equal(encode.calls, [2, 2, 1], message)
    encode = Encoder()
    flow(token_stream, [["a"] * 300], encode, BOS)
    equal(encode.calls, [128, 128, 44], "batch_size is 128 unless said otherwise")
    encode = Encoder()
    flow(token_stream, [["a", "b"]], encode, BOS, batch_size=1)
    equal(encode.calls, [1, 1], "batch_size 1 is slow, but allowed: a call for each document")
    for size in (0, -1):
        message = f"batch_size is {size}: a ValueError should name it, before anything is read"
        refuses(river, [["a"]], size, naming=(f"is {size}",), message=message)
    message = "the row group is a string, not a list of them: a TypeError should say so"
    equal(flow(token_stream, ["ab"], Encoder(), BOS), ("raises", "TypeError"), message)


def test_nothing_is_read_ahead():
    """A row group is fetched when its tokens are needed, and no sooner.

    Kills reads_everything.
    """
    groups = Groups()
    stream = token_stream(islice(groups, 50), Encoder(), BOS)
    equal(groups.fetched, 0, "nobody has asked for a token yet, and row groups were fetched")
    equal([*islice(stream, 4)], [BOS, 1, BOS, 2], "the first four tokens")
    equal(groups.fetched, 2, "four tokens are in the first 2 row groups; so many were fetched")
    equal([*islice(stream, 2)], [BOS, 3], "the stream goes on where it stopped")
    endless, encode = Groups(300), Encoder()
    first = [*islice(token_stream(islice(endless, 2), encode, BOS), 2)]
    equal(first, [BOS, 1], "two tokens of a row group of 300 documents")
    equal(encode.calls, [128], "two tokens need one call of the encoder, for 128 documents")


def test_take_gives_all_or_nothing():
    """take gives exactly n ids, or None when the stream ends before.

    Kills short_tail, one_more, empty_is_none and leaves_the_last.
    """
    stream = iter([1, 2, 3, 4, 5])
    equal(attempt(take, stream, 2), [1, 2], "the first two")
    equal(attempt(take, stream, 2), [3, 4], "the next two: nothing between them was lost")
    equal(attempt(take, stream, 2), None, "one is left, two were asked for: None")
    equal(attempt(take, iter([1, 2]), 2), [1, 2], "just enough is enough")
    equal(attempt(take, iter([]), 1), None, "an empty stream has not one")
    equal(attempt(take, iter([1]), 0), [], "no ids were asked for, and no ids come: []")
    equal(attempt(take, count(), 300), [*range(300)], "a stream may be endless")


def probe(module):
    """Streams, calls of the encoder, how far was read, and takes."""
    streams, calls = [], []
    cases = [
        ([["ab", "c"], ["d"]], {}),
        ([["", "a", ""]], {}),
        ([[], []], {}),
        ([list("abcde")], {"batch_size": 2}),
        ([["a"] * 300], {}),
        ([["a"], ["b", "c", "d"]], {"batch_size": 3}),
        ([["a"]], {"batch_size": 0}),
        (["ab"], {}),
    ]
    for groups, options in cases:
        encode = Encoder()
        streams.append(flow(module.token_stream, groups, encode, 7, **options))
        calls.append(encode.calls)
    groups, encode = Groups(), Encoder()
    stream = attempt(module.token_stream, islice(groups, 50), encode, BOS)
    seen = (groups.fetched, attempt(lambda: [*islice(stream, 4)]), groups.fetched, encode.calls)
    source = iter(range(7))
    takes = [attempt(module.take, source, n) for n in (2, 2, 0, 3, 1)]
    takes += [attempt(module.take, iter([1, 2]), n) for n in (2, 3)]
    return streams, calls, seen, takes
