"""Check of 01_welcome/env_probe."""

import sys
from importlib.metadata import PackageNotFoundError

from nanochat.welcome.env_probe import parse_version, satisfies
from nanochat.welcome.env_probe import probe as probe_machine

from nanolab.expect import attempt, equal

# A machine of our own invention: the checks do not depend on what is installed here.
INSTALLED = {"torch": "2.13.0+cpu", "PyYAML": "6.0.2", "rich": "12.6.0"}
PROGRAMS = {"git": "/usr/bin/git"}


def lookup(name):
    """The version of an invented package."""
    if name not in INSTALLED:
        raise PackageNotFoundError(name)
    return INSTALLED[name]


def which(name):
    """The path of an invented program, or None."""
    return PROGRAMS.get(name)


def test_a_version_is_a_tuple_of_numbers():
    """2.13.0 is read as (2, 13, 0).

    Kills text and three_only.
    """
    equal(parse_version("2.13.0"), (2, 13, 0), "a version is a row of numbers")
    equal(parse_version("2.8"), (2, 8), "as many numbers as the text has")


def test_only_the_leading_numbers_count():
    """2.13.0+cu128 and 2.9.0rc1 end where the numbers end.

    Kills cuts_nothing, cuts_at_plus, every_number and empty_version.
    """
    for text in ["2.13.0+cpu", "2.13.0+cu128", "2.13.0rc1", "2.13.0.post2", "2.13.0.dev5+git7a"]:
        message = f"in {text!r}, the numbers of the version end after 2.13.0"
        equal(attempt(parse_version, text), (2, 13, 0), message)
    message = "'nightly' begins with no number, so it is no version"
    equal(attempt(parse_version, "nightly"), ("raises", "ValueError"), message)


def test_versions_compare_as_numbers():
    """2.10 is newer than 2.9.

    Kills compares_text, newer_only and upside_down.
    """
    assert satisfies("2.10", "2.9"), "2.10 comes after 2.9: ten is more than nine"
    assert not satisfies("2.9", "2.10"), "2.9 comes before 2.10: nine is less than ten"
    assert satisfies("2.8.0+cpu", "2.8.0"), "exactly the minimum is enough"
    assert not satisfies("1.99", "2.0"), "the first number decides before the second one"


def test_missing_numbers_are_zeros():
    """2.8 and 2.8.0 are the same version.

    Kills no_zeros and shortest_decides.
    """
    assert satisfies("2.8", "2.8.0"), "2.8 is 2.8.0: a number that is not written is a zero"
    assert satisfies("2.8.0", "2.8"), "2.8.0 is 2.8: a number that is not written is a zero"
    assert not satisfies("2.8", "2.8.1"), "2.8 is 2.8.0, which comes before 2.8.1"


def test_probe_reports_what_it_finds():
    """probe() gives a row for every package and program.

    Kills crashes_when_missing, leaves_missing_out and old_is_fine.
    """
    needed = {"torch": "2.8", "no-such-package": "1.0", "rich": "13.7"}
    rows = probe_machine(needed, ["git", "cargo"], lookup=lookup, which=which)
    expected = [
        ("torch", "2.8", "2.13.0+cpu", True),
        ("no-such-package", "1.0", None, False),
        ("rich", "13.7", "12.6.0", False),
        ("git", "", "/usr/bin/git", True),
        ("cargo", "", None, False),
    ]
    equal(
        [tuple(row) for row in rows], expected, "one row each, in order; None for what is not there"
    )
    equal(probe_machine({}), [], "who needs nothing gets an empty report")


def test_probe_imports_nothing(monkeypatch, tmp_path):
    """probe() reads a version without importing the package.

    Kills imports: a package's name need not be the name of its module, either.
    """
    info = tmp_path / "PyNanoFake-3.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: PyNanoFake\nVersion: 3.1\n")
    (tmp_path / "nanofake.py").write_text("__version__ = 'read by importing me'\n")
    monkeypatch.syspath_prepend(tmp_path)
    rows = probe_machine({"PyNanoFake": "3.0"})
    message = "pip calls it PyNanoFake, and its version stands in its metadata"
    equal([tuple(row) for row in rows], [("PyNanoFake", "3.0", "3.1", True)], message)
    imported = "nanofake" in sys.modules
    assert not imported, "the package was imported, only to read its version"


def probe(module):
    """How many versions are read and compared, and one report."""
    texts = ["2.13.0", "2.8", "2.13.0+cpu", "2.13.0+cu128", "2.13.0rc1", "2.13.0.post2", "nightly"]
    pairs = [("2.10", "2.9"), ("2.9", "2.10"), ("2.8", "2.8.0"), ("2.8.0", "2.8"), ("2.8", "2.8.1")]
    pairs += [("2.8.0+cpu", "2.8.0"), ("1.99", "2.0")]
    needed = {"torch": "2.8", "no-such-package": "1.0", "rich": "13.7", "PyYAML": "6"}

    def rows():
        return [tuple(row) for row in module.probe(needed, ["git"], lookup=lookup, which=which)]

    return (
        [attempt(module.parse_version, text) for text in texts],
        [attempt(module.satisfies, *pair) for pair in pairs],
        attempt(rows),
    )
