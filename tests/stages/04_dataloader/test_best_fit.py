"""Check of 04_dataloader/best_fit."""

from itertools import count, islice

import torch
from kit.fuse import fuse
from kit.refusals import refuses, words
from nanochat.dataloader.best_fit import best_fit, pack_row

from nanolab.expect import attempt, close, equal

BOS = 0


def docs(*sizes, first=1):
    """Documents of these sizes: bos, then the document's number over and over."""
    return [[BOS] + [number] * (size - 1) for number, size in enumerate(sizes, first)]


def packed(sizes, capacity, pack=pack_row):
    """The row, and the sizes of what is left in the buffer."""
    buffer = docs(*sizes)
    with fuse("pack_row went round and round and never filled its row"):
        row = pack(buffer, capacity)
    return row, [len(doc) for doc in buffer]


def test_the_longest_that_fits_comes_first():
    """A row takes the longest document that fits, then the longest that fits after it.

    Kills first_fit, shortest_fit, must_be_smaller, fits_the_whole_row and keeps_documents.
    """
    message = "a row of 8, documents of 3, 5 and 4: first the one of 5, then the one of 3"
    equal(packed((3, 5, 4), 8), ([0, 2, 2, 2, 2, 0, 1, 1], [4]), message)
    message = "9 is too long for a row of 8 and must wait; 6 fits, and then 2"
    equal(packed((9, 2, 6), 8), ([0, 3, 3, 3, 3, 3, 0, 2], [9]), message)
    message = "a document as long as the row fills it by itself"
    equal(packed((3, 4), 4), ([0, 2, 2, 2], [3]), message)


def test_where_none_fits_the_shortest_is_cut():
    """What is left of the row gets the beginning of the shortest document.

    Kills cuts_the_longest, cuts_the_first, keeps_the_end, puts_back and too_long.
    """
    message = "3 left after the document of 5, the others have 9 and 4: the one of 4 loses 1 id"
    equal(packed((9, 5, 4), 8), ([0, 2, 2, 2, 2, 0, 3, 3], [9]), message)
    message = "nothing fits into a row of 3: the shortest document gives its first three ids"
    equal(packed((6, 4, 5), 3), ([0, 2, 2], [6, 5]), message)
    row, left = packed((2, 9), 4)
    equal(row, [0, 1, 0, 2], "a document of 2 and the beginning of the next fill a row of 4")
    equal(left, [], "what was cut off is lost: it does not go back into the buffer")


def test_of_equals_the_first_is_taken():
    """Among documents of one length the first in the buffer is used.

    Kills last_of_equals and cuts_the_last_of_equals.
    """
    message = "three documents of 4, a row of 8: the first, then the second"
    equal(packed((4, 4, 4), 8), ([0, 1, 1, 1, 0, 2, 2, 2], [4]), message)
    equal(
        packed((5, 5, 5), 3), ([0, 1, 1], [5, 5]), "none fits, all are as short: the first is cut"
    )
    message = "a row of nothing takes nothing"
    equal(packed((4,), 0), ([], [4]), message)


def test_a_row_that_cannot_be_filled_is_refused():
    """With too few ids for a row, an error names both numbers, and nothing is taken.

    Kills no_check.
    """
    buffer = docs(3, 4)
    message = "documents of 3 and 4 ids, a row of 8: a ValueError names 8 and 7"
    with fuse("pack_row never gives up on a row that cannot be filled"):
        refuses(pack_row, buffer, 8, naming=(8, 7), message=message)
    equal([len(doc) for doc in buffer], [3, 4], "the row was refused, but documents were taken")
    refuses(pack_row, [], 1, message="an empty buffer fills no row")
    equal(packed((3, 4), 7), ([0, 2, 2, 2, 0, 1, 1], []), "just enough is enough")


def test_every_row_begins_with_a_document():
    """best_fit gives batches whose rows begin with bos, with targets one id later.

    Kills no_target and ends_with_stream.
    """
    with fuse("best_fit never came to an end"):
        batch = next(best_fit(docs(5, 3, 3, 4), 2, 4, buffer_size=4), None)
    message = (
        "no batch came out: the documents end after the first row, "
        "but the 10 ids in the buffer at the end must still be packed"
    )
    equal(batch is not None, True, message)
    x, y = batch
    message = "rows of 4 + 1 ids: the document of 5; then 4, and the first id of a document of 3"
    close(x, torch.tensor([[0, 1, 1, 1], [0, 4, 4, 4]]), message, axes="B T")
    close(y, torch.tensor([[1, 1, 1, 1], [4, 4, 4, 0]]), "the targets, one id later", axes="B T")
    for one in (x, y):
        equal(one.dtype, torch.int64, "both tensors are int64")
        equal(
            one.is_contiguous(),
            True,
            "both tensors are contiguous, so that a loss can flatten them",
        )
    sizes = [3, 9, 1, 4, 4, 2, 12, 5, 1, 1, 7, 3] * 5
    with fuse("best_fit never came to an end"):
        found = list(best_fit(docs(*sizes), 2, 6, buffer_size=5))
    assert found, "60 documents of 1 to 12 ids hold many batches of 2 rows of 6"
    for x, _ in found:
        equal(
            x[:, 0].tolist(), [BOS, BOS], "each row begins with bos, since a document begins there"
        )


def test_the_buffer_is_kept_full():
    """Before each row the buffer is filled; documents are read as they are needed.

    Kills fills_once, one_more, gives_up, reads_everything and fills_per_batch.
    """
    read = count()
    stream = ([BOS] * (2 + next(read) % 3) for _ in range(100))
    with fuse("best_fit never came to an end"):
        next(best_fit(stream, 1, 5, buffer_size=10), None)
    equal(next(read), 10, "the first row needs a buffer of 10 documents; so many were read")
    with fuse("best_fit never came to an end"):
        rows = [x.tolist() for x, _ in best_fit(docs(2, 2, 3, 3), 1, 3, buffer_size=2)]
    message = (
        "buffer of 2: documents 1 and 2 fill a row of 3 + 1; then 3 and 4 come in, and 3 is cut"
    )
    equal(rows, [[[0, 1, 0]], [[0, 3, 3]]], message)
    with fuse("best_fit never came to an end"):
        rows = [x.tolist() for x, _ in best_fit(docs(1, 1, 2, 2, 3), 1, 4, buffer_size=1)]
    message = "a buffer of 1 holds too little for a row of 5 here: more must be fetched"
    equal(rows, [[[0, 3, 0, 4]]], message)
    with fuse("best_fit never came to an end"):
        rows = [x.tolist() for x, _ in best_fit(docs(4, 5, 4), 2, 3, buffer_size=2)]
    message = "after the first row, document 3 comes in; it fits a row of 3 + 1 better than 2 does"
    equal(rows, [[[0, 1, 1], [0, 3, 3]]], message)


def test_the_end_is_an_end():
    """When the documents are used up it ends; sizes below 1 are refused.

    Kills no_sizes.
    """
    for number, batches in ((1, 0), (2, 1), (3, 1), (4, 2), (5, 2)):
        message = f"{number} documents of 4 are {batches} batches of 2 rows of 3 + 1 ids"
        with fuse("best_fit never came to an end"):
            found = list(best_fit(docs(*[4] * number), 2, 3))
        equal(len(found), batches, message)
    with fuse("best_fit never came to an end"):
        equal(list(best_fit([], 1, 1)), [], "no documents, no batches")
        equal(list(best_fit(docs(3), 1, 3)), [], "3 ids are one too few for a row of 3 + 1")
        found = list(best_fit(docs(3, 3), 1, 3, buffer_size=1))
    equal(len(found), 1, "two documents of 3 are a row of 3 + 1, if the buffer may take both")
    for sizes in ((0, 3, 1), (2, 0, 1), (2, 3, 0)):
        message = f"B, T and buffer_size are {sizes}: a ValueError names them"
        refuses(first, *sizes, naming=sizes, message=message)


def first(*sizes):
    """One batch."""
    with fuse("best_fit never came to an end"):
        return next(best_fit(docs(*[4] * 9), *sizes), None)


def probe(module):
    """Rows and what is left, batches, and how far was read."""
    cases = [
        ((3, 5, 4), 8),
        ((9, 2, 6), 8),
        ((3, 4), 4),
        ((9, 5, 4), 8),
        ((6, 4, 5), 3),
        ((5, 6, 4), 3),
    ]
    cases += [((2, 9), 4), ((4, 4, 4), 8), ((5, 5, 5), 3), ((3, 4), 7), ((4,), 0)]
    rows = [attempt(packed, *case, module.pack_row) for case in cases]
    buffer = docs(3, 4)
    with fuse("spins"):
        refused = words(module.pack_row, buffer, 8), len(buffer)
    cases = [
        ((5, 3, 3, 4), 2, 4, 4),
        ((2, 2, 3, 3), 1, 3, 2),
        ((1, 1, 2, 2, 3), 1, 4, 1),
        ((4, 5, 4), 2, 3, 2),
    ]
    cases += [((4,) * 5, 2, 3, 9), ((4,), 1, 0, 1), ((4,), 0, 1, 1)]
    read = count()
    stream = ([BOS] * (2 + next(read) % 3) for _ in range(100))
    attempt(lambda: next(module.best_fit(stream, 1, 5, buffer_size=10)))
    return rows, refused, [attempt(_cut, module, *case) for case in cases], next(read)


def _cut(module, sizes, *shape):
    with fuse("spins"):
        found = islice(module.best_fit(docs(*sizes), *shape), 9)
        return [(x.tolist(), y.tolist(), x.is_contiguous(), str(x.dtype)) for x, y in found]
