"""Truncation and rounding: the errors of three polynomials, and of three types of numbers."""

import math

import torch
from rich.console import Group
from rich.table import Table
from rich.text import Text

KS = tuple(range(1, 9))
SMALLEST = -16  # the exponent at which a bar has length 0


def show(module, reference):
    """Two tables of the learner's numbers, with bars for the powers of ten."""
    rng = torch.Generator().manual_seed(0)
    matrix = torch.randn(32, 64, generator=rng, dtype=torch.float64)
    named = {"cubic": reference.CUBIC, "quintic": reference.QUINTIC, "Muon's": reference.COEFFS}
    curves = Table("k", *named, title="Truncation: distance to U V^T after k steps, in float64")
    errors = [module.ns_error_curve(matrix, KS, coeffs) for coeffs in named.values()]
    for k, *row in zip(KS, *errors, strict=True):
        curves.add_row(str(k), *(_bar(error) for error in row))
    kinds = Table("type", "truncation", "rounding", title="Five steps with Muon's coefficients")
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        both = module.split_error(matrix, 5, dtype=dtype)
        kinds.add_row(str(dtype).removeprefix("torch."), *(_bar(error) for error in both))
    right = [reference.ns_error_curve(matrix, KS, coeffs) for coeffs in named.values()]
    flat = zip(sum(errors, []), sum(right, []), strict=True)  # noqa: RUF017 - three short lists
    same = all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a, b in flat)
    told = (
        ("The curves are the solution's.", "green") if same else ("The solution's differ.", "red")
    )
    return Group(curves, Text(), kinds, Text(), Text(*told))


def _bar(error):
    """A number, and a bar as long as it has powers of ten above the smallest that counts."""
    exponent = math.log10(error) if error > 0 else SMALLEST
    return Text(f"{error:8.1e} ") + Text("#" * max(round((exponent - SMALLEST) / 2), 0), "cyan")
