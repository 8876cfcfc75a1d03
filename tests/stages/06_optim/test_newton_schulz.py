"""Check of 06_optim/newton_schulz."""

import torch
from nanochat.optim.newton_schulz import (
    COEFFS,
    exact_polar,
    newton_schulz,
    zeropower_via_newtonschulz5,
)
from torch.utils._python_dispatch import TorchDispatchMode

from nanolab.expect import attempt, close, equal


def rand(*shape):
    return torch.randn(shape, dtype=torch.float64)


def by_svd(G, steps, coeffs=COEFFS):
    """The slow and obvious way: take the matrix apart, and treat each singular value by itself."""
    a, b, c = coeffs
    U, S, Vh = torch.linalg.svd(G, full_matrices=False)
    S = S / (S.square().sum(-1, keepdim=True).sqrt() + 1e-7)
    for _ in range(steps):
        S = a * S + b * S**3 + c * S**5
    return (U * S.unsqueeze(-2)) @ Vh


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    def __init__(self):
        super().__init__()
        self.numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor):
            self.numel = max(self.numel, made.numel())
        return made


def test_without_a_step_it_only_divides_by_the_norm():
    """0 steps: the matrix, divided by its Frobenius norm.

    Kills spectral_norm, no_norm, norm_of_batch, norm_of_rows, in_place and one_too_many.
    """
    G = torch.tensor([[3.0, 0.0], [0.0, 4.0]], dtype=torch.float64)
    message = "the Frobenius norm of diag(3, 4) is the root of 9 + 16, that is 5"
    close(newton_schulz(G, 0), G / 5, message, axes="rows columns")
    equal(G.tolist(), [[3.0, 0.0], [0.0, 4.0]], "what was handed in must stay as it was")
    batch = torch.stack([G, 10 * G])
    message = "each matrix of a batch is divided by its own norm"
    close(newton_schulz(batch, 0), torch.stack([G / 5, G / 5]), message, axes="batch rows columns")


def test_zeros_stay_zeros():
    """A matrix without any direction gets none: no NaN; eps is added to the norm.

    Kills no_eps and eps_floor.
    """
    for shape in ((3, 4), (2, 5, 3)):
        message = "0 divided by a norm of 0 is NaN: add eps to the norm"
        zeros = torch.zeros(shape, dtype=torch.float64)
        close(newton_schulz(zeros), zeros, message)
    G = torch.tensor([[3.0, 0.0], [0.0, 4.0]], dtype=torch.float64)
    close(newton_schulz(G, 0, eps=5.0), G / 10, "with eps = 5, the norm of 5 becomes 10")


def test_a_step_is_a_polynomial_of_each_singular_value():
    """s becomes a s + b s^3 + c s^5.

    Kills b_and_c_swapped, cube_only, fourth_for_fifth, no_linear_part, fixed_coefficients, one_too_few
    and always_five.
    """
    G = torch.tensor([[3.0, 0.0], [0.0, 4.0]], dtype=torch.float64)
    for coeffs in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (2.0, -1.5, 0.5)):
        a, b, c = coeffs
        right = torch.diag(torch.tensor([a * s + b * s**3 + c * s**5 for s in (0.6, 0.8)]).double())
        message = f"with coefficients {coeffs}, one step makes other values of 0.6 and 0.8"
        close(newton_schulz(G, 1, coeffs, eps=0.0), right, message, axes="rows columns")
    G = rand(6, 9)
    for steps in (1, 2, 5):
        message = f"{steps} steps, compared with U f(f(...S)) V^T by singular value decomposition"
        close(newton_schulz(G, steps), by_svd(G, steps), message, axes="rows columns", atol=1e-9)


def test_it_works_on_any_shape():
    """Tall, wide, square, a batch, a batch of batches.

    Kills not_turned_back, turns_wide and norm_of_batch.
    """
    for shape in ((9, 4), (4, 9), (5, 5), (1, 7), (7, 1), (3, 6, 4), (2, 3, 4, 6)):
        G = rand(*shape)
        X = newton_schulz(G)
        equal(tuple(X.shape), shape, f"a matrix of shape {shape} must keep its shape")
        close(
            X, by_svd(G, 5), f"shape {shape}: not the values that a decomposition gives", atol=1e-9
        )
        close(newton_schulz(-G), -X, "turned upside down, it comes out upside down", atol=1e-12)
        close(newton_schulz(G.mT), X.mT, "on its side, it comes out on its side", atol=1e-12)
    S = torch.linalg.svdvals(newton_schulz(rand(16, 32)))
    assert ((S > 0.67) & (S < 1.15)).all(), f"singular values come near 1, not to {S.tolist()}"


def test_it_multiplies_on_the_short_side():
    """For a matrix of 512 x 4, nothing larger than it is ever made.

    Kills long_side and wrong_side.
    """
    for shape in ((512, 4), (4, 512), (1, 512, 4)):
        with Largest() as largest:
            newton_schulz(rand(*shape))
        message = f"{shape}: a tensor of {largest.numel} numbers was made, and the matrix has 2048"
        assert largest.numel <= 2048, f"{message}; 512 x 512 can be avoided: use the short side"


def test_types_and_refusals():
    """It computes in `dtype`, or in that of G; less than a matrix is refused.

    Kills always_bfloat16, type_ignored, back_to_float, no_ndim_check and no_steps_check.
    """
    G = rand(4, 6)
    equal(newton_schulz(G).dtype, torch.float64, "without a dtype, that of G")
    equal(newton_schulz(G.float()).dtype, torch.float32, "without a dtype, that of G")
    equal(newton_schulz(G, dtype=torch.float32).dtype, torch.float32, "with a dtype, that one")
    quick = zeropower_via_newtonschulz5(G, 5)
    equal(quick.dtype, torch.bfloat16, "upstream's function gives bfloat16")
    error = (quick.double() - newton_schulz(G)).abs().max().item()
    assert 1e-5 < error < 0.1, (
        f"bfloat16 has two and a half digits, so an error of {error:.1e} is odd"
    )
    refused = ("raises", "ValueError")
    for shape in ((), (3,)):
        equal(attempt(newton_schulz, rand(*shape)), refused, f"shape {shape} is no matrix")
    equal(attempt(newton_schulz, G, -1), refused, "there are no -1 steps")


def test_the_exact_way_is_still_exact():
    """exact_polar, which is given, makes all singular values 1 and leaves those that are 0."""
    for shape in ((5, 3), (3, 5), (2, 6, 4), (2, 2, 3, 5)):
        U, S, Vh = torch.linalg.svd(rand(*shape), full_matrices=False)
        S[..., 0], S[..., 1], S[..., -1] = 1.0, 1e-13, 0.0  # little is something, 0 is nothing
        right = U[..., :-1] @ Vh[..., :-1, :]
        for size in (1e-6, 1.0, 1e6):
            found = exact_polar(size * (U * S.unsqueeze(-2)) @ Vh)
            message = f"shape {shape}, size {size}: U V^T of the directions that the matrix has"
            close(found, right, message, atol=1e-2)  # rounding turns a direction of 1e-13 a little
    zeros = torch.zeros(3, 4, dtype=torch.float64)
    close(exact_polar(zeros), zeros, "a matrix of zeros has no direction")


def probe(module):
    """Results for several shapes, steps, coefficients and types, and the largest tensor made."""
    rng = torch.Generator().manual_seed(0)

    def done(*shape, scale=1.0, **settings):
        G = scale * torch.randn(shape, generator=rng, dtype=torch.float64)
        with Largest() as largest:
            X = attempt(module.newton_schulz, G, **settings)
        return X, largest.numel <= 2048, G

    return (
        [done(4, 6, steps=k) for k in (0, 1, 2)],
        [
            done(6, 4),
            done(5, 5),
            done(2, 3, 5),
            done(2, 5, 3),
            done(512, 4, steps=1),
            done(4, 512, steps=1),
        ],
        [done(3, 4, scale=0.0), done(3, 4, eps=3.0), done(3, 4, coeffs=(1.0, 2.0, 3.0), steps=1)],
        [done(3, 4, scale=1e-8), done(3), done(3, 4, steps=-1), done(3, 4, dtype=torch.float32)],
        attempt(module.zeropower_via_newtonschulz5, torch.eye(3), 5),
    )
