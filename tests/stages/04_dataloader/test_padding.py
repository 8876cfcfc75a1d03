"""Check of 04_dataloader/padding."""

import torch
from kit.probing import refusal, tried
from kit.refusals import refuses
from nanochat.dataloader.padding import IGNORE, collate, masked_mean

from nanolab.expect import attempt, close, equal

# two rows: the model reads 10 and 11, and must learn to say 12 13; it reads 20, and must say 21
ROWS = [([10, 11, 12, 13], [0, 0, 1, 1]), ([20, 21], [0, 1])]
PAD = 99


def everything(*lengths):
    """Rows of these lengths, with ids of their own, all to be learned."""
    return [([10 * row + i for i in range(n)], [1] * n) for row, n in enumerate(lengths, 1)]


def test_one_row_makes_pairs():
    """n ids make n - 1 inputs and the ids after them.

    Kills too_wide, mask_reversed, not_shifted and int32.
    """
    x, y = collate(everything(4), PAD)
    close(x, torch.tensor([[10, 11, 12]]), "4 ids make 3 inputs: all but the last", axes="row T")
    close(y, torch.tensor([[11, 12, 13]]), "the targets are all but the first", axes="row T")
    x, y = collate(everything(2), PAD)
    equal(
        (x.tolist(), y.tolist()), ([[10]], [[11]]), "two ids are one pair: that is a batch already"
    )
    x, y = collate(everything(3, 3), PAD)
    close(x, torch.tensor([[10, 11], [20, 21]]), "rows of one length need no padding", axes="row T")
    close(y, torch.tensor([[11, 12], [21, 22]]), "a row has its own targets", axes="row T")


def test_short_rows_are_filled_up():
    """The longest row gives the width; others are filled with pad_id, and have no targets there.

    Kills first_row, narrowest, pads_targets, pads_inputs_with_ignore, pads_with_zero,
    left_padding and ignore_100.
    """
    x, y = collate(everything(2, 4, 1), PAD)
    message = "4 ids are the most, so the batch is 3 wide; what is missing at the right is pad_id"
    close(x, torch.tensor([[10, PAD, PAD], [20, 21, 22], [PAD] * 3]), message, axes="row T")
    message = "there is nothing to guess at padding, nor after a row's last id: IGNORE, not pad_id"
    expected = torch.tensor([[11, -1, -1], [21, 22, 23], [-1] * 3])
    close(y, expected, message, axes="row T")
    equal(IGNORE, -1, "IGNORE is -1, as in nanochat's loss")


def test_the_mask_belongs_to_the_targets():
    """An id whose mask is 0 is read, and never a target.

    Kills mask_of_the_input, no_mask and masks_inputs.
    """
    x, y = collate(ROWS, PAD)
    message = "all ids are read, whatever their mask"
    close(x, torch.tensor([[10, 11, 12], [20, PAD, PAD]]), message, axes="row T")
    message = (
        "the mask of 12 and 13 is 1, so they are targets; that of 11 is 0, so there is none: IGNORE"
    )
    close(y, torch.tensor([[-1, 12, 13], [21, -1, -1]]), message, axes="row T")
    _, y = collate([([1, 2, 3], [0, 0, 0]), ([4, 5], [1, 1])], PAD)
    close(y, torch.tensor([[-1, -1], [5, -1]]), "a row may be without any target", axes="row T")


def test_the_tensors_are_new():
    """Both are int64, and the rows are left as they were.

    Kills writes_into_rows.
    """
    ids, mask = torch.tensor([10, 11, 12, 13]), torch.tensor([0, 0, 1, 1])
    x, y = collate([(ids, mask), (torch.tensor([20, 21]), torch.tensor([0, 1]))], PAD)
    for name, one in (("inputs", x), ("targets", y)):
        equal(one.dtype, torch.int64, f"the {name} are int64, as an embedding and a loss want them")
        one.fill_(7)
    equal(ids.tolist(), [10, 11, 12, 13], "the ids that were handed in were changed")
    equal(mask.tolist(), [0, 0, 1, 1], "the mask that was handed in was changed")
    row, learn = [10, 11, 12], [0, 1, 1]
    collate([(row, learn), ([1], [0])], PAD)
    equal((row, learn), ([10, 11, 12], [0, 1, 1]), "the lists that were handed in were changed")


def test_impossible_rows_are_refused():
    """No rows, no pair at all, or a mask of another length: an error says which and how long.

    Kills empty_batch.
    """
    message = "without rows there is no batch: a ValueError, not an empty tensor"
    refuses(collate, [], PAD, message=message)
    message = "two rows of 1 id make no pair at all: a ValueError should say that there are 2 rows"
    refuses(collate, everything(1, 1), PAD, naming=(2,), message=message)
    message = "row 1 has 3 ids and a mask of 2: a ValueError names all three numbers"
    rows = [([1, 2], [1, 1]), ([1, 2, 3], [1, 1])]
    refuses(collate, rows, PAD, naming=(1, 3, 2), message=message)
    message = "row 0 has 2 ids and a mask of 4: a ValueError names all three numbers"
    refuses(collate, [([1, 2], [1] * 4)], PAD, naming=(0, 2, 4), message=message)


def test_the_mean_is_over_targets():
    """masked_mean averages what has a target, and nothing else.

    Kills mean_of_all, plus_one, positive_targets, times_mask and whole_sum.
    """
    y = torch.tensor([[5, -1, 3], [-1, -1, 4]])
    loss = torch.tensor([[1.0, 50.0, 2.0], [70.0, 90.0, 6.0]])
    message = "the losses 1, 2 and 6 have targets: their mean is 3, however many others there are"
    close(attempt(masked_mean, loss, y), torch.tensor(3.0), message)
    message = "a loss may be flat: nanochat's model gives (B*T,) for reduction none"
    close(attempt(masked_mean, loss.view(-1), y), torch.tensor(3.0), message)
    zero = torch.tensor([[0, -1]])
    message = "0 is an id like any other, and -1 alone means: no target"
    close(attempt(masked_mean, torch.tensor([[4.0, 1.0]]), zero), torch.tensor(4.0), message)
    strange = torch.tensor([[2.0, float("inf")], [float("nan"), 4.0]])
    y = torch.tensor([[1, -1], [-1, 1]])
    message = "inf and nan at places without a target are no loss at all: 2 and 4 make 3"
    close(attempt(masked_mean, strange, y), torch.tensor(3.0), message)


def test_a_batch_without_targets_teaches_nothing():
    """If all is masked, the mean is 0, and so are the gradients.

    Kills no_clamp and detached.
    """
    loss = torch.tensor([[1.0, 2.0]], requires_grad=True)
    found = masked_mean(loss * 3, torch.tensor([[-1, -1]]))
    close(found.detach(), torch.tensor(0.0), "no position has a target: the mean is 0, not nan")
    found.backward()
    message = "a batch that teaches nothing must not move the weights: its gradients are 0"
    close(loss.grad, torch.zeros(1, 2), message)
    loss = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    masked_mean(loss, torch.tensor([7, -1, 7])).backward()
    message = "two positions share the gradient, and the masked one gets none"
    close(loss.grad, torch.tensor([0.5, 0.0, 0.5]), message)
    message = "4 losses cannot belong to 3 targets: a ValueError names both numbers"
    wrong_sizes = (torch.ones(4), torch.ones(3, dtype=torch.int64))
    refuses(masked_mean, *wrong_sizes, naming=(4, 3), message=message)
    message = "2 losses cannot belong to 6 targets: a ValueError names both numbers"
    wrong_sizes = (torch.ones(2), torch.ones(2, 3, dtype=torch.int64))
    refuses(masked_mean, *wrong_sizes, naming=(2, 6), message=message)


def probe(module):
    """Batches, what happens to their rows, and means."""
    ids, mask = torch.tensor([10, 11, 12, 13]), torch.tensor([0, 0, 1, 1])
    cases = [
        (everything(4), [[10, 11, 12]], [[11, 12, 13]]),
        (
            everything(2, 4, 1),
            [[10, PAD, PAD], [20, 21, 22], [PAD] * 3],
            [[11, -1, -1], [21, 22, 23], [-1] * 3],
        ),
        (ROWS, [[10, 11, 12], [20, PAD, PAD]], [[-1, 12, 13], [21, -1, -1]]),
        ([([1, 2, 3], [0, 0, 0]), ([4, 5], [1, 1])], [[1, 2], [4, PAD]], [[-1, -1], [5, -1]]),
        ([(ids, mask)], [[10, 11, 12]], [[-1, 12, 13]]),
    ]
    int64 = str(torch.int64)
    made = [tried([(x, int64), (y, int64)], _made, module, rows) for rows, x, y in cases]
    refused = [
        tried("ValueError", refusal, names, _made, module, rows)
        for names, rows in (("", []), ("2", everything(1, 1)), ("0 2 1", [([1, 2], [1])]))
    ]
    found = [tried(right, _mean, module, *case) for *case, right in _means()]
    return made, ids.tolist(), mask.tolist(), refused, found


def _made(module, rows):
    return [(one.tolist(), str(one.dtype)) for one in module.collate(rows, PAD)]


def _means():
    """Losses, targets, and the mean with its gradients."""
    inf, third = float("inf"), str(torch.tensor(1 / 3).item())
    return [
        (
            [1.0, 50.0, 2.0, 70.0, 6.0],
            [5, -1, 3, -1, 4],
            ("3.0", [third, "0.0", third, "0.0", third]),
        ),
        ([4.0, 1.0], [0, -1], ("4.0", ["1.0", "0.0"])),
        ([2.0, inf], [1, -1], ("2.0", ["1.0", "0.0"])),
        ([1.0, 2.0], [-1, -1], ("0.0", ["0.0", "0.0"])),
        ([1.0, 2.0, 3.0], [1, 1, 1], ("2.0", [third] * 3)),
    ]


def _mean(module, loss, y):
    losses = torch.tensor(loss, requires_grad=True)
    found = module.masked_mean(losses, torch.tensor(y))
    found.backward()
    return str(found.item()), [str(one) for one in losses.grad.tolist()]
