"""How two numbers, sequences or tensors differ, in words that help: an autopsy, not a dump.

Works on whatever the learner's code gave, without importing torch: tensors are recognised by what
they can do. Only a process that has torch can hold one.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any

_MAP_SIDE = 8  # the map of differences shows at most this many rows and columns
_LONGEST = 2000  # characters of a repr


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected, what came, and what an autopsy of the two found."""

    expected: str
    actual: str
    text: str


def safe_repr(value: Any) -> str:  # noqa: ANN401
    """A repr that never raises and never floods: long ones lose their middle."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def compare(
    actual: Any,  # noqa: ANN401
    expected: Any,  # noqa: ANN401
    *,
    axes: str = "",
    atol: float = 1e-6,
    rtol: float = 0.0,
) -> Difference | None:
    """None if the two are equal within `atol + rtol * |expected|`, else how they differ.

    Args:
        actual: What came.
        expected: What is right; a tensor, a number, or a sequence of numbers.
        axes: Meaning of the axes of `expected`, `"B H T D"`.
        atol: Largest absolute difference allowed.
        rtol: Largest difference allowed, relative to `expected`.
    """
    if _is_tensor(expected):
        return _tensors(actual, expected, axes.split(), atol, rtol)
    if alike(actual, expected, atol=atol, rtol=rtol):
        return None
    return Difference(safe_repr(expected), safe_repr(actual), "")


def alike(a: Any, b: Any, *, atol: float = 1e-6, rtol: float = 1e-6) -> bool:  # noqa: ANN401
    """Whether two plain values are the same, numbers within a tolerance, NaN equal to NaN."""
    if _is_tensor(a) and _is_tensor(b):
        return _tensors(a, b, [], atol, rtol) is None
    if _is_number(a) and _is_number(b):
        return bool(a == b) or (a != a and b != b) or abs(a - b) <= atol + rtol * abs(b)  # noqa: PLR0124
    if type(a) is not type(b) or _is_tensor(a):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and alike([*a.values()], [*b.values()], atol=atol, rtol=rtol)
    if isinstance(a, (list, tuple)):
        pairs = zip(a, b, strict=False)
        return len(a) == len(b) and all(alike(x, y, atol=atol, rtol=rtol) for x, y in pairs)
    return bool(a == b)


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_tensor(value: Any) -> bool:  # noqa: ANN401
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _tensors(
    actual: Any,  # noqa: ANN401
    expected: Any,  # noqa: ANN401
    axes: list[str],
    atol: float,
    rtol: float,
) -> Difference | None:
    if not _is_tensor(actual):
        got = safe_repr(actual)
        return Difference(
            _facts(expected, axes), got, f"this is a {type(actual).__name__}, no tensor"
        )
    lines = []
    if actual.shape != expected.shape:
        lines.append(_shape_note(actual, expected, axes))
    elif actual.dtype != expected.dtype:
        lines.append(f"dtype {_dtype(actual)} instead of {_dtype(expected)}")
    else:
        wrong = _wrong_places(actual, expected, atol, rtol)
        if not wrong.any():
            return None
        lines += _places(actual, expected, wrong, axes)
        lines += _guesses(actual, expected, wrong, atol, rtol)
        lines += _map(wrong, axes)
    return Difference(_facts(expected, axes), _facts(actual, axes), "\n".join(lines))


def _wrong_places(actual: Any, expected: Any, atol: float, rtol: float) -> Any:  # noqa: ANN401
    """A boolean tensor, True where the two differ by more than the tolerance."""
    a, b = _comparable(actual), _comparable(expected)
    close = (a - b).abs() <= atol + rtol * b.abs()
    return ~(close | (a == b) | (a.isnan() & b.isnan()))


def _comparable(tensor: Any) -> Any:  # noqa: ANN401
    tensor = tensor.detach()
    return tensor if tensor.is_complex() else tensor.double()


def _dtype(tensor: Any) -> str:  # noqa: ANN401
    return str(tensor.dtype).removeprefix("torch.")


def _facts(tensor: Any, axes: list[str]) -> str:  # noqa: ANN401
    """Shape, dtype, and values if they are few: `(2, 3) = (B, T) float32`."""
    names = f" = ({', '.join(axes)})" if len(axes) == tensor.dim() and axes else ""
    text = f"tensor {tuple(tensor.shape)}{names} {_dtype(tensor)}"
    if tensor.numel() <= 8:
        text += f" {tensor.detach().tolist()}"
    return text


def _shape_note(actual: Any, expected: Any, axes: list[str]) -> str:  # noqa: ANN401
    ours, theirs = tuple(actual.shape), tuple(expected.shape)
    note = f"shape {ours} instead of {theirs}"
    if axes and len(axes) == len(theirs):
        note += f" = ({', '.join(axes)})"
    if len(ours) == len(theirs) and sorted(ours) == sorted(theirs):
        note += ": the axes are in another order"
    elif math.prod(ours) == math.prod(theirs):
        note += ": as many numbers, laid out differently"
    return note


def _places(actual: Any, expected: Any, wrong: Any, axes: list[str]) -> list[str]:  # noqa: ANN401
    count, total = int(wrong.sum()), wrong.numel()
    lines = [f"{count} of {total} numbers differ"]
    for word, test in (("NaN", "isnan"), ("infinite", "isinf")):
        bad = int(getattr(actual.detach(), test)().sum()) if actual.is_floating_point() else 0
        if bad:
            lines.append(f"{bad} {'is' if bad == 1 else 'are'} {word}")
    first = wrong.nonzero()[0].tolist() if wrong.dim() else []
    index = tuple(first)
    got, right = actual.detach()[index].item(), expected.detach()[index].item()
    lines.append(f"first at {_where(first, axes)}: {_pair(got, right)}")
    gap = (_comparable(actual) - _comparable(expected)).abs()
    if gap.isfinite().any():
        lines.append(f"largest difference {gap[gap.isfinite()].max().item():.3g}")
    return lines


def _where(index: list[int], axes: list[str]) -> str:
    if not index:
        return "the only number"
    if len(axes) == len(index):
        return ", ".join(f"{axis}={i}" for axis, i in zip(axes, index, strict=True))
    return str(index)


def _pair(got: Any, right: Any) -> str:  # noqa: ANN401
    """Two numbers that differ, with as many digits as it takes to see it."""
    for digits in (6, 9, 12, 17):
        ours, theirs = (
            f"{one:.{digits}g}" if isinstance(one, float) else str(one) for one in (got, right)
        )
        if ours != theirs:
            break
    return f"{ours} instead of {theirs}"


def _guesses(actual: Any, expected: Any, wrong: Any, atol: float, rtol: float) -> list[str]:  # noqa: ANN401
    """Common relations between a wrong tensor and the right one, if one holds exactly."""
    a, b = _comparable(actual), _comparable(expected)
    if a.is_complex() or not a.isfinite().all() or not b.isfinite().all():
        return []

    def same(x: Any, y: Any) -> bool:  # noqa: ANN401
        return bool(((x - y).abs() <= max(atol, 1e-9) + max(rtol, 1e-5) * y.abs()).all())

    found = _square(a, b, wrong, same)
    factor = _factor(a, b)
    if factor is not None and same(a, b * factor) and f"{factor:.4g}" != "1":
        found.append(f"every number is {factor:.4g} times what is right")
    return found or [note for axis in range(a.dim()) for note in _shifted(a, b, axis, same)][:1]


def _square(a: Any, b: Any, wrong: Any, same: Any) -> list[str]:  # noqa: ANN401
    if a.dim() < 2 or a.shape[-1] != a.shape[-2]:
        return []
    if same(a, b.transpose(-1, -2)):
        return ["it is the transpose of what is right"]
    if not wrong.diagonal(dim1=-2, dim2=-1).any():
        return ["only the diagonal is right"]
    return []


def _factor(a: Any, b: Any) -> float | None:  # noqa: ANN401
    where = b.abs().argmax() if b.numel() else None
    if where is None or b.flatten()[where] == 0:
        return None
    factor = float(a.flatten()[where] / b.flatten()[where])
    return factor if factor != 0 else None


def _shifted(a: Any, b: Any, axis: int, same: Any) -> list[str]:  # noqa: ANN401
    n = a.shape[axis] - 1
    if n < 2:
        return []
    if same(a.narrow(axis, 1, n), b.narrow(axis, 0, n)):
        return [f"it is one step late along axis {axis}"]
    if same(a.narrow(axis, 0, n), b.narrow(axis, 1, n)):
        return [f"it is one step early along axis {axis}"]
    return []


def _map(wrong: Any, axes: list[str]) -> list[str]:  # noqa: ANN401
    """Where the differences lie in the last two axes: `.` none, `#` all of a cell."""
    if wrong.dim() < 2 or wrong.shape[-1] < 2 or wrong.shape[-2] < 2 or wrong.all():
        return []
    share = wrong.double().reshape(-1, *wrong.shape[-2:]).mean(0)
    rows, cols = (min(side, _MAP_SIDE) for side in share.shape)
    names = axes[-2:] if len(axes) == wrong.dim() else ["rows", "columns"]
    lines = [f"where they differ ({names[0]} down, {names[1]} across):"]
    for i in range(rows):
        cells = (
            float(share[_span(i, rows, share.shape[0])][:, _span(j, cols, share.shape[1])].mean())
            for j in range(cols)
        )
        lines.append(
            "  " + " ".join("." if cell == 0 else "#" if cell == 1 else "+" for cell in cells)
        )
    return lines


def _span(i: int, parts: int, size: int) -> slice:
    return slice(i * size // parts, max((i + 1) * size // parts, i * size // parts + 1))
