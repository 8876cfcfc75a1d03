"""Learning by heart: the loss, step by step, and what the model says on the way."""

import math

import torch
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.tokenizer.tokenizer import RustBPETokenizer
from rich.console import Group
from rich.text import Text

SENTENCE = "the hen sat on the mat and ate the oats"
EACH = 10
ROUNDS = 6
BAR = 40


def show(module, reference):
    """A bar for the loss after every ten steps, and the recitation beside it."""
    del reference
    tokenizer = RustBPETokenizer.train_from_iterator([SENTENCE], 300)
    x, y = module.make_batch(tokenizer, SENTENCE)
    torch.manual_seed(0)
    sizes = GPTConfig(16, tokenizer.get_vocab_size(), n_layer=2, n_head=4, n_kv_head=2, n_embd=32)
    model = GPT(sizes)
    model.init_weights()
    first = math.log(sizes.vocab_size)
    lines = [
        Text(f"{x.numel()} tokens, a vocabulary of {sizes.vocab_size}: ln V is {first:.2f}", "bold")
    ]
    for done in range(ROUNDS + 1):
        if done:
            module.overfit(model, x, y, steps=EACH)
        with torch.no_grad():
            loss = float(model(x, y))
        said = module.recite(model, tokenizer, "", x.numel())
        said = (
            said if said.isprintable() else "(ten times the byte 0: all tokens are equally likely)"
        )
        bar = "█" * round(BAR * min(1.0, loss / first))
        lines.append(Text(f"{done * EACH:>4} {loss:6.3f} ").append(bar, "cyan"))
        lines.append(Text(" " * 12 + said, "green" if said == SENTENCE else "dim"))
    return Group(*lines)
