"""The pytest plugin of a run: turns what pytest sees into checks and streams them out.

It never believes an exit code or a report's word: a check passed if its set-up, its body and its
tear-down each ran to the end without an exception.
"""

from __future__ import annotations

import contextlib
import linecache
import random
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest.outcomes import Failed, OutcomeException

from nanolab.autopsy import safe_repr
from nanolab.expect import Mismatch
from nanolab.runner.job import CANARY
from nanolab.verdict import Check, Frame, Outcome, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType

_OUT_OF_MEMORY = ("can't allocate memory", "DefaultCPUAllocator", "out of memory")


class StoppedError(Exception):
    """The learner's code tried to end the run: SystemExit, KeyboardInterrupt, pytest.exit."""


class Reporter:
    """One run's plugin; `begin` comes before the checks."""

    def __init__(self) -> None:
        self.module: ModuleType | None = None
        self.failures: list[Check] = []
        self._learner_file = ""
        self._seed = 0
        self._send: Callable[[dict[str, Any]], None]
        self._phases: dict[str, pytest.CallInfo[None]] = {}
        self._compared: tuple[str, object, object] | None = None
        self._started = 0.0

    def begin(self, learner_file: str, seed: int, send: Callable[[dict[str, Any]], None]) -> None:
        """Say whose run this is.

        Args:
            learner_file: Absolute path; only frames in it are shown.
            seed: Set before each check.
            send: Takes one event, a dict that JSON can carry.
        """
        self._learner_file, self._seed, self._send = learner_file, seed, send

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember the check module; append the canary; say what will come."""
        functions = [item for item in items if isinstance(item, pytest.Function)]
        if functions:
            first = functions[0]
            self.module = first.module
            items.append(pytest.Function.from_parent(first.parent, name=CANARY, callobj=_canary))
        self._send({"event": "collected", "value": [item.name for item in items]})

    def pytest_exception_interact(self, node: Any, call: pytest.CallInfo[Any]) -> None:  # noqa: ANN401
        """Say when the check module itself cannot be imported: a fault of the course."""
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            text = "".join(traceback.format_exception_only(call.excinfo.type, call.excinfo.value))
            self._send({"event": "check_broken", "value": text.strip()})

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Keep the two sides of a comparison that has just failed."""
        self._compared = (op, left, right)

    def pytest_runtest_logstart(self) -> None:
        """Begin a check: same seed, clean slate."""
        self._phases.clear()
        self._compared = None
        self._started = time.perf_counter()
        seed_all(self._seed)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self) -> Generator[None, object, object]:
        """A learner's `exit()` fails the check that met it; the others still run."""
        try:
            return (yield)
        except OutcomeException as error:
            if isinstance(error, Failed):
                raise
            raise StoppedError(
                f"The code called pytest's {type(error).__name__.lower()}"
            ) from error
        except (KeyboardInterrupt, SystemExit, pytest.exit.Exception) as error:
            raise StoppedError(f"The code raised {type(error).__name__}") from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Keep the phase's own call record; give pytest a report without the long text.

        That text, which nobody reads here, cost 10 ms of a failing check.
        """
        self._phases[call.when] = call
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        when = call.when if call.when != "collect" else "setup"
        return pytest.TestReport(item.nodeid, ("", None, ""), {}, outcome, None, when)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Send the finished check on its way."""
        name = nodeid.rpartition("::")[2]
        check = self._check(name)
        if not check.passed and name != CANARY:
            self.failures.append(check)
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        memory = any(_is_memory(call) for call in self._phases.values())
        self._send({"event": "check", "check": to_json(check), "memory": memory})

    def _check(self, name: str) -> Check:
        seconds = time.perf_counter() - self._started
        failed = next((call for call in self._phases.values() if call.excinfo is not None), None)
        title = _title(self.module, name)
        if failed is None:
            complete = set(self._phases) == {"setup", "call", "teardown"}
            outcome = Outcome.PASSED if complete else Outcome.ERROR
            return Check(name, title, outcome, seconds=seconds)
        assert failed.excinfo is not None
        error = failed.excinfo.value
        outcome = Outcome.FAILED if failed.when == "call" else Outcome.ERROR
        if isinstance(error, NotImplementedError):
            outcome = Outcome.UNFINISHED
        message, expected, actual, autopsy = self._explain(error)
        frames = learner_frames(error, self._learner_file)
        return Check(name, title, outcome, message, expected, actual, autopsy, frames, seconds)

    def _explain(self, error: BaseException) -> tuple[str, str, str, str]:
        """Message, expected, actual and autopsy of a failure."""
        if isinstance(error, Mismatch):
            return str(error), error.expected, error.actual, error.autopsy
        if isinstance(error, AssertionError):
            return self._explain_assert(error)
        if isinstance(error, Failed):
            return _did_not_raise(error.msg or ""), "", "", ""
        if isinstance(error, StoppedError):
            return f"{error}.", "", "", ""
        return describe(error), "", "", ""

    def _explain_assert(self, error: AssertionError) -> tuple[str, str, str, str]:
        text = str(error)
        message, found, _ = text.partition("\nassert ")
        if self._compared is None:
            return message, "", "", ""
        op, left, right = self._compared
        if not found and message.startswith("assert "):
            message = ""
        if op in {"in", "not in"}:  # assert "40" in message: what came is the message
            wanted = f"{safe_repr(left)} {op} it"
            return message, wanted, safe_repr(right), ""
        expected = safe_repr(right) if op == "==" else f"{op} {safe_repr(right)}"
        return message, expected, safe_repr(left), ""


def _canary() -> None:
    """Fails, always."""
    assert [1] == [2], CANARY


def seed_all(seed: int) -> None:
    """Seed the generators of `random`, and of numpy and torch where they are loaded."""
    random.seed(seed)
    for name, seeder in (("numpy", "random.seed"), ("torch", "manual_seed")):
        if name in sys.modules:
            function: Any = sys.modules[name]
            for part in seeder.split("."):
                function = getattr(function, part)
            function(seed)


def describe(error: BaseException) -> str:
    """An exception in one line: `KeyError: 'x'`."""
    lines = traceback.format_exception_only(type(error), error)
    return "".join(lines[-1:]).strip()[:2000]


def learner_frames(error: BaseException, file: str) -> tuple[Frame, ...]:
    """The steps of a traceback that lie in the learner's file, outermost first, at most eight."""
    if isinstance(error, StoppedError) and error.__cause__ is not None:
        error = error.__cause__
    frames = [
        Frame(file, line, code.co_name, linecache.getline(file, line).strip()[:200])
        for frame, line in traceback.walk_tb(error.__traceback__)
        for code in (frame.f_code,)
        if code.co_filename == file
    ]
    return tuple(frames if len(frames) <= 8 else (*frames[:4], *frames[-4:]))


def _title(module: ModuleType | None, name: str) -> str:
    function = getattr(module, name.partition("[")[0], None)
    first = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
    return first or name.removeprefix("test_").replace("_", " ")


def _did_not_raise(text: str) -> str:
    """DID NOT RAISE, as pytest says it, in words."""
    marker = "DID NOT RAISE "
    if marker not in text:
        return text
    expected = text.partition(marker)[2].strip().removeprefix("<class '").removesuffix("'>")
    return f"{expected} should be raised here, but nothing was."


def _is_memory(call: pytest.CallInfo[None]) -> bool:
    if call.excinfo is None:
        return False
    error = call.excinfo.value
    said = str(error) if isinstance(error, RuntimeError) else ""
    return isinstance(error, MemoryError) or any(word in said for word in _OUT_OF_MEMORY)


def _flush(stream: Any) -> None:  # noqa: ANN401
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream.flush()  # a learner may have closed it
