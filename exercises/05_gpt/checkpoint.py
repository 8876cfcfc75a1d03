"""Everything so far, on one sentence: your tokenizer, your batches, your model, and a loop.

This check runs on your own files, wherever you have passed them.

Lesson: README.md, "Checkpoint". Source: nanochat, `scripts/base_train.py`, the heart of the loop.
"""

from typing import Any

import torch
from nanochat.dataloader.batches import batches
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.tokenizer.tokenizer import RustBPETokenizer


def make_batch(tokenizer: Any, sentence: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Make one row of training data of a sentence.

    Args:
        tokenizer: Has `encode(text, prepend=...)` and `get_bos_token_id()`.
        sentence: Any text that is not empty.

    Returns:
        Inputs and targets, both `(1, n)` int64 for a sentence of `n` tokens, not counting
        `<|bos|>`. The inputs begin with `<|bos|>`, and lack the last token; the target of each is
        the token after it.

    Raises:
        ValueError: If the sentence is empty: `batches` refuses a row of nothing.
    """
    # TODO: the ids of the sentence; let `batches` cut one row out of all of them. (2 lines)
    raise NotImplementedError


def overfit(
    model: Any, x: torch.Tensor, y: torch.Tensor, steps: int = 60, lr: float = 0.01
) -> list[float]:
    """Train a model on one batch, again and again, by `torch.optim.AdamW` without weight decay.

    Args:
        model: A `GPT`; it is changed.
        x: Inputs `(B, T)`.
        y: Targets `(B, T)`.
        steps: How often to step.
        lr: The learning rate.

    Returns:
        The loss before each step, so the first one is that of the untrained model.
    """
    # TODO: an optimizer; then, again and again: loss, note it, zero_grad, backward, step. (9 lines)
    raise NotImplementedError


def recite(model: Any, tokenizer: Any, start: str, num_tokens: int) -> str:
    """Let a model go on after the beginning of a text, the likeliest token each time.

    Args:
        model: A `GPT`, or anything else that has its `get_device()` and gives logits when called.
        tokenizer: The one it was trained with.
        start: The beginning; it may be empty, since `<|bos|>` stands in front.
        num_tokens: How many tokens to add.

    Returns:
        The beginning and what follows, as text, without the `<|bos|>` in front.
    """
    # TODO: ids of the start; again and again the likeliest after the last; back to text. (6 lines)
    raise NotImplementedError


def main() -> None:
    """Learn one sentence by heart. `python checkpoint.py` runs this."""
    sentence = "the hen sat on the mat and ate the oats"
    tokenizer = RustBPETokenizer.train_from_iterator([sentence], 300)
    sizes = GPTConfig(16, tokenizer.get_vocab_size(), n_layer=2, n_head=4, n_kv_head=2, n_embd=32)
    model = GPT(sizes)
    model.init_weights()
    losses = overfit(model, *make_batch(tokenizer, sentence))
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
    print(recite(model, tokenizer, "the hen", 8))


if __name__ == "__main__":
    main()
