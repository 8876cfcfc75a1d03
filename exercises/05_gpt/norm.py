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
    # TODO: refuse whole numbers; widen; divide by the root of the mean square. (5 lines)
    raise NotImplementedError


def norm(x: torch.Tensor) -> torch.Tensor:
    """Do the same by PyTorch's own function, which is what the model calls.

    Args:
        x: Vectors along the last axis, `(..., D)`.

    Returns:
        The same shape and dtype as `x`.
    """
    # TODO: one call of F.rms_norm, which wants the shape of what it normalises. (1 line)
    raise NotImplementedError


def main() -> None:
    """Normalise one vector. `python norm.py` runs this."""
    x = torch.tensor([3.0, 4.0, 0.0, 0.0])
    print(norm_by_hand(x), norm(x), norm(100 * x))


if __name__ == "__main__":
    main()
