"""A step of Muon: the learner's, the naive one by singular value decomposition, the solution's."""

import torch

from nanolab.demo import race

ROWS, COLUMNS = 512, 2048  # one of the MLP's matrices, of a model of width 512
LR, MOMENTUM = 0.02, 0.95


def bench(module, reference):
    """Who takes a step how fast, and with how much memory; each on a matrix of its own."""
    expected = _stepper(reference)()
    contestants = {
        "SVD": _naive(),
        "yours": _stepper(module),
        "solution": _stepper(reference),
        "torch": _torchs(),
    }
    return race(contestants, judge=lambda p: _judged(p, expected))


def _matrix():
    """A parameter with a gradient, always the same."""
    rng = torch.Generator().manual_seed(0)
    p = torch.zeros(ROWS, COLUMNS, requires_grad=True)
    p.grad = torch.randn(ROWS, COLUMNS, generator=rng)
    return p


def _stepper(module):
    p = _matrix()
    optimizer = module.Muon([p], lr=LR, momentum=MOMENTUM)

    def step():
        optimizer.step()
        return p.detach()

    return step


def _torchs():
    """PyTorch's own; None before 2.9."""
    if not hasattr(torch.optim, "Muon"):
        return None
    p = _matrix()
    optimizer = torch.optim.Muon([p], lr=LR, momentum=MOMENTUM, weight_decay=0.0)

    def step():
        optimizer.step()
        return p.detach()

    return step


def _naive():
    """Momentum, and U V^T exactly."""
    p, buffer = _matrix(), torch.zeros(ROWS, COLUMNS)

    @torch.no_grad()
    def step():
        buffer.lerp_(p.grad, 1 - MOMENTUM)
        left, _, right = torch.linalg.svd(p.grad.lerp(buffer, MOMENTUM), full_matrices=False)
        p.sub_(LR * (left @ right))
        return p.detach()

    return step


def _judged(p, expected):
    """How far a first step is from the solution's, if it is; U V^T itself is about 0.2 away."""
    off = ((p - expected).norm() / expected.norm()).item()
    return "" if off < 0.06 else f"{off:.0%} off"
