"""Answers that are given again: as long as they hold, and not a moment longer."""

from __future__ import annotations

import re

from nanolab import progress


def worked_out(answer):
    """Whether an answer was worked out anew, by the profile of its imports."""
    return bool(re.search(r"\| +nanolab\.cli\.glance$", answer.err, re.M))


def ask(shell, line, **variables):
    return shell(f"nanolab {line}", PYTHONPROFILEIMPORTTIME="1", **variables)


def warm(shell, *lines):
    """Ask twice: the first answer of all may write bytecode, and is then not kept."""
    for line in lines * 2:
        ask(shell, line)


def test_an_answer_is_given_again_word_for_word(shell):
    for line in ("list", "status", "where --json", "hint double --level 1"):
        warm(shell, line)
        first = shell(f"rm .nanolab/cache/*; nanolab {line}")
        again = ask(shell, line)
        assert not worked_out(again)
        assert (again.out, again.code) == (first.out, 0)


def test_progress_makes_it_new(shell, workspace, mini):
    warm(shell, "list")
    progress.update(workspace, mini, lambda kept: progress.with_skip(kept, mini.find("double")))
    answer = ask(shell, "list")
    assert worked_out(answer)
    assert "skipped" in answer.out


def test_another_width_colour_or_question_is_another_answer(shell):
    warm(shell, "list")
    assert worked_out(ask(shell, "list", COLUMNS="50"))
    assert worked_out(ask(shell, "list", NANOLAB_COLOR="always"))
    assert worked_out(ask(shell, "list 1"))


def test_a_file_that_was_not_there_makes_it_new(shell, workspace):
    warm(shell, "list")
    (workspace.root / "nanolab.toml").write_text('color = "always"\n')
    answer = ask(shell, "list")
    assert worked_out(answer)
    assert "\x1b[" in answer.out


def test_the_next_hint_is_the_next_one(shell):
    answers = [ask(shell, "hint double --yes").out for _ in range(4)]
    assert [re.search(r"Hint (\d)", one).group(1) for one in answers] == ["1", "2", "3", "3"]


def test_what_was_said_beside_the_answer_is_said_again(shell, workspace):
    (workspace.root / "nanolab.toml").write_text('colour = "always"\n')
    warm(shell, "list")
    assert "colour" in shell("nanolab list").err


def test_a_damaged_memory_is_no_memory(shell, workspace):
    warm(shell, "list")
    kept = workspace.state / "cache" / "list"
    for damage in (b"", b"\xff\xfe", b"a\0b", kept.read_bytes()[:-20], b"\0\0\0\0"):
        kept.write_bytes(damage)
        assert "Numbers" in shell("nanolab list").out


def test_nothing_is_kept_outside_a_workspace(shell, tmp_path):
    answer = shell("nanolab list", cwd=tmp_path)
    assert answer.code == 3
    assert not (tmp_path / ".nanolab").exists()
