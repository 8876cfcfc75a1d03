"""Rotary embeddings: a position is an angle, and the difference of two angles is a distance.

Lesson: README.md, "Where am I?". Source: Su et al. 2021; nanochat, `gpt.py`, apply_rotary_emb.
"""

import torch


def rotary_tables(
    length: int, head_dim: int, base: float = 10000.0, device: torch.device | str | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the cosine and the sine of every angle: one for each position and pair of numbers.

    Pair `i` of `head_dim / 2` turns by `base ** (-2 * i / head_dim)` at each step, so the first one
    turns by 1 (in radians, a sixth of a circle) and the last one hardly at all. Position `t` has
    been turned `t` times.

    Args:
        length: How many positions, from 0 on.
        head_dim: `D`, the width of a head.
        base: How far apart the slowest and the fastest pair are.
        device: Which device the tables are on.

    Returns:
        Cosines and sines, each `(1, length, 1, D / 2)` in bfloat16, ready to be stretched over the
        batch and the heads of a `(B, T, H, D)`. They are computed in float32, and rounded last.

    Raises:
        ValueError: If `head_dim` is odd: numbers are turned in pairs.
    """
    # TODO: refuse odd heads; speeds of the pairs; angles; cosine and sine. (8 lines)
    raise NotImplementedError


def apply_rotary_emb(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turn each pair of numbers by its angle.

    A pair is number `i` of the first half with number `i` of the second. With `x1` and `x2` for the
    halves, the new ones are `x1 * cos + x2 * sin` and `x2 * cos - x1 * sin`.

    Args:
        x: Queries or keys, `(B, T, H, D)`.
        cos: For the same `T` positions, `(1, T, 1, D / 2)`.
        sin: Likewise.

    Returns:
        The same shape and dtype as `x`, which is left as it was.

    Raises:
        ValueError: If `x` does not have four axes, `D` is odd, or the tables are not for `T`
            positions and `D / 2` pairs.
    """
    if x.dim() != 4:
        raise ValueError(f"expected (B, T, H, D), got {x.dim()} axes: {tuple(x.shape)}")
    T, half = x.size(1), x.size(3) // 2
    # TODO: refuse an odd D, and tables of another shape, naming both. (4 to 6 lines)
    # TODO: cut x into halves, turn them, and join them. (4 lines)
    raise NotImplementedError


def main() -> None:
    """Turn the same vector at four positions. `python rotary.py` runs this."""
    cos, sin = rotary_tables(4, 4)
    x = torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(1, 4, 1, 4)
    print(apply_rotary_emb(x, cos, sin)[0, :, 0])


if __name__ == "__main__":
    main()
