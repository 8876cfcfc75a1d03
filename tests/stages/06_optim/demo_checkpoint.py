"""Loss curves on a text whose best possible loss is known: SGD, AdamW, and the learner's two."""

import math

import torch
from kit.markov import MarkovSource
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.optim.adamw import AdamW
from rich.console import Group
from rich.text import Text

WIDTH, HEIGHT = 60, 14
STEPS = 60
SIGNS = {
    "SGD, lr 0.3": ("s", "yellow"),
    "AdamW for all, lr 0.01": ("a", "magenta"),
    "your two": ("*", "bold cyan"),
}


def show(module, reference):
    """The curves in one picture, with the floor that no model can go below."""
    del reference
    source = MarkovSource()
    makers = (
        lambda model: [torch.optim.SGD(model.parameters(), lr=0.3)],
        lambda model: [AdamW(model.parameters(), lr=0.01, weight_decay=0.0)],
        module.setup_optimizers,
    )
    curves = dict(zip(SIGNS, (_trained(module, make, source) for make in makers), strict=True))
    parts = [Text("Loss of a GPT of 14,000 weights on a Markov text, nats per token\n", "bold")]
    parts.append(_picture(curves, source.entropy_rate))
    for name, curve in curves.items():
        sign, style = SIGNS[name]
        parts.append(Text(f"{sign}  {name}: {sum(curve[-5:]) / 5:.3f} at the end", style))
    parts.append(
        Text(f"-  {source.entropy_rate:.3f}: the source's own entropy, the floor", "green")
    )
    return Group(*parts)


def _trained(module, make, source):
    torch.manual_seed(0)
    sizes = GPTConfig(32, source.vocab_size, n_layer=1, n_head=2, n_kv_head=2, n_embd=32)
    model = GPT(sizes)
    model.init_weights()
    rng = torch.Generator().manual_seed(0)
    batches = [[source.batch(8, 32, rng)] for _ in range(STEPS)]
    return module.train(model, make(model), batches)


def _picture(curves, floor):
    """One column for each step, from the floor to the highest loss."""
    top = max(max(curve) for curve in curves.values())
    rows = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]
    rows[_row(floor, floor, top)] = [("-", "green")] * WIDTH
    for name, curve in curves.items():
        for step, loss in enumerate(curve):
            rows[_row(loss, floor, top)][step * WIDTH // STEPS] = SIGNS[name]
    text = Text()
    for row, cells in enumerate(rows):
        text.append(f"{top - (top - floor) * row / (HEIGHT - 1):5.2f} ", "dim")
        for sign, style in cells:
            text.append(sign, style)
        text.append("\n")
    return text


def _row(loss, floor, top):
    share = (top - loss) / (top - floor) if math.isfinite(loss) else 0
    return min(max(round(share * (HEIGHT - 1)), 0), HEIGHT - 1)
