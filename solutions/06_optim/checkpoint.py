"""Your model and your optimizers, together: who steps with what, and the loop over both.

This check runs on your own files, wherever you have passed them.

Lesson: README.md, "Checkpoint". Source: nanochat, `gpt.py`, GPT.setup_optimizers;
`scripts/base_train.py`, the heart of the loop.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.optim.adamw import AdamW
from nanochat.optim.grad_accum import accumulate_gradients
from nanochat.optim.muon import Muon
from nanochat.optim.sharded import DistAdamW, DistMuon


def setup_optimizers(
    model: Any,
    unembedding_lr: float = 0.004,
    embedding_lr: float = 0.2,
    matrix_lr: float = 0.02,
    weight_decay: float = 0.0,
    comm: Any = None,
) -> list[torch.optim.Optimizer]:
    """Give every parameter of a model to one of two optimizers.

    AdamW gets `lm_head`, then `wte`, in a group each, with betas 0.8 and 0.95 and an eps of 1e-10.
    Muon gets all matrices of the blocks, `transformer.h`, with a momentum of 0.95.

    Args:
        model: A `GPT`.
        unembedding_lr: Learning rate of `lm_head` at a width of 768. A model of width C takes it
            times (C / 768)^-0.5: wide models take smaller steps.
        embedding_lr: That of `wte`, likewise.
        matrix_lr: That of Muon, at any width.
        weight_decay: That of AdamW.
        comm: None for one process; otherwise the ranks, and both optimizers are the sharded ones.

    Returns:
        AdamW and Muon. Each of their groups has an `initial_lr`, equal to its `lr`: a schedule
        changes `lr`, and has to know where it began.

    Raises:
        ValueError: If the model has a parameter that none of the three sets has. Nobody would ever
            train it. The message names every such parameter.
    """
    head = list(model.lm_head.parameters())
    embedding = list(model.transformer.wte.parameters())
    matrices = list(model.transformer.h.parameters())
    # the identity of a tensor, not its value: == compares numbers
    known = {id(p) for p in head + embedding + matrices}
    forgotten = [name for name, p in model.named_parameters() if id(p) not in known]
    if forgotten:
        raise ValueError(f"no optimizer would train {', '.join(forgotten)}")
    # logits are sums over the width: the wider, the smaller the steps
    scale = (model.config.n_embd / 768) ** -0.5
    groups = [
        {"params": head, "lr": unembedding_lr * scale},
        {"params": embedding, "lr": embedding_lr * scale},
    ]
    settings: dict[str, Any] = {"betas": (0.8, 0.95), "eps": 1e-10, "weight_decay": weight_decay}
    if comm is None:
        optimizers = [AdamW(groups, **settings), Muon(matrices, lr=matrix_lr, momentum=0.95)]
    else:
        optimizers = [
            DistAdamW(groups, **settings, comm=comm),
            DistMuon(matrices, lr=matrix_lr, momentum=0.95, comm=comm),
        ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def train(
    model: Any,
    optimizers: Iterable[torch.optim.Optimizer],
    batches: Iterable[Sequence[tuple[torch.Tensor, torch.Tensor]]],
) -> list[float]:
    """Take one step for each batch, with all optimizers.

    Args:
        model: A `GPT`; it is changed.
        optimizers: Those of `setup_optimizers`.
        batches: Each a list of micro-batches, as for `accumulate_gradients`.

    Returns:
        The loss of each batch, before its step. Afterwards no parameter has a gradient.
    """
    losses = []
    for micro_batches in batches:
        losses.append(accumulate_gradients(model, micro_batches)["loss"])
        for optimizer in optimizers:
            optimizer.step()
        # after the step, and before the next backward, which would add to what is there
        model.zero_grad(set_to_none=True)
    return losses


def main() -> None:
    """Learn ten digits of pi by heart, in three ways. `python checkpoint.py` runs this."""
    text = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]])
    batch = [(text[:, :-1], text[:, 1:])]
    ways = {
        "SGD": lambda model: [torch.optim.SGD(model.parameters(), lr=0.3)],
        "AdamW for everything": lambda model: [AdamW(model.parameters(), 0.01, weight_decay=0.0)],
        "AdamW and Muon": setup_optimizers,
    }
    for name, make in ways.items():
        torch.manual_seed(0)
        model = GPT(GPTConfig(16, 10, n_layer=1, n_head=2, n_kv_head=2, n_embd=32))
        model.init_weights()
        # the last loss is that of before step 31
        losses = train(model, make(model), [batch] * 31)
        print(f"{name:20}  {losses[-1]:.3f} after 30 steps")


if __name__ == "__main__":
    main()
