"""Root mean square normalisation: every vector gets the same length, and keeps its direction.

Lesson: README.md, "Same length". Source: Zhang and Sennrich 2019; nanochat, `gpt.py`, norm.
"""

import torch
import torch.nn.functional as F

# What keeps a vector of zeros from being divided by zero: the smallest step of a float32 above 1.
EPS = torch.finfo(torch.float32).eps  # 1.1920929e-07


def norm_by_hand(x: torch.Tensor) -> torch.Tensor:
    """Divide each vector by its root mean square, step by step.

    The mean of the squares, plus `EPS`, has a root; the vector is divided by it. Nothing is
    subtracted, and nothing is learned.

    Args:
        x: Vectors along the last axis, `(..., D)`, of any floating point type. Two bytes a number
            are too few to add up squares: bfloat16 and float16 are computed in float32,
            all others as they are.

    Returns:
        The same shape and dtype as `x`.

    Raises:
        TypeError: If `x` holds whole numbers.
    """
    if not x.is_floating_point():
        raise TypeError(f"norm works on floating point numbers, not on {x.dtype}: x.float() helps")
    # float32 for the two-byte types, and float64 for who has it
    wide = x.to(torch.promote_types(x.dtype, torch.float32))  # (..., D)
    mean_square = wide.square().mean(dim=-1, keepdim=True)  # (..., 1)
    # rsqrt is 1 / sqrt; the 1 at the end of its shape stretches over all D numbers
    return (wide * torch.rsqrt(mean_square + EPS)).to(x.dtype)  # (..., D)


def norm(x: torch.Tensor) -> torch.Tensor:
    """Do the same by PyTorch's own function, which is what the model calls.

    Args:
        x: Vectors along the last axis, `(..., D)`.

    Returns:
        The same shape and dtype as `x`.
    """
    # the second argument is the shape of what is normalised: one vector of D numbers
    return F.rms_norm(x, (x.size(-1),))  # (..., D)


def main() -> None:
    """Normalise one vector. `python norm.py` runs this."""
    x = torch.tensor([3.0, 4.0, 0.0, 0.0])
    print(norm_by_hand(x), norm(x), norm(100 * x))


if __name__ == "__main__":
    main()
