"""Down a valley: the ways that plain descent, momentum and the learner's AdamW take."""

import math

import torch
from rich.console import Group
from rich.text import Text

WIDTH, HEIGHT = 60, 13
ACROSS, DOWN = 1.2, 1.2  # the picture shows -1.2 to 1.2 both ways
STEEPNESS = torch.tensor([1.0, 40.0], dtype=torch.float64)  # a gentle slope, and two steep walls
START = (-1.1, 0.9)
STEPS = 40


def show(module, reference):
    """Three pictures, and how high each ends."""
    walks = {
        "plain, lr 0.048": _plain(0.048, 0.0),
        "with momentum 0.9, lr 0.01": _plain(0.01, 0.9),
        "your AdamW, lr 0.1": _adamw(module),
    }
    off = max(math.dist(a, b) for a, b in zip(_adamw(module), _adamw(reference), strict=True))
    parts = [
        Text("A valley, 40 times as steep up and down as left and right. X is its floor.\n", "bold")
    ]
    for name, walk in walks.items():
        parts += [
            Text(f"{name}: height {_height(walk[-1]):.4f} after {STEPS} steps"),
            _picture(walk),
            Text(),
        ]
    told = ("Your AdamW walks as the solution does.", "green")
    parts.append(
        Text(
            *told
            if off < 1e-9
            else (f"Yours is up to {off:.3g} away from the solution's way.", "red")
        )
    )
    return Group(*parts)


def _plain(lr, momentum):
    p, speed = torch.tensor(START, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    walk = [tuple(p.tolist())]
    for _ in range(STEPS):
        speed = momentum * speed + STEEPNESS * p
        p = p - lr * speed
        walk.append(tuple(p.tolist()))
    return walk


def _adamw(module):
    p = torch.tensor(START, dtype=torch.float64)
    m, v = torch.zeros_like(p), torch.zeros_like(p)
    walk = [tuple(p.tolist())]
    for step in range(1, STEPS + 1):
        settings = {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-8, "weight_decay": 0.0}
        module.adamw_update(p, STEEPNESS * p, m, v, step, **settings)
        walk.append(tuple(p.tolist()))
    return walk


def _height(point):
    return sum(s * x * x / 2 for s, x in zip(STEEPNESS.tolist(), point, strict=True))


def _picture(walk):
    """The way on a map: `o` where it began, `*` a step, `X` the floor, `:` where it is high."""
    rows = [[_ground(column, row) for column in range(WIDTH)] for row in range(HEIGHT)]
    for point in walk:
        _put(rows, point, "*")
    _put(rows, walk[0], "o")
    _put(rows, (0.0, 0.0), "X")
    text = Text()
    for row in rows:
        for sign in row:
            text.append(
                sign, {"*": "bold cyan", "o": "bold yellow", "X": "bold green"}.get(sign, "dim")
            )
        text.append("\n")
    return text


def _ground(column, row):
    x, y = (2 * column / (WIDTH - 1) - 1) * ACROSS, (1 - 2 * row / (HEIGHT - 1)) * DOWN
    return " .:"[min(int(_height((x, y)) / 6), 2)]


def _put(rows, point, sign):
    """Write a sign where a point is, at the border if it is outside."""
    if not all(map(math.isfinite, point)):
        return
    column = round((point[0] / ACROSS + 1) / 2 * (WIDTH - 1))
    row = round((1 - point[1] / DOWN) / 2 * (HEIGHT - 1))
    rows[min(max(row, 0), HEIGHT - 1)][min(max(column, 0), WIDTH - 1)] = sign
