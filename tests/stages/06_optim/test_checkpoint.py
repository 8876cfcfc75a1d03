"""Check of 06_optim/checkpoint. It runs on the learner's own files, wherever they passed."""

import torch
from kit.comm import run_threads
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.optim.adamw import AdamW
from nanochat.optim.checkpoint import setup_optimizers, train
from nanochat.optim.muon import Muon
from nanochat.optim.sharded import DistAdamW, DistMuon

from nanolab.expect import attempt, close, equal

# The ten digits of pi behind the first 3. 1 and 3 and 5 come twice, each time before something else:
# who looks at the last digit only cannot know them by heart.
PI = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]])
DIGITS = [(PI[:, :-1], PI[:, 1:])]


def made(seed=0, width=32):
    """A model of 13,000 weights."""
    torch.manual_seed(seed)
    model = GPT(GPTConfig(16, 10, n_layer=1, n_head=2, n_kv_head=2, n_embd=width))
    model.init_weights()
    return model


def named(model, optimizer):
    """For each group of an optimizer the names of its parameters."""
    names = {id(p): name for name, p in model.named_parameters()}
    return [[names[id(p)] for p in group["params"]] for group in optimizer.param_groups]


def test_every_parameter_has_one_optimizer():
    """lm_head and wte go to AdamW, the matrices of the blocks to Muon, nothing to both.

    Kills all_to_adamw, head_to_muon, forgets_embedding, first_block_only, order_swapped and
    groups_swapped.
    """
    model = made()
    found = setup_optimizers(model)
    kinds = [type(one).__name__ for one in found]
    equal(kinds, ["AdamW", "Muon"], "two optimizers, AdamW first")
    message = "AdamW has two groups: lm_head, then wte"
    equal(named(model, found[0]), [["lm_head.weight"], ["transformer.wte.weight"]], message)
    blocks = [name for name, _ in model.named_parameters() if name.startswith("transformer.h.")]
    message = "Muon has all matrices of the blocks, in one group"
    equal([sorted(one) for one in named(model, found[1])], [sorted(blocks)], message)
    assert isinstance(found[0], AdamW), "that is another AdamW than yours"
    assert isinstance(found[1], Muon), "that is another Muon than yours"


def test_learning_rates_know_the_width():
    """AdamW's rates shrink with the root of the width; Muon's does not. All remember their start.

    Kills rates_swapped, no_scale, scale_inverted, scale_without_root, scales_muon, torch_settings,
    no_initial_lr and initial_lr_unscaled.
    """
    for width, scale in ((192, 2.0), (768, 1.0)):
        adamw, muon = setup_optimizers(made(width=width), weight_decay=0.25)
        rates = [group["lr"] for group in adamw.param_groups]
        message = f"width {width}: 0.004 and 0.2 times ({width} / 768)^-0.5 = {scale}"
        close(rates, [0.004 * scale, 0.2 * scale], message, atol=1e-9)
        equal(muon.param_groups[0]["lr"], 0.02, "Muon's rate is the same at every width")
        for group in adamw.param_groups + muon.param_groups:
            message = "a schedule multiplies initial_lr, so every group must have it, equal to lr"
            equal(group.get("initial_lr"), group["lr"], message)
        for group in adamw.param_groups:
            found = [tuple(group["betas"]), group["eps"], group["weight_decay"]]
            equal(found, [(0.8, 0.95), 1e-10, 0.25], "betas, eps and weight decay are nanochat's")
        equal(muon.param_groups[0]["momentum"], 0.95, "the momentum is 0.95")
    adamw, muon = setup_optimizers(made(width=192), 1.0, 2.0, 3.0)
    rates = [group["lr"] for group in adamw.param_groups + muon.param_groups]
    close(rates, [2.0, 4.0, 3.0], "unembedding, embedding, matrices: the rates that were asked for")


def test_a_parameter_that_nobody_trains_is_an_error():
    """A new part of the model, in none of the three sets, is refused, and all of it named.

    Kills forgets_quietly and names_only_one.
    """
    model = made()
    model.value_head = torch.nn.Linear(32, 1)
    try:
        setup_optimizers(model)
        said = "nothing"
    except ValueError as error:
        said = str(error)
    for name in ("value_head.weight", "value_head.bias"):
        message = f"{name} would never be trained: a ValueError should name it; it said: {said}"
        assert name in said, message


def test_a_step_for_each_batch():
    """Every batch: accumulate, step with all, clear.

    Kills first_optimizer_only, never_clears, clears_to_zero, steps_per_micro_batch, loss_after and
    last_micro_batch.
    """
    model = made()
    # logits of 0 would make all losses the same
    torch.nn.init.normal_(model.lm_head.weight)
    optimizers = setup_optimizers(model)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    quarters = [
        (x, y) for x, y in zip(PI[:, :8].reshape(4, 2), PI[:, 1:9].reshape(4, 2), strict=True)
    ]
    batch = [(x[None], y[None]) for x, y in quarters]
    first = model(PI[:, :8].reshape(4, 2), PI[:, 1:9].reshape(4, 2)).item()
    losses = train(model, optimizers, [batch] * 3)
    equal(len(losses), 3, "one loss for each batch")
    close(losses[0], first, "the loss is that of before the step, of the whole batch", atol=1e-5)
    steps = {int(state["step"]) for state in optimizers[0].state.values()}
    equal(steps, {3}, "three batches are three steps, however many pieces they are in")
    for name, p in model.named_parameters():
        assert not torch.equal(p.detach(), before[name]), f"{name} has not moved in three steps"
        assert p.grad is None, f"{name} has a gradient left, which the next batch would add to"


def test_ten_digits_by_heart():
    """30 steps, and the model knows ten digits of pi, better than SGD with either of two rates.

    Kills what the others kill, where it matters: Muon or AdamW not stepping, gradients kept.
    """
    seed = int(torch.randint(10, ()))
    model = made(seed)
    ours = train(model, setup_optimizers(model), [DIGITS] * 31)
    plain = []
    for lr in (0.3, 1.0):
        model = made(seed)
        sgd = torch.optim.SGD(model.parameters(), lr=lr)
        plain.append(train(model, [sgd], [DIGITS] * 31)[-1])
    message = f"your loss went from {ours[0]:.3f} to {ours[-1]:.3f}; below 0.02 is to be expected"
    assert ours[-1] < 0.02, message
    message = f"plain SGD came to {min(plain):.4f}, and you only to {ours[-1]:.4f}"
    assert ours[-1] < min(plain), message


def test_two_ranks_train_one_model():
    """With a comm, two ranks with half of the batch each end where one process ends.

    Kills comm_ignored and half_sharded.
    """
    x, y = PI[:, :8].reshape(2, 4), PI[:, 1:9].reshape(2, 4)
    model = made()
    train(model, setup_optimizers(model), [[(x, y)]] * 3)
    models = [made() for _ in range(2)]

    def rank(comm):
        mine = models[comm.rank]
        optimizers = setup_optimizers(mine, comm=comm)
        half = [(x[comm.rank, None], y[comm.rank, None])]
        train(mine, optimizers, [[*half]] * 3)
        return [type(one) for one in optimizers]

    kinds = run_threads(rank, 2)[0]
    equal(kinds, [DistAdamW, DistMuon], "with a comm, both optimizers are the sharded ones")
    for one in models:
        for (name, p), q in zip(one.named_parameters(), model.parameters(), strict=True):
            off = ((p - q).norm() / q.norm()).item()
            message = f"{name}: two ranks are {off:.1%} away from one process with the whole batch"
            assert off < 0.08, message  # bfloat16 alone makes 2 %


def probe(module):
    """Groups and their settings, refusals, losses, and what is left in the gradients."""

    def facts(optimizers, model):
        keys = ("lr", "initial_lr", "betas", "eps", "weight_decay", "momentum")
        return [
            (
                type(one).__name__,
                named(model, one),
                [[g.get(k) for k in keys] for g in one.param_groups],
            )
            for one in optimizers
        ]

    def settled(*rates, extra=False, **settings):
        model = made()
        if extra:
            model.extra = torch.nn.Linear(2, 2)
        return facts(module.setup_optimizers(model, *rates, **settings), model)

    def named_in_refusal():
        model = made()
        model.extra = torch.nn.Linear(2, 2)
        try:
            module.setup_optimizers(model)
        except ValueError as error:
            return [name in str(error) for name in ("extra.weight", "extra.bias")]
        return []

    def trained():
        model = made()
        optimizers = setup_optimizers(model)
        losses = module.train(model, optimizers, [DIGITS, [*DIGITS, (PI[:, :5], PI[:, 1:6])]])
        moved = [p.detach().sum().item() for p in model.parameters()]
        left = [p.grad is None for p in model.parameters()]
        return losses, moved, left, sorted(int(s["step"]) for s in optimizers[0].state.values())

    def sharded():
        kinds = run_threads(lambda comm: settled(comm=comm), 2)[0]
        return [kind for kind, _, _ in kinds]

    return (
        [attempt(settled), attempt(settled, 1.0, 2.0, 3.0, 0.5), attempt(settled, extra=True)],
        attempt(named_in_refusal),
        attempt(trained),
        attempt(sharded),
    )
