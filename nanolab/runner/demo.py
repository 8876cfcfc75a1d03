"""The worker's end of `nanolab show` and `nanolab bench`: run a demo, report what it gives."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nanolab import mount
from nanolab.runner.plugin import describe, learner_frames
from nanolab.verdict import Check, Outcome, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_TITLES = {"show": "The demo shows your code at work", "bench": "The race runs with your code"}


def demonstrate(
    job: dict[str, Any], learner: ModuleType, send: Callable[[dict[str, Any]], None]
) -> None:
    """Run the demo that the job asks for; send what it gives, and a check: whether it got through.

    Args:
        job: As it came over the wire; `ask` is `show` or `bench`.
        learner: The learner's exercise.
        send: Takes each event.
    """
    ask, outcome, message = job["ask"], Outcome.PASSED, ""
    error: BaseException | None = None
    try:
        found = getattr(_demo(job["demo"]), ask)(learner, reference(job))
        rows = [asdict(row) for row in found] if ask == "bench" else _segments(found, job["width"])
        send({"event": "shown", "value": rows})
    except BaseException as caught:
        error, message = caught, describe(caught)
        unfinished = isinstance(caught, NotImplementedError)
        outcome = Outcome.UNFINISHED if unfinished else Outcome.FAILED
    frames = learner_frames(error, job["file"]) if error else ()
    check = Check(ask, _TITLES[ask], outcome, message, frames=frames)
    memory = isinstance(error, MemoryError)
    send({"event": "check", "check": to_json(check), "memory": memory})


def reference(job: dict[str, Any]) -> ModuleType:
    """The solution as a module that stands on solutions only, beside the learner's of that name."""
    package = job["table"]["package"]
    ours = {name: one for name, one in sys.modules.items() if name.startswith(f"{package}.")}
    root = vars(sys.modules[package])
    names = dict(root)
    finder = mount.Finder(package, job["reference"]["modules"], job["reference"]["exports"])
    for name in ours:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(job["module"])
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
            del sys.modules[name]
        sys.modules.update(ours)
        root.clear()
        root.update(names)


def _demo(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _segments(found: Any, width: int) -> list[tuple[str, str]]:  # noqa: ANN401 - what rich draws
    """The drawing as pieces of text, each with its style: no terminal codes travel."""
    from rich.console import Console

    console = Console(
        width=width, file=io.StringIO(), markup=False, emoji=False, highlight=False,
        force_terminal=True, color_system="standard",
    )  # fmt: skip
    drawn = console.render(found)
    return [(one.text, str(one.style or "")) for one in drawn if not one.control]
