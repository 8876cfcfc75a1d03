"""Check of 06_optim/adamw_update."""

import torch
from nanochat.optim.adamw_update import adamw_update

from nanolab.expect import attempt, close, equal

# float64 and a large eps: with float32 and 1e-8, eps in the wrong place would look like rounding.
SETTINGS = {"lr": 1e-2, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.1}


def zeros_like(p):
    """Both running means before the first step."""
    return torch.zeros_like(p), torch.zeros_like(p)


def number(x):
    return torch.tensor([x], dtype=torch.float64)


def test_the_running_means_remember():
    """m is a mean of gradients, v one of their squares; m and v are changed in place.

    Kills weights_swapped, betas_swapped, unsquared and correction_kept.
    """
    p, g = number(0.0), number(10.0)
    m, v = number(1.0), number(2.0)
    adamw_update(p=p, g=g, m=m, v=v, step=3, **{**SETTINGS, "beta1": 0.4, "beta2": 0.3})
    close(m, number(0.4 * 1 + 0.6 * 10), "m keeps 0.4 of itself and takes 0.6 of the gradient")
    close(v, number(0.3 * 2 + 0.7 * 100), "v keeps 0.3 of itself and takes 0.7 of the square")


def test_the_first_step_is_as_long_as_lr():
    """Step 1 moves every weight by lr, against the sign of its gradient.

    Kills rebinds, no_correction, half_corrected, ascends, no_root and from_zero.
    """
    p = torch.zeros(3, dtype=torch.float64)
    g = torch.tensor([100.0, -0.01, 1.0], dtype=torch.float64)
    m, v = zeros_like(p)
    tiny = {"lr": 0.5, "beta1": 0.4, "beta2": 0.3, "eps": 1e-12, "weight_decay": 0.0}
    adamw_update(p, g, m, v, 1, **tiny)
    message = (
        "g / sqrt(g * g) is a sign: a gradient of 100 and one of 0.01 move weights equally far"
    )
    close(p, torch.tensor([-0.5, 0.5, -0.5], dtype=torch.float64), message, atol=1e-9)


def test_without_a_gradient_weights_only_decay():
    """A gradient of 0 leaves the decay: 1 - lr * weight_decay in each step.

    Kills l2_decay, decay_without_lr and no_decay.
    """
    p = number(2.0)
    g, (m, v) = torch.zeros_like(p), zeros_like(p)
    settings = {**SETTINGS, "lr": 0.5}
    for step in (1, 2):
        adamw_update(p, g, m, v, step, **settings)
    message = (
        "a weight of 2 loses lr * weight_decay = 0.5 * 0.1 of itself, twice; no mean knows of it"
    )
    close(p, number(2.0 * 0.95**2), message, atol=1e-12)
    equal([m.item(), v.item()], [0.0, 0.0], "m and v know of gradients only, never of the decay")


def test_eps_is_added_last():
    """eps stands beside the corrected root.

    Kills eps_inside and eps_uncorrected.
    """
    p, g = number(0.0), number(0.01)
    m, v = zeros_like(p)
    settings = {"lr": 1.0, "beta1": 0.9, "beta2": 0.99, "eps": 0.01, "weight_decay": 0.0}
    adamw_update(p, g, m, v, 1, **settings)
    message = "gradient 0.01, root 0.01, eps 0.01: the step is 0.01 / (0.01 + 0.01) = one half"
    close(p, number(-0.5), message, atol=1e-12)


def test_five_steps_are_torchs():
    """Five steps, and p is where torch.optim.AdamW puts it.

    Kills decay_after, and all of the above once more.
    """
    start = torch.randn(3, 4, dtype=torch.float64)
    theirs = start.clone().requires_grad_()
    torchs = torch.optim.AdamW([theirs], lr=1e-2, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
    ours, (m, v) = start.clone(), zeros_like(start)
    for step in range(1, 6):
        theirs.grad = torch.randn(3, 4, dtype=torch.float64)
        torchs.step()
        adamw_update(ours, theirs.grad, m, v, step, **SETTINGS)
        message = f"after step {step} the weights are not where torch.optim.AdamW has them"
        close(ours, theirs.detach(), message, axes="rows columns", atol=1e-12)


def test_only_what_should_change_changes():
    """p stays the same tensor, g the same numbers; what cannot be is refused before any change.

    Kills spoils_gradient, no_step_check, no_shape_check and late_check.
    """
    p, g = torch.ones(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    m, v = zeros_like(p)
    adamw_update(p, g, m, v, 1, **SETTINGS)
    equal(g.tolist(), [1.0, 1.0], "the gradient is not yours to change")
    before = [t.clone() for t in (p, g, m, v)]
    for step in (0, -1):
        found = attempt(adamw_update, p, g, m, v, step, **SETTINGS)
        message = f"steps are counted from 1, so step {step} is a ValueError"
        equal(found, ("raises", "ValueError"), message)
    wide = torch.ones(1, dtype=torch.float64)
    for name, four in {"g": (p, wide, m, v), "m": (p, g, wide, v), "v": (p, g, m, wide)}.items():
        message = f"{name} has shape (1,) and p has (2,): torch would broadcast, so you must refuse"
        equal(attempt(adamw_update, *four, 1, **SETTINGS), ("raises", "ValueError"), message)
    same = all(torch.equal(a, b) for a, b in zip(before, (p, g, m, v), strict=True))
    assert same, "a call that was refused has changed something"


def probe(module):
    """Where some weights and their means are after one, two and three steps."""

    def after(steps, eps, decay, first=1, size=4):
        p = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
        g = torch.tensor([0.1, -0.02, 3.0, 0.0], dtype=torch.float64)
        m, v = torch.zeros(size, dtype=torch.float64), torch.full((4,), 0.01, dtype=torch.float64)
        settings = {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": eps, "weight_decay": decay}
        raised = None
        for step in range(first, first + steps):
            raised = attempt(module.adamw_update, p, g, m, v, step, **settings)
        return raised, p, g, m, v

    return (
        [after(1, 1e-3, 0.0), after(3, 1e-3, 0.0), after(2, 1e-3, 0.1), after(2, 0.1, 0.5)],
        [after(1, 1e-3, 0.1, first=step) for step in (0, -1, 7)],
        [after(1, 1e-3, 0.1, size=1)],
    )
