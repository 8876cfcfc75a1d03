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
    ids = tokenizer.encode(sentence, prepend="<|bos|>")
    # n + 1 ids are one row of n: the loader of stage 4 cuts inputs and targets, one step apart
    return next(batches(ids, 1, len(ids) - 1))


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
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)
    losses = []
    for _ in range(steps):
        loss = model(x, y)
        losses.append(loss.item())
        # gradients add up: without this, each step would repeat all earlier ones
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


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
    ids = tokenizer.encode(start, prepend="<|bos|>")
    for _ in range(num_tokens):
        with torch.no_grad():
            logits = model(torch.tensor([ids]))  # (1, T, V)
        # only the last position knows everything so far
        ids.append(int(logits[0, -1].argmax()))
    return tokenizer.decode(ids[1:])


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
