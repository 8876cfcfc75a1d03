"""What checks call when a plain `assert` would say too little.

`assert actual == expected, "the idea"` is fine for small values. `equal` keeps its words when the
check is not rewritten by pytest; `close` compares numbers and tensors and carries an autopsy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nanolab.autopsy import compare, safe_repr

if TYPE_CHECKING:
    from collections.abc import Callable


class Mismatch(AssertionError):  # noqa: N818 - pytest's tradition: a failure, not an error
    """What was expected, what came, and how the two differ."""

    def __init__(self, message: str, expected: str, actual: str, autopsy: str = "") -> None:
        super().__init__(message)
        self.expected = expected
        self.actual = actual
        self.autopsy = autopsy


def attempt(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    """What a call returns, or `("raises", "ValueError")`: an exception as a value to compare.

    `NotImplementedError` goes through, since unfinished code is not wrong code.
    """
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception as error:
        return ("raises", type(error).__name__)


def equal(actual: Any, expected: Any, message: str) -> None:  # noqa: ANN401
    """Require `actual == expected`.

    Raises:
        Mismatch: Otherwise; `message` is the first thing that the learner reads.
    """
    if type(actual) is not type(expected) or actual != expected:
        raise Mismatch(message, safe_repr(expected), safe_repr(actual))


def close(  # noqa: PLR0913 - each with a default that fits most checks
    actual: Any,  # noqa: ANN401
    expected: Any,  # noqa: ANN401
    message: str,
    *,
    axes: str = "",
    atol: float = 1e-6,
    rtol: float = 0.0,
) -> None:
    """Require two numbers, sequences of numbers or tensors to be equal within a tolerance.

    Args:
        actual: What the learner's code gave.
        expected: What is right; its shape and dtype count.
        message: The idea, as a sentence.
        axes: The meaning of the axes, `"B H T D"`, used to name the first difference.
        atol: Largest absolute difference allowed.
        rtol: Largest difference allowed, relative to `expected`.

    Raises:
        Mismatch: If shape, dtype or any value differs, with an autopsy in `.autopsy`.
    """
    found = compare(actual, expected, axes=axes, atol=atol, rtol=rtol)
    if found is not None:
        raise Mismatch(message, found.expected, found.actual, found.text)
