"""The attention layer: from a stream of vectors to questions, answers, and back into the stream.

Lesson: README.md, "A layer of heads". Source: nanochat, `gpt.py`, CausalSelfAttention.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from nanochat.gpt.attend import causal_mask
from nanochat.gpt.norm import norm
from nanochat.gpt.rotary import apply_rotary_emb
from torch import nn


@dataclass
class GPTConfig:
    """The sizes of a model.

    Attributes:
        sequence_len: `T`, the longest sequence in training.
        vocab_size: `V`, how many tokens there are.
        n_layer: `L`, how many blocks.
        n_head: `H`, how many heads ask.
        n_kv_head: `Hkv`, how many heads answer; `H` is a multiple of it.
        n_embd: `C`, the width of the stream; a multiple of `H`.
    """

    sequence_len: int = 1024
    vocab_size: int = 50304
    n_layer: int = 12
    n_head: int = 6
    n_kv_head: int = 6
    n_embd: int = 768


class CausalSelfAttention(nn.Module):
    """Every position asks the positions before it, in several heads at once.

    Attributes:
        c_q: Makes queries, `C -> H * D`.
        c_k: Makes keys, `C -> Hkv * D`.
        c_v: Makes values, `C -> Hkv * D`.
        c_proj: Mixes what the heads found, `C -> C`. None of the four has a bias.
    """

    def __init__(self, config: GPTConfig, layer_idx: int) -> None:
        """Make the four matrices.

        Args:
            config: The sizes.
            layer_idx: Which layer this is, from 0 on: a cache keeps keys and values by layer.

        Raises:
            ValueError: If `n_embd` is no multiple of `n_head`, or `n_head` none of `n_kv_head`.
        """
        super().__init__()
        self.layer_idx = layer_idx
        self.n_head, self.n_kv_head = config.n_head, config.n_kv_head
        # TODO: refuse sizes that do not come out even, naming them. (4 lines)
        self.head_dim = config.n_embd // config.n_head
        # TODO: the four matrices: nn.Linear(inputs, outputs, bias=False). (5 lines)
        raise NotImplementedError

    def forward(
        self, x: torch.Tensor, cos_sin: tuple[torch.Tensor, torch.Tensor], kv_cache: Any = None
    ) -> torch.Tensor:
        """Project, turn, normalise, attend, and project back.

        Args:
            x: The normalised stream, `(B, T, C)`.
            cos_sin: The rotary tables of these `T` positions, each `(1, T, 1, D / 2)`.
            kv_cache: None, or an object whose `insert_kv(layer_idx, k, v)` keeps the new keys and
                values, `(B, Hkv, T, D)`, and gives back all there are, `(B, Hkv, Tk, D)`.

        Returns:
            What to add to the stream, `(B, T, C)`.
        """
        B, T, C = x.shape
        # TODO: queries, keys and values, cut into heads: (B, T, heads, D). (3 lines)
        # TODO: turn queries and keys, norm them; all three to (B, heads, T, D). (4 lines)
        # TODO: if there is a cache, k and v from its insert_kv; then Tk, the number of keys. (3 lines)
        # TODO: the mask: causal_mask(T, Tk, device=x.device), or None where T is 1 or Tk. (1 line)
        # TODO: F.scaled_dot_product_attention with enable_gqa, and is_causal only where T is Tk: a
        # single query behind a cache needs neither a mask nor is_causal. (3 lines)
        # TODO: the heads side by side again, (B, T, C), and through c_proj. (2 lines)
        raise NotImplementedError


def main() -> None:
    """Count the numbers in one layer. `python attention.py` runs this."""
    layer = CausalSelfAttention(GPTConfig(n_head=6, n_kv_head=2), layer_idx=0)
    for name, weight in layer.named_parameters():
        print(f"{name:15} {tuple(weight.shape)}")


if __name__ == "__main__":
    main()
