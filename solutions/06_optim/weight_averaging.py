"""Weight averaging: evaluate a smooth copy of the weights, and train on undisturbed.

Lesson: README.md, "The average of a walk". Source: Polyak and Juditsky 1992; Izmailov et al. 2018,
arXiv 1803.05407; `torch.optim.swa_utils`. nanochat averages no weights.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class WeightAverage:
    """A running average of a model's parameters. `EMA` and `SWA` say how new weights count.

    Buffers are not averaged: a mask or a count has no mean. The model keeps its own.

    Attributes:
        model: Whose parameters are averaged. They are only read, except by `average_parameters`.
        num_updates: How often `update` was called.
        shadow: For each parameter's name its average, a tensor of its own.
    """

    def __init__(self, model: nn.Module) -> None:
        """Begin with no update; until the first one, `shadow` holds the weights as they are."""
        self.model = model
        self.num_updates = 0
        # clones: without them the average would be the weights themselves
        self.shadow = {name: p.detach().clone() for name, p in model.named_parameters()}

    def share(self) -> float:
        """Give how much the newest weights count, from 0 to 1, when `num_updates` counts them.

        The subclasses say it; there is nothing to write here.
        """
        raise NotImplementedError

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights, as they are now, into the average.

        The average moves towards them by `share()` of the way; weights that never change leave it
        equal to them, to the last bit.
        """
        self.num_updates += 1
        for name, p in self.model.named_parameters():
            self.shadow[name].lerp_(p, self.share())

    def average(self) -> dict[str, Tensor]:
        """Give a copy of the average, by name of parameter.

        Raises:
            RuntimeError: If there was no update yet.
        """
        if self.num_updates == 0:
            raise RuntimeError("there is no average before the first update()")
        return {name: tensor.clone() for name, tensor in self.shadow.items()}

    @contextmanager
    def average_parameters(self) -> Iterator[nn.Module]:
        """Put the average into the model, inside a `with`; afterwards all is as it was before.

        Also if the body raises. The parameters stay the same tensors, with other numbers in them,
        so that optimizers still hold them.

        Raises:
            RuntimeError: If there was no update yet.
        """
        average = self.average()
        with torch.no_grad():
            before = {name: p.clone() for name, p in self.model.named_parameters()}
            self._load(average)
        try:
            yield self.model
        finally:
            self._load(before)

    def state_dict(self) -> dict[str, Any]:
        """Give what a checkpoint keeps: the number of updates, and copies of the average."""
        shadow = {name: tensor.clone() for name, tensor in self.shadow.items()}
        return {"num_updates": self.num_updates, "shadow": shadow}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a checkpoint was made.

        Raises:
            ValueError: If it was made of a model with other parameters. The message names one.
        """
        theirs = {name: tensor.shape for name, tensor in state["shadow"].items()}
        ours = {name: tensor.shape for name, tensor in self.shadow.items()}
        for name in sorted(theirs.keys() | ours.keys()):
            if theirs.get(name) != ours.get(name):
                raise ValueError(f"{name} is {ours.get(name)} here, {theirs.get(name)} there")
        self.num_updates = state["num_updates"]
        self.shadow = {name: tensor.clone() for name, tensor in state["shadow"].items()}

    @torch.no_grad()
    def _load(self, weights: Mapping[str, Tensor]) -> None:
        """Write weights into the model's parameters."""
        for name, p in self.model.named_parameters():
            p.copy_(weights[name])


class EMA(WeightAverage):
    """Exponential moving average: the newest weights count 1 - decay, all older ones decay.

    Raises:
        ValueError: If `decay` is not in [0, 1).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Say how slowly to forget: `decay` 0.99 remembers about 100 updates."""
        if not 0 <= decay < 1:
            raise ValueError(f"decay is {decay}; it must be at least 0 and below 1")
        super().__init__(model)
        self.decay = decay

    def share(self) -> float:
        """Give 1 - decay; but the first update counts all, since there is nothing before it."""
        return 1.0 if self.num_updates == 1 else 1 - self.decay


class SWA(WeightAverage):
    """Stochastic weight averaging: all weights that were seen count the same."""

    def share(self) -> float:
        """Give what makes the average the mean of all weights seen so far."""
        return 1 / self.num_updates
