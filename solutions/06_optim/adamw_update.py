"""One step of AdamW, for one tensor.

Six lines of arithmetic train nearly every language model there is. This file is those lines;
the class around them comes next.

Lesson: README.md, "A step of AdamW". Source: Loshchilov and Hutter 2019, arXiv 1711.05101;
nanochat, `adamw.py`, DistAdamW.step.
"""

import torch
from torch import Tensor


def adamw_update(
    p: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    step: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> None:
    """Move a parameter by one step of AdamW. Changes `p`, `m` and `v` in place.

    Call it under `torch.no_grad()`: a step of the optimizer is nothing to differentiate.

    Args:
        p: The parameter, of any shape, floating.
        g: Its gradient, of the same shape. It stays as it is.
        m: Running mean of the gradients, of the same shape; zeros before step 1.
        v: Running mean of the squared gradients, of the same shape; zeros before step 1.
        step: Number of this step, counted from 1.
        lr: Learning rate: about how far one step moves a weight.
        beta1: How much of `m` survives a step, such as 0.9.
        beta2: How much of `v` survives a step, such as 0.95.
        eps: Keeps the division finite. It is added to the root, after the correction.
        weight_decay: Share of a weight that is lost in one step, in units of `lr`.

    Raises:
        ValueError: If `step` is below 1, or if the four shapes are not the same. Nothing has been
            changed then.
    """
    if step < 1:
        raise ValueError(f"steps are counted from 1, this one has number {step}")
    shapes = [tuple(t.shape) for t in (p, g, m, v)]
    if len(set(shapes)) > 1:
        raise ValueError(f"p, g, m and v must have one shape, not {shapes}")
    # decoupled decay: the weight shrinks by itself, whatever its gradient says
    p.mul_(1 - lr * weight_decay)
    # the running means of the gradient and of its square
    m.mul_(beta1).add_(g, alpha=1 - beta1)
    v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    # both began at 0; after t steps they hold only 1 - beta^t of what a mean should
    m_hat = m / (1 - beta1**step)
    v_hat = v / (1 - beta2**step)
    # a gradient by its own typical size: about 1, however large or small gradients are
    p.sub_(lr * m_hat / (v_hat.sqrt() + eps))


def main() -> None:
    """Walk down a valley that is 100 times as steep one way. `python adamw_update.py` runs this."""
    p, steepness = torch.tensor([1.0, 1.0]), torch.tensor([100.0, 1.0])
    m, v = torch.zeros(2), torch.zeros(2)
    for step in range(1, 9):
        g = steepness * p
        adamw_update(p, g, m, v, step, lr=0.1, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.0)
        print(f"step {step}: gradient {g.tolist()}, now at {p.tolist()}")


if __name__ == "__main__":
    main()
