"""Check of 03_dataset/fetch."""

import contextlib
import io
import os
import re
import resource
import shutil
import tempfile
import threading
from pathlib import Path

from kit.server import serving
from nanochat.dataset.fetch import download_single_file, fetch, main, read_url

from nanolab.expect import attempt, equal

NAME = "shard_00000.parquet"
# Errors that are slips of the pen: a learner should see their line, not a comparison that failed.
BLUNDERS = (NotImplementedError, NameError, AttributeError, TypeError)


class Source:
    """Files from nowhere: each call does what is next in the plan, and the last deed repeats.

    A deed is the bytes to give, in pieces; an exception among them is raised when its turn comes.
    """

    def __init__(self, *plan):
        self.plan = list(plan)
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        deed = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
        if isinstance(deed, BaseException):
            raise deed
        return self._pieces(deed)

    @staticmethod
    def _pieces(deed):
        for one in deed:
            if isinstance(one, BaseException):
                raise one
            yield one


def bring(folder, source, *, function=fetch, name=NAME, **options):
    """Fetch from a source: what comes back or is raised, the pauses made, and what is told."""
    pauses, printed, told = [], io.StringIO(), ""
    options.setdefault("sleep", pauses.append)
    with contextlib.redirect_stdout(printed):
        try:
            found = function(name, folder, source, **options)
        except BLUNDERS:
            raise
        except BaseException as error:
            found, told = ("raises", type(error).__name__), str(error)
    return found, pauses, printed.getvalue() + told


def files(folder):
    """The files in a folder, each with what is in it."""
    folder = Path(folder)
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: path.read_bytes() if path.is_file() else None for path in names}


@contextlib.contextmanager
def full_disk(room=2000):
    """No file may grow above so many bytes: to a program, a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_comes(tmp_path):
    """A file is brought once: all pieces of it, and nothing beside it.

    Kills again_and_again, first_piece, leaves_lock, leaves_tmp and no_folder.
    """
    folder, source = tmp_path / "new" / "folder", Source([b"par", b"", b"quet"])
    equal(bring(folder, source)[:2], (True, []), "the file is there now, and nobody had to wait")
    equal(files(folder), {NAME: b"parquet"}, "all pieces in order, and no other file beside it")
    equal(source.asked, [NAME], "the source should be asked for the file by its name, once")
    equal(bring(folder, source)[0], True, "it is there already")
    equal(source.asked, [NAME], "what is there need not be fetched again")
    equal(files(folder), {NAME: b"parquet"}, "and is left as it was")


def test_it_tries_again(tmp_path, capsys):
    """After a failure it waits, longer each time, and tries again; at most five times.

    Kills sleeps_at_the_end, begins_with_one, same_pause, linear, gives_up_at_once, silent and raises.
    """
    source = Source(OSError("no answer"), OSError("busy"), [b"here"])
    found = bring(tmp_path, source)
    equal(
        found[:2], (True, [2, 4]), "it came at the third attempt, after pauses of 2 and 4 seconds"
    )
    equal(files(tmp_path), {NAME: b"here"}, "the file, and nothing else")
    source = Source(OSError("no answer"))
    found, pauses, printed = bring(tmp_path / "never", source)
    equal(found, False, "five failures are no error to raise, but an answer: it is not there")
    equal(len(source.asked), 5, "five attempts")
    equal(pauses, [2, 4, 8, 16], "a pause between attempts, doubled each time; none after the last")
    equal(files(tmp_path / "never"), {}, "nothing came, so nothing should be left")
    for word in (NAME, "no answer", "5"):
        message = f"the file, the error and the attempt should be printed; {word} is missing"
        assert word in printed, message
    found = bring(tmp_path / "never", Source(OSError("no answer")), attempts=1)
    equal(found[:2], (False, []), "a single attempt has no pause")
    main()
    told = capsys.readouterr().out.splitlines()
    equal(told[1::2], ["wait 2 s", "wait 4 s"], "no answer, then 8 bytes of 9")
    equal(told[-1], "['all of it']", "then all of it")


def test_half_a_file(tmp_path):
    """A file that breaks off never gets its name, and the next attempt begins from the start.

    Kills in_place, appends, keeps_half and resumes.
    """
    broken = [b"half", OSError("connection lost")]
    equal(bring(tmp_path, Source(broken))[0], False, "every attempt broke off in the middle")
    equal(files(tmp_path), {}, "half a file is none: neither its name nor a .tmp should be there")
    equal(bring(tmp_path, Source(broken, [b"who", b"le"]))[0], True, "the second attempt is whole")
    equal(
        files(tmp_path), {NAME: b"whole"}, "the first half of an earlier attempt is no part of it"
    )
    (tmp_path / "b.tmp").write_bytes(b"left by a crash, ")
    equal(bring(tmp_path, Source([b"whole"]), name="b")[0], True, "an old .tmp is no obstacle")
    message = "what a crash left behind is no part of the file"
    equal(files(tmp_path), {NAME: b"whole", "b": b"whole"}, message)


def test_looking_before_naming(tmp_path):
    """A file of the wrong size, or one that its check refuses, is fetched again.

    Kills any_size, unchecked and checks_too_late.
    """
    source = Source([b"short"], [b"much too long"], [b"1234567"])
    found = bring(tmp_path, source, expected_size=7)
    equal(found[:2], (True, [2, 4]), "seven bytes were expected: 5 and 13 are failures")
    assert "13" in found[2], "the sizes should be printed"
    seen = []

    def check(path):
        seen.append((path.read_bytes(), (tmp_path / "b").exists()))
        if path.read_bytes() != b"good":
            raise ValueError("not what it should be")

    found = bring(tmp_path, Source([b"bad"], [b"good"]), name="b", check=check)
    equal(found[:2], (True, [2]), "the check refused the first file")
    equal(files(tmp_path), {NAME: b"1234567", "b": b"good"}, "the second one is good")
    message = "the whole file should be checked, and only then get its name"
    equal(seen, [(b"bad", False), (b"good", False)], message)


def test_no_use_trying_again(tmp_path, monkeypatch):
    """A missing file, a full disk and Ctrl-C end it at once; it says why, and nothing is left.

    Kills patient_with_404, patient_with_full_disk, swallows_ctrl_c and any_error.
    """
    source = Source(FileNotFoundError(2, "no such file"))
    found = bring(tmp_path, source)
    equal((found[:2], len(source.asked)), ((False, []), 1), "what is not there will not come later")
    assert NAME in found[2], f"that it is not there should be printed, with its name: {NAME}"
    source = Source([b"x" * 4000])
    usage = type(shutil.disk_usage(tmp_path))(2_000_000, 765_433, 1_234_567)
    with monkeypatch.context() as patch, full_disk():
        patch.setattr(shutil, "disk_usage", lambda _: usage)
        found = bring(tmp_path, source)
    message = "a full disk is not the network's fault: an error, and no second attempt"
    equal(found[:2], (("raises", "OSError"), []), message)
    assert NAME in found[2], f"your message should name the file that did not fit: {NAME}"
    message = "your message should say how many bytes are free (shutil.disk_usage): 1,234,567"
    assert re.search("1[,_. ]?234[,_. ]?567", found[2]), message
    for error in (KeyboardInterrupt(), ZeroDivisionError()):
        found = bring(tmp_path, Source([b"half", error]))
        message = "this is nothing that another attempt would cure: it should come through"
        equal(found[0], ("raises", type(error).__name__), message)
        equal(files(tmp_path), {}, "no half file may stay, whatever ended the attempt")


def test_names_and_folders(tmp_path):
    """A name that leads elsewhere, no attempts, and a folder in the way are refused.

    Kills any_name, backslash, no_attempts and folder_is_there.
    """
    source = Source([b"x"])
    for name in ("../x", "a/b", "/x", "a\\b", "..", ".", ""):
        found = bring(tmp_path, source, name=name)[0]
        message = f"{name!r} is not the bare name of a file, and could be written anywhere"
        equal(found, ("raises", "ValueError"), message)
    for attempts in (0, -1):
        found = bring(tmp_path, source, attempts=attempts)[0]
        equal(found, ("raises", "ValueError"), "there must be one attempt at least")
    (tmp_path / "folder").mkdir()
    found = bring(tmp_path, source, name="folder")[0]
    message = "a folder of that name is not the file, and cannot be replaced by it"
    equal(found, ("raises", "FileExistsError"), message)
    equal((files(tmp_path), source.asked), ({"folder": None}, []), "the source was not even asked")


def test_two_at_once(tmp_path):
    """Of two that fetch the same file at the same time, one waits, and finds it there.

    Kills no_lock and asks_once.
    """
    asked, second = [], threading.Event()

    def slow(name):
        asked.append(name)
        second.set() if len(asked) > 1 else second.wait(0.25)
        yield b"whole"

    def meet():
        try:
            found.append(fetch(NAME, tmp_path, slow, sleep=lambda _: None))
        except Exception as error:
            found.append(error)

    found = []
    threads = [threading.Thread(target=meet) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in found:
        if isinstance(error, BLUNDERS):
            raise error
    equal(found, [True, True], "both should find the file there")
    equal(asked, [NAME], "it should be fetched once only: the other one waits, and looks again")
    equal(files(tmp_path), {NAME: b"whole"}, "the file, and nothing beside it")


def test_a_real_server(tmp_path):
    """Over the network: answers that fail, break off or fall silent are errors; then it works.

    Kills believes_the_end, one_number and unlimited.
    """
    content = os.urandom(3_000_000)
    deeds = ["503", "half", "hang up", "garbage"]
    plans = {"a": [*deeds, "stall"], NAME: ["503", "half"], "c": ["mute"]}
    with serving({"a": content, NAME: content, "c": content}, plans) as server:
        for deed in deeds:
            found = attempt_url(read_url, f"{server.url}/a")
            assert isinstance(found, OSError), f"{deed!r} should be an OSError, not {found!r:.60}"
            if deed == "half":
                told = str(found)
                assert "1500000" in told, "the error should say how many bytes came"
                assert "3000000" in told, "the error should say how many bytes should have come"
        found = attempt_url(read_url, f"{server.url}/a", 0.1)
        assert isinstance(found, OSError), "a server that falls silent should be given up"
        equal(attempt_url(read_url, f"{server.url}/a") == content, True, "now the server is well")
        equal(attempt_url(read_url, f"{server.url}/c") == content, True, "it did not say how long")
        found = attempt_url(read_url, f"{server.url}/nothing")
        equal(type(found), FileNotFoundError, "404 says that there is no such file")
        source = lambda name: read_url(f"{server.url}/{name}")  # noqa: E731 - an opener
        equal(bring(tmp_path, source)[:2], (True, [2, 4]), "two failures, then the file")
        equal(files(tmp_path)[NAME] == content, True, "the file as the server has it")
        equal(download_single_file(0, tmp_path, server.url), True, "shard 0 is there")
        (tmp_path / NAME).unlink()
        equal(download_single_file(0, tmp_path, server.url), True, "shard 0 is fetched")
        equal(files(tmp_path)[NAME] == content, True, "into the folder that was given")
        equal(server.requests[-1], NAME, "shard 0 is called shard_00000.parquet")
        pieces = [len(one) for one in read_url(f"{server.url}/a")]
        equal((sum(pieces), max(pieces) <= 1 << 20), (3_000_000, True), "at most 1 MiB at a time")
        assert len(pieces) < 100, "and not in crumbs either"


def attempt_url(function, *args):
    """What a URL gives, or the error."""
    try:
        return b"".join(function(*args))
    except BLUNDERS:
        raise
    except Exception as error:
        return error


def probe(module):
    function = module.fetch
    lost = OSError("lost")
    cases = [
        (Source([b"par", b"", b"quet"]), {}),
        (Source(lost, lost, [b"here"]), {}),
        (Source(lost), {}),
        (Source([b"half", lost]), {}),
        (Source([b"half", lost], [b"whole"]), {}),
        (Source([b"short"], [b"much too long"], [b"1234567"]), {"expected_size": 7}),
        (Source([b"bad"], [b"good"]), {"check": _good}),
        (Source(FileNotFoundError(2, "none")), {}),
        (Source([b"half", KeyboardInterrupt()]), {}),
        (Source([b"half", ZeroDivisionError()]), {}),
        (Source([b"x"]), {"name": "a/b"}),
        (Source([b"x"]), {"name": "a\\b"}),
        (Source([b"x"]), {"name": ".."}),
        (Source([b"x"]), {"attempts": 0}),
        (Source([b"x"]), {"name": "folder"}),
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "folder").mkdir()
        (folder / "15.tmp").write_bytes(b"old ")
        (folder / "16").write_bytes(b"is here")
        cases += [(Source([b"whole"]), {}), (Source([b"new"]), {})]
        seen = []
        for number, (source, options) in enumerate(cases):
            options = {"name": str(number), **options}  # noqa: PLW2901 - with its own name
            found, pauses, told = bring(folder, source, function=function, **options)
            there = {path.name for path in folder.iterdir()}
            seen += [found, pauses, bool(told), source.asked, there]
        seen += [
            files(folder),
            _looked(function, folder),
            _raced(module, name),
            _full(function, name),
        ]
    return seen, _served(module)


def _good(path):
    if path.read_bytes() == b"bad":
        raise ValueError("bad")


def _looked(function, folder):
    """What a check sees: the file, and whether it had its name by then."""
    seen, path = [], folder / "checked"

    def check(one):
        seen.append((one.read_bytes(), path.exists()))

    return bring(folder, Source([b"a"]), function=function, name="checked", check=check)[0], seen


def _full(function, folder):
    with full_disk():
        found = bring(folder, Source([b"x" * 4000]), function=function, name="full")
    return found[:2], files(folder).get("full.tmp")


def _raced(module, folder):
    """For each time that the source is asked: was the file there? With two that fetch it."""
    asked, others = [], []

    def source(name):
        asked.append((Path(folder) / name).exists())
        if len(asked) == 1:
            others.append(threading.Thread(target=attempt, args=(module.fetch, *wanted)))
            others[0].start()
            others[0].join(0.02)
        return [b"whole"]

    wanted = ("raced", folder, source)
    with contextlib.redirect_stdout(io.StringIO()):
        attempt(module.fetch, *wanted)
        for other in others:
            other.join(1)
    return asked


def _served(module):
    with serving({"a": b"x" * 1000}, {"a": ["half", "mute"]}) as server:
        answers = [attempt_url(module.read_url, f"{server.url}/{name}") for name in "aaab"]
    told = ["500" in str(one) and "1000" in str(one) for one in answers]
    return [type(one).__name__ for one in answers], told
