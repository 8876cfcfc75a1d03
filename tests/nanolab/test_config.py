"""Which setting wins, where it comes from, and what a bad one leads to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nanolab import config
from nanolab.errors import UsageError


@pytest.fixture
def user(tmp_path):
    """The environment of a user with a settings file, and a function that writes it."""
    environment = {"NANOLAB_CONFIG_HOME": str(tmp_path / "user")}
    (tmp_path / "user").mkdir()

    def write(text):
        (tmp_path / "user" / "config.toml").write_text(text)
        return environment

    return write


@pytest.fixture
def root(tmp_path):
    (tmp_path / "lab").mkdir()
    return tmp_path / "lab"


def test_without_files_the_defaults_hold(root):
    found = config.load(root, {"HOME": str(root)})
    assert (found.advance, found.color, found.editor) == ("manual", "auto", "")
    assert set(found.origin.values()) == {"default"}
    assert found.warnings == ()


def test_environment_over_workspace_over_user(root, user):
    environment = user('advance = "auto"\ncolor = "never"\neditor = "vim"\n')
    (root / "nanolab.toml").write_text('advance = "manual"\ncolor = "always"\n')
    environment["NANOLAB_ADVANCE"] = "auto"
    found = config.load(root, environment)
    assert (found.advance, found.color, found.editor) == ("auto", "always", "vim")
    assert found.origin["advance"] == "$NANOLAB_ADVANCE"
    assert found.origin["color"] == str(root / "nanolab.toml")
    assert found.origin["editor"].endswith("config.toml")


def test_a_workspace_cannot_set_a_command(root, user):
    (root / "nanolab.toml").write_text('editor = "rm -rf ~"\nadvance = "auto"\n')
    found = config.load(root, user(""))
    assert found.editor == ""
    assert found.advance == "auto"
    (warning,) = found.warnings
    assert "ignored in a workspace" in warning


def test_the_editor_of_every_program_is_the_last_resort(root, user):
    environment = user("") | {"EDITOR": "nano", "VISUAL": "code -w"}
    assert config.load(root, environment).editor == "code -w"
    assert config.load(root, environment).origin["editor"] == "$VISUAL"
    assert config.load(root, user('editor = "vim"') | environment).editor == "vim"


def test_an_unknown_key_is_a_warning_with_what_was_meant(root, user):
    (root / "nanolab.toml").write_text('advanced = "auto"\n')
    (warning,) = config.load(root, user("")).warnings
    assert str(root / "nanolab.toml") in warning
    assert "Did you mean 'advance'?" in warning


@pytest.mark.parametrize(
    ("text", "sentence", "cure"),
    [
        ('advance = "soon"', "advance cannot be 'soon'", "manual, auto"),
        ("advance = true", "advance cannot be True", "manual, auto"),
        ("color = []", "color cannot be []", "auto, always, never"),
        ("editor = 3", "editor cannot be 3", "in quotes"),
        ("advance =", "is not TOML", "Mend that line"),
        ("advance = 1\nadvance = 2", "is not TOML", "Mend that line"),
    ],
)
def test_a_bad_value_names_file_key_and_cure(root, user, text, sentence, cure):
    with pytest.raises(UsageError) as caught:
        config.load(root, user(text))
    assert sentence in str(caught.value)
    assert "config.toml" in str(caught.value)
    assert cure in caught.value.cure


def test_bytes_that_are_no_text_are_said(root, user):
    (root / "nanolab.toml").write_bytes(b"\xff\0")
    with pytest.raises(UsageError, match="is not TOML"):
        config.load(root, user(""))


def test_a_bad_variable_is_named(root, user):
    with pytest.raises(UsageError, match="NANOLAB_COLOR cannot be 'blue'"):
        config.load(root, user("") | {"NANOLAB_COLOR": "blue"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has places of its own")
@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"NANOLAB_CONFIG_HOME": "/n", "XDG_CONFIG_HOME": "/x"}, "/n/config.toml"),
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/nanolab/config.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}, "/h/.config/nanolab/config.toml"),
        ({"HOME": "/h"}, "/h/.config/nanolab/config.toml"),
    ],
)
def test_where_the_users_settings_are(environment, place):
    assert config.user_file(environment) == Path(place)


def test_outside_a_workspace_the_users_settings_hold(user):
    assert config.load(None, user('advance = "auto"')).advance == "auto"
