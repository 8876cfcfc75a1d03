"""Wrong answers to 06_optim/newton_schulz."""

from nanolab.wrongs import wrong

_NDIM = """    if G.ndim < 2:
        raise ValueError(f"a matrix has two axes or more, this has shape {tuple(G.shape)}")
"""
_STEPS = """    if steps < 0:
        raise ValueError(f"the number of steps cannot be negative: {steps}")
"""
_TYPE = "X = G if dtype is None else G.to(dtype)  # (..., m, n)"
_TALL = "tall = G.size(-2) > G.size(-1)"
_NORM = "X = X / (X.norm(dim=(-2, -1), keepdim=True) + eps)"
_LOOP = "for _ in range(steps):"
_GRAM = "gram = X @ X.mT"
_X = "X = a * X + (b * gram + c * gram @ gram) @ X"
_RETURN = "return X.mT if tall else X"

WRONGS = [
    wrong(
        "spectral_norm",
        "divides by the largest singular value, not by the Frobenius norm",
        (_NORM, "X = X / (torch.linalg.matrix_norm(X, ord=2, keepdim=True) + eps)"),
    ),
    wrong("no_norm", "does not divide by the norm", (_NORM, "pass")),
    wrong(
        "norm_of_batch",
        "divides all matrices of a batch by one norm",
        (_NORM, "X = X / (X.norm() + eps)"),
    ),
    wrong(
        "norm_of_rows",
        "divides each row by a norm of its own",
        (_NORM, "X = X / (X.norm(dim=-1, keepdim=True) + eps)"),
    ),
    wrong("no_eps", "divides by a norm that may be 0", (_NORM, _NORM.replace(" + eps", ""))),
    wrong(
        "eps_floor",
        "uses eps as the smallest norm, instead of adding it",
        (_NORM, "X = X / X.norm(dim=(-2, -1), keepdim=True).clamp(min=eps)"),
    ),
    wrong(
        "in_place",
        "divides the matrix that it was given",
        (_NORM, _NORM.replace("X = X / ", "X /= ")),
    ),
    wrong(
        "b_and_c_swapped",
        "gives the cube the coefficient of the fifth power",
        (_X, "X = a * X + (c * gram + b * gram @ gram) @ X"),
    ),
    wrong("cube_only", "leaves out the fifth power", (_X, "X = a * X + b * gram @ X")),
    wrong(
        "fourth_for_fifth",
        "squares the numbers of X X^T one by one, instead of multiplying it by itself",
        (_X, "X = a * X + (b * gram + c * gram * gram) @ X"),
    ),
    wrong(
        "no_linear_part",
        "leaves out a times the matrix itself",
        (_X, "X = (b * gram + c * gram @ gram) @ X"),
    ),
    wrong(
        "fixed_coefficients",
        "computes with Muon's coefficients whatever it was given",
        ("a, b, c = coeffs", "a, b, c = COEFFS"),
    ),
    wrong("one_too_few", "takes one step too few", (_LOOP, "for _ in range(steps - 1):")),
    wrong("one_too_many", "takes one step too many", (_LOOP, "for _ in range(steps + 1):")),
    wrong("always_five", "takes five steps, whatever was asked for", (_LOOP, "for _ in range(5):")),
    wrong("not_turned_back", "leaves a tall matrix on its side", (_RETURN, "return X")),
    wrong("turns_wide", "turns back what it never turned", (_RETURN, "return X.mT")),
    wrong(
        "all_axes_turned",
        "turns round all axes of a batch, not the last two",
        (_GRAM, "gram = X @ X.permute(*range(X.ndim)[::-1])"),
    ),
    wrong("long_side", "multiplies on the long side of a tall matrix", (_TALL, "tall = False")),
    wrong(
        "wrong_side",
        "multiplies on the long side, of wide matrices too",
        (_TALL, "tall = G.size(-2) < G.size(-1)"),
    ),
    wrong(
        "always_bfloat16",
        "computes in bfloat16 whatever it was given",
        (_TYPE, "X = G.bfloat16()"),
    ),
    wrong("type_ignored", "does not compute in the type that was asked for", (_TYPE, "X = G")),
    wrong(
        "back_to_float",
        "turns the result back into the type of G",
        (_RETURN, "return (X.mT if tall else X).to(G.dtype)"),
    ),
    wrong("no_ndim_check", "takes what is no matrix", (_NDIM, "")),
    wrong("no_steps_check", "takes a negative number of steps for none", (_STEPS, "")),
]
