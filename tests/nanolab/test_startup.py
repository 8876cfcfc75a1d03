"""What a command imports: the price of an answer; `benchmarks/startup.py` measures the time."""

from __future__ import annotations

import re

import pytest

HEAVY = {"torch", "numpy", "git", "gitdb", "rich.live", "watchfiles", "pytest", "psutil"}
AT_ONCE = HEAVY | {"typer", "click", "rich", "subprocess", "nanolab.runner"}


def imported(shell, line, **variables):
    answer = shell(f"{line} 2> >(cat >&2)", PYTHONPROFILEIMPORTTIME="1", **variables)
    return set(re.findall(r"\|\s+([\w.]+)\s*$", answer.err, re.M))


@pytest.mark.parametrize("words", ["--version", "--help", "-h"])
def test_version_and_help_import_next_to_nothing(shell, words):
    modules = imported(shell, f"nanolab {words}")
    assert "nanolab.cli.edge" in modules, "the profile was read"
    assert not modules & (AT_ONCE | {"dataclasses", "json", "re", "pathlib"})


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "list 1 --json",
        "map",
        "status",
        "where",
        "hint double",
        "hint double --level 1 --json",
    ],
)
def test_the_quick_commands_need_neither_typer_nor_rich(shell, words):
    modules = imported(shell, f"nanolab {words}")
    assert "nanolab.cli.glance" in modules
    assert not modules & (AT_ONCE)


@pytest.mark.parametrize(
    "words", ["goto double", "history double", "read", "note hi", "list -h", "dev -h"]
)
def test_other_commands_import_nothing_heavy_that_they_do_not_need(shell, words):
    assert not imported(shell, f"nanolab {words}") & HEAVY


def test_names_are_completed_without_typer(shell):
    words = {"COMP_WORDS": "nanolab run d", "COMP_CWORD": "2"}
    modules = imported(shell, "nanolab", _NANOLAB_COMPLETE="complete_bash", **words)
    assert "nanolab.cli.complete" in modules
    assert not modules & AT_ONCE


def test_doctor_does_not_import_torch_to_know_its_version(shell):
    assert not imported(shell, "nanolab doctor") & {"torch", "numpy", "git"}
