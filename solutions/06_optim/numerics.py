"""Two kinds of error: what a method leaves undone, and what the numbers cannot hold.

Newton-Schulz is stopped after five steps (truncation), and bfloat16 has two and a half digits
(rounding). Who knows which of them is larger knows what is worth improving.

Lesson: README.md, "Two kinds of error". Source: Higham 2008, "Functions of Matrices", chapter 8.
"""

import math
from collections.abc import Sequence

import torch
from nanochat.optim.newton_schulz import COEFFS, exact_polar, newton_schulz
from torch import Tensor

# Higher order, for matrices that are nearly orthogonal already; both settle at exactly 1.
CUBIC = (1.5, -0.5, 0.0)
QUINTIC = (15 / 8, -10 / 8, 3 / 8)


def ns_error_curve(
    G: Tensor,
    ks: Sequence[int],
    coeffs: tuple[float, float, float] = COEFFS,
    dtype: torch.dtype = torch.float64,
) -> list[float]:
    """Measure how far Newton-Schulz is from what it aims at, after each number of steps.

    The aim is `exact_polar(G)`. The distance is the Frobenius norm of the difference, divided by
    the square root of the rank of `G`: 0.1 means that singular values are off by about 0.1. If you
    ask torch for the rank, divide by a Python float, `math.sqrt`: the root of an integer tensor is
    float32.

    Args:
        G: (m, n) float64, not all zeros.
        ks: Numbers of steps.
        coeffs: As for `newton_schulz`.
        dtype: What Newton-Schulz computes in. The distance is measured in float64.

    Returns:
        The distance for each of `ks`.

    Raises:
        ValueError: If all of `G` is 0: nothing can be aimed at.
    """
    target = exact_polar(G)  # (m, n)
    # the polar factor has `rank` singular values of 1, so this is the root of the rank
    size = target.norm()
    if size == 0:
        raise ValueError("a matrix of zeros has no polar factor to compare with")
    return [
        float((newton_schulz(G, k, coeffs, dtype=dtype).double() - target).norm() / size)
        for k in ks
    ]


def split_error(
    G: Tensor,
    steps: int,
    coeffs: tuple[float, float, float] = COEFFS,
    dtype: torch.dtype = torch.bfloat16,
) -> tuple[float, float]:
    """Split the error of Newton-Schulz into the two kinds. Both are measured as the curve is.

    Args:
        G: (m, n) float64, not all zeros.
        steps: How many steps.
        coeffs: As for `newton_schulz`.
        dtype: What Newton-Schulz computes in.

    Returns:
        Truncation: what so many steps leave undone, with exact numbers (float64 will do).
        Rounding: what `dtype` adds, compared with the same steps done exactly.

    Raises:
        ValueError: If all of `G` is 0.
    """
    (truncation,) = ns_error_curve(G, [steps], coeffs)
    exact = newton_schulz(G, steps, coeffs)  # (m, n) float64
    rounded = newton_schulz(G, steps, coeffs, dtype=dtype).double()  # (m, n)
    return truncation, float((rounded - exact).norm() / exact_polar(G).norm())


def convergence_order(errors: Sequence[float]) -> float:
    """Estimate the order p of a method: one more step turns an error e into about e^p.

    Order 1 adds the same number of digits with each step, order 2 doubles the digits, order 3
    triples them. Of the last three errors e1, e2, e3 take log(e3 / e2) / log(e2 / e1).

    Raises:
        ValueError: If there are fewer than three errors, or if the last three do not fall, or are
            not above 0. What has stopped falling has no order.
    """
    if len(errors) < 3:
        raise ValueError(f"an order needs three errors, these are {len(errors)}")
    e1, e2, e3 = errors[-3:]
    if not e1 > e2 > e3 > 0:
        raise ValueError(f"these errors do not fall towards 0: {e1}, {e2}, {e3}")
    return math.log(e3 / e2) / math.log(e2 / e1)


def bias_correction(beta: float, t: int) -> float:
    """Compute 1 - beta^t with a relative error below 1e-12, also if beta is nearly 1.

    beta^t is then nearly 1, and the subtraction cancels the digits that matter: 1 - 0.9999999 has
    seven digits less than its parts. `math.expm1(x)` is e^x - 1 without that loss.

    Raises:
        ValueError: If `beta` is not in [0, 1), or if `t` is below 1.
    """
    if not 0 <= beta < 1:
        raise ValueError(f"beta is {beta}; it must be at least 0 and below 1")
    if t < 1:
        raise ValueError(f"steps are counted from 1, not from {t}")
    # beta^t = e^(t log beta); the logarithm of 0 does not exist, and 0^t is 0
    return -math.expm1(t * math.log(beta)) if beta else 1.0


def smallest_visible_step(p: float, dtype: torch.dtype) -> float:
    """Give half the gap between `p` and the next larger number of `dtype`.

    What is added to `p` and is smaller is rounded away. `torch.finfo(dtype).eps` is the gap above
    1.0. The gap is the same from 1 to 2, twice as large from 2 to 4, half as large from 0.5 to 1:
    a number carries always the same number of digits.

    Args:
        p: Any number that `dtype` holds with all its digits; the sign does not matter.
        dtype: A floating type.

    Raises:
        ValueError: If `p` is 0, too small or too large for that, infinite or NaN.
    """
    info = torch.finfo(dtype)
    if not info.smallest_normal <= abs(p) <= info.max:
        raise ValueError(f"{p} does not have all its digits in {dtype}")
    # p = fraction * 2^exponent, and the fraction is in [0.5, 1)
    _, exponent = math.frexp(p)
    return info.eps * 2.0 ** (exponent - 1) / 2


def main() -> None:
    """Compare three polynomials, and three types. `python numerics.py` runs this."""
    rng = torch.Generator().manual_seed(0)
    G = torch.randn(32, 64, generator=rng, dtype=torch.float64)
    for name, coeffs in (("cubic", CUBIC), ("quintic", QUINTIC), ("muon", COEFFS)):
        errors = ns_error_curve(G, range(1, 9), coeffs)
        print(f"{name:8}", " ".join(f"{e:.1e}" for e in errors))
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        truncation, rounding = split_error(G, 5, dtype=dtype)
        print(f"{dtype}: truncation {truncation:.1e}, rounding {rounding:.1e}")


if __name__ == "__main__":
    main()
