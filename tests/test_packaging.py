"""What a learner installs: the wheel, with the course inside, and the floors it stands on."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import tomli

from nanolab import manifest

ROOT = Path(__file__).parent.parent
OPTIONAL = {"numpy", "torch"}  # what autopsies know about, if the learner has it
BROUGHT = {"gitdb": "gitpython"}  # imported packages, and the declared ones that bring them


def run(*command, cwd, **environment):
    """What a command prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(what, source, out):
    """A wheel or sdist of the project in `source`, as an installer would build it."""
    name = run("-c", f"from hatchling.build import *; print({what}({str(out)!r}))", cwd=source)
    return out / name.split()[-1]


def contents(wheel):
    """For each file of a wheel, the checksum of what is in it."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("build_wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder into which the wheel, and nothing else, is installed."""
    site = tmp_path_factory.mktemp("site")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel)
    run(*pip, cwd=site)
    return site


def test_the_wheel_holds_every_file_of_the_course(wheel):
    course = manifest.load(ROOT)
    files = [course.root / "info.toml"]
    for stage in course.stages:
        if not stage.coming:
            files += [course.lesson(stage), course.hints(stage), course.answers(stage)]
    for exercise in course.exercises:
        files += [course.stub(exercise), course.solution(exercise)]
        files += [course.check(exercise), course.wrongs(exercise)]
    packaged = contents(wheel)
    for file in files:
        assert f"nanolab/_course/{file.relative_to(ROOT).as_posix()}" in packaged


def test_the_wheel_holds_the_package_and_the_course_and_nothing_else(wheel):
    allowed = re.compile(
        r"nanolab/(?!_course)[\w/]+\.py|nanolab/crate/\w+\.rs|nanolab/py\.typed|nanolab-[^/]+\.dist-info/.+|"
        r"nanolab/_course/(info\.toml|(exercises|solutions|tests/stages)/[^.][^.]*\.(py|rs|md|toml))"
    )
    assert [name for name in contents(wheel) if not allowed.fullmatch(name)] == []


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path):
    sdist = build("build_sdist", ROOT, tmp_path)
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if sys.version_info >= (3, 12) else {}))
    again = build("build_wheel", tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path)
    assert contents(again) == contents(wheel)


def test_the_installed_package_teaches_from_its_own_course(site, tmp_path):
    installed = {"PYTHONPATH": str(site)}
    where = "from nanolab import manifest; print(manifest.course_root())"
    assert run("-c", where, cwd=tmp_path, **installed).strip() == str(site / "nanolab" / "_course")
    run("-m", "nanolab", "init", "lab", cwd=tmp_path, **installed)
    listed = run("-m", "nanolab", "list", cwd=tmp_path / "lab", **installed)
    assert "Say hello" in listed
    hello = tmp_path / "lab" / "exercises" / "01_welcome" / "hello.py"
    assert hello.read_bytes() == (ROOT / "exercises" / "01_welcome" / "hello.py").read_bytes()


def test_a_course_in_the_current_directory_plays_no_part(site, tmp_path):
    (tmp_path / "info.toml").write_text("not even TOML", encoding="utf-8")
    for decoy in ("exercises", "solutions", "tests/stages", "_course"):
        (tmp_path / decoy).mkdir(parents=True)
    installed = {"PYTHONPATH": str(site)}
    run("-m", "nanolab", "init", "lab", cwd=tmp_path, **installed)
    assert "Say hello" in run("-m", "nanolab", "list", cwd=tmp_path / "lab", **installed)


def test_a_checkout_teaches_from_itself():
    if "site-packages" in manifest.__file__:
        pytest.skip("nanolab is not installed from a checkout here")
    assert manifest.course_root() == ROOT


def imported_packages():
    """The top-level packages that nanolab's modules name in imports of any kind."""
    names = set()
    for path in (ROOT / "nanolab").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"nanolab"}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}
    owners = metadata.packages_distributions()
    imported = {owners[name][0].lower() for name in imported_packages() - OPTIONAL}
    assert {BROUGHT.get(name, name) for name in imported} == declared
    for name, declared_one in BROUGHT.items():
        assert any(line.startswith(name) for line in metadata.requires(declared_one))


def contracts(folder):
    """What import-linter says about the checkout or copy in `folder`."""
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    command = [linter, "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_down():
    done = contracts(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        ("stray.py", "", "nanolab.stray"),
        ("session.py", "import time", "nanolab.session is not allowed to import time"),
        ("course.py", "import subprocess", "nanolab.course is not allowed to import subprocess"),
        ("lessons.py", "import torch", "nanolab is not allowed to import torch"),
        ("errors.py", "from nanolab import course", "nanolab.errors is not allowed to import"),
        ("views/theme.py", "from nanolab import runner", "nanolab.views"),
    ],
)
def test_an_import_that_breaks_a_rule_is_found(tmp_path, module, line, complaint):
    shutil.copytree(ROOT / "nanolab", tmp_path / "nanolab")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "nanolab" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = contracts(tmp_path)
    assert done.returncode == 1
    assert complaint in done.stdout
