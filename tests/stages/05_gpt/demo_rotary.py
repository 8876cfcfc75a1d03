"""Clocks: how far each pair has been turned, and what a distance does to a score."""

import math

import torch
from rich.console import Group
from rich.text import Text

ARROWS = "→↗↑↖←↙↓↘"
POSITIONS = (0, 1, 2, 3, 4, 5, 8, 16, 32, 64, 128, 256, 512)
PAIRS = 4
DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64)
BAR = 32


def show(module, reference):
    """An arrow for each position and pair; bars of scores by distance."""
    yours, theirs = _turned(module), _turned(reference)
    lines = [Text("a head of 8: each pair begins as →, and is turned at each step", "bold")]
    lines.append(Text("            t = " + "".join(f"{t:<4}" for t in POSITIONS), "dim"))
    for pair in range(PAIRS):
        line = Text(f"pair {pair}, {10**-pair:<5g}   ")
        for t in POSITIONS:
            gap = math.remainder(yours[t][pair] - theirs[t][pair], 2 * math.pi)
            line.append(_arrow(yours[t][pair]) + "   ", "cyan" if abs(gap) < 0.02 else "red")
        lines.append(line)
    lines += [Text(), Text("a vector's score with itself, some positions away", "bold")]
    for distance, score, right in zip(DISTANCES, _scores(module), _scores(reference), strict=True):
        bar = "█" * round(BAR * max(0.0, score))
        style = "cyan" if abs(score - right) < 0.02 else "red"
        lines.append(Text(f"{distance:>4}  {score:5.2f}  ").append(bar, style))
    lines.append(
        Text("Near is more, far is less, wherever in the text it is. Red: not as solved.", "dim")
    )
    return Group(*lines)


def _turned(module):
    """The angle of every pair at every position; the vector (1, 0) turned."""
    length = POSITIONS[-1] + 1
    x = torch.cat([torch.ones(PAIRS), torch.zeros(PAIRS)]).expand(1, length, 1, 2 * PAIRS)
    y = module.apply_rotary_emb(x, *module.rotary_tables(length, 2 * PAIRS))[0, :, 0]
    return torch.atan2(y[:, PAIRS:], y[:, :PAIRS]).tolist()


def _arrow(angle):
    return ARROWS[round(angle / (math.pi / 4)) % 8]


def _scores(module):
    """Mean scalar product of vectors of ones with themselves, by distance, for a head of 64."""
    last = max(DISTANCES) + 1
    x = torch.ones(1, last, 1, 64)
    y = module.apply_rotary_emb(x, *module.rotary_tables(last, 64))[0, :, 0].float()
    return [float(y[0] @ y[distance]) / 64 for distance in DISTANCES]
