"""Check of 06_optim/grad_accum."""

import torch
from nanochat.optim.adamw import AdamW
from nanochat.optim.grad_accum import accumulate_gradients
from torch import nn
from torch.nn.functional import cross_entropy

from nanolab.expect import attempt, close, equal

VOCAB = 7
REFUSED = ("raises", "ValueError")


class Tiny(nn.Module):
    """The smallest model that has what a GPT has: `model(x, y, loss_reduction=...)`, -1 ignored."""

    def __init__(self, seed=0):
        super().__init__()
        rng = torch.Generator().manual_seed(seed)
        weight = torch.randn(VOCAB, VOCAB, generator=rng, dtype=torch.float64)
        self.weight = nn.Parameter(weight)

    def forward(self, x, y, loss_reduction="mean"):
        logits = self.weight[x]  # (B, T, VOCAB)
        logits = logits.reshape(-1, VOCAB)
        return cross_entropy(logits, y.reshape(-1), ignore_index=-1, reduction=loss_reduction)


def tokens(rows=2, length=4, ignored=0.0):
    """Random x and y, a share of y ignored."""
    x, y = torch.randint(VOCAB, (2, rows, length))
    return x, y.masked_fill(torch.rand(rows, length) < ignored, -1)


def cut(x, y, pieces):
    """The batch in equal pieces."""
    return list(zip(x.chunk(pieces), y.chunk(pieces), strict=True))


def whole(x, y):
    """Loss and gradient of the batch in one piece: what accumulation has to give."""
    model = Tiny()
    loss = model(x, y)
    loss.backward()
    return loss.item(), model.weight.grad


def accumulated(batches, normalize="micro"):
    """What the exercise gives, and the gradient."""
    model = Tiny()
    found = accumulate_gradients(model=model, micro_batches=batches, normalize=normalize)
    return found, model.weight.grad


def test_pieces_add_up_to_the_whole():
    """Four micro-batches give the gradient of one batch, not four times it.

    Kills unscaled, scaled_twice, sum_of_tokens, no_backward, last_only, last_count and loss_as_tensor.
    """
    x, y = tokens(rows=8)
    loss, gradient = whole(x, y)
    for pieces in (1, 4):
        found, ours = accumulated(cut(x, y, pieces))
        assert ours is not None, "no gradient has come: call backward() for each micro-batch"
        message = f"{pieces} micro-batches must give the gradient of the batch in one piece"
        close(ours, gradient, message, axes="in out", atol=1e-12)
        close(found["loss"], loss, "the loss is that of the whole batch, in one piece", atol=1e-12)
        equal(found["num_tokens"], 32, "8 rows of 4 tokens")
        equal([type(one) for one in found.values()], [float, int], "a float and an int, no tensors")


def test_the_loss_is_of_all_micro_batches():
    """The loss is a mean over all micro-batches; upstream prints that of the last one.

    Kills last_loss and sum_of_losses.
    """
    batches = [tokens(rows=1) for _ in range(3)]
    losses = [Tiny()(x, y).item() for x, y in batches]
    found, _ = accumulated(batches)
    message = f"the losses are {[round(one, 3) for one in losses]}: their mean is wanted"
    close(found["loss"], sum(losses) / 3, message, atol=1e-12)


def test_gradients_are_added_to_those_there_are():
    """What is in .grad stays in it; and Adam would not even notice a factor of 4.

    Kills clears.
    """
    batches = cut(*tokens(rows=4), 4)
    _, gradient = accumulated(batches)
    model = Tiny()
    model.weight.grad = torch.ones_like(model.weight)
    accumulate_gradients(model, batches)
    message = "a gradient of 1 was there before: add to it, whoever calls you clears it"
    close(model.weight.grad, gradient + 1, message, axes="in out", atol=1e-12)
    walked = []
    for factor in (1, 4):
        model = Tiny()
        accumulate_gradients(model, batches)
        model.weight.grad *= factor
        AdamW([model.weight], lr=0.1, eps=1e-12).step()
        walked.append(model.weight.detach())
    message = "Adam divides a gradient by its size: four times the gradient is the same step"
    close(walked[1], walked[0], message, atol=1e-8)


def test_tokens_that_count_are_counted():
    """With masks, "token" gives the gradient of the whole; "micro" weighs micro-batches alike.

    Kills micro_for_token, all_tokens, token_for_micro and zero_ignored.
    """
    x, y = tokens(rows=4, length=6)
    y[0, 1:] = -1  # one token that counts in the first piece, 5, 6 and 6 in the others
    y[1, 0] = -1
    batches = cut(x, y, 4)
    loss, gradient = whole(x, y)
    found, ours = accumulated(batches, "token")
    equal(found["num_tokens"], 18, "1 + 5 + 6 + 6 tokens count, the others are ignored")
    message = 'with "token", every token that counts weighs the same, wherever it is'
    close(ours, gradient, message, axes="in out", atol=1e-12)
    close(found["loss"], loss, message, atol=1e-12)
    found, ours = accumulated(batches, "micro")
    alone = [whole(*one) for one in batches]
    message = 'with "micro", every micro-batch weighs the same, however few tokens count in it'
    close(ours, sum(g for _, g in alone) / 4, message, axes="in out", atol=1e-12)
    close(found["loss"], sum(loss for loss, _ in alone) / 4, message, atol=1e-12)


def test_nothing_to_learn_is_nothing():
    """A micro-batch without a token that counts adds 0, not NaN.

    Kills mean_of_nothing, stops_at_empty and empty_left_out.
    """
    x, y = tokens(rows=3)
    y[1] = -1
    first, empty, last = cut(x, y, 3)
    alone = [whole(*one) for one in (first, last)]
    for normalize, weight in (("token", 1 / 2), ("micro", 1 / 3)):
        found, ours = accumulated([first, empty, last], normalize)
        message = f'"{normalize}": the second micro-batch has no token that counts, so it adds 0'
        if normalize == "micro":
            message += ", and the sum is still divided by 3, the number of all micro-batches"
        close(ours, weight * sum(g for _, g in alone), message, axes="in out", atol=1e-12)
        close(found["loss"], weight * sum(loss for loss, _ in alone), message, atol=1e-12)
        found, ours = accumulated([empty], normalize)
        equal(found, {"loss": 0.0, "num_tokens": 0}, "no token counts: the loss is 0.0")
        assert ours is None or not ours.any(), "no token counts: no gradient changes"


def test_impossible_things_are_refused():
    """No micro-batch, shapes that do not fit, an unknown word: ValueError, and no gradient.

    Kills no_empty_check, no_word_check and no_shape_check.
    """
    model = Tiny()
    x, y = tokens()
    equal(attempt(accumulate_gradients, model, []), REFUSED, "there is no gradient of nothing")
    message = 'there are "micro" and "token"; a typing error must not choose one of them'
    equal(attempt(accumulate_gradients, model, [(x, y)], normalize="tokens"), REFUSED, message)
    message = "one of x and y is (2, 4), the other (4, 2): as many numbers, in other places"
    for other in ((x, y.reshape(4, 2)), (x.reshape(4, 2), y)):
        equal(attempt(accumulate_gradients, model, [(x, y), other]), REFUSED, message)
    equal(model.weight.grad, None, "a call was refused after it had begun")


def probe(module):
    """Losses, counts and gradients of several lists of micro-batches."""
    torch.manual_seed(0)
    even, uneven = tokens(rows=4), tokens(rows=4, ignored=0.5)
    empty = tokens()[0], torch.full((2, 4), -1)
    zero = tokens()[0], torch.zeros(2, 4, dtype=torch.long)
    lists = [
        cut(*even, 1),
        cut(*even, 4),
        cut(*uneven, 4),
        [tokens(), empty, tokens()],
        [empty],
        [zero],
        [],
    ]
    lists.append([(even[0], even[1].reshape(-1, 8))])

    def run(batches, normalize, before=False):
        model = Tiny()
        if before:
            model.weight.grad = torch.ones_like(model.weight)
        found = attempt(module.accumulate_gradients, model, batches, normalize=normalize)
        return found, model.weight.grad

    words = ("micro", "token", "tokens")
    runs = [run(one, word, before) for one in lists for word in words for before in (False, True)]
    return [(found, "none" if gradient is None else gradient) for found, gradient in runs]
