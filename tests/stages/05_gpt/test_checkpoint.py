"""Check of 05_gpt/checkpoint."""

import math

import torch
from kit.golden import tokens, wave
from kit.probing import refusal, tried
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.checkpoint import make_batch, overfit, recite
from nanochat.gpt.gpt import GPT
from nanochat.tokenizer.tokenizer import RustBPETokenizer
from torch import nn

from nanolab.expect import close, equal

SENTENCE = "the hen sat on the mat and ate the oats"


class Letters:
    """A tokenizer whose tokens are letters: a is 0, and <|bos|> is 26."""

    def encode(self, text, prepend=None):
        """Ids, with the special one in front if it is asked for."""
        return [26] * (prepend in {"<|bos|>", 26}) + [ord(one) - 97 for one in text]

    def get_bos_token_id(self):
        """The id of <|bos|>."""
        return 26

    def decode(self, ids):
        """Letters; the special one as its name."""
        return "".join("<|bos|>" if one == 26 else chr(97 + one) for one in ids)


class Alphabet(nn.Module):
    """Says the next letter of the alphabet, and after <|bos|> an a; earlier positions say z."""

    def forward(self, idx):
        """Logits `(B, T, 27)`."""
        logits = torch.zeros(*idx.shape, 27)
        logits[:, :-1, 25] = 5.0
        logits[0, -1, (int(idx[0, -1]) + 1) % 27] = 1.0
        if idx.size(1) > 1 and int(idx[0, 0]) != 26:
            logits[0, -1, 25] = 9.0  # without <|bos|> in front it is lost
        return logits

    def get_device(self):
        """As of a GPT."""
        return torch.device("cpu")


class Slope(nn.Module):
    """One weight for each input; the loss is a sum, and a weight that is idle has no gradient."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(wave(3).clone())

    def forward(self, x, y):
        """The loss."""
        return ((self.w * x - y) ** 2).sum()

    def get_device(self):
        """As of a GPT."""
        return self.w.device


def slopes(loop, steps=6, lr=0.05):
    """What a loop makes of three weights, and the losses that it tells."""
    model = Slope()
    losses = loop(model, torch.tensor([1.0, 2.0, 0.0]), torch.tensor([0.5, 0.5, 0.5]), steps, lr)
    return losses, model.w.detach(), model.w.grad is not None


def right_loop(model, x, y, steps, lr):
    """AdamW by hand, beta 0.9 and 0.999."""
    m = v = torch.zeros(3)
    losses = []
    for step in range(1, steps + 1):
        residue = model.w.detach() * x - y
        losses.append(float((residue**2).sum()))
        gradient = 2 * residue * x
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        change = m / (1 - 0.9**step) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
        model.w.data -= lr * change
    return losses


def small_model(vocab_size):
    """A model that learns a sentence in a moment."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(16, vocab_size, n_layer=2, n_head=4, n_kv_head=2, n_embd=32))
    model.init_weights()
    return model


def test_the_target_of_each_token_is_the_next():
    """make_batch: <|bos|> a b gives the inputs <|bos|> a and the targets a b.

    Kills not_shifted, shifted_back, no_bos, one_axis, column and last_one_lost.
    """
    x, y = make_batch(Letters(), "cab")
    message = "inputs: <|bos|>, which is 26 here, then c a; the last letter is only a target"
    equal(x.tolist(), [[26, 2, 0]], message)
    equal(y.tolist(), [[2, 0, 1]], "targets: c a b, each one what follows its input")
    equal((x.dtype, y.dtype), (torch.int64, torch.int64), "token ids are int64")
    message = "nothing to predict: a ValueError"
    equal(refusal("", make_batch, Letters(), ""), "ValueError", message)


def test_each_step_follows_the_gradient_of_one_batch():
    """overfit does what AdamW does, step by step, and tells the loss before each.

    Kills no_zero_grad, zeroed_too_late, no_step, plain_sgd, decays, fixed_rate, fixed_steps,
    loss_after, new_optimizer and tensors.
    """
    losses, weights, _ = slopes(overfit)
    expected, right, _ = slopes(right_loop)
    equal(len(losses), 6, "six steps, six losses")
    equal(
        {type(one) for one in losses}, {float}, "plain numbers: a tensor would keep its whole graph"
    )
    close(losses[0], expected[0], "the first loss is that of the untrained model", atol=1e-5)
    message = "zero_grad, backward, step: AdamW without weight decay, at the rate that is given"
    close(weights, right, message, axes="w", atol=1e-5)
    close(losses, expected, "the loss before each step", atol=1e-5)


def test_the_last_position_says_what_comes_next():
    """recite: the likeliest token after the last one, again and again.

    Kills first_position, says_bos, forgets, no_bos_in_front, least_likely and one_token.
    """
    message = "a model that knows the alphabet: after c come d, e and f"
    equal(recite(Alphabet(), Letters(), "abc", 3), "abcdef", message)
    message = "an empty beginning is fine: <|bos|> stands in front, and is not shown"
    equal(recite(Alphabet(), Letters(), "", 2), "ab", message)
    equal(recite(Alphabet(), Letters(), "xy", 0), "xy", "no token was asked for")


def test_an_untrained_model_knows_nothing():
    """Your model's first loss is ln V, and it falls.

    Kills what does not train your model.
    """
    model = small_model(61)
    losses = overfit(model, tokens(), (tokens() + 7) % 61, steps=12, lr=0.01)
    close(losses[0], math.log(61), "61 tokens, all equally likely at first: ln 61", atol=1e-4)
    message = f"after 12 steps the loss should be lower: {losses[-1]:.3f} of {losses[0]:.3f}"
    equal(losses[-1] < 0.8 * losses[0], True, message)


def test_ten_tokens_are_learned_by_heart():
    """Your tokenizer, your model, your loop: one sentence, and then it recites it.

    Kills whatever does not fit together.
    """
    tokenizer = RustBPETokenizer.train_from_iterator([SENTENCE], 300)
    x, y = make_batch(tokenizer, SENTENCE)
    equal(tuple(x.shape), (1, 10), "ten words, ten tokens: your tokenizer has learned each word")
    model = small_model(tokenizer.get_vocab_size())
    losses = overfit(model, x, y)
    message = f"60 steps on ten tokens: the loss should be next to nothing; it is {losses[-1]:.3f}"
    equal(losses[-1] < 0.2, True, message)
    message = "the model knows the sentence by heart"
    equal(recite(model, tokenizer, "the hen", 8), SENTENCE, message)
    equal(recite(model, tokenizer, "", 10), SENTENCE, f"{message}, also from <|bos|> alone")


def probe(module):
    """A batch, a loop and some recitations."""
    batch = tried(
        [[[26, 2, 0]], [[2, 0, 1]]],
        lambda: [one.tolist() for one in module.make_batch(Letters(), "cab")],
    )
    empty = tried("ValueError", refusal, "", module.make_batch, Letters(), "")
    told, weights, moved = _slopes_of(module.overfit)
    kinds = {type(one).__name__ for one in told} if isinstance(told, list) else told
    told = [float(one) for one in told] if isinstance(told, list) else told
    calls = [("abc", 3, "abcdef"), ("", 2, "ab"), ("xy", 0, "xy")]
    said = [
        tried(right, module.recite, Alphabet(), Letters(), start, n) for start, n, right in calls
    ]
    # six steps end before a learner's own default would
    return (
        batch,
        empty,
        told,
        1e3 * weights if torch.is_tensor(weights) else weights,
        kinds,
        said,
        moved,
    )


def _slopes_of(loop):
    found = tried((*slopes(right_loop)[:2], True), slopes, loop)
    return found if len(found) == 3 else (*found, None)
