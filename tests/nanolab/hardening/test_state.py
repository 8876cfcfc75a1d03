"""Promise 3: no crash, full disk, damage or second process loses what was typed or earned."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from acting import Treasure, command
from faults import NAMES, NEEDS_FORK, killed_at, refused_at

from nanolab import manifest, notes, progress, storage
from nanolab.errors import NewerWorkspaceError, WorkspaceError
from nanolab.history import History
from nanolab.progress import Progress
from nanolab.workspace import Workspace, create

pytestmark = [pytest.mark.hardening, pytest.mark.timeout(300)]

NOON = "2026-11-21T12:00:00Z"
DOUBLE, TOTAL = "exercises/01_numbers/double.py", "exercises/01_numbers/total.py"
SOLVED = "def double(number):\n    return number * 2\n"


@pytest.fixture
def quick(monkeypatch):
    """Without waiting for the disk: what is synced matters to a power cut, not to a killed process."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def lab(memory_path, mini, quick):
    """A workspace in the middle of things: passes, versions, a note, a hint, an act to undo."""
    del quick
    place = create(memory_path / "original", mini)
    shutil.rmtree(place.root / ".git")

    def do(*words):
        return command(place, mini.root, *words)

    (place.root / DOUBLE).write_text("def double(number):\n    return number + 2\n")
    assert do("run", "double") == 1
    (place.root / DOUBLE).write_text(SOLVED)
    assert do("run", "double") == 0
    (place.root / TOTAL).write_text("mine, never judged\n")
    assert do("hint", "total") == 0
    assert do("note", "zero", "doubles", "to", "itself") == 0
    assert do("reset", "shout", "--yes") == 0
    place.file(mini.find("shout")).write_text("before the reset\n")
    assert do("reset", "shout", "--yes") == 0
    return place


@pytest.fixture
def courses(memory_path, mini):
    """The course, and one that has moved on: an exercise changed, and one renamed."""
    root = Path(shutil.copytree(mini.root, memory_path / "release"))
    for name, old, new in (
        (DOUBLE, "Twice as much", "Twice as much, now"),
        ("info.toml", 'name = "shout"', 'name = "cry"\n  aliases = ["02_words/shout"]'),
    ):
        path = root / name
        path.write_text(path.read_text().replace(old, new))
    for folder in ("exercises", "solutions"):
        path = root / folder / "02_words/shout.py"
        path.rename(path.with_name("cry.py"))
    return mini.root, root


ACTS = {
    "run": ("run", "total"),
    "run again": ("run", "double"),
    "note": ("note", "another"),
    "hint": ("hint", "total", "--level", "2"),
    "goto": ("goto", "shout"),
    "skip": ("skip", "total"),
    "reset": ("reset", "double", "--yes"),
    "restore": ("restore", "double@1", "--yes"),
    "undo": ("undo",),
    "reflect": ("reflect", "1", "--skip"),
    "init": ("init", "."),
    "update": ("update",),
}
# Done a second time they come to the same.
STEADY = {"hint", "goto", "skip", "reset", "restore", "reflect", "init", "update"}
# A kill after a file was opened, and before it was filled, leaves an empty temporary one.
LASTING = NAMES | {"fsync"}
# `update` has some 150 writes, and a walk of its own in test_update.py.
STRIDE = {"update": 7}
# Each failing write in turn: a disk that is full from there on, one bad sector, one read-only.
REFUSALS = itertools.cycle(
    [(errno.ENOSPC, True), (errno.EIO, False), (errno.EROFS, True), (errno.ENOSPC, False)]
)


@NEEDS_FORK
@pytest.mark.parametrize("name", ACTS)
def test_whatever_stops_a_command_nothing_is_lost_and_doing_it_again_works(
    name, lab, courses, tally
):
    trial = Trial(name, lab, courses)
    for step in itertools.count(1, STRIDE.get(name, 1)):
        if not trial.stopped(lambda work, step=step: killed_at(step, work, events=LASTING)):
            break
        tally.add("kill -9 at a write", tried=1, survived=1)
    assert step > 2
    for step in itertools.count(1, STRIDE.get(name, 1)):
        code, forever = next(REFUSALS)
        ended = trial.stopped(
            lambda work, step=step, code=code, forever=forever: refused_at(
                step, code, work, forever=forever
            )
        )
        if ended is None:
            break
        assert ended in (trial.usual, 3, 4), f"{errno.errorcode[code]} at write {step}"
        tally.add("ENOSPC, EIO, EROFS at a write", tried=1, survived=1)
    assert step > 5


class Trial:
    """One command, tried on copies of one workspace."""

    def __init__(self, name, lab, courses):
        self.name, self.words, self.lab = name, ACTS[name], lab
        self.root = courses[name == "update"]
        self.course = manifest.load(self.root)
        if name == "init":
            (lab.root / TOTAL).unlink()
        self.had = Treasure.of(lab, manifest.load(self.root))
        with self._copy() as whole:
            self.usual = command(whole, self.root, *self.words)
            self.goal = self._look(whole)
        assert self.usual in (0, 1)

    def stopped(self, fault):
        """Do it with a fault, then again without; what the first came to."""
        with self._copy() as place:
            ended = fault(lambda: command(place, self.root, *self.words))
            self.had.assert_kept_in(Treasure.of(place, self.course))
            if ended in (False, 0, None) and self.name in STEADY:
                assert self._look(place) == self.goal, "it said that it was done"
            assert command(place, self.root, *self.words) == self.usual
            self.had.assert_kept_in(Treasure.of(place, self.course))
            if self.name in STEADY:
                assert self._look(place) == self.goal
        return ended

    @contextlib.contextmanager
    def _copy(self):
        place = Workspace(
            shutil.copytree(self.lab.root, self.lab.root.parent / "copy", symlinks=True)
        )
        yield place
        shutil.rmtree(place.root)

    def _look(self, place):
        """The learner's files, and what the progress says without times and counts."""
        state, _ = progress.load(place, self.course)
        facts = {id_: (one.passed, one.skipped) for id_, one in state.entries.items()}
        paths = (path for path in place.exercises.rglob("*.*") if path.suffix != ".tmp")
        files = {str(path.relative_to(place.root)): path.read_bytes() for path in paths}
        return files, facts, state.current


# Damage, byte by byte.


def cut_and_flipped(data):
    """The data cut short at every byte, and with every byte turned into another."""
    for position in range(len(data)):
        yield data[:position]
        for mask in (0x01, 0x80, 0xFF):
            yield data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def test_a_progress_damaged_anywhere_is_read_or_set_aside_and_the_one_before_comes_back(
    lab, mini, tally
):
    path, backup = lab.progress_file, storage.backup_of(lab.progress_file)
    before, saved = progress.load(lab, mini)[0], path.read_bytes()
    for damaged in cut_and_flipped(saved):
        path.write_bytes(damaged)
        backup.write_bytes(saved)
        try:
            state, told = progress.load(lab, mini)
        except NewerWorkspaceError:
            assert path.read_bytes() == damaged, "refused, and untouched"
        else:
            kept = {one.read_bytes() for one in lab.state.glob("progress.json*")}
            assert damaged in kept
            assert not told or state == before
        for aside in lab.state.glob("*.damaged-*"):
            aside.unlink()
        tally.add("damaged bytes of progress.json", tried=1, survived=1)


def test_a_damaged_line_of_notes_costs_no_other(lab, tally):
    for text in ("softmax", "over the last", "axis"):
        notes.add(lab, text, NOON, about="01_numbers")
    saved = lab.notes_file.read_bytes()
    lines = saved.splitlines(keepends=True)
    texts = [note.text for note in notes.load(lab)]
    position = 0
    for count, line in enumerate(lines):
        others = texts[:count] + texts[count + 1 :]
        for damaged in cut_and_flipped(line[:-1]):
            lab.notes_file.write_bytes(
                saved[:position] + damaged + b"\n" + saved[position + len(line) :]
            )
            read = [note.text for note in notes.load(lab)]
            assert [text for text in read if text in others] == others
            tally.add("damaged bytes of notes", tried=1, survived=1)
        position += len(line)
    for end in range(len(saved)):
        lab.notes_file.write_bytes(saved[:end])
        whole = saved[:end].count(b"\n")
        assert [note.text for note in notes.load(lab)][:whole] == texts[:whole]
        notes.add(lab, "after the damage", NOON)
        assert [note.text for note in notes.load(lab)][-1] == "after the damage"


def test_a_note_of_a_later_nanolab_is_read_as_far_as_it_is_understood(lab):
    fields = {"text": "from tomorrow", "when": NOON, "about": "", "question": 0, "mood": "good"}
    storage.append_line(lab.notes_file, json.dumps(fields).encode())
    assert notes.load(lab)[-1].text == "from tomorrow"


def test_a_history_damaged_anywhere_is_said_and_never_in_the_way(lab, mini, tally):
    double = mini.find("double")
    store = lab.history_dir
    paths = sorted(path for path in store.rglob("*") if path.is_file())
    for path in paths:
        saved = path.read_bytes()
        path.chmod(0o644)
        places = sorted({0, 1, len(saved) // 2, len(saved) - 1})
        damages = [b"", saved[: len(saved) // 2], saved + b"x"]
        damages += [saved[:at] + bytes([saved[at] ^ 0xFF]) + saved[at + 1 :] for at in places]
        for damaged in damages:
            path.write_bytes(damaged)
            with contextlib.suppress(WorkspaceError):
                for version in History(lab).versions(double):
                    History(lab).read(double, version.number)
            with contextlib.suppress(WorkspaceError):
                History(lab).read(double, 1)
            tally.add("damages of the history", tried=1, survived=1)
        path.write_bytes(saved)
    assert [one.number for one in History(lab).versions(double)] == [1, 2]


@pytest.mark.parametrize("part", ["objects", "refs"])
def test_with_a_history_gone_bad_every_command_still_works(lab, mini, part):
    for path in (lab.history_dir / part).rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"\0" * 41)
    (lab.root / DOUBLE).write_text("mine, in these hard times\n")
    for words in (("run", "double"), ("reset", "double", "--yes"), ("undo",), ("note", "x")):
        assert command(lab, mini.root, *words) in (0, 1)
    assert (lab.root / DOUBLE).read_text() == "mine, in these hard times\n"


# Two at once.


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from acting import command
from nanolab.workspace import Workspace
lab, root = Workspace(Path(sys.argv[1])), sys.argv[2]
for number in range(10):
    assert command(lab, root, "note", f"{sys.argv[4]} {number}") == 0
    assert command(lab, root, "run", sys.argv[4]) in (0, 1)
    assert command(lab, root, "reset", sys.argv[4], "--yes") == 0
    assert command(lab, root, "undo") == 0
"""


def test_two_terminals_at_once_lose_nothing(lab, mini, tally):
    had = Treasure.of(lab, mini)
    lab.file(mini.find("shout")).write_text("typed in the other terminal\n")
    here = str(Path(__file__).parents[1])
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, lab.root, mini.root, here, name])
        for name in ("double", "shout")
    ]
    assert [writer.wait(timeout=200) for writer in writers] == [0, 0]
    after = Treasure.of(lab, mini)
    had.assert_kept_in(after)
    assert ("shout", b"typed in the other terminal\n") in after.contents
    written = [text for text in after.notes if text.startswith(("double ", "shout "))]
    assert sorted(written) == sorted(
        f"{name} {n}" for name in ("double", "shout") for n in range(10)
    )
    tally.add("commands of two writers at once", tried=80, survived=80)


def test_a_progress_of_before_is_read(lab, mini):
    lab.progress_file.write_text(
        '{"schema": 1, "exercises": {"01_numbers/double": {"passed": true}}}'
    )
    state, told = progress.load(lab, mini)
    assert told == ""
    assert progress.entry(state, mini.find("double")).passed
    assert state != Progress()
