"""What a name stands for, what may have been meant, and what selects nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from nanolab import manifest
from nanolab.errors import UnknownNameError


def stage(name, *exercises):
    return {"name": name, "title": name, "goal": "g", "minutes": 1, "exercises": list(exercises)}


def row(name, **more):
    return {"name": name, "title": name, "checks": 1, **more}


COURSE = manifest.parse(
    {
        "format_version": 1,
        "title": "t",
        "package": "nanochat",
        "upstream": {"repo": "r", "commit": "c"},
        "stages": [
            stage("01_welcome", row("hello"), row("help_me")),
            stage("02_tokenizer", row("train"), row("encode", aliases=["02_tokenizer/to_ids"])),
            stage("03_base_train", row("train"), row("loss")),
            stage("04_base_eval"),
        ],
    },
    Path("root"),
)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("01_welcome/hello", "01_welcome/hello"),
        ("hello", "01_welcome/hello"),
        ("hell", "01_welcome/hello"),
        (" HELLO ", "01_welcome/hello"),
        ("1/hello", "01_welcome/hello"),
        ("welcome/hello", "01_welcome/hello"),
        ("welcome/helo", None),
        ("hello.py", "01_welcome/hello"),
        ("exercises/01_welcome/hello.py", "01_welcome/hello"),
        ("/home/me/lab/exercises/01_welcome/hello.py", "01_welcome/hello"),
        (r"exercises\01_welcome\hello.py", "01_welcome/hello"),
        ("02_tokenizer/to_ids", "02_tokenizer/encode"),
        ("02/train", "02_tokenizer/train"),
        ("base_train/train", "03_base_train/train"),
        ("l", "03_base_train/loss"),
    ],
)
def test_an_exercise_is_found_by_every_name_a_learner_tries(name, id_):
    if id_ is None:
        with pytest.raises(UnknownNameError):
            COURSE.find(name)
    else:
        assert COURSE.find(name).id == id_


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("helo", "01_welcome/hello"),
        ("welcome/helo", "01_welcome/hello"),
        ("encod_", "02_tokenizer/encode"),
        ("train", "02_tokenizer/train"),
        ("train", "03_base_train/train"),
        ("hel", "01_welcome/help_me"),
    ],
)
def test_a_near_miss_is_offered(name, near):
    with pytest.raises(UnknownNameError) as caught:
        COURSE.find(name)
    assert near in caught.value.near
    assert near in caught.value.cure
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["zzzzzz", "", "/", "99/hello", "welcome/", "\0", "../../etc"])
def test_a_name_of_nothing_is_no_exercise(name):
    with pytest.raises(UnknownNameError) as caught:
        COURSE.find(name)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2", "02_tokenizer"),
        ("02", "02_tokenizer"),
        ("02_tokenizer", "02_tokenizer"),
        ("tokenizer", "02_tokenizer"),
        ("tok", "02_tokenizer"),
        ("Tokenizer/", "02_tokenizer"),
        ("base_t", "03_base_train"),
    ],
)
def test_a_stage_is_found_by_number_name_slug_or_prefix(name, found):
    assert COURSE.find_stage(name).name == found


@pytest.mark.parametrize(
    ("name", "near"), [("base", "03_base_train"), ("tokeniser", "02_tokenizer")]
)
def test_a_stage_may_have_been_meant(name, near):
    with pytest.raises(UnknownNameError) as caught:
        COURSE.find_stage(name)
    assert near in caught.value.near


def test_selecting_a_stage_selects_its_exercises_in_order():
    ids = [one.id for one in COURSE.select(["loss", "welcome"])]
    assert ids == ["01_welcome/hello", "01_welcome/help_me", "03_base_train/loss"]


def test_selecting_twice_selects_once():
    assert len(COURSE.select(["hello", "01_welcome/hello", "1"])) == 2


def test_selecting_nothing_or_a_coming_stage_is_empty():
    assert COURSE.select([]) == ()
    assert COURSE.select(["base_eval"]) == ()


def test_selecting_the_unknown_offers_what_may_have_been_meant():
    with pytest.raises(UnknownNameError) as caught:
        COURSE.select(["hello", "helo"])
    assert "01_welcome/hello" in caught.value.near


def test_after_the_last_comes_nothing():
    hello, help_me, *_, loss = COURSE.exercises
    assert COURSE.after(hello) == help_me
    assert COURSE.after(loss) is None


def test_a_name_gives_every_path():
    hello, welcome = COURSE.exercises[0], COURSE.stages[0]
    root = Path("root")
    assert COURSE.stage_of(hello) == welcome
    assert COURSE.stub(hello) == root / "exercises/01_welcome/hello.py"
    assert COURSE.solution(hello) == root / "solutions/01_welcome/hello.py"
    assert COURSE.check(hello) == root / "tests/stages/01_welcome/test_hello.py"
    assert COURSE.wrongs(hello) == root / "tests/stages/01_welcome/wrong_hello.py"
    assert COURSE.lesson(welcome) == root / "exercises/01_welcome/README.md"
    assert COURSE.hints(welcome) == root / "solutions/01_welcome/hints.md"
    assert COURSE.answers(welcome) == root / "solutions/01_welcome/answers.md"


def test_a_stage_knows_its_number_slug_and_whether_it_is_coming():
    tokenizer, later = COURSE.stages[1], COURSE.stages[3]
    assert (tokenizer.number, tokenizer.slug, tokenizer.coming) == (2, "tokenizer", False)
    assert later.coming
