"""Weights without a random generator, and what nanochat makes of them.

Whoever has the same weights and the same tokens must get the same logits. So the weights are a
formula: it gives the same numbers on every machine and in every version of torch. The state dict's
names are sorted; tensor number i, with n elements, is

    w(t) = sin(0.7390851 * t + 1.3 * i) + 0.5 * cos(0.0137 * t * t + i)        t = 0 ... n - 1

in float64, times 1 for the embedding and 0.75 / sqrt(columns) for all others, then float32. The
numbers below are those of nanochat at 81a9583 with these weights; `tests/test_gpt.py` says how they
were found, and computes them again without any of the course's code.
"""

import math
from types import SimpleNamespace

import torch

# What the model of the golden numbers looks like.
SIZES = {
    "sequence_len": 32,
    "vocab_size": 61,
    "n_layer": 2,
    "n_head": 4,
    "n_kv_head": 2,
    "n_embd": 32,
}
CONFIG = SimpleNamespace(**SIZES)

FIRST = [1.0857466, 0.5359815, -1.1600263, 0.1201749, 1.2724383]  # logits[0, 0, :5]
LAST = [-0.3266978, 1.9067531, 0.2941180, -1.5387599, -0.6760353]  # logits[1, 11, :5]
SUM = 7.639247
SUM_OF_SQUARES = 2139.168211
LARGEST = 2.6303


def tokens():
    """Two rows of twelve token ids, `(2, 12)` int64."""
    b, t = torch.arange(2)[:, None], torch.arange(12)
    return (7 * (12 * b + t) + 3) % 61


def weight(i, shape, scale):
    """Tensor number i of the recipe, float32."""
    t = torch.arange(math.prod(shape), dtype=torch.float64)
    numbers = torch.sin(0.7390851 * t + 1.3 * i) + 0.5 * torch.cos(0.0137 * t * t + i)
    return (scale * numbers).reshape(shape).float()


def state_dict(shapes):
    """The weights for a state dict.

    Args:
        shapes: For each name its shape.
    """
    return {
        name: weight(i, shape, 1.0 if name.endswith("wte.weight") else 0.75 / math.sqrt(shape[-1]))
        for i, (name, shape) in enumerate(sorted(shapes.items()))
    }


def fill(module):
    """Give any module the weights of the recipe, by its own names; gives the module back."""
    numbers = state_dict({name: one.shape for name, one in module.named_parameters()})
    with torch.no_grad():
        for name, one in module.named_parameters():
            one.copy_(numbers[name])
    return module


def wave(*shape, seed=0):
    """Numbers between -1.5 and 1.5 in any shape, float32: inputs that are no accident."""
    return weight(seed, shape, 1.0)
