"""The README and CONTRIBUTING say what is so."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import typer

from nanolab import config, errors, manifest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COURSE = manifest.load(ROOT)


def rows(text, heading):
    """The cells of the first table under a heading, without its head."""
    section = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.M)[1]
    lines = re.search(r"(?:^\|.*\n)+", section, flags=re.M).group().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def commands():
    """`list`, `dev check` and so on: every command that nanolab has, with its click object."""
    from nanolab.cli.app import app

    found = {}
    for name, command in typer.main.get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {one}": inner[one] for one in inner} if inner else {name: command}
    return found


def test_every_command_stands_in_the_readme_and_none_that_is_not_there():
    first_cells = [row[0].strip("`") for row in rows(README, "Commands")]
    told = {re.sub(r" [\[A-Z].*", "", cell).removeprefix("nanolab").strip() for cell in first_cells}
    assert told - {""} == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_with_an_example(name):
    command = commands()[name]
    assert command.help, "a docstring"
    assert f"nanolab {name}" in f"{command.help} {command.epilog}", "an example"


def test_the_stages_are_those_of_the_course():
    told = [
        (int(row[0]), row[1].split(" (")[0].split(" *")[0], row[2], minutes(row[3]))
        for row in rows(README, "The sixteen stages")
    ]
    stages = [(one.number, one.title, one.goal, one.minutes) for one in COURSE.stages]
    assert told == stages


def minutes(told):
    """`2.5 h` is 150."""
    number, unit = told.split()
    return float(number) * {"min": 1, "h": 60}[unit]


def test_a_stage_is_called_coming_for_as_long_as_it_is():
    told = {row[0] for row in rows(README, "The sixteen stages") if "coming" in row[1]}
    assert told == {str(stage.number) for stage in COURSE.stages if stage.coming}


def test_every_key_of_the_watch_screen_is_explained_and_no_other():
    from nanolab.session.actions import WORKING

    told = {key for row in rows(README, "Keys") for key in re.findall(r"`(.)`", row[0])}
    assert told == {action.keys[0] for action in WORKING}


def test_every_setting_is_explained_and_no_other():
    told = {row[0].strip("`"): row[1].strip("`") for row in rows(README, "Settings")}
    assert told == {key: f"NANOLAB_{key.upper()}" for key in config._CHOICES}


def test_every_exit_code_is_explained():
    told = {int(code) for row in rows(README, "Exit codes") for code in re.findall(r"\d+", row[0])}
    family = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.exit_code for one in family if issubclass(one, errors.NanolabError)}
    assert told == codes | {0, 1, 130, 141, 143}


def test_every_key_of_info_toml_is_explained_and_no_other():
    told = {row[0].strip("`") for row in rows(CONTRIBUTING, "info.toml")}
    tables = (
        manifest._TOP,
        manifest._UPSTREAM_TABLE,
        manifest._NEED,
        manifest._STAGE,
        manifest._EXERCISE,
    )
    assert told == {key for table in tables for key in table} - {"stages"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_no_link_leads_nowhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_ci_runs_the_command_of_the_readme():
    blocks = re.findall(r"^```sh\n(.*?)\n```$", README, flags=re.M | re.S)
    assert blocks[0].endswith("&& .venv/bin/nanolab")
    assert blocks[1].endswith("&& .venv/bin/pytest")
    assert "$(readme 2)" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_the_script_of_ci_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
