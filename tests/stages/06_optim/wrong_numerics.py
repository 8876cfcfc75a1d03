"""Wrong answers to 06_optim/numerics."""

from nanolab.wrongs import wrong

_TARGET = "target = exact_polar(G)  # (m, n)"
_SIZE = "size = target.norm()"
_ZERO = """    if size == 0:
        raise ValueError("a matrix of zeros has no polar factor to compare with")
"""
_EACH = "float((newton_schulz(G, k, coeffs, dtype=dtype).double() - target).norm() / size)"
_TRUNCATION = "(truncation,) = ns_error_curve(G, [steps], coeffs)"
_EXACT = "exact = newton_schulz(G, steps, coeffs)  # (m, n) float64"
_ROUNDED = "rounded = newton_schulz(G, steps, coeffs, dtype=dtype).double()  # (m, n)"
_SPLIT = "return truncation, float((rounded - exact).norm() / exact_polar(G).norm())"
_LAST = "e1, e2, e3 = errors[-3:]"
_FALL = "if not e1 > e2 > e3 > 0:"
_ORDER = "return math.log(e3 / e2) / math.log(e2 / e1)"
_EXPM1 = "return -math.expm1(t * math.log(beta)) if beta else 1.0"
_SMALL = "if not info.smallest_normal <= abs(p) <= info.max:"
_GAP = "return info.eps * 2.0 ** (exponent - 1) / 2"

WRONGS = [
    wrong(
        "against_g",
        "measures the distance to G itself, not to its polar factor",
        (_TARGET, "target = G / G.norm()"),
    ),
    wrong(
        "full_rank",
        "divides by the shorter side, as if every matrix had full rank",
        (_SIZE, "size = torch.tensor(min(G.shape) ** 0.5 if G.any() else 0.0)"),
    ),
    wrong(
        "no_root_of_rank",
        "divides by the rank, without the root",
        (_SIZE, "size = target.norm() ** 2"),
    ),
    wrong(
        "not_divided",
        "does not divide by the root of the rank",
        (_EACH, _EACH.replace(" / size", "")),
    ),
    wrong(
        "single_root",
        "takes the root of an integer tensor, which is float32",
        (_SIZE, "size = torch.linalg.matrix_rank(G).sqrt()"),
    ),
    wrong(
        "largest_only",
        "measures the worst direction only",
        (
            _EACH,
            "float(torch.linalg.matrix_norm(newton_schulz(G, k, coeffs, dtype=dtype).double() - target, ord=2))",
        ),
    ),
    wrong(
        "low_ruler",
        "measures in the coarse type itself",
        (
            _EACH,
            "float((newton_schulz(G, k, coeffs, dtype=dtype) - target.to(dtype)).norm() / size)",
        ),
    ),
    wrong(
        "type_ignored",
        "computes in float64 whatever type was asked for",
        (_EACH, _EACH.replace(", dtype=dtype", "")),
    ),
    wrong(
        "coefficients_ignored",
        "computes with Muon's coefficients whatever it was given",
        (_EACH, _EACH.replace(", coeffs", "")),
    ),
    wrong("no_zero_check", "divides by 0 for a matrix of zeros", (_ZERO, "")),
    wrong(
        "total_as_rounding",
        "calls the whole error of the coarse type rounding",
        (_EXACT, "exact = exact_polar(G)"),
    ),
    wrong(
        "swapped",
        "gives rounding first and truncation second",
        (_SPLIT, "return float((rounded - exact).norm() / exact_polar(G).norm()), truncation"),
    ),
    wrong(
        "truncation_in_type",
        "measures truncation in the coarse type, so that rounding is in it",
        (_TRUNCATION, _TRUNCATION.replace("coeffs)", "coeffs, dtype)")),
    ),
    wrong(
        "more_steps_as_exact",
        "compares with twice as many steps",
        (_EXACT, _EXACT.replace("steps,", "2 * steps,")),
    ),
    wrong(
        "difference_of_errors",
        "subtracts two distances, which says nothing of how far apart the two matrices are",
        (
            _SPLIT,
            "total = float((rounded - exact_polar(G)).norm() / exact_polar(G).norm())\n    return truncation, abs(total - truncation)",
        ),
    ),
    wrong(
        "split_without_coefficients",
        "splits the error of Muon's coefficients only",
        (_ROUNDED, _ROUNDED.replace(", coeffs", "")),
        (_EXACT, _EXACT.replace(", coeffs", "")),
    ),
    wrong(
        "rounding_undivided",
        "does not divide the rounding error by the root of the rank",
        (_SPLIT, "return truncation, float((rounded - exact).norm())"),
    ),
    wrong(
        "inverted_order",
        "divides the logarithms the other way round",
        (_ORDER, "return math.log(e2 / e1) / math.log(e3 / e2)"),
    ),
    wrong(
        "ratio_of_logs",
        "divides the logarithms of two errors",
        (_ORDER, "return math.log(e3) / math.log(e2)"),
    ),
    wrong(
        "first_three",
        "looks at the first three errors, where nothing has settled",
        (_LAST, "e1, e2, e3 = errors[:3]"),
    ),
    wrong(
        "no_order_check",
        "gives an order to errors that do not fall",
        (_FALL, "if not e1 > 0 < e2 or e3 <= 0 or e1 == e2:"),
    ),
    wrong(
        "plain_subtraction",
        "subtracts beta^t from 1, and loses digits where beta is nearly 1",
        (_EXPM1, "return 1 - beta**t"),
    ),
    wrong(
        "single_precision",
        "computes in float32, as a tensor of integers does",
        (_EXPM1, "return float(1 - beta ** torch.tensor(t))"),
    ),
    wrong(
        "beta_0", "asks for the logarithm of 0", (_EXPM1, "return -math.expm1(t * math.log(beta))")
    ),
    wrong(
        "sign_lost",
        "gives beta^t - 1",
        (_EXPM1, "return math.expm1(t * math.log(beta)) if beta else -1.0"),
    ),
    wrong(
        "no_range",
        "computes with a beta that is impossible",
        ("if not 0 <= beta < 1:", "if not 0 <= beta:"),
    ),
    wrong("step_0", "corrects a step 0, which does not exist", ("if t < 1:", "if t < 0:")),
    wrong("whole_gap", "gives the whole gap", (_GAP, "return info.eps * 2.0 ** (exponent - 1)")),
    wrong("gap_at_one", "gives the gap at 1, whatever the number", (_GAP, "return info.eps / 2")),
    wrong(
        "proportional",
        "takes the gap to grow evenly with the number, not by powers of two",
        (_GAP, "return info.eps * abs(p) / 2"),
    ),
    wrong(
        "quarter_gap", "halves the gap twice", (_GAP, "return info.eps * 2.0 ** (exponent - 2) / 2")
    ),
    wrong("no_size_check", "gives a gap to 0 and to infinity", (_SMALL, "if p != p:")),
]
