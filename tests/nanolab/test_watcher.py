"""Saves as editors make them, and file systems that say nothing."""

import contextlib
import os
import queue
import sys
import time

import pytest
from saves import as_vim, atomically, in_pieces, in_place

from nanolab import watcher
from nanolab.session.events import Missing, Saved, Warned
from nanolab.watcher import Contents, Watcher, settled, sha256_of

LONG = 5  # seconds: far longer than anything here takes
SHORT = 0.3  # seconds in which a second event would have come


@pytest.fixture
def files(workspace, mini):
    return {workspace.file(one): one for one in mini.exercises}


@pytest.fixture
def double(files):
    return next(iter(files))


@pytest.fixture
def total(files):
    return list(files)[1]


@pytest.fixture
def events():
    return queue.SimpleQueue()


@pytest.fixture
def watching(files, double, events):
    """A watcher that has begun; its events are in `events`."""
    with Watcher(files, files[double], events.put) as one:
        time.sleep(0.1)  # until the directories are watched
        yield one


@pytest.mark.parametrize("save", [in_place, atomically, as_vim, in_pieces])
@pytest.mark.usefixtures("watching")
def test_every_way_to_save_is_one_save(files, double, events, save):
    for text in ("one = 1\n", "two = 2\n"):
        save(double, text)

        assert events.get(timeout=LONG) == Saved(files[double], sha256_of(double))
        with pytest.raises(queue.Empty):
            events.get(timeout=SHORT)


@pytest.mark.usefixtures("watching")
def test_the_same_content_is_no_save(double, events):
    double.write_bytes(double.read_bytes())
    os.utime(double)

    with pytest.raises(queue.Empty):
        events.get(timeout=SHORT)


@pytest.mark.usefixtures("watching")
def test_two_saves_of_one_size_within_a_moment_are_two_contents(double, events):
    for text in ("a = 1\n", "a = 2\n"):
        in_place(double, text)
        assert events.get(timeout=LONG).sha256 == sha256_of(double)


@pytest.mark.usefixtures("watching")
def test_other_exercises_are_watched_and_other_files_are_not(files, total, events):
    total.with_name("scratch.py").write_text("nothing of ours")
    total.write_text("something = 1\n")

    assert events.get(timeout=LONG).exercise == files[total]
    assert events.empty()


@pytest.mark.usefixtures("watching")
def test_a_renamed_exercise_is_missing_and_comes_back(files, double, events):
    elsewhere = double.rename(double.with_name("mine.py"))
    assert events.get(timeout=LONG) == Missing(files[double])

    elsewhere.rename(double)

    assert isinstance(events.get(timeout=LONG), Saved)


@pytest.mark.usefixtures("watching")
def test_a_stage_folder_that_is_made_anew_is_watched_again(files, total, events):
    content = total.read_text()
    moved = total.parent.rename(total.parent.with_name("away"))
    assert {type(events.get(timeout=LONG)) for _ in range(2)} == {Missing}
    moved.rename(total.parent)
    assert {type(events.get(timeout=LONG)) for _ in range(2)} == {Saved}

    total.write_text(content + "# more\n")

    assert events.get(timeout=LONG) == Saved(files[total], sha256_of(total))


@pytest.mark.usefixtures("watching")
def test_a_last_save_is_never_missed(double, events):
    """Whatever comes in between, the last event speaks of what the disk holds."""
    for number in range(50):
        (in_place, atomically, as_vim)[number % 3](double, f"number = {number}\n")
        time.sleep(0.003 * (number % 4))
    last = events.get(timeout=LONG)
    with contextlib.suppress(queue.Empty):
        while True:
            last = events.get(timeout=SHORT)

    assert last.sha256 == sha256_of(double)


def test_what_nobody_announces_is_found_by_looking_and_said_once(
    monkeypatch, files, double, events
):
    def silence(_directories, stop, _wake):
        while not stop.wait(0.02):
            yield set()

    monkeypatch.setattr(watcher, "announcements", silence)
    monkeypatch.setattr(watcher, "SILENCE", 0.05)
    with Watcher(files, files[double], events.put):
        double.write_text("one = 1\n")
        assert events.get(timeout=LONG) == Saved(files[double], sha256_of(double))
        assert isinstance(events.get(timeout=LONG), Warned)
        double.write_text("two = 2\n")
        assert events.get(timeout=LONG) == Saved(files[double], sha256_of(double))
        with pytest.raises(queue.Empty):
            events.get(timeout=SHORT)


def test_without_announcements_all_files_are_looked_at_and_the_cure_is_named(
    monkeypatch, files, total, events
):
    def exhausted(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(watcher, "announcements", exhausted)
    monkeypatch.setattr(watcher, "POLL", 0.02)
    with Watcher(files, files[total], events.put):
        warning = events.get(timeout=LONG)
        total.write_text("one = 1\n")

        assert "No space left" in warning.notice
        if sys.platform == "linux":
            assert "fs.inotify.max_user_watches" in warning.notice
        assert events.get(timeout=LONG) == Saved(files[total], sha256_of(total))


@pytest.mark.parametrize("announced", [True, False])
def test_a_save_that_changes_neither_time_nor_size_is_seen(
    monkeypatch, files, double, events, announced
):
    """As on a file system that knows whole seconds only."""
    if not announced:
        monkeypatch.setattr(watcher, "announcements", lambda *_: iter(()))
    double.write_text("a = 1\n")
    whole = int(time.time())
    os.utime(double, (whole, whole))
    with Watcher(files, files[double], events.put):
        time.sleep(0.1)  # until the directories are watched
        double.write_text("a = 2\n")
        os.utime(double, (whole, whole))

        assert events.get(timeout=LONG) == Saved(files[double], sha256_of(double))


def test_the_progress_file_is_watched_beside_the_exercises(files, double, events, tmp_path):
    progress = tmp_path / "progress.json"
    touched = queue.SimpleQueue()
    with Watcher(files, files[double], events.put, also=progress, touched=lambda: touched.put(1)):
        time.sleep(0.1)
        progress.write_text("{}")

        assert touched.get(timeout=LONG)


def test_an_empty_file_gets_time_to_be_filled(tmp_path):
    path = tmp_path / "hello.py"
    path.write_text("")
    begun = time.monotonic()

    settled({path})

    assert time.monotonic() - begun >= watcher.PATIENCE


def test_contents_know_what_a_file_held_before(files, double):
    contents = Contents(files)
    double.write_text("one = 1\n")

    first, second = list(contents.changes({double})), list(contents.changes({double}))

    assert first == [Saved(files[double], sha256_of(double))]
    assert second == []
