"""Check of 06_optim/muon."""

import pytest
import torch
from nanochat.optim.muon import Muon, muon_update
from nanochat.optim.newton_schulz import exact_polar, newton_schulz

from nanolab.expect import attempt, close, equal

F64 = torch.float64


def rand(*shape):
    return torch.randn(shape, dtype=F64)


def relative(actual, expected):
    """How large the difference is, compared with what is expected."""
    return ((actual - expected).norm() / expected.norm()).item()


class Closure:
    """Gives a loss of 7, and notes whether gradients were enabled when it was called."""

    def __init__(self):
        self.calls = []

    def __call__(self):
        self.calls.append("enabled" if torch.is_grad_enabled() else "disabled")
        return 7.0


def test_a_step_is_smoothed_orthogonalized_and_scaled():
    """One step, by hand: momentum, look-ahead, Newton-Schulz, scale.

    Kills no_momentum, no_nesterov, always_nesterov, swapped_look_ahead, swapped_buffer, heavy_ball,
    spoils_buffer, orthogonal_first, orthogonal_buffer, always_bfloat16, ascends and no_lr.
    """
    g, start = rand(5, 5), rand(5, 5)
    for nesterov in (True, False):
        p, buffer = torch.zeros(5, 5, dtype=F64), start.clone()
        muon_update(p, g, buffer, lr=0.5, momentum=0.75, nesterov=nesterov, ns_dtype=F64)
        smooth = 0.75 * start + 0.25 * g
        message = "the buffer keeps 0.75 of itself and takes 0.25 of the gradient"
        close(buffer, smooth, message, axes="rows columns")
        direction = 0.25 * g + 0.75 * smooth if nesterov else smooth
        words = "a quarter gradient, three quarters buffer" if nesterov else "the buffer"
        right = -0.5 * newton_schulz(direction, 5)
        close(
            p,
            right,
            f"p moves by -lr times the orthogonalized direction: {words}",
            axes="rows columns",
        )


def test_only_tall_matrices_are_scaled():
    """A tall step is longer: by the root of rows / columns. A wide one is not.

    Kills no_scale, no_root, inverted_scale, no_floor and scale_of_largest.
    """
    for rows, columns, factor in ((8, 2, 2.0), (9, 4, 1.5), (2, 8, 1.0), (3, 3, 1.0), (9, 1, 3.0)):
        p, g = torch.zeros(rows, columns, dtype=F64), rand(rows, columns)
        muon_update(p, g, torch.zeros_like(g), lr=1.0, momentum=0.9, ns_dtype=F64)
        found = p.norm() / newton_schulz(g, 5).norm()
        message = f"{rows} x {columns}: the factor is max(1, {rows} / {columns}) ** 0.5"
        close(found, torch.tensor(factor, dtype=F64), message, atol=1e-5)
    both, g = torch.zeros(2, 8, 2, dtype=F64), rand(2, 8, 2)
    muon_update(both, g, torch.zeros_like(g), lr=1.0, momentum=0.9, ns_dtype=F64)
    message = "two matrices at once, (2, 8, 2): rows and columns are the last two axes"
    close(both, -2.0 * newton_schulz(g, 5), message, axes="batch rows columns", atol=1e-4)


def test_every_direction_counts_the_same():
    """A gradient 1000 times as large takes the same step; and a strong direction no longer one.

    Kills no_orthogonal and always_five.
    """
    g = rand(6, 6)
    steps = []
    for scale in (1.0, 1000.0):
        p = torch.zeros_like(g)
        muon_update(p, scale * g, torch.zeros_like(g), lr=1.0, momentum=0.9, ns_dtype=F64)
        steps.append(p)
    close(steps[1], steps[0], "the length of the gradient does not matter", atol=1e-4)
    p = torch.zeros(6, 6, dtype=F64)
    muon_update(p, g, torch.zeros_like(g), lr=1.0, momentum=0.9, ns_steps=2, ns_dtype=F64)
    expected = -newton_schulz(g, 2)
    close(p, expected, "ns_steps = 2 means two steps of Newton-Schulz", atol=1e-4)
    p = torch.zeros(6, 6, dtype=F64)
    muon_update(p, g, torch.zeros_like(g), lr=1.0, momentum=0.9, ns_steps=5, ns_dtype=F64)
    overlap = (-(p * exact_polar(g)).sum() / 6).item()
    assert overlap > 0.6, f"the step points along the polar factor by {overlap:.2f}; 1 is exactly"


def wave(rows, columns, step):
    """A gradient without a random number in it, so that numbers can be kept."""
    n = torch.arange(rows * columns, dtype=F64).reshape(rows, columns)
    return torch.sin(n * (step + 1) + n * n * 0.1)


def eight_steps(kind, dtype, **settings):
    """A tall, a wide and a square matrix after eight steps, while a schedule changes lr and momentum."""
    params = [
        torch.zeros(shape, dtype=dtype).requires_grad_() for shape in ((6, 2), (2, 6), (3, 3))
    ]
    optimizer = kind(params, lr=0.02, momentum=0.5, **settings)
    for step in range(8):
        for p in params:
            p.grad = wave(*p.shape, step).to(dtype)
        lr, momentum = 0.02 * (1 + step % 3), 0.5 + 0.06 * step
        optimizer.param_groups[0].update({"lr": lr, "momentum": momentum})
        optimizer.step()
    return [p.detach() for p in params]


# The upper left corners of what torch.optim.Muon of 2.13 gives, with its bfloat16 made float64.
GOLDEN = [
    [[-0.0873517, -0.0091242], [0.0545569, 0.0129741]],
    [[-0.0105074, -0.0154095], [-0.1203491, -0.0720082]],
    [[-0.0565446, -0.0334799], [0.0099754, 0.0193481]],
]


def test_steps_are_torchs_also_while_momentum_changes():
    """Eight steps of torch.optim.Muon, while a schedule raises the momentum.

    Kills heavy_ball, which is the same at constant momentum, settings_at_birth, nesterov_ignored
    and forgets.
    """
    for settings in ({"nesterov": False}, {"ns_steps": 3}):
        p = torch.zeros(2, 3, dtype=F64, requires_grad=True)
        q, buffer = torch.zeros(2, 3, dtype=F64), torch.zeros(2, 3, dtype=F64)
        optimizer = Muon([p], lr=0.1, momentum=0.5, ns_dtype=F64, **settings)
        for step in range(2):
            p.grad = wave(2, 3, step)
            optimizer.step()
            muon_update(q, p.grad, buffer, lr=0.1, momentum=0.5, ns_dtype=F64, **settings)
        message = f"Muon(..., {settings}) does not hand it on to muon_update"
        close(p.detach(), q.detach(), message, axes="rows columns", atol=1e-12)
    for p, golden in zip(eight_steps(Muon, F64, ns_dtype=F64), GOLDEN, strict=True):
        shape, right = tuple(p.shape), torch.tensor(golden, dtype=F64)
        message = f"shape {shape}: the upper left corner is not where torch.optim.Muon has it"
        close(p[:2, :2], right, message, axes="rows columns", atol=1e-5)
    if hasattr(torch.optim, "Muon"):  # since 2.9
        theirs = eight_steps(torch.optim.Muon, torch.float32, weight_decay=0.0)
        for p, q in zip(eight_steps(Muon, torch.float32), theirs, strict=True):
            off = relative(p, q)
            message = (
                f"in bfloat16 you are {off:.1%} from torch.optim.Muon; rounding makes about 2 %"
            )
            assert off < 0.06, message


def test_only_what_should_change_changes():
    """Gradients stay; zeros give zeros; a parameter without gradient waits; state is saved.

    Kills spoils_gradient, list_beside, no_closure, no_loss and disabled_closure.
    """
    defaults = {"lr": 0.02, "momentum": 0.95, "nesterov": True, "ns_steps": 5}
    message = "what nobody says is as in nanochat"
    found = Muon([rand(2, 2)]).defaults
    equal(found, {**defaults, "ns_dtype": torch.bfloat16}, message)
    p, idle = (rand(3, 4).requires_grad_() for _ in range(2))
    optimizer = Muon([p, idle], ns_dtype=F64)
    p.grad = rand(3, 4)
    g, before = p.grad.clone(), idle.detach().clone()
    closure = Closure()
    loss = optimizer.step(closure)
    equal(
        closure.calls, ["enabled"], "step(closure) calls the closure once, with gradients enabled"
    )
    equal(loss, 7.0, "step(closure) returns what the closure returned")
    close(p.grad, g, "upstream writes the look-ahead into p.grad; you must not")
    close(idle.detach(), before, "a parameter without gradient stays where it is")
    close(optimizer.state[p]["momentum_buffer"], 0.05 * g, "the state holds a momentum_buffer")
    fresh = Muon([p, idle])
    fresh.load_state_dict(optimizer.state_dict())
    close(
        fresh.state[p]["momentum_buffer"], 0.05 * g, "a saved buffer is there again after loading"
    )
    zero = torch.ones(3, 4, requires_grad=True)
    zero.grad = torch.zeros(3, 4)
    Muon([zero]).step()
    close(zero.detach(), torch.ones(3, 4), "a gradient of zeros moves nothing, and makes no NaN")


def test_what_is_no_matrix_is_refused():
    """A vector, a single number, NaN, no parameter: ValueError.

    Kills takes_vectors, takes_anything, accepts_nan and half_a_step.
    """
    refused = ("raises", "ValueError")
    for shape in ((), (5,)):
        p = torch.zeros(shape, requires_grad=True)
        message = f"shape {shape} has no singular values: refuse it when the optimizer is made"
        equal(attempt(Muon, [p]), refused, message)
    p = torch.zeros(2, 2, requires_grad=True)
    stack = torch.zeros(2, 3, 4, requires_grad=True)
    made = attempt(Muon, [p, stack], lr=0.0, momentum=0.0)
    assert isinstance(made, Muon), f"a stack of matrices, lr 0 and momentum 0 are possible: {made}"
    for bad in ({"lr": -0.1}, {"momentum": 1.0}, {"momentum": 1.5}, {"momentum": -0.5}):
        equal(attempt(Muon, [p], **bad), refused, f"{bad} is impossible")
    equal(attempt(Muon, []), refused, "no parameter: there is nothing to optimize")
    with pytest.raises(ValueError, match=r"\(5,\)"):
        Muon([p, torch.zeros(5, requires_grad=True)])
    other = torch.zeros(3, 2, requires_grad=True)
    p.grad, other.grad = torch.ones(2, 2), torch.full((3, 2), float("nan"))
    message = "one NaN in a gradient becomes NaN everywhere in the matrix"
    equal(attempt(Muon([p, other]).step), refused, message)
    equal(p.tolist(), [[0.0, 0.0], [0.0, 0.0]], "the step was refused, but a weight has moved")


def probe(module):
    """Weights, buffers and gradients after some steps of tall and wide matrices."""
    rng = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(shape, generator=rng, dtype=F64)

    def update(*shape, **settings):
        p, g, buffer = torch.zeros(shape, dtype=F64), draw(*shape), draw(*shape)
        settings = {"lr": 0.5, "momentum": 0.75, "ns_dtype": F64, **settings}
        raised = attempt(module.muon_update, p, g, buffer, **settings)
        return p, g, buffer, raised

    def run(broken=None, idle=False, **settings):
        params = [draw(*shape).requires_grad_() for shape in ((8, 2), (2, 6))]
        optimizer = module.Muon([{"params": [p]} for p in params], **{"ns_dtype": F64, **settings})
        said = []
        closure = Closure()
        for step in range(3):
            for p in params:
                p.grad = draw(*p.shape)
            if step == 2 and broken is not None:
                params[1].grad[0, 0] = broken
            if idle:
                params[0].grad = None
            optimizer.param_groups[1].update({"momentum": 0.5 + 0.2 * step, "lr": 0.1 * (step + 1)})
            said.append(attempt(optimizer.step, closure))
        buffers = [state["momentum_buffer"] for state in optimizer.state_dict()["state"].values()]
        return said, closure.calls, [p.detach() for p in params], buffers

    vector = attempt(module.Muon, [torch.zeros(3, requires_grad=True)])
    impossible = attempt(module.Muon, [torch.zeros(3, 3, requires_grad=True)], momentum=2.0)
    return (
        [update(4, 6), update(4, 6, nesterov=False), update(8, 2), update(2, 8), update(9, 1)],
        [update(3, 3, ns_steps=k) for k in (1, 4, 5)],
        [
            attempt(run),
            attempt(run, float("nan")),
            attempt(run, idle=True),
            attempt(run, nesterov=False),
        ],
        [one if isinstance(one, tuple) else "made" for one in (vector, impossible)],
        [update(4, 3, ns_dtype=torch.bfloat16)[0]],
    )
