"""Check of 04_dataloader/batches."""

from itertools import count, islice

import torch
from kit.refusals import refuses
from nanochat.dataloader.batches import batches

from nanolab.expect import attempt, close, equal


def lists(stream, *sizes, many=None):
    """The batches as lists of lists, or what is raised."""
    return attempt(
        lambda: [(x.tolist(), y.tolist()) for x, y in islice(batches(stream, *sizes), many)]
    )


def test_the_target_is_the_next_id():
    """Inputs are the stream row by row, targets the same, one id later.

    Kills same_ids, looks_back, two_ahead, row_windows, rows_wrap, one_too_few, columns,
    columns_for_rows, int32 and floats.
    """
    x, y = next(batches(iter(range(9)), 2, 4))
    message = "ids 0, 1, 2, ... in 2 rows of 4: the inputs are the first eight, row by row"
    close(x, torch.tensor([[0, 1, 2, 3], [4, 5, 6, 7]]), message, axes="B T")
    message = "the target of each position is the id that follows it, at the end of a row too"
    close(y, torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), message, axes="B T")


def test_the_next_batch_goes_on_after_it():
    """A batch uses up B*T + 1 ids; the next one starts after them.

    Kills overlap, starts_again and only_one.
    """
    first, second = lists(iter(range(18)), 2, 4)
    equal(first[0], [[0, 1, 2, 3], [4, 5, 6, 7]], "the first batch's inputs")
    message = "the first batch took the ids 0 to 8 (8 as a target only), so the next begins at 9"
    equal(
        second, ([[9, 10, 11, 12], [13, 14, 15, 16]], [[10, 11, 12, 13], [14, 15, 16, 17]]), message
    )
    message = "the second batch: all its ids come before those of the third"
    equal(lists(count(), 1, 3, many=3)[2], ([[8, 9, 10]], [[9, 10, 11]]), message)
    message = "a list is a stream, too: it must not begin again at each batch"
    equal(
        lists([0, 1, 2, 3, 4, 5], 1, 2, many=4),
        [([[0, 1]], [[1, 2]]), ([[3, 4]], [[4, 5]])],
        message,
    )


def test_what_is_too_little_is_dropped():
    """The end of the stream gives no short, padded or made-up batch.

    Kills padded_tail.
    """
    for ids in range(20):
        message = f"{ids} ids hold {ids // 9} batches of 2*4 + 1 ids"
        equal(len(lists(iter(range(ids)), 2, 4)), ids // 9, message)
    equal(lists(iter([]), 1, 1), [], "an empty stream has no batch")
    equal(lists(iter([5, 6]), 1, 1), [([[5]], [[6]])], "two ids are the smallest batch there is")


def test_no_more_is_read_than_is_needed():
    """A batch reads B*T + 1 ids, when it is asked for.

    Kills reads_all.
    """
    stream = count()
    cut = batches(stream, 2, 3)
    equal(next(stream), 0, "nobody has asked for a batch yet, but ids were taken")
    x, _ = next(cut)
    equal(x.tolist(), [[1, 2, 3], [4, 5, 6]], "the batch starts where the stream is")
    equal(next(stream), 8, "2*3 + 1 ids make a batch, here 1 to 7; the next in the stream is 8")


def test_the_tensors_are_fit_for_a_model():
    """Both tensors are int64, contiguous, and independent of each other.

    Kills not_contiguous, shared_memory and one_buffer.
    """
    for x, y in islice(batches(count(), 3, 5), 2):
        for name, one in (("inputs", x), ("targets", y)):
            equal(one.shape, torch.Size([3, 5]), f"the {name} have the shape (B, T) = (3, 5)")
            message = (
                f"the {name} must be int64: an embedding looks up nothing else, nor does a loss"
            )
            equal(one.dtype, torch.int64, message)
            message = f"the {name} are not contiguous: .view(-1), which every loss does, would fail"
            equal(one.is_contiguous(), True, message)
        kept = y.clone()
        x.fill_(-7)
        close(y, kept, "writing into x changed y: the two share their memory", axes="B T")
    first, second = islice(batches(count(), 1, 2), 2)
    equal(first[0].tolist(), [[0, 1]], "the first batch was overwritten by the second")
    equal(second[0].tolist(), [[3, 4]], "the second batch")
    big, _ = next(batches(iter([70_000, 2**40]), 1, 1))
    equal(big.tolist(), [[70_000]], "ids may be large: 65,535 is not the end")


def test_a_batch_of_nothing_is_refused():
    """B and T are at least 1; an error names them.

    Kills no_sizes.
    """
    for sizes in ((0, 4), (2, 0), (-1, 4), (2, -4), (-2, -4)):
        message = f"B and T are {sizes}: no batch can be of that size, and a ValueError names both"
        refuses(lists_of, *sizes, naming=sizes, message=message)


def lists_of(*sizes):
    """One batch, or an error that goes through."""
    return next(batches(count(), *sizes))


def probe(module):
    """Batches of several sizes, what is left in the stream, and how the tensors lie."""

    def cut(stream, *sizes):
        found = islice(module.batches(stream, *sizes), 3)
        return [(x.tolist(), y.tolist(), str(x.dtype), str(y.dtype)) for x, y in found]

    cases = [
        (range(28), 2, 4),
        (range(10), 1, 3),
        (range(8), 2, 4),
        (range(17), 2, 4),
        (range(9), 3, 3),
    ]
    cases += [([0, 1, 2, 3, 4, 5], 1, 2), (range(3), 0, 2), (range(3), -1, -2), (range(3), 1, -2)]
    seen = [
        attempt(cut, iter(ids) if isinstance(ids, range) else ids, *sizes) for ids, *sizes in cases
    ]
    return seen, attempt(_memory, module), attempt(_reading, module)


def _memory(module):
    first, second = islice(module.batches(count(), 2, 3), 2)
    found = [one.is_contiguous() for one in (*first, *second)]
    first[0].fill_(-7)
    return found, first[1].tolist(), second[0].tolist()


def _reading(module):
    stream = count()
    cut = module.batches(stream, 2, 3)
    return next(stream), next(cut)[0].tolist(), next(stream)
