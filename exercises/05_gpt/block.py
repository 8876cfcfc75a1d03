"""A block: ask the others, then think for yourself, and add both to the stream.

Lesson: README.md, "The stream". Source: nanochat, `gpt.py`, MLP and Block.
"""

from typing import Any

import torch
import torch.nn.functional as F
from nanochat.gpt.attention import CausalSelfAttention, GPTConfig
from nanochat.gpt.norm import norm
from torch import nn


class MLP(nn.Module):
    """Two matrices with a bend between them, for each position by itself.

    Attributes:
        c_fc: Widens, `C -> 4 * C`.
        c_proj: Narrows again, `4 * C -> C`. Neither has a bias.
    """

    def __init__(self, config: GPTConfig) -> None:
        """Make the two matrices."""
        super().__init__()
        # TODO: two matrices without bias. (2 lines)
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Widen, keep the square of what is positive, narrow.

        Args:
            x: `(B, T, C)`.

        Returns:
            `(B, T, C)`.
        """
        # TODO: widen, bend, narrow. (3 lines)
        raise NotImplementedError


class Block(nn.Module):
    """One layer of a Transformer: attention and an MLP, both on a branch of the stream.

    Attributes:
        attn: Where positions exchange what they know.
        mlp: Where each position works on what it has.
    """

    def __init__(self, config: GPTConfig, layer_idx: int) -> None:
        """Make both branches; `layer_idx` is the attention's."""
        super().__init__()
        self.attn = CausalSelfAttention(config, layer_idx)
        self.mlp = MLP(config)

    def forward(
        self, x: torch.Tensor, cos_sin: tuple[torch.Tensor, torch.Tensor], kv_cache: Any = None
    ) -> torch.Tensor:
        """Add what attention finds, then what the MLP makes of the sum.

        Both branches read the normalised stream; the stream itself is never normalised here.

        Args:
            x: The stream, `(B, T, C)`. It is not changed in place.
            cos_sin: As for attention.
            kv_cache: As for attention.

        Returns:
            The stream after this layer, `(B, T, C)`.
        """
        # TODO: add what attention finds, then what the MLP makes of the sum. (2 lines)
        raise NotImplementedError


def main() -> None:
    """Show what the bend does. `python block.py` runs this."""
    x = torch.linspace(-2, 2, 5)
    print(x, F.relu(x).square())


if __name__ == "__main__":
    main()
