"""Check of 06_optim/adamw."""

import copy

import torch
from nanochat.optim.adamw import AdamW, with_gradients

from nanolab.expect import attempt, close, equal

SETTINGS = {"lr": 1e-2, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}


def parameters(*shapes):
    """Parameters of these shapes in float64, drawn from the check's seed."""
    return [torch.randn(shape, dtype=torch.float64).requires_grad_() for shape in shapes]


def twins(params):
    """The same parameters once more, for another optimizer."""
    return [p.detach().clone().requires_grad_() for p in params]


def give_gradients(*lists):
    """The same random gradient for each parameter of all the lists."""
    for several in zip(*lists, strict=True):
        g = torch.randn_like(several[0])
        for p in several:
            p.grad = g.clone()


def compare(ours, theirs, message, atol=1e-12):
    for p, q in zip(ours, theirs, strict=True):
        close(p.detach(), q.detach(), message, atol=atol)


def test_one_group_takes_torchs_steps():
    """Three steps with one group are those of torch.optim.AdamW.

    Kills graph, ones, counts_once, shared_means, forgets, step_of_0 and clears_gradients.
    """
    ours = parameters((3, 4), (4,))
    theirs = twins(ours)
    mine, torchs = AdamW(iter(ours), **SETTINGS), torch.optim.AdamW(theirs, **SETTINGS)
    for step in range(1, 4):
        give_gradients(ours, theirs)
        gradients = [p.grad.clone() for p in ours]
        mine.step()
        torchs.step()
        compare(ours, theirs, f"after step {step} the weights are not where torch has them")
        assert all(p.grad is not None for p in ours), "a step threw the gradients away"
        compare([p.grad for p in ours], gradients, "a step must leave the gradients as they are")
    ours_by_default = AdamW(ours).defaults
    torchs_by_default = {name: torch.optim.AdamW(ours).defaults[name] for name in ours_by_default}
    equal(ours_by_default, torchs_by_default, "what nobody says is as in torch.optim.AdamW")
    entries = {name: tuple(x.shape) for name, x in mine.state[ours[0]].items() if name != "step"}
    equal(
        entries,
        {"exp_avg": (3, 4), "exp_avg_sq": (3, 4)},
        "self.state[p] holds the two running means",
    )
    equal(int(mine.state[ours[0]]["step"]), 3, "three steps have been taken")


def test_every_group_has_its_own_settings():
    """What a group says goes before the defaults, and a schedule may change it any time.

    Kills lr_of_defaults, lr_at_birth, first_group, only_one_group and betas_of_defaults.
    """
    ours = parameters((2, 3), (5,), (4,))
    theirs = twins(ours)
    own = [{"lr": 0.1}, {"betas": (0.5, 0.9), "eps": 1e-2}, {"weight_decay": 0.5}]

    def made(kind, params):
        groups = [{"params": [p], **more} for p, more in zip(params, own, strict=True)]
        return kind(groups, **SETTINGS)

    optimizers = made(AdamW, ours), made(torch.optim.AdamW, theirs)
    for lr in (0.3, 0.02, 0.004):
        give_gradients(ours, theirs)
        for optimizer in optimizers:
            optimizer.step()
        compare(ours, theirs, "each group's own lr, betas, eps and weight_decay count at each step")
        for optimizer in optimizers:
            optimizer.param_groups[1]["lr"] = lr


def test_a_parameter_without_gradient_waits():
    """No gradient, no step: not even a step that is counted, and no decay.

    Kills one_counter, none_is_zero and crashes_on_none.
    """
    ours = parameters((3,), (3,))
    theirs = twins(ours)
    idle = torch.ones(2, dtype=torch.float64, requires_grad=True)
    mine, torchs = AdamW([*ours, idle], **SETTINGS), torch.optim.AdamW(theirs, **SETTINGS)
    for step in range(1, 6):
        give_gradients(ours, theirs)
        if step % 2 == 0:
            ours[1].grad = theirs[1].grad = None
        mine.step()
        torchs.step()
        message = "a parameter had no gradient in steps 2 and 4: those are not its steps"
        compare(ours, theirs, message)
    equal(idle.tolist(), [1.0, 1.0], "a parameter that never had a gradient has not even decayed")


def saved_and_loaded(first):
    """Two steps with an optimizer, two with AdamW that loaded its state; and four with torch's."""
    ours = parameters((3, 2), (2,))
    theirs = twins(ours)
    begun, torchs = first(ours, **SETTINGS), torch.optim.AdamW(theirs, **SETTINGS)
    for _ in range(2):
        give_gradients(ours, theirs)
        begun.step()
        torchs.step()
    resumed = AdamW(ours, lr=99.0)
    resumed.load_state_dict(begun.state_dict())
    for _ in range(2):
        give_gradients(ours, theirs)
        resumed.step()
        torchs.step()
    return ours, theirs


def test_a_saved_state_goes_on():
    """Save after two steps, load into a new optimizer: it goes on as if nothing had happened.

    Kills list_beside.
    """
    ours, theirs = saved_and_loaded(AdamW)
    message = "your AdamW was saved after step 2; a new one loaded it, and went on differently"
    compare(ours, theirs, message)


def test_a_state_of_torch_can_be_loaded():
    """A checkpoint of torch.optim.AdamW goes on in yours. Its step is a float32 tensor.

    Kills step_in_float32.
    """
    ours, theirs = saved_and_loaded(torch.optim.AdamW)
    message = (
        "torch.optim.AdamW was saved after step 2; yours loaded it, and went on differently. "
        "The step in it is a float32 tensor: make it an int before you compute with it"
    )
    compare(ours, theirs, message)


def test_the_closure_computes_the_gradients():
    """step(closure) calls it first, with gradients enabled, and returns the loss.

    Kills no_loss, closure_last and closure_without_grad.
    """
    (p,) = parameters((3,))
    optimizer = AdamW([p], **SETTINGS)
    start = p.detach().clone()

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    found = attempt(optimizer.step, closure)
    assert not isinstance(found, tuple), f"the closure calls backward(), and that {found}"
    assert found is not None, "step(closure) returns what the closure returned: the loss"
    close(found.detach(), (start * start).sum(), "the loss is that of before the step")
    assert not torch.equal(p.detach(), start), "the closure's gradients were there too late"
    equal(optimizer.step(), None, "without a closure there is no loss")


def test_impossible_things_are_refused():
    """No parameter, an impossible setting, a gradient that is not finite: ValueError.

    Kills no_refusal, accepts_nan, accepts_infinity and half_a_step.
    """
    (p,) = parameters((2,))
    refused = ("raises", "ValueError")
    equal(attempt(AdamW, []), refused, "no parameter: there is nothing to optimize")
    for bad in (
        {"lr": -1.0},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, 1.5)},
        {"betas": (0.9, -0.1)},
        {"eps": -1e-8},
        {"weight_decay": -0.1},
    ):
        equal(attempt(AdamW, [p], **bad), refused, f"{bad} is impossible")
        equal(
            attempt(AdamW, [{"params": [p], **bad}]),
            refused,
            f"{bad} is impossible in a group, too",
        )
    equal(
        attempt(AdamW, [p], lr=0.0, betas=(0.0, 0.0), eps=0.0, weight_decay=0.0).defaults["lr"],
        0.0,
        "0 is possible everywhere",
    )
    first, second = parameters((2,), (3,))
    optimizer = AdamW([{"params": [first]}, {"params": [second]}])
    for bad in (float("nan"), float("inf")):
        give_gradients([first], [first])
        second.grad = torch.tensor([1.0, bad, 1.0], dtype=torch.float64)
        before = first.detach().clone()
        message = f"a gradient holds {bad}: a step would spoil the weights for good"
        equal(attempt(optimizer.step), refused, message)
        message = "the step was refused, but the first group had moved already: all or nothing"
        compare([first], [before], message)
    try:
        with_gradients([first, second])
        said = "nothing"
    except ValueError as error:
        said = str(error)
    assert "(3,)" in said, f"name the shape of the parameter, (3,), in the message; it was: {said}"


def run(module, gap=False, schedule=False, reload=False):
    """Weights and gradients after three steps with two groups."""
    torch.manual_seed(0)
    params = parameters((2,), (3,))
    groups = [
        {"params": [params[0]], "lr": 0.1, "betas": (0.5, 0.9)},
        {"params": [params[1]], "weight_decay": 0.5},
    ]
    optimizer = module.AdamW(groups, **SETTINGS)
    for step in range(3):
        give_gradients(params)
        if gap and step != 1:
            params[1].grad = None
        optimizer.step()
        if schedule:
            optimizer.param_groups[0]["lr"] = 0.7
        if reload:
            fresh = module.AdamW(groups, lr=9.0)
            fresh.load_state_dict(optimizer.state_dict())
            optimizer = fresh
    return [p.detach().clone() for p in params], [p.grad for p in params]


def close_over(module, broken=None):
    """The loss of a step with a closure, and the weights; one gradient may be broken."""
    params = [torch.ones(2, dtype=torch.float64).requires_grad_() for _ in range(2)]
    optimizer = module.AdamW([{"params": [p]} for p in params], **SETTINGS)

    def closure():
        loss = sum((p * p).sum() for p in params)
        loss.backward()
        if broken is not None:
            params[1].grad[0] = broken
        return loss

    loss = attempt(optimizer.step, closure)
    loss = loss.detach() if isinstance(loss, torch.Tensor) else loss
    return loss, [p.detach().clone() for p in params]


def loaded_of_torch(module):
    """How far from torch's own step one with torch's state ends, a million times as large."""
    p = torch.ones(2, dtype=torch.float64).requires_grad_()
    p.grad = torch.full_like(p, 0.5)
    settings = {"lr": 1.0, "betas": (0.9, 0.999), "eps": 1e-3, "weight_decay": 0.0}
    torchs = torch.optim.AdamW([p], **settings)
    torchs.step()
    saved, q = copy.deepcopy(torchs.state_dict()), p.detach().clone().requires_grad_()
    q.grad = p.grad.clone()
    torchs.step()
    optimizer = module.AdamW([q], **settings)
    optimizer.load_state_dict(saved)
    optimizer.step()
    return (q - p).detach() * 1e6


def probe(module):
    """Weights after some steps, with gaps, schedules and reloads; losses; what is refused."""
    p = torch.ones(1, requires_grad=True)
    bad = [{"lr": -1.0}, {"betas": (1.0, 0.9)}, {"eps": -1.0}]
    refused = [attempt(module.AdamW, [p], **one) for one in bad]
    return (
        [
            attempt(run, module),
            attempt(run, module, gap=True),
            attempt(run, module, schedule=True),
            attempt(run, module, reload=True),
            attempt(loaded_of_torch, module),
        ],
        [
            attempt(close_over, module),
            attempt(close_over, module, float("nan")),
            attempt(close_over, module, float("inf")),
        ],
        [one if isinstance(one, tuple) else "made" for one in refused],
    )
