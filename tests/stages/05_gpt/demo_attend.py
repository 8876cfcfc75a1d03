"""Who looks at whom: three heads on one sentence, by the learner's own attention; and a race."""

import torch
from rich.console import Group
from rich.text import Text
from torch.nn.functional import scaled_dot_product_attention

from nanolab.demo import race

WORDS = ["the", "hen", "sat", "on", "the", "mat", "and", "ate", "the", "oats"]
WIDTH = 32
SHADES = " ░▒▓█"
HEADS = (
    "looks for the same letters",
    "looks at the word before",
    "asks nothing: equal scores",
)
POSITIONS = 1024
MANY_HEADS = 12  # the weights of all are 48 MB, more than an allocator keeps for the next run


def show(module, reference):
    """A map for each head: rows ask, columns answer, darker is more."""
    yours, theirs = _weights(module), _weights(reference)
    parts = []
    for number, name in enumerate(HEADS):
        parts += [Text(f"head {number} {name}", "bold"), *_map(yours[number]), Text()]
    return Group(*parts, _verdict(yours, theirs))


def _weights(module):
    """The weights, heads x words x words: values that are an identity give them away."""
    many = len(WORDS)
    letters, places = torch.zeros(many, WIDTH), torch.eye(many, WIDTH)
    for row, word in enumerate(WORDS):
        for letter in word:
            letters[row, ord(letter) - 97] += 1 / len(word) ** 0.5
    # every head's scores are divided by the root of WIDTH
    q = torch.stack([4 * letters, 9 * places.roll(1, 0), 0 * letters])[None] * WIDTH**0.5
    k = torch.stack([letters, places, letters])[None]
    v = torch.eye(many, WIDTH).expand(1, len(HEADS), many, WIDTH)
    return module.attend(q, k, v, module.causal_mask(many, many))[0, :, :, :many]


def _map(weights):
    """A line for each word that asks; two columns for each that answers."""
    wide = max(map(len, WORDS))
    yield Text(" " * (wide + 2) + " ".join(f"{word[:3]:3}" for word in WORDS), "dim")
    for word, row in zip(WORDS, weights.tolist(), strict=True):
        line = Text(f"{word:>{wide}}  ")
        for weight in row:
            shade = SHADES[min(4, round(4 * max(0.0, weight) ** 0.5))]
            line.append(shade * 3 + " ", "cyan")
        best = max(range(len(row)), key=row.__getitem__)
        yield line.append(f" {max(row):.2f} on {WORDS[best]}", "dim")


def _verdict(yours, theirs):
    """What is wrong with the weights, if anything is, in one sentence."""
    future = torch.ones(len(WORDS), len(WORDS)).triu(1).bool()
    seen = [(row, column) for _, row, column in (yours.abs() * future > 1e-6).nonzero().tolist()]
    if seen:
        row, column = seen[0]
        return Text(f"Position {row} sees position {column}, which comes after it.", "red")
    if not torch.allclose(yours.sum(-1), torch.ones(()), atol=1e-4):
        return Text("The weights of a row do not add up to one.", "red")
    gap = (yours - theirs).abs().max().item()
    if gap > 1e-5:
        return Text(f"Up to {gap:.3f} away from the solution's weights.", "red")
    return Text("The same weights as the solution's.", "green")


def bench(module, reference):
    """A loop over positions, the learner's, the solution's, and PyTorch's own attention."""
    torch.manual_seed(0)
    q, k, v = (torch.randn(1, MANY_HEADS, POSITIONS, 64) for _ in range(3))
    expected = scaled_dot_product_attention(q, k, v, is_causal=True)
    return race(
        {
            "one by one": lambda: _naive(q, k, v),
            "yours": lambda: module.attend(q, k, v, module.causal_mask(POSITIONS, POSITIONS)),
            "solution": lambda: reference.attend(
                q, k, v, reference.causal_mask(POSITIONS, POSITIONS)
            ),
            "PyTorch's own": lambda: scaled_dot_product_attention(q, k, v, is_causal=True),
        },
        judge=lambda found: "" if torch.allclose(found, expected, atol=1e-4) else "other numbers",
    )


def _naive(q, k, v):
    """Each query by itself: little memory, and a thousand small steps."""
    out = torch.empty_like(q)
    for t in range(q.size(2)):
        scores = (k[:, :, : t + 1] @ q[:, :, t, :, None])[..., 0] / q.size(3) ** 0.5
        out[:, :, t] = (scores.softmax(-1)[:, :, None] @ v[:, :, : t + 1])[:, :, 0]
    return out
