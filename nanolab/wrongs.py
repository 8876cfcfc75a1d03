"""Named wrong answers: edits of a solution that its check must reject.

A `wrong_NAME.py` beside a check holds one list, `WRONGS`. The same list proves the check
(`nanolab dev check`) and names the learner's slip (diagnosis in the worker).
"""

from __future__ import annotations

from dataclasses import dataclass

Edit = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One slip that learners make.

    Attributes:
        name: `[a-z0-9_]`, unique in its file: `no_scale`.
        slip: Completes "your code …" for the learner, without giving the answer away:
            "leaves out the 1/sqrt(D) scale".
        edits: (old, new) pairs; each `old` stands exactly once in the solution.
        equivalent: Why no check can tell this one apart, if so; it is then not run.
    """

    name: str
    slip: str
    edits: tuple[Edit, ...]
    equivalent: str = ""

    def apply(self, solution: str) -> str:
        """The source of the wrong answer.

        Raises:
            ValueError: If an edit's old text does not stand exactly once in the solution.
        """
        source = solution
        for old, new in self.edits:
            if source.count(old) != 1:
                count = source.count(old)
                raise ValueError(f"wrong {self.name!r}: found {count} times, not once: {old!r}")
            source = source.replace(old, new)
        return source


def wrong(name: str, slip: str, *edits: Edit, equivalent: str = "") -> Wrong:
    """Write a wrong answer in one call: `wrong("no_scale", "leaves out …", ("old", "new"))`."""
    return Wrong(name, slip, edits, equivalent)
