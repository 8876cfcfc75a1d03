"""Causal attention, judged by six checks."""

import math

import torch
from bench.attention.attention import attention

from nanolab.expect import close, equal


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def slow(q, k, v):
    """Attention, one position at a time."""
    rows = []
    for t in range(q.shape[-2]):
        scores = (q[..., t : t + 1, :] * k[..., : t + 1, :]).sum(-1) / math.sqrt(q.shape[-1])
        rows.append((scores.softmax(-1).unsqueeze(-1) * v[..., : t + 1, :]).sum(-2))
    return torch.stack(rows, dim=-2)


def test_shape():
    """The result has the shape of the values."""
    equal(tuple(attention(*[random(2, 3, 5, 4)] * 3).shape), (2, 3, 5, 4), "the shape is kept")


def test_first_position():
    """Position 0 sees only itself."""
    q, k, v = (random(1, 2, 5, 4, seed=seed) for seed in range(3))
    close(attention(q, k, v)[:, :, 0], v[:, :, 0], "position 0 saw another", axes="B H D")


def test_no_future():
    """A change in the future changes nothing before it."""
    q, k, v = (random(1, 2, 6, 4, seed=seed) for seed in range(3))
    changed = v.clone()
    changed[:, :, 3:] += 1
    same = attention(q, k, changed)[:, :, :3]
    close(same, attention(q, k, v)[:, :, :3], "a position saw the future", axes="B H T D")


def test_equal_keys():
    """Equal scores weigh equally."""
    q, k = torch.zeros(1, 1, 4, 2), torch.zeros(1, 1, 4, 2)
    v = torch.arange(4.0).reshape(1, 1, 4, 1)
    expected = torch.tensor([0.0, 0.5, 1.0, 1.5]).reshape(1, 1, 4, 1)
    close(attention(q, k, v), expected, "equal scores must give the mean", axes="B H T D")


def test_scale():
    """Scores are divided by the square root of the head's width."""
    q, k, v = (random(1, 1, 4, 64, seed=seed) for seed in range(3))
    close(attention(q, k, v), slow(q, k, v), "wide heads", axes="B H T D", atol=1e-5)


def test_slow_version():
    """It equals the slow version."""
    q, k, v = (random(2, 4, 16, 8, seed=seed) for seed in range(3))
    close(attention(q, k, v), slow(q, k, v), "differs from one by one", axes="B H T D", atol=1e-5)


def probe(module):
    """What tells the wrong answers apart."""
    q, k, v = (random(1, 2, 4, 4, seed=seed) for seed in range(3))
    try:
        return module.attention(q, k, v)
    except Exception as error:
        return ("raises", type(error).__name__)
