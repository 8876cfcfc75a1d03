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
        if config.n_embd % config.n_head:
            raise ValueError(f"n_embd {config.n_embd} is no multiple of n_head {config.n_head}")
        if config.n_head % config.n_kv_head:
            raise ValueError(
                f"n_head {config.n_head} is no multiple of n_kv_head {config.n_kv_head}"
            )
        self.head_dim = config.n_embd // config.n_head
        C, D = config.n_embd, self.head_dim
        self.c_q = nn.Linear(C, self.n_head * D, bias=False)
        # fewer heads answer than ask: that makes the cache of stage 11 smaller
        self.c_k = nn.Linear(C, self.n_kv_head * D, bias=False)
        self.c_v = nn.Linear(C, self.n_kv_head * D, bias=False)
        self.c_proj = nn.Linear(C, C, bias=False)

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
        # cut the width into heads while it is the last axis; only then may axes change places
        q = self.c_q(x).view(B, T, self.n_head, self.head_dim)  # (B, T, H, D)
        k = self.c_k(x).view(B, T, self.n_kv_head, self.head_dim)  # (B, T, Hkv, D)
        v = self.c_v(x).view(B, T, self.n_kv_head, self.head_dim)  # (B, T, Hkv, D)
        # position goes into queries and keys: they decide who looks where. Values are what is seen
        cos, sin = cos_sin
        q, k = apply_rotary_emb(q, cos, sin), apply_rotary_emb(k, cos, sin)
        # scores of vectors of one length cannot run away during training
        q, k = norm(q), norm(k)
        # each head works by itself, like an item of the batch
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # (B, H or Hkv, T, D)
        if kv_cache is not None:
            k, v = kv_cache.insert_kv(self.layer_idx, k, v)  # (B, Hkv, Tk, D)
        Tk = k.size(2)
        # is_causal counts from the first key, so behind a cache we need a mask of our own; a single
        # query is the last position, and sees everything
        mask = None if T in {1, Tk} else causal_mask(T, Tk, device=x.device)
        y = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=Tk == T, enable_gqa=self.n_head != self.n_kv_head
        )  # (B, H, T, D)
        # back to one vector per position: the heads side by side. transpose only changes how the
        # numbers are read; contiguous moves them, and only then does view read them in that order
        y = y.transpose(1, 2).contiguous().view(B, T, C)  # (B, T, C)
        return self.c_proj(y)


def main() -> None:
    """Count the numbers in one layer. `python attention.py` runs this."""
    layer = CausalSelfAttention(GPTConfig(n_head=6, n_kv_head=2), layer_idx=0)
    for name, weight in layer.named_parameters():
        print(f"{name:15} {tuple(weight.shape)}")


if __name__ == "__main__":
    main()
