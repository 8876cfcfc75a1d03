"""Newton-Schulz: make all singular values of a matrix about 1, with nothing but matmuls.

Lesson: README.md, "A matrix is not a list". Source: nanochat, `muon.py`,
zeropower_via_newtonschulz5; Jordan et al. 2024, kellerjordan.github.io/posts/muon.
"""

import torch
from torch import Tensor

# Muon's: steep at 0, so that small singular values grow fast; it does not settle at 1.
COEFFS = (3.4445, -4.7750, 2.0315)


def newton_schulz(
    G: Tensor,
    steps: int = 5,
    coeffs: tuple[float, float, float] = COEFFS,
    eps: float = 1e-7,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """Bring the singular values of a matrix near 1, and keep its singular vectors.

    The matrix is divided by its Frobenius norm plus `eps`. Then each step replaces every singular
    value s by a s + b s^3 + c s^5.

    Args:
        G: (..., m, n) floating; each matrix of a batch for itself. It stays as it is.
        steps: How many steps, 0 or more.
        coeffs: a, b and c.
        eps: Keeps a matrix of zeros from being divided by 0.
        dtype: What to compute in; None for that of `G`.

    Returns:
        (..., m, n) of that dtype.

    Raises:
        ValueError: If `G` has fewer than two axes, or if `steps` is negative.
    """
    if G.ndim < 2:
        raise ValueError(f"a matrix has two axes or more, this has shape {tuple(G.shape)}")
    if steps < 0:
        raise ValueError(f"the number of steps cannot be negative: {steps}")
    # TODO: take the type; lay a tall matrix on its side; divide by the norm; iterate; turn back.
    # (10 lines)
    raise NotImplementedError


def zeropower_via_newtonschulz5(G: Tensor, steps: int) -> Tensor:
    """Do the same in bfloat16, under the name that nanochat has for it; (..., m, n) bfloat16."""
    return newton_schulz(G, steps, dtype=torch.bfloat16)


def exact_polar(G: Tensor) -> Tensor:
    """Give U V^T, where every singular value is exactly 1, or 0 where `G` has none.

    It takes a singular value decomposition, which is far too slow to do at each step of a training.

    Args:
        G: (..., m, n) floating.

    Returns:
        (..., m, n) of the same dtype.
    """
    U, S, Vh = torch.linalg.svd(G, full_matrices=False)  # (..., m, k), (..., k), (..., k, n)
    noise = torch.finfo(G.dtype).eps * max(G.shape[-2:]) * S.amax(-1, keepdim=True)
    return (U * (noise < S).to(G.dtype).unsqueeze(-2)) @ Vh


def main() -> None:
    """Watch the singular values of a small matrix. `python newton_schulz.py` runs this."""
    G = torch.randn(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for steps in range(7):
        values = torch.linalg.svdvals(newton_schulz(G, steps))
        print(steps, " ".join(f"{s:.3f}" for s in values.tolist()))


if __name__ == "__main__":
    main()
