"""The whole model: tokens in, for each position a score of every token that might come next.

Lesson: README.md, "The whole". Source: nanochat, `gpt.py`, GPT.
"""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.block import Block
from nanochat.gpt.init import estimate_flops, init_weights
from nanochat.gpt.norm import norm
from nanochat.gpt.rotary import rotary_tables
from torch import nn

SOFTCAP = 15.0  # no logit gets beyond it, on either side


class GPT(nn.Module):
    """A language model.

    Attributes:
        config: Its sizes.
        transformer: `wte`, the table of token vectors `(V, C)`, and `h`, the list of blocks.
        lm_head: From the stream to logits, `C -> V`. Its weight is not that of `wte`.
        cos: Rotary tables for ten times `sequence_len` positions. They are buffers: they go where
            the model goes, but nobody trains them, and they are not part of the state dict.
        sin: Likewise.
    """

    def __init__(self, config: GPTConfig) -> None:
        """Make all parts, in the order wte, h, lm_head: `init_weights` draws in that order."""
        super().__init__()
        self.config = config
        # TODO: wte and h in an nn.ModuleDict called transformer, and lm_head. (4 lines)
        # a chat goes on after the longest training sequence; the tables are small, so there is room
        self.rotary_seq_len = 10 * config.sequence_len
        # TODO: the rotary tables as two buffers that are not saved: self.register_buffer. (3 lines)
        raise NotImplementedError

    def forward(
        self,
        idx: torch.Tensor,
        targets: torch.Tensor | None = None,
        kv_cache: Any = None,
        loss_reduction: str = "mean",
    ) -> torch.Tensor:
        """Give the logits, or, if the right answers are given, the loss.

        Args:
            idx: Token ids `(B, T)`, int64 or int32.
            targets: The token that follows at each position, `(B, T)` int64, -1 where it does not
                count; None for logits.
            kv_cache: None, or an object with `get_pos()`, the number of positions it holds, and
                `insert_kv`, as for attention.
            loss_reduction: `"mean"` over the positions that count, `"sum"`, or `"none"`.

        Returns:
            Logits `(B, T, V)`, between -15 and 15; or the loss, a number, or `(B * T,)` if it is
            not reduced. Both in float32. The mean is NaN if no position counts.

        Raises:
            IndexError: If an id is not in the vocabulary.
            ValueError: If `idx` is not `(B, T)`, if the targets have another shape, or if there are
                more positions than the rotary tables have.
        """
        start = 0 if kv_cache is None else kv_cache.get_pos()
        self._require(idx, targets, start)
        # TODO: the rows of both tables for these positions, from start on. (2 lines)
        # TODO: self._embed(idx), norm; all blocks; norm, lm_head; the cap; float(). (6 lines)
        # TODO: the logits, or F.cross_entropy of them and the targets, both flat. (4 lines)
        raise NotImplementedError

    def _require(self, idx: torch.Tensor, targets: torch.Tensor | None, start: int) -> None:
        """Refuse shapes and lengths that would give a riddle, or nonsense, further inside."""
        if idx.dim() != 2:
            raise ValueError(f"token ids have the shape (B, T), not {tuple(idx.shape)}")
        if targets is not None and targets.shape != idx.shape:
            shapes = f"{tuple(targets.shape)}, not {tuple(idx.shape)}"
            raise ValueError(f"there is one target for each token: the shape is {shapes}")
        if start + idx.size(1) > self.cos.size(1):
            asked = f"{idx.size(1)} tokens from position {start} on"
            room = f"the rotary tables end at {self.cos.size(1)}, 10 times sequence_len"
            raise ValueError(f"{asked}, but {room}: give fewer tokens or a larger sequence_len")

    def _embed(self, idx: torch.Tensor) -> torch.Tensor:
        """Look up the vectors of the tokens, `(B, T, C)`; IndexError says which id is unknown."""
        try:
            return self.transformer.wte(idx)
        except IndexError as error:
            found = f"from {int(idx.min())} to {int(idx.max())}"
            last = self.config.vocab_size - 1
            raise IndexError(f"token ids go from 0 to {last}, these {found}") from error

    def init_weights(self) -> None:
        """Give the model its first weights; after `to_empty`, the tables as well."""
        init_weights(self)

    def estimate_flops(self) -> int:
        """Estimate the arithmetic of training on one token."""
        return estimate_flops(self.config)

    def get_device(self) -> torch.device:
        """Say where the weights are."""
        return self.transformer.wte.weight.device

    @torch.inference_mode()
    def generate(
        self,
        tokens: list[int],
        max_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int = 42,
    ) -> Iterator[int]:
        """Go on after `tokens`, one token at a time. Stage 11 does the same, much faster.

        Args:
            tokens: The beginning, at least one id.
            max_tokens: How many to add.
            temperature: 0 takes the likeliest token; 1 draws by the probabilities as they are.
            top_k: Draw among this many of the likeliest; None or 0 for all.
            seed: Of the drawing.

        Yields:
            The next token.
        """
        generator = torch.Generator(device=self.get_device()).manual_seed(seed)
        ids = torch.tensor([tokens], dtype=torch.long, device=self.get_device())  # (1, T)
        for _ in range(max_tokens):
            logits = self(ids)[:, -1]  # (1, V): what follows the last token
            if top_k:
                kth = logits.topk(min(top_k, logits.size(-1))).values[:, -1:]  # (1, 1)
                logits = logits.masked_fill(logits < kth, -torch.inf)
            if temperature > 0:
                weights = torch.softmax(logits / temperature, dim=-1)
                chosen = torch.multinomial(weights, 1, generator=generator)  # (1, 1)
            else:
                chosen = logits.argmax(dim=-1, keepdim=True)  # (1, 1)
            ids = torch.cat([ids, chosen], dim=1)
            yield int(chosen)


def main() -> None:
    """Ask an untrained model. `python gpt.py` runs this."""
    model = GPT(
        GPTConfig(sequence_len=16, vocab_size=65, n_layer=2, n_head=4, n_kv_head=2, n_embd=32)
    )
    model.init_weights()
    idx = torch.arange(8)[None]
    print(model(idx).shape, model(idx, idx))


if __name__ == "__main__":
    main()
