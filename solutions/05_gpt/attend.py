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
    if num_queries > num_keys:
        raise ValueError(f"{num_queries} queries cannot be the last of {num_keys} keys")
    everyone = torch.ones(num_queries, num_keys, dtype=torch.bool, device=device)
    # the diagonal starts behind the keys that were there before the first query
    return everyone.tril(diagonal=num_keys - num_queries)  # (Tq, Tk)


def expand_kv(x: torch.Tensor, n_rep: int) -> torch.Tensor:
    """Give each query head its key head: the first `n_rep` share key head 0, the next ones 1.

    Args:
        x: Keys or values, `(B, Hkv, T, D)`.
        n_rep: How many query heads share one key head, `H / Hkv`.

    Returns:
        `(B, H, T, D)`: head `h` is head `h // n_rep` of `x`.
    """
    return x.repeat_interleave(n_rep, dim=1)  # (B, H, T, D)


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
    if H % Hkv:
        raise ValueError(f"{H} query heads cannot share {Hkv} key heads evenly")
    if mask is not None and mask.shape != (Tq, Tk):
        raise ValueError(f"{Tq} queries and {Tk} keys need a mask {(Tq, Tk)}: {tuple(mask.shape)}")
    k, v = expand_kv(k, H // Hkv), expand_kv(v, H // Hkv)  # (B, H, Tk, D)
    # every query with every key; divided, or long heads would make the softmax pick a single one
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)  # (B, H, Tq, Tk)
    if mask is not None:
        # before the softmax: exp(-inf) is 0, and the others still add up to one
        scores = scores.masked_fill(~mask, -math.inf)
    weights = torch.softmax(scores, dim=-1)  # (B, H, Tq, Tk), each row adds up to one
    return weights @ v  # (B, H, Tq, D)


def main() -> None:
    """Attend over three positions. `python attend.py` runs this."""
    v = torch.tensor([[1.0, 0.0], [0.0, 1.0], [8.0, 8.0]]).reshape(1, 1, 3, 2)
    print(attend(torch.zeros_like(v), v, v, causal_mask(3, 3)))


if __name__ == "__main__":
    main()
