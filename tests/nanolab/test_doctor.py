"""The report that learners paste."""

from __future__ import annotations

import os
import re

from nanolab import doctor, storage


def found(findings):
    return {one.name: one for one in findings}


def test_it_reports_where_everything_is_and_blocks_nothing(cli, workspace):
    answer = cli("doctor")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "Nothing blocks you."
    assert str(workspace.root) in answer.out


def test_it_works_outside_of_a_workspace(shell, tmp_path):
    answer = shell("nanolab doctor --json", cwd=tmp_path)
    assert answer.code == 0
    found_here = {one["name"]: one for one in answer.json["findings"]}
    assert found_here["workspace"]["value"] == "none here"
    assert "nanolab init" in found_here["workspace"]["cure"]


def test_the_home_directory_and_secrets_stay_private(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert doctor.censor("/home/ada/lab") == "~/lab"
    assert doctor.censor("NANOLAB_EDITOR=x --token=abc123") == "NANOLAB_EDITOR=x --token=***"
    assert doctor.censor("https://ada:pw@example.org") == "https://***@example.org"
    assert doctor.censor("hf_abcdefghijk") == "***"
    assert doctor.censor("nothing here") == "nothing here"


def test_a_broken_course_blocks(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("NANOLAB_COURSE", str(tmp_path / "nowhere"))
    course = found(doctor.examine(workspace.root))["course"]
    assert course.blocks
    assert course.cure


def test_a_newer_progress_blocks(cli, workspace):
    workspace.progress_file.write_text('{"schema": 99}')
    answer = cli("doctor")
    assert answer.code == 4
    assert "x progress" in answer.out


def test_a_damaged_progress_is_told_and_left_alone(cli, workspace):
    workspace.progress_file.write_text("{")
    answer = cli("doctor")
    assert answer.code == 0
    assert "damaged" in answer.out
    assert workspace.progress_file.read_text() == "{"


def test_missing_files_are_named_with_the_cure(cli, workspace, mini):
    workspace.file(mini.find("total")).unlink()
    answer = cli("doctor")
    assert "missing: 01_numbers/total" in answer.out
    assert "nanolab init" in answer.out


def test_it_says_who_watches(cli, workspace):
    lock = storage.Lock(workspace.lock_file)
    lock.acquire()
    said = re.search(r"running as process (\d+), with (\d+) MiB", cli("doctor").out)
    assert int(said[1]) == os.getpid()
    assert int(said[2]) > 10, "a Python with pytest in it is larger"
    lock.release()
    assert "not running" in cli("doctor").out


def test_a_setting_is_shown_with_its_origin(cli, workspace):
    (workspace.root / "nanolab.toml").write_text('advance = "auto"\nspeed = 3\n')
    shown = cli("doctor").out
    assert "advance = 'auto'" in shown
    assert "nanolab.toml)" in shown
    assert "unknown key 'speed'" in shown
