"""Check of 01_welcome/ranks."""

import contextlib
import io

import pytest
from nanochat.welcome.ranks import get_dist_info, pick_device, print0

from nanolab.expect import attempt, equal


def rank(number, local=None, world=4):
    """The environment that torchrun gives to one rank."""
    local = number if local is None else local
    return {"RANK": str(number), "LOCAL_RANK": str(local), "WORLD_SIZE": str(world)}


def test_a_run_without_torchrun_is_alone():
    """Without RANK, we are rank 0 of 1.

    Kills empty_world and always_distributed.
    """
    message = "without RANK the run is not distributed: rank 0, local rank 0, world size 1"
    equal(get_dist_info({}), (False, 0, 0, 1), message)


def test_every_rank_knows_its_numbers():
    """Rank 0 of four is distributed, and so is rank 2.

    Kills rank_0_is_alone, numbers_as_text and local_for_rank.
    """
    message = "rank 0 of four is distributed, for RANK is set; and its numbers are ints"
    equal(get_dist_info(rank(0)), (True, 0, 0, 4), message)
    message = "rank 9 of 16 is the second (local rank 1) on its machine; all are whole numbers"
    equal(get_dist_info(rank(9, local=1, world=16)), (True, 9, 1, 16), message)


def test_the_process_environment_is_read_at_the_call(monkeypatch):
    """get_dist_info() without an argument asks the process itself.

    Kills read_at_import and or_environ.
    """
    for name, value in rank(3).items():
        monkeypatch.setenv(name, value)
    equal(get_dist_info(), (True, 3, 3, 4), "this process was made rank 3 after the import")
    equal(get_dist_info({}), (False, 0, 0, 1), "an empty mapping was handed in: nobody is there")


def test_impossible_environments_are_refused():
    """A missing number or an impossible rank is an error at once.

    Kills world_defaults_to_1, no_range, rank_4_of_4 and negative_rank.
    """
    for name in ("LOCAL_RANK", "WORLD_SIZE"):
        env = {key: value for key, value in rank(1).items() if key != name}
        message = f"RANK is set, but {name} is not: nobody can know it, so do not guess"
        equal(attempt(get_dist_info, env), ("raises", "KeyError"), message)
        with pytest.raises(KeyError, match=name):
            get_dist_info(env)
    for number in (4, 5, -1):
        message = f"four ranks are called 0 to 3; there is no rank {number}"
        equal(attempt(get_dist_info, rank(number)), ("raises", "ValueError"), message)


def test_only_rank_0_prints(capsys):
    """print0 prints on rank 0 and when alone, and nowhere else.

    Kills everybody_prints, nobody_alone_prints, the_others_print, prints_as_process and
    loses_options.
    """
    print0("alone", env={})
    equal(capsys.readouterr().out, "alone\n", "a run that is alone is its own rank 0")
    print0("first", env=rank(0))
    equal(capsys.readouterr().out, "first\n", "rank 0 speaks for all")
    print0("second", env=rank(1))
    equal(capsys.readouterr().out, "", "rank 1 stays silent")
    print0("a", "b", sep="-", end="!", env={})
    print0(env={})
    equal(capsys.readouterr().out, "a-b!\n", "what print takes, print0 takes and hands on")


def test_the_fastest_device_wins():
    """cuda comes before mps comes before cpu.

    Kills mps_first and no_mps.
    """
    table = {
        (True, True): "cuda",
        (True, False): "cuda",
        (False, True): "mps",
        (False, False): "cpu",
    }
    for (cuda, mps), device in table.items():
        equal(pick_device(cuda, mps), device, f"cuda={cuda}, mps={mps}: the best is {device}")
    equal(pick_device(cuda=False, mps=True), "mps", "the arguments keep their names")


def probe(module):
    """What several ranks know, and which of them speak."""
    half = {"RANK": "0", "LOCAL_RANK": "0"}
    environments = [{}, rank(0), rank(3), rank(9, 1, 16), rank(4), rank(-1), half]
    spoken = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in rank(2).items():
            monkeypatch.setenv(name, value)
        known = [attempt(module.get_dist_info, env) for env in [None, *environments]]
        for env in (None, {}, rank(0), rank(1)):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                attempt(module.print0, "a", "b", sep="-", end="!", env=env)
            spoken.append(printed.getvalue())
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    return known, spoken, [attempt(module.pick_device, *pair) for pair in pairs]
