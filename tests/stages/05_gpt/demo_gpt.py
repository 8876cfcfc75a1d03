"""Where a model's numbers sit: layer by layer of a small one, and by share in four sizes."""

from collections import Counter

import torch
from nanochat.gpt.init import config_from_depth
from rich.console import Group
from rich.text import Text

BAR = 40
PARTS = {"wte": "yellow", "attention": "cyan", "mlp": "green", "lm_head": "magenta"}


def show(module, reference):
    """The modules of d4 as the learner has made them, and the shares of d4 to d32."""
    small = _on_meta(module, 4)
    lines = [Text("d4, as you have built it", "bold"), *_modules(small), Text()]
    lines.append(Text("where the weights are").append("  "))
    for name, colour in PARTS.items():
        lines[-1].append("█ ", colour).append(f"{name}  ")
    lines += [_shares(depth, _on_meta(module, depth)) for depth in (4, 12, 20, 32)]
    ours = {name: tuple(one.shape) for name, one in small.state_dict().items()}
    theirs = {name: tuple(one.shape) for name, one in _on_meta(reference, 4).state_dict().items()}
    return Group(*lines, Text(), _verdict(ours, theirs))


def _on_meta(module, depth):
    """A model without memory: only its shapes are looked at."""
    with torch.device("meta"):
        return module.GPT(config_from_depth(depth))


def _modules(model):
    """A line for each weight outside of the layers and in the first of them; then the rest in one."""
    later = 0
    for name, one in model.named_parameters():
        if name.startswith("transformer.h.") and not name.startswith("transformer.h.0."):
            later += one.numel()
            continue
        if later:
            yield Text(f"  {'transformer.h.1 to h.3':32} {'the same':>14} {later:>12,}", "dim")
            later = 0
        shape = " x ".join(map(str, one.shape))
        short = name.removesuffix(".weight")
        yield Text(f"  {short:32} {shape:>14} {one.numel():>12,}", PARTS.get(_part(name), ""))


def _part(name):
    """Which of the four parts a weight belongs to."""
    if ".attn." in name:
        return "attention"
    return next((part for part in ("wte", "mlp", "lm_head") if part in name), "other")


def _shares(depth, model):
    """A bar whose colours are the parts' shares."""
    sizes = Counter()
    for name, one in model.named_parameters():
        sizes[_part(name)] += one.numel()
    total = sum(sizes.values())
    line = Text(f"  d{depth:<3} {total / 1e6:7.0f} million  ")
    for part, colour in PARTS.items():
        line.append("█" * round(BAR * sizes[part] / total), colour)
    ends = (sizes["wte"] + sizes["lm_head"]) / total
    return line.append(f"  tables {100 * ends:.0f} %")


def _verdict(ours, theirs):
    """Whether nanochat's weights would load, and if not, the first reason."""
    if ours == theirs:
        return Text(
            f"{len(ours)} tensors, with nanochat's names and shapes: its weights load.", "green"
        )
    for name in {**theirs, **ours}:
        if ours.get(name) != theirs.get(name):
            found, right = ours.get(name, "missing"), theirs.get(name, "not there")
            return Text(f"{name} is {found} in yours, {right} in the solution.", "red")
    return Text("The order of the tensors differs from the solution's.", "yellow")
