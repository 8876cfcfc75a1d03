"""The commands as a learner types them, on the course of three exercises."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nanolab.cli import app, edge, front, overview

READING = [
    ["list"],
    ["list", "1"],
    ["map"],
    ["status"],
    ["where"],
    ["read", "1"],
    ["hint", "double"],
    ["history", "double"],
    ["reflect", "1"],
    ["search", "double"],
    ["doctor"],
    ["diff", "double", "--yes"],
]


def commands():
    """Every command as (words, click command)."""
    import typer

    found = typer.main.get_command(app.app).commands
    for name, command in found.items():
        if hasattr(command, "commands"):
            yield from (([name, sub], one) for sub, one in command.commands.items())
        else:
            yield [name], command


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_every_command_has_help_with_an_example(cli, words):
    answer = cli(*words, "-h")
    assert answer.code == 0
    assert f"Example: nanolab {' '.join(words)}" in answer.out or words == ["where"]
    assert "nanolab where" in answer.out or words != ["where"]
    assert cli(*words, "--help").out == answer.out


@pytest.mark.parametrize(("words", "command"), list(commands()), ids=str)
def test_the_overview_has_each_command_once_with_its_first_sentence(words, command):
    if words[0] == "dev":
        assert re.search(r"^  dev  ", overview.TEXT, re.M)
        return
    lines = re.findall(rf"^  {words[0]} +(.*)$", overview.TEXT, re.M)
    assert len(lines) == 1
    said = lines[0].rstrip(".")
    assert re.sub(r"[`]", "", command.help).startswith(said)


def test_the_overview_fits_an_80_column_terminal():
    assert max(map(len, overview.TEXT.splitlines())) <= 79


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["-h"],
        ["list"],
        ["list", "1"],
        ["list", "--json"],
        ["list", "nope"],
        ["map"],
        ["map", "--json"],
        ["status"],
        ["status", "--json"],
        ["where"],
        ["where", "--json"],
        ["hint", "double", "--level", "1"],
        ["hint", "double", "--level", "1", "--json"],
        ["hint", "total", "--level", "3", "--yes"],
        ["hint", "total", "--level", "3", "--json"],
        ["hint", "--level", "9"],
    ],
    ids=" ".join,
)
def test_both_doors_give_the_same_answer(cli, monkeypatch, words):
    cli(*words)  # what changes the progress, a hint say, has now done so
    quick = cli(*words)
    monkeypatch.setattr(front, "answer", app.run)
    assert cli(*words) == quick


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_gives_one_json_object(cli, words):
    answer = cli(*words, "--json")
    assert answer.json["schema"] == 1
    assert answer.json["nanolab"]


@pytest.mark.parametrize("words", [["list", "nope"], ["hint", "--level", "9"], ["list", "--nope"]])
def test_errors_are_json_too(cli, words):
    answer = cli(*words, "--json")
    assert answer.code == 2
    error = answer.json["error"]
    assert (error["code"], error["kind"]) == (2, "usage")
    assert error["message"]
    assert error["fix"]
    assert answer.err == ""


def test_a_bare_list_shows_every_exercise_and_where_you_are(cli):
    lines = cli("list").out.splitlines()
    assert [line.split()[2] for line in lines if "▶" in line] == ["double"]
    assert sum("total" in line or "shout" in line for line in lines) == 2


def test_a_hint_at_a_time_and_the_last_one_asks(cli):
    assert "Hint 1 of 3" in cli("hint").out
    assert "Hint 2 of 3" in cli("hint").out
    refused = cli("hint")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert "Hint 3 of 3" in cli("hint", "--yes").out
    assert "Hint 3 of 3" in cli("hint").out, "what has been seen is no secret"
    assert cli("status", "--json").json["current"]["hints_used"] == 3


def test_the_second_hint_names_the_slip_of_the_file_as_it_is(cli, mini, workspace):
    double = workspace.file(mini.find("double"))
    double.write_text("def double(number):\n    return number + 2\n")
    assert "the second hint tells it" in " ".join(cli("run", "double").out.split())
    assert "adds two" not in cli("hint", "double", "--level", "1").out
    assert "Your code adds two instead of multiplying." in cli("hint", "double", "--level", "2").out
    assert "adds two" in cli("hint", "double", "--level", "2", "--json").json["slip"]
    double.write_text("def double(number):\n    return 7\n")
    assert "adds two" not in cli("hint", "double", "--level", "2").out


def test_a_hint_does_not_move_the_current_exercise(cli):
    cli("hint", "shout")
    assert cli("status", "--json").json["current"]["id"] == "01_numbers/double"


def test_goto_and_skip_move(cli):
    cli("goto", "total")
    assert cli("status", "--json").json["current"]["id"] == "01_numbers/total"
    cli("goto", "double")
    cli("skip")
    listed = cli("list", "--json").json
    assert listed["current"] == "01_numbers/total"
    assert listed["stages"][0]["exercises"][0]["skipped"]


def test_run_judges_and_remembers(cli, workspace, mini, solve):
    double = mini.find("double")
    assert cli("run").code == 1
    solve(workspace, mini, double)
    passed = cli("run", "--json")
    assert passed.code == 0
    assert passed.json["status"] == "pass"
    assert [test["status"] for test in passed.json["tests"]] == ["pass"] * 3
    assert cli("status", "--json").json["passed"] == 1
    assert [one["number"] for one in cli("history", "double", "--json").json["versions"]] == [1, 2]


def test_run_assembled_uses_the_other_files_of_the_learner(cli, workspace, mini, solve):
    shout = mini.find("shout")
    solve(workspace, mini, shout)
    solve(workspace, mini, mini.find("double"))
    assert cli("run", "double").code == 0
    workspace.file(mini.find("double")).write_text("def double(number):\n    return 'wrong'\n")
    assert cli("run", "shout").code == 0, "under a check the others are solutions"
    assert cli("run", "shout", "--assembled").code == 1, "shout is built on double"


def test_reset_keeps_what_was_there_and_undo_brings_it_back(cli, workspace, mini):
    file = workspace.file(mini.find("double"))
    stub = file.read_bytes()
    file.write_bytes(b"mine = 1\n")
    assert cli("reset", "double").code == 2, "it asks, and nobody is there"
    assert file.read_bytes() == b"mine = 1\n"
    assert cli("reset", "double", "--yes").code == 0
    assert file.read_bytes() == stub
    assert cli("undo").code == 0
    assert file.read_bytes() == b"mine = 1\n"
    assert "nothing to undo" in cli("undo").err


def test_resetting_a_passed_file_takes_the_pass_back_until_undone(cli, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    cli("run", "double")
    cli("reset", "double", "--yes")
    assert cli("status", "--json").json["passed"] == 0
    cli("undo")
    assert cli("status", "--json").json["passed"] == 1


def test_restore_brings_back_a_version_by_its_number(cli, workspace, mini):
    file = workspace.file(mini.find("double"))
    for text in ("one = 1\n", "two = 2\n"):
        file.write_text(text)
        cli("run", "double")
    assert cli("restore", "double@1", "--yes").code == 0
    assert file.read_text() == "one = 1\n"
    assert cli("restore", "double@9", "--yes").code == 2
    assert cli("restore", "double", "--yes").code == 2
    compared = cli("history", "double", "--diff", "1", "2").out
    assert "one = 1" in compared
    assert "double@2" in compared


def test_diff_asks_before_a_pass_and_remembers(cli):
    refused = cli("diff", "double")
    assert refused.code == 2
    assert "return" not in refused.out
    assert "return" in cli("diff", "double", "--yes").out
    assert "looking at the solution" in cli("journal").out


def test_diff_after_a_pass_asks_nothing(cli, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    cli("run", "double")
    assert cli("diff", "double").out.strip().endswith("Nothing differs.")


def test_diff_can_ignore_names_and_go_by_function(cli, workspace, mini):
    source = mini.solution(mini.find("double")).read_text().replace("number", "n")
    workspace.file(mini.find("double")).write_text(source)
    cli("run", "double")
    assert cli("diff", "double", "--yes", "--json").json["same"] is False
    assert cli("diff", "double", "--normalize", "--yes", "--json").json["same"] is True
    assert "double" in cli("diff", "double", "--by-function", "--yes").out


def test_reflection_takes_a_line_for_each_question(cli, workspace, mini, solve):
    for name in ("double", "total"):
        solve(workspace, mini, mini.find(name))
        cli("run", name)
    assert cli("map", "--json").json["stages"][1]["open"] is False
    answered = cli("reflect", typed="zero\nbecause adding it changes nothing\n")
    assert answered.code == 0
    assert "The course's answer" in answered.err
    assert cli("map", "--json").json["stages"][1]["open"] is True
    assert "> zero" in cli("journal").out


def test_a_reflection_that_breaks_off_opens_nothing_but_keeps_what_was_said(cli):
    broken_off = cli("reflect", "1", typed="zero\n")
    assert broken_off.code == 2
    assert cli("reflect", "1", "--json").json["state"] is None
    assert "> zero" in cli("journal").out


def test_reflect_skip_is_recorded(cli):
    assert cli("reflect", "1", "--skip").code == 0
    assert cli("reflect", "1", "--json").json["state"] == "skipped"


def test_notes_stand_in_the_journal(cli):
    assert cli("note", "mind", "the", "axes").code == 0
    assert "> mind the axes" in cli("journal").out


def test_search_finds_lessons_titles_and_only_hints_already_seen(cli):
    before = cli("search", "stand", "--json").json["hits"]
    cli("hint", "double")
    after = cli("search", "stand", "--json").json["hits"]
    assert [hit["place"] for hit in after if hit not in before] == ["01_numbers/double hint 1"]
    assert cli("search", "zebra").out == ""


def test_export_writes_a_package_that_needs_no_nanolab(cli, tmp_path, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    cli("run", "double")
    assert cli("export", tmp_path / "out").code == 0
    code = "import sys; from mini.words import shout; assert 'nanolab' not in sys.modules; shout"
    done = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
                          cwd=tmp_path / "out", check=False)  # fmt: skip
    assert done.returncode == 0
    assert cli("export", tmp_path / "out").code == 2, "it would overwrite"
    assert cli("export", tmp_path / "out", "--yes").code == 0


def test_where_names_places_that_exist(cli):
    cli("goto", "double")
    places = cli("where", "--json").json
    for name in ("workspace", "exercise", "lesson", "progress", "course"):
        assert Path(places[name]).exists()


def test_global_options_may_stand_anywhere(cli):
    assert "\x1b[" in cli("--color", "always", "list").out
    assert "\x1b[" in cli("list", "--color=always").out
    assert "\x1b[" not in cli("list").out
    assert cli("list", "--color", "pink").code == 2


def test_after_two_dashes_everything_is_text(cli):
    assert cli("note", "--", "--debug", "it").code == 0
    assert "> --debug it" in cli("journal").out


def test_debug_shows_the_trace_of_an_error(cli):
    assert "Traceback" in cli("list", "nope", "--debug").err
    assert "Traceback" not in cli("list", "nope").err


def test_without_a_terminal_bare_nanolab_says_where_you_are_and_what_to_run(cli):
    answer = cli()
    assert answer.code == 0
    assert "double" in answer.out
    assert "nanolab watch" in answer.err


def test_init_twice_harms_nothing(cli, workspace, mini):
    workspace.file(mini.find("double")).write_text("mine = 1\n")
    workspace.file(mini.find("total")).unlink()
    assert cli("init", ".").code == 0
    assert workspace.file(mini.find("double")).read_text() == "mine = 1\n"
    assert workspace.file(mini.find("total")).exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nanolab hint d", ["double"]),
        ("nanolab run ", ["double", "total", "shout"]),
        ("nanolab run 01_numbers/t", ["01_numbers/total"]),
        ("nanolab list 0", ["01_numbers", "02_words", "03_later"]),
        ("nanolab verify double s", ["shout"]),
    ],
)
def test_the_shell_completes_names(cli, monkeypatch, words, expected):
    monkeypatch.setenv("_NANOLAB_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    assert cli().out.split() == expected


def test_the_shell_completes_commands_and_options_by_typer(shell):
    words = {"_NANOLAB_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    assert shell("nanolab", COMP_WORDS="nanolab hi", **words).out.split() == ["hint", "history"]
    words["COMP_CWORD"] = "2"
    assert "--level" in shell("nanolab", COMP_WORDS="nanolab hint --", **words).out


def test_an_unforeseen_error_is_a_bug_with_a_trace_in_a_file(cli, workspace, monkeypatch):
    from nanolab.cli import glance

    def broken():
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(glance.COMMANDS, "status", broken)
    answer = cli("status")
    assert answer.code == 5
    assert "bug in nanolab: ZeroDivisionError" in answer.err
    assert "Traceback" not in answer.err
    (crash,) = workspace.state.glob("crash-*.txt")
    assert "ZeroDivisionError" in crash.read_text()
    assert crash.name in answer.err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_signals_have_their_own_codes_and_no_words(cli, monkeypatch, error, code):
    from nanolab.cli import glance

    def stopped():
        raise error

    monkeypatch.setitem(glance.COMMANDS, "status", stopped)
    answer = cli("status")
    assert (answer.code, answer.out, answer.err) == (code, "", "")


def test_the_documented_exit_codes_stand_in_the_overview():
    for code in (edge.INTERRUPTED, edge.CLOSED_PIPE, edge.TERMINATED, 0, 1, 2, 3, 4, 5):
        assert re.search(rf"\b{code}\b", overview.TEXT)


def test_json_is_utf8_and_readable_by_a_program(shell):
    answer = shell("nanolab list --json", PYTHONIOENCODING="ascii")
    assert json.loads(answer.out)["schema"] == 1
