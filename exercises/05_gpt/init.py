"""How many numbers a model has, what they cost, and how they begin.

Lesson: README.md, "Count before you allocate" and "The first step".
Source: nanochat, `gpt.py`, GPT.init_weights and GPT.estimate_flops; Chowdhery et al. 2022 (FLOPs).
"""

import math

import torch
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.rotary import rotary_tables
from torch import nn


def config_from_depth(depth: int, vocab_size: int = 65536, sequence_len: int = 2048) -> GPTConfig:
    """Make a whole model out of one number, as nanochat's training does.

    The stream is `64 * depth` wide, and there are as few heads as keep each within a width of 128.
    All heads have keys of their own.

    Args:
        depth: `L`, at least 1.
        vocab_size: `V`.
        sequence_len: `T`.

    Raises:
        ValueError: If the depth is below 1; or if the heads do not come out even: the width of
            depth 5 is 320, and 320 cannot be cut into 3. The message names the depth.
    """
    # TODO: refuse what cannot be; width and heads, rounded up; a GPTConfig. (7 lines)
    raise NotImplementedError


def count_params(config: GPTConfig) -> int:
    """Count a model's weights by formula, without making one.

    Two tables of `V * C`, one for each end; and in every layer queries `C * C`, keys and values
    `C * Hkv * D` each, the projection `C * C`, and the MLP's `4 * C * C` twice.
    """
    # TODO: the weights of one layer, then of all, and both tables. (4 lines)
    raise NotImplementedError


def estimate_flops(config: GPTConfig) -> int:
    """Estimate the arithmetic of training on one token.

    Every weight is used in a multiplication and an addition on the way forward, and twice as much
    on the way back: 6 per weight. The embedding is looked up, not multiplied, and costs nothing.
    Scores and mixing multiply no weights; they add `12 * H * D * T` per layer.
    """
    # TODO: 6 for each weight but the embedding's, and attention's own part. (2 lines)
    raise NotImplementedError


def init_weights(model: nn.Module, generator: torch.Generator | None = None) -> None:
    """Give a model its first weights, in place.

    A matrix gets normal numbers with a standard deviation of `1 / sqrt(fan_in)`, times
    `sqrt(fan_out / fan_in)` where that is below 1. The embedding gets a standard deviation of 1.
    Then `lm_head` and every `c_proj` become zero: at first no block says anything, and every token
    is equally likely. The rotary tables are computed anew, since a model that was made on the meta
    device has none.

    Each weight is one draw, in the order of `model.modules()`: `wte`, then `c_q`, `c_k`, `c_v`,
    `c_proj`, `c_fc`, `c_proj` of each layer, and `lm_head`. What becomes zero is drawn all the
    same, so that one seed gives the same model as in nanochat.

    Args:
        model: A `GPT`, or anything that is built like one: `config`, `transformer.wte`,
            `transformer.h` with blocks, `lm_head`, and the buffers `cos` and `sin`.
        generator: Where the random numbers come from; None for torch's own.
    """
    # TODO: draw the weights of every nn.Linear and nn.Embedding in model.modules(). (7 lines)
    # TODO: zero lm_head, and both c_proj of every block. (4 lines)
    # TODO: compute model.cos and model.sin anew, of the same length as before. (2 or 3 lines)
    wte = model.transformer.wte
    # on a GPU the embedding may be half as large; rounding its numbers does no harm
    if wte.weight.device.type == "cuda":
        wte.to(dtype=torch.bfloat16)
    raise NotImplementedError


def main() -> None:
    """Show how models grow. `python init.py` runs this."""
    for depth in (4, 12, 20, 32):
        config = config_from_depth(depth)
        print(f"d{depth}: {count_params(config):,} weights, {estimate_flops(config):.3g} FLOPs")


if __name__ == "__main__":
    main()
