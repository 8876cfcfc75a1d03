"""Causal attention: every position gathers from itself and the positions before it."""

import math

import torch


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Attend causally.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H, T, D).
        v: Values (B, H, T, D).

    Returns:
        For each position the mean of the values up to it, weighted by how well query and key
        agree, (B, H, T, D).
    """
    # TODO: scale the scores, hide the future, turn rows into weights, mix the values. (5 lines)
    raise NotImplementedError
