"""Wrong answers to 06_optim/checkpoint."""

from nanolab.wrongs import wrong

_HEAD = "head = list(model.lm_head.parameters())"
_MATRICES = "matrices = list(model.transformer.h.parameters())"
_FORGOTTEN = "    if forgotten:\n"
_SCALE = "scale = (model.config.n_embd / 768) ** -0.5"
_GROUPS = """        {"params": head, "lr": unembedding_lr * scale},
        {"params": embedding, "lr": embedding_lr * scale},
"""
_SETTINGS = '{"betas": (0.8, 0.95), "eps": 1e-10, "weight_decay": weight_decay}'
_ALONE = "optimizers = [AdamW(groups, **settings), Muon(matrices, lr=matrix_lr, momentum=0.95)]"
_NONE = "if comm is None:"
_DIST = "DistMuon(matrices, lr=matrix_lr, momentum=0.95, comm=comm),"
_INITIAL = 'group["initial_lr"] = group["lr"]'
_RETURN = "    return optimizers\n"
_LOSS = 'losses.append(accumulate_gradients(model, micro_batches)["loss"])'
_STEP = """        for optimizer in optimizers:
            optimizer.step()
"""
_CLEAR = "        model.zero_grad(set_to_none=True)\n"

WRONGS = [
    wrong(
        "all_to_adamw",
        "gives the matrices to AdamW as well, so that each has two optimizers",
        (_GROUPS, f'{_GROUPS}        {{"params": matrices, "lr": matrix_lr}},\n'),
    ),
    wrong(
        "head_to_muon",
        "gives lm_head to Muon: it has two axes, but it is no map inside the model",
        (_MATRICES, f"{_MATRICES} + head"),
        ('        {"params": head, "lr": unembedding_lr * scale},\n', ""),
    ),
    wrong(
        "forgets_embedding",
        "gives the embedding to nobody",
        ('        {"params": embedding, "lr": embedding_lr * scale},\n', ""),
    ),
    wrong(
        "first_block_only",
        "gives only the first matrices of the block to Muon",
        (_ALONE, _ALONE.replace("Muon(matrices", "Muon(matrices[:2]")),
    ),
    wrong("order_swapped", "returns Muon before AdamW", (_RETURN, "    return optimizers[::-1]\n")),
    wrong(
        "groups_swapped",
        "puts the embedding before lm_head",
        ('        {"params": head, "lr": unembedding_lr * scale},\n', ""),
        (
            '        {"params": embedding, "lr": embedding_lr * scale},\n',
            '        {"params": embedding, "lr": embedding_lr * scale},\n        {"params": head, "lr": unembedding_lr * scale},\n',
        ),
    ),
    wrong(
        "rates_swapped",
        "gives each table the learning rate of the other",
        (
            _GROUPS,
            _GROUPS.replace("unembedding_lr", "?")
            .replace("embedding_lr", "unembedding_lr")
            .replace("?", "embedding_lr"),
        ),
    ),
    wrong("no_scale", "takes the same learning rates at every width", (_SCALE, "scale = 1.0")),
    wrong(
        "scale_inverted",
        "lets wide models take larger steps",
        (_SCALE, "scale = (model.config.n_embd / 768) ** 0.5"),
    ),
    wrong(
        "scale_without_root",
        "scales by the width, without the root",
        (_SCALE, "scale = 768 / model.config.n_embd"),
    ),
    wrong(
        "scales_muon",
        "scales Muon's learning rate with the width, too",
        (_ALONE, _ALONE.replace("lr=matrix_lr", "lr=matrix_lr * scale")),
    ),
    wrong(
        "torch_settings",
        "leaves betas, eps and weight decay as they are by default",
        (_SETTINGS, "{}"),
    ),
    wrong("no_initial_lr", "does not remember where the learning rates began", (_INITIAL, "pass")),
    wrong(
        "initial_lr_unscaled",
        "remembers learning rates from before they were scaled",
        (_INITIAL, 'group["initial_lr"] = group["lr"] / scale'),
    ),
    wrong(
        "forgets_quietly",
        "leaves new parts of the model untrained without a word",
        (_FORGOTTEN, "    if False:\n"),
    ),
    wrong(
        "names_only_one",
        "names only the first of the parameters that nobody would train",
        ("{', '.join(forgotten)}", "{forgotten[0]}"),
    ),
    wrong("comm_ignored", "does not shard when there are ranks", (_NONE, "if True:")),
    wrong(
        "half_sharded", "shards AdamW only", (_DIST, "Muon(matrices, lr=matrix_lr, momentum=0.95),")
    ),
    wrong(
        "first_optimizer_only",
        "steps with the first optimizer only",
        (_STEP, _STEP.replace("in optimizers", "in list(optimizers)[:1]")),
    ),
    wrong(
        "never_clears",
        "never clears the gradients, so that each step repeats all earlier ones",
        (_CLEAR, ""),
    ),
    wrong(
        "clears_to_zero",
        "leaves gradients of zeros behind",
        (_CLEAR, "        model.zero_grad(set_to_none=False)\n"),
    ),
    wrong(
        "steps_per_micro_batch",
        "takes a step for each micro-batch",
        (
            '        losses.append(accumulate_gradients(model, micro_batches)["loss"])\n',
            '        found = []\n        for one in micro_batches:\n            found.append(accumulate_gradients(model, [one])["loss"])\n            for optimizer in optimizers:\n                optimizer.step()\n            model.zero_grad()\n        losses.append(sum(found) / len(found))\n',
        ),
        (_STEP, ""),
    ),
    wrong(
        "loss_after",
        "gives the loss of after the step",
        (_LOSS, "accumulate_gradients(model, micro_batches)"),
        (
            _CLEAR,
            f'{_CLEAR}        losses.append(accumulate_gradients(model, micro_batches)["loss"])\n{_CLEAR}',
        ),
    ),
    wrong(
        "last_micro_batch",
        "takes the gradient of the last micro-batch only",
        (_LOSS, _LOSS.replace("micro_batches)", "micro_batches[-1:])")),
    ),
]
