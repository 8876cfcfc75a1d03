"""Muon: momentum, orthogonalized. The optimizer of all matrices inside the Transformer.

Lesson: README.md, "Muon". Source: nanochat, `muon.py`, Muon; Jordan et al. 2024,
kellerjordan.github.io/posts/muon.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from nanochat.optim.adamw import with_gradients
from nanochat.optim.newton_schulz import newton_schulz
from torch import Tensor


def muon_update(
    p: Tensor,
    g: Tensor,
    buffer: Tensor,
    *,
    lr: float,
    momentum: float,
    nesterov: bool = True,
    ns_steps: int = 5,
    ns_dtype: torch.dtype = torch.bfloat16,
) -> None:
    """Move one matrix by one step of Muon. Changes `p` and `buffer` in place.

    Args:
        p: (..., m, n) floating, the parameter.
        g: (..., m, n), its gradient. It stays as it is.
        buffer: (..., m, n), running mean of the gradients; zeros before the first step.
        lr: Learning rate: how far the step goes along every singular direction of a wide matrix.
        momentum: How much of the buffer survives a step, such as 0.95.
        nesterov: Whether to look ahead: to step along what the buffer would be, were the same
            gradient to come once more.
        ns_steps: Steps of Newton-Schulz.
        ns_dtype: What Newton-Schulz computes in. The result is no more precise than that; turn it
            into the type of `p` before you scale it.
    """
    # smooth: the mean of about the last 1 / (1 - momentum) gradients
    buffer.lerp_(g, 1 - momentum)
    # a new tensor each time: upstream writes the look-ahead into p.grad
    update = g.lerp(buffer, momentum) if nesterov else buffer  # (..., m, n)
    # orthogonalize: every direction counts the same
    update = newton_schulz(update, ns_steps, dtype=ns_dtype)  # (..., m, n)
    # scale: a tall matrix has more rows than directions, and each row would get too little
    rows, columns = p.shape[-2:]
    p.add_(update.to(p.dtype), alpha=-lr * max(1, rows / columns) ** 0.5)


class Muon(torch.optim.Optimizer):
    """Muon, for matrices. Embeddings, the output layer and vectors belong to AdamW.

    Args:
        params: Parameters with two axes or more, or groups of them.
        lr: Learning rate, 0 or more.
        momentum: How much of the buffer survives a step, in [0, 1). A schedule may change it.
        nesterov: Whether to look ahead.
        ns_steps: Steps of Newton-Schulz.
        ns_dtype: What Newton-Schulz computes in.

    Raises:
        ValueError: If there is no parameter, if one has fewer than two axes, or if a setting of a
            group is impossible.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.02,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_steps: int = 5,
        ns_dtype: torch.dtype = torch.bfloat16,
    ) -> None:
        """Hand the settings to torch, and refuse what is no matrix."""
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov}
        super().__init__(params, {**defaults, "ns_steps": ns_steps, "ns_dtype": ns_dtype})
        for group in self.param_groups:
            if not (group["lr"] >= 0 and 0 <= group["momentum"] < 1):
                found = f"lr is {group['lr']}, momentum {group['momentum']}"
                raise ValueError(f"{found}; lr must be 0 or more, momentum at least 0 and below 1")
            for p in group["params"]:
                if p.ndim < 2:
                    shape = tuple(p.shape)
                    raise ValueError(f"Muon takes matrices; give shape {shape} to AdamW")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step with every parameter that has a gradient.

        `self.state[p]` holds one tensor like `p`, `momentum_buffer`. Gradients stay as they are.

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
        work = [(group, with_gradients(group["params"])) for group in self.param_groups]
        for group, params in work:
            for p in params:
                state = self.state[p]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(p)
                muon_update(
                    p,
                    p.grad,
                    state["momentum_buffer"],
                    lr=group["lr"],
                    momentum=group["momentum"],
                    nesterov=group["nesterov"],
                    ns_steps=group["ns_steps"],
                    ns_dtype=group["ns_dtype"],
                )
        return loss


def main() -> None:
    """Learn a linear map with Muon. `python muon.py` runs this."""
    rng = torch.Generator().manual_seed(0)
    x, target = torch.randn(64, 8, generator=rng), torch.randn(4, 8, generator=rng)
    weight = torch.zeros(4, 8, requires_grad=True)
    optimizer = Muon([weight], lr=0.1)
    for step in range(101):
        optimizer.zero_grad()
        loss = (x @ (weight - target).T).square().mean()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step:3}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
