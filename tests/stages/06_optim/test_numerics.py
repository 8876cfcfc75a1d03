"""Check of 06_optim/numerics."""

import math
from fractions import Fraction

import torch
from nanochat.optim.newton_schulz import COEFFS, exact_polar, newton_schulz
from nanochat.optim.numerics import (
    CUBIC,
    QUINTIC,
    bias_correction,
    convergence_order,
    ns_error_curve,
    smallest_visible_step,
    split_error,
)

from nanolab.expect import attempt, close, equal

F64 = torch.float64
REFUSED = ("raises", "ValueError")


def with_values(*values, rows=6, columns=8):
    """A random matrix with exactly these singular values; all others are 0."""
    k = len(values)
    left = torch.linalg.qr(torch.randn(rows, k, dtype=F64))[0]
    right = torch.linalg.qr(torch.randn(columns, k, dtype=F64))[0]
    return left @ torch.diag(torch.tensor(values, dtype=F64)) @ right.T


def test_the_error_is_the_distance_to_the_polar_factor():
    """By hand: singular values 3 and 4, without a step, end at 0.6 and 0.8.

    Kills against_g, full_rank, no_root_of_rank, not_divided, largest_only, single_root and
    no_zero_check.
    """
    message = (
        "0.6 and 0.8 miss 1 by 0.4 and 0.2: the root of (0.4^2 + 0.2^2) / 2, since the rank is 2"
    )
    right = [math.sqrt((0.4**2 + 0.2**2) / 2)]
    found = ns_error_curve(with_values(3.0, 4.0), [0])
    close(found, right, message)
    found = ns_error_curve(with_values(3e6, 4e6), [0])  # beside these, eps is next to nothing
    message = "only float32 digits: the root of an integer tensor is float32; divide by a math.sqrt"
    close(found, right, message, atol=1e-12)
    found = ns_error_curve(with_values(3.0, 4.0, 1e-17, 0.0), [0])
    message = "four directions, but two of them are 0: the rank is still 2"
    close(found, right, message)
    found = ns_error_curve(with_values(1.0), [0, 1, 2], (0.5, 0.0, 0.0))
    message = "one singular value, which is halved in each step: it is 0, 1/2, 3/4 away from 1"
    close(found, [0.0, 0.5, 0.75], message)
    found = ns_error_curve(torch.randn(8, 4, dtype=F64), [5, 3])
    equal(len(found), 2, "one error for each of ks, in their order")
    equal([type(one) for one in found], [float, float], "numbers, not tensors")
    message = "a matrix of zeros points nowhere, so nothing can be aimed at: ValueError"
    equal(attempt(ns_error_curve, torch.zeros(3, 4, dtype=F64), [1]), REFUSED, message)


def test_low_precision_is_measured_in_high_precision():
    """The error of bfloat16 is measured in float64; otherwise the ruler is as coarse as the thing.

    Kills low_ruler, type_ignored and coefficients_ignored.
    """
    G = torch.randn(8, 16, dtype=F64)
    for dtype in (torch.bfloat16, torch.float32):
        for coeffs in (CUBIC, COEFFS):
            X = newton_schulz(G, 3, coeffs, dtype=dtype).double()
            right = ((X - exact_polar(G)).norm() / 8**0.5).item()
            message = f"Newton-Schulz in {dtype}, compared in float64, with coefficients {coeffs}"
            close(ns_error_curve(G, [3], coeffs, dtype), [right], message, atol=1e-12)


def test_truncation_and_rounding_are_told_apart():
    """Truncation is of exact numbers, rounding between exact and coarse ones.

    Kills total_as_rounding, swapped, truncation_in_type, more_steps_as_exact, difference_of_errors,
    split_without_coefficients and rounding_undivided.
    """
    G = torch.randn(12, 32, dtype=F64)  # a rank whose root float32 cannot hold
    for coeffs in (COEFFS, QUINTIC):
        truncation, rounding = split_error(G, 4, coeffs, torch.bfloat16)
        exact = newton_schulz(G, 4, coeffs)
        message = f"truncation: exact numbers against the polar factor, with coefficients {coeffs}"
        right = ((exact - exact_polar(G)).norm() / math.sqrt(12)).item()
        close(truncation, right, message, atol=1e-12)
        coarse = newton_schulz(G, 4, coeffs, dtype=torch.bfloat16).double()
        message = f"rounding: bfloat16 against exact numbers after as many steps, with {coeffs}"
        right = ((coarse - exact).norm() / math.sqrt(12)).item()
        close(rounding, right, message, atol=1e-12)
    by_type = [
        split_error(G, 5, dtype=one)[1] for one in (torch.bfloat16, torch.float16, torch.float32)
    ]
    assert by_type[0] > 3 * by_type[1] > 1000 * by_type[2], (
        f"fewer digits, more rounding: {by_type}"
    )


def test_the_order_of_convergence():
    """Errors of order 1, 2 and 3 are recognized, by the last three of them.

    Kills inverted_order, first_three, ratio_of_logs and no_order_check.
    """
    for order in (1, 2, 3):
        errors = [0.5**k for k in range(1, 6)] if order == 1 else [0.3**order**k for k in range(4)]
        message = f"these errors are of order {order}"
        close(
            convergence_order([0.9, 0.85, *errors]),
            float(order),
            message,
            atol=1e-2 + 0.4 * (order > 1),
        )
    message = "log(0.01 / 0.1) / log(0.1 / 0.5)"
    close(convergence_order([0.5, 0.1, 0.01]), math.log(10) / math.log(5), message, atol=1e-9)
    for bad in (
        [],
        [0.1, 0.01],
        [0.1, 0.5, 0.01],
        [0.5, 0.01, 0.1],
        [0.1, 0.2, 0.3],
        [0.5, 0.5, 0.1],
        [0.5, 0.1, 0.1],
        [0.5, 0.1, 0.0],
    ):
        message = f"{bad}: there must be three errors that fall and stay above 0"
        equal(attempt(convergence_order, bad), REFUSED, message)
    near = with_values(0.9, 1.0, 1.1, rows=3, columns=3)
    cubic, quintic = (ns_error_curve(near, range(9), one) for one in (CUBIC, QUINTIC))
    falling = [[e for e in errors if e > 1e-10] for errors in (cubic, quintic)]
    orders = [convergence_order(errors) for errors in falling]
    assert orders[0] < 2.1 < orders[1] < 3.1, f"cubic about 2, quintic more, they are {orders}"


def test_bias_correction_keeps_its_digits():
    """1 - beta^t to twelve digits, also where beta is nearly 1.

    Kills plain_subtraction, single_precision, beta_0, sign_lost, no_range and step_0.
    """
    for beta in (0.0, 0.5, 0.95, 0.999, 0.9999, 1 - 1e-7, 1 - 1e-10):
        for t in (1, 2, 10, 300):
            exact = float(1 - Fraction(beta) ** t)
            found = attempt(bias_correction, beta, t)
            message = f"1 - {beta!r} ** {t} must have twelve right digits"
            close(found, exact, message, atol=0.0, rtol=1e-12)
    for beta, t in ((1.0, 1), (-0.1, 1), (1.5, 2), (0.9, 0), (0.9, -3)):
        equal(attempt(bias_correction, beta, t), REFUSED, f"beta = {beta}, t = {t} is impossible")


def test_a_step_that_is_too_small_is_not_seen():
    """A little less than half a gap is rounded away, a little more is not.

    Kills whole_gap, gap_at_one, proportional, quarter_gap and no_size_check.
    """
    message = "bfloat16 has a gap of 2^-7 above 1, so half of it is 2^-8"
    close(smallest_visible_step(1.0, torch.bfloat16), 2.0**-8, message, atol=0.0)
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        for p in (1.0, 1.5, 2.0, 3.0, 0.5, 0.75, -6.0, 96.0, 2.0**-14):
            step = smallest_visible_step(p, dtype)
            stored = torch.tensor(p, dtype=F64)
            less, more = (
                (stored + math.copysign(x * step, p)).to(dtype).item() for x in (0.99, 1.01)
            )
            equal(less, p, f"{dtype}: from {p}, a step a little below {step} must not be seen")
            assert more != p, f"{dtype}: from {p}, a step a little above {step} must be seen"
    for bad in (0.0, 1e-45, math.inf, math.nan, 1e39):
        message = f"{bad} does not have all its digits in float32"
        equal(attempt(smallest_visible_step, bad, torch.float32), REFUSED, message)


def probe(module):
    """Curves, splits, orders, corrections and steps."""
    rng = torch.Generator().manual_seed(0)
    G = torch.randn(6, 10, generator=rng, dtype=F64)
    thin = G[:, :2] @ G[:2]  # rank 2
    orders = [
        [0.5, 0.1, 0.01],
        [0.9, 0.5, 0.1, 0.001],
        [0.1, 0.2, 0.3],
        [0.1],
        [0.5, 0.1, 0.0],
        [0.5, 0.1, 0.1],
    ]
    pairs = [(0.9, 3), (0.999, 1), (1 - 1e-10, 19), (0.0, 2), (1.0, 1), (0.9, 0)]

    def digits(beta, t):
        """How far off it is, in the ninth digit."""
        return round((module.bias_correction(beta, t) / float(1 - Fraction(beta) ** t) - 1) * 1e9)

    def root():
        """How far off the root of a rank of 2 is, in the ninth digit."""
        found = module.ns_error_curve(torch.diag(torch.tensor([3e6, 4e6], dtype=F64)), [0])[0]
        return round((found / math.sqrt(0.1) - 1) * 1e9)

    sizes = [
        (1.0, torch.bfloat16),
        (3.0, torch.bfloat16),
        (-0.75, torch.float32),
        (0.0, torch.float32),
    ]
    sizes += [(1.75, torch.float16), (1e-40, torch.float32), (math.inf, torch.float32)]
    return (
        [attempt(module.ns_error_curve, one, [0, 2, 5]) for one in (G, thin, G.T)],
        attempt(root),
        attempt(module.ns_error_curve, G, [3], CUBIC),
        attempt(module.ns_error_curve, G, [3], COEFFS, torch.bfloat16),
        attempt(module.ns_error_curve, torch.zeros(2, 2, dtype=F64), [1]),
        [
            attempt(module.split_error, G, 3, *more)
            for more in ((), (CUBIC,), (COEFFS, torch.float16))
        ],
        [attempt(module.convergence_order, one) for one in orders],
        [
            attempt(digits if 0 < beta < 1 and t else module.bias_correction, beta, t)
            for beta, t in pairs
        ],
        [attempt(lambda *one: 1e6 * module.smallest_visible_step(*one), *one) for one in sizes],
    )
