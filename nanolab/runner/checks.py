"""pytest, set up ahead of time: what it does before it knows which file to run is done by then.

Of a run through `pytest.main`, parsing options, loading plugins, reading fixtures and walking
directories take nearly all of the time. `Checks()` does the first three in a worker that waits;
`collect` is handed the one file and walks nowhere. The price is a few names of pytest's that are not
public, all in this module.
"""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import rewrite_asserts
from _pytest.config import _prepareconfig
from _pytest.main import Session

from nanolab.runner.plugin import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable

_OFF = [
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "legacypath",
    "logging",
    "pastebin",
    "setuponly",
    "setupplan",
    "skipping",
    "stepwise",
    "subtests",
    "terminal",
    "terminalprogress",
    "threadexception",
    "unittest",
    "unraisableexception",
    "warnings",
]


class Checks:
    """One pytest session, begun but without a file."""

    def __init__(self) -> None:
        self.reporter = Reporter()
        # A root of our own, so that nobody's conftest.py or ini file is ever looked for.
        root = str(Path(__file__).parent)
        arguments = ["--noconftest", "--import-mode=importlib", "--capture=no", "-c", os.devnull]
        arguments += [word for name in _OFF for word in ("-p", f"no:{name}")]
        arguments += ["--rootdir", root, "--confcutdir", root]
        self._config = _prepareconfig(arguments, plugins=[self.reporter])
        self._config._do_configure()  # noqa: SLF001
        self._session = Session.from_config(self._config)
        self._config.hook.pytest_sessionstart(session=self._session)

    def collect(
        self,
        check: Path,
        *,
        learner_file: str,
        seed: int,
        send: Callable[[dict[str, Any]], None],
    ) -> ModuleType | None:
        """Collect the checks of one module.

        Args:
            check: The pytest module.
            learner_file: Absolute path of the file under check.
            seed: Of the random generators, before each check.
            send: Takes each event.

        Returns:
            The module; None if there is nothing in it to run.
        """
        self.reporter.begin(learner_file, seed, send)
        module = CheckModule.from_parent(self._session, path=check)
        self._session.items = list(self._session.genitems(module))
        if not self._session.testsfailed:
            self._config.hook.pytest_collection_modifyitems(
                session=self._session, config=self._config, items=self._session.items
            )
        return self.reporter.module

    def run(self) -> None:
        """Run what was collected."""
        if not self._session.testsfailed:
            self._config.hook.pytest_runtestloop(session=self._session)


class CheckModule(pytest.Module):
    """A check module, read from its file: on no path, in no package, with no bytecode."""

    def _getobj(self) -> ModuleType:
        source = self.path.read_bytes()
        tree = ast.parse(source, filename=str(self.path))
        rewrite_asserts(tree, source, str(self.path), self.config)
        module = ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        sys.modules[module.__name__] = module
        exec(compile(tree, str(self.path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        return module
