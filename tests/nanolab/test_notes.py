"""Notes are only ever added; the journal tells what happened in the learner's own words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nanolab import notes
from nanolab.errors import WorkspaceError
from nanolab.progress import Entry, Progress

NOON = "2026-11-21T12:00:00Z"


def test_notes_come_back_in_order(workspace):
    notes.add(workspace, "first", NOON)
    notes.add(workspace, "second\nline two", NOON, about="01_numbers/double")
    notes.add(workspace, "because", NOON, about="01_numbers", question=1)
    assert notes.load(workspace) == (
        notes.Note("first", NOON),
        notes.Note("second\nline two", NOON, "01_numbers/double"),
        notes.Note("because", NOON, "01_numbers", 1),
    )


def test_without_a_file_there_are_none(workspace):
    assert notes.load(workspace) == ()


@pytest.mark.parametrize(
    "line",
    [b'{"text": "cut', b"[]", b"3", b"{}", b'{"text": 1, "when": "x"}', b"\xff\xfe", b"[" * 99999],
)
def test_a_damaged_line_costs_only_itself(workspace, line):
    notes.add(workspace, "before", NOON)
    workspace.notes_file.write_bytes(workspace.notes_file.read_bytes() + line)
    notes.add(workspace, "after", NOON)
    assert [note.text for note in notes.load(workspace)] == ["before", "after"]
    assert line in workspace.notes_file.read_bytes()


def test_notes_do_not_leave_the_workspace(workspace, tmp_path):
    (tmp_path / "outside").write_text("")
    workspace.notes_file.symlink_to(tmp_path / "outside")
    with pytest.raises(WorkspaceError):
        notes.add(workspace, "x", NOON)
    assert (tmp_path / "outside").read_text() == ""


WRITER = """
import sys
from pathlib import Path
from nanolab import notes
from nanolab.workspace import Workspace
for number in range(50):
    notes.add(Workspace(Path(sys.argv[1])), sys.argv[2] * 5000, "2026-11-21T12:00:00Z")
"""


def test_two_writers_do_not_mix_their_lines(workspace):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(workspace.root), letter])
        for letter in "ab"
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    texts = [note.text for note in notes.load(workspace)]
    assert sorted(texts) == ["a" * 5000] * 50 + ["b" * 5000] * 50


def test_a_blank_journal_says_how_to_begin(mini):
    assert "Nothing yet" in notes.journal(mini, Progress(), ())


def test_the_journal_tells_passes_hints_notes_and_answers(mini):
    entry = Entry(passed=True, first_passed=NOON, attempts=3, hints_used=1, seconds=240.0)
    progress = Progress(entries={"01_numbers/double": entry})
    written = (
        notes.Note("twice!", NOON, "01_numbers/double"),
        notes.Note("zero", NOON, "01_numbers", 1),
        notes.Note("on the train", NOON),
    )
    assert notes.journal(mini, progress, written) == (
        "# My way through minilab\n\n"
        "## 1. Numbers\n\n"
        "**Twice as much** (`01_numbers/double`): "
        "passed 2026-11-21 12:00, 3 attempts, 1 hint, about 4 minutes.\n\n"
        "> twice!\n> (2026-11-21 12:00)\n\n"
        "**Which number is its own double?**\n\n"
        "> zero\n> (2026-11-21 12:00)\n\n"
        "## Notes\n\n"
        "> on the train\n> (2026-11-21 12:00)\n"
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry(attempts=1), "not passed yet, 1 attempt."),
        (Entry(skipped=True), "skipped, 0 attempts."),
        (Entry(attempts=2, solution_seen=True), "2 attempts, after looking at the solution."),
    ],
)
def test_the_journal_does_not_flatter(mini, entry, words):
    progress = Progress(entries={"02_words/shout": entry})
    assert words in notes.journal(mini, progress, ())
