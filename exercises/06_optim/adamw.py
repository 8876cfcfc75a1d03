"""AdamW as a `torch.optim.Optimizer`: groups of parameters, and a memory for each.

Lesson: README.md, "An optimizer". Source: nanochat, `adamw.py`; torch's documentation of
`torch.optim.Optimizer`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from nanochat.optim.adamw_update import adamw_update
from torch import Tensor


def with_gradients(params: Iterable[Tensor]) -> list[Tensor]:
    """Pick the parameters that took part in the loss: those with a gradient, in order.

    Raises:
        ValueError: If a gradient holds NaN or infinity. A single step with it would spoil the
            weights, and the running means for good. The message names the parameter's shape as a
            tuple, `(3,)` say.
    """
    # TODO: pick those whose grad is not None; refuse what is not finite. (6 lines)
    raise NotImplementedError


class AdamW(torch.optim.Optimizer):
    """AdamW. The same numbers as `torch.optim.AdamW`, which is faster and has more options.

    Args:
        params: Parameters, or groups of them: `[{"params": [...], "lr": 0.1}, ...]`. What a group
            does not say, it takes from the arguments below.
        lr: Learning rate, 0 or more.
        betas: How much of the two running means survives a step; each in [0, 1).
        eps: Added to the root, 0 or more.
        weight_decay: As for `adamw_update`, 0 or more.

    Raises:
        ValueError: If there is no parameter, or if a setting of a group is impossible.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        """Hand the settings to torch, which keeps them in `self.param_groups`."""
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )
        for group in self.param_groups:
            _refuse_impossible(group)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step with every parameter that has a gradient.

        `self.state[p]` gets three entries at the first step of `p`: `step`, an int, and two tensors
        like `p`, `exp_avg` and `exp_avg_sq`. Gradients stay as they are. A checkpoint of
        `torch.optim.AdamW` can be loaded: its `step` is a float32 tensor; make it an int.

        Args:
            closure: If given, it is called first, with gradients enabled, and computes them.

        Returns:
            What the closure returned, the loss; None without a closure.

        Raises:
            ValueError: If a gradient is not finite. No parameter has been moved then.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # TODO: look at the gradients of all groups; then, for each parameter, make its state if it has
        # none, count the step, and call adamw_update with the settings of its group. (22 lines)
        raise NotImplementedError


def _refuse_impossible(group: dict[str, Any]) -> None:
    """Raise ValueError for settings that no step could be taken with."""
    for name in ("lr", "eps", "weight_decay"):
        if not group[name] >= 0:
            raise ValueError(f"{name} is {group[name]}; it must be 0 or more")
    for beta in group["betas"]:
        if not 0 <= beta < 1:
            raise ValueError(f"betas are {group['betas']}; each must be at least 0 and below 1")


def main() -> None:
    """Fit a line to four points. `python adamw.py` runs this."""
    x, y = torch.tensor([0.0, 1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 5.0, 7.0])
    slope, offset = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = AdamW([slope, offset], lr=0.1, weight_decay=0.0)
    for step in range(201):
        optimizer.zero_grad()
        loss = ((slope * x + offset - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(
                f"step {step:3}: loss {loss.item():.4f}, y = {slope.item():.2f} x + {offset.item():.2f}"
            )


if __name__ == "__main__":
    main()
