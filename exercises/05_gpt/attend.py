"""Attention by hand: each position asks, all positions before it answer.

Lesson: README.md, "Ask and answer". Source: Vaswani et al. 2017; Ainslie et al. 2023 (GQA).
"""

import math

import torch


def causal_mask(
    num_queries: int, num_keys: int, device: torch.device | str | None = None
) -> torch.Tensor:
    """Say who may look at whom: a position sees itself and everything before it.

    The queries are the *last* `num_queries` of `num_keys` positions. In training both are equal; in
    generation the keys of earlier positions come from a cache, and query 0 is not position 0.

    Args:
        num_queries: `Tq`.
        num_keys: `Tk`, at least `Tq`.
        device: Which device the mask is on.

    Returns:
        Booleans `(Tq, Tk)`, True where query (row) may look at key (column).

    Raises:
        ValueError: If there are more queries than keys: some query would see nobody.
    """
    # TODO: refuse too many queries; then True on and below a diagonal, but which one? (4 lines)
    raise NotImplementedError


def expand_kv(x: torch.Tensor, n_rep: int) -> torch.Tensor:
    """Give each query head its key head: the first `n_rep` share key head 0, the next ones 1.

    Args:
        x: Keys or values, `(B, Hkv, T, D)`.
        n_rep: How many query heads share one key head, `H / Hkv`.

    Returns:
        `(B, H, T, D)`: head `h` is head `h // n_rep` of `x`.
    """
    # TODO: repeat each head, not the whole row of heads. (1 line)
    raise NotImplementedError


def attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Mix the values, each by how well its key answers the query.

    A score is the scalar product of query and key, divided by `sqrt(D)`. Where `mask` is False the
    score becomes minus infinity. A softmax over the keys turns scores into weights that add up to
    one, and the weights mix the values.

    Args:
        q: Queries `(B, H, Tq, D)`.
        k: Keys `(B, Hkv, Tk, D)`; `H` is a multiple of `Hkv`.
        v: Values `(B, Hkv, Tk, D)`.
        mask: Booleans `(Tq, Tk)`, True where a query may look; None for everywhere.

    Returns:
        `(B, H, Tq, D)`, in the dtype of `q`.

    Raises:
        ValueError: If the sizes do not go together.
    """
    B, H, Tq, D = q.shape
    Hkv, Tk = k.shape[1:3]
    if k.shape != v.shape or k.shape != (B, Hkv, Tk, D):
        shapes = ", ".join(str(tuple(one.shape)) for one in (q, k, v))
        raise ValueError(f"queries, keys and values do not go together: {shapes}")
    # TODO: refuse heads that cannot share evenly, and a mask of another size. (4 lines)
    # TODO: keys and values for all heads; scores; mask; softmax; mix. (6 lines)
    raise NotImplementedError


def main() -> None:
    """Attend over three positions. `python attend.py` runs this."""
    v = torch.tensor([[1.0, 0.0], [0.0, 1.0], [8.0, 8.0]]).reshape(1, 1, 3, 2)
    print(attend(torch.zeros_like(v), v, v, causal_mask(3, 3)))


if __name__ == "__main__":
    main()
