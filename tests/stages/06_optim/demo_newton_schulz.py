"""Singular values before and after: what Newton-Schulz does to a matrix like a gradient."""

import math

import torch
from rich.console import Group
from rich.text import Text

ROWS, COLUMNS = 12, 24
STEPS = (0, 1, 2, 3, 5)
BAR = 24  # columns for a singular value of 1.2


def show(module, reference):
    """For some numbers of steps, all singular values as bars, the learner's and the solution's."""
    gradient = _gradient()
    parts = [
        Text("A gradient of 12 x 24: its strongest direction is 1000 times its weakest.\n", "bold")
    ]
    for steps in STEPS:
        yours, theirs = (_values(one.newton_schulz(gradient, steps)) for one in (module, reference))
        parts += [*_bars(steps, yours), _verdict(yours, theirs), Text()]
    return Group(*parts)


def _gradient():
    rng = torch.Generator().manual_seed(0)
    left, right = (
        torch.linalg.qr(torch.randn(size, ROWS, generator=rng, dtype=torch.float64))[0]
        for size in (ROWS, COLUMNS)
    )
    return left @ torch.diag(torch.logspace(0, -3, ROWS, dtype=torch.float64)) @ right.T


def _values(matrix):
    return torch.linalg.svdvals(matrix.double()).tolist()


def _bars(steps, values):
    """A heading and a row for every third value."""
    yield Text(f"after {steps} steps" if steps != 1 else "after 1 step", "bold")
    for value in values[::3]:
        length = min(max(round(value / 1.2 * BAR), 0), BAR) if math.isfinite(value) else 0
        line = Text(f"  {value:7.4f} ")
        line.append("#" * length, "cyan").append("." * (BAR - length), "dim")
        yield line


def _verdict(yours, theirs):
    off = max(abs(a - b) for a, b in zip(yours, theirs, strict=True))
    if off < 1e-6:
        return Text("  the same as the solution's", "green")
    return Text(f"  up to {off:.3g} away from the solution's", "red")
