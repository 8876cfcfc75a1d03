"""Check of 04_dataloader/resume."""

import inspect
import json
import os
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from kit.corpus import write_shards
from kit.fuse import fuse
from kit.ranks import run_ranks
from kit.refusals import refuses, words
from nanochat.dataloader.loader import follow, plan_for
from nanochat.dataloader.resume import (
    resume_point,
    tokenizing_distributed_data_loader,
    tokenizing_distributed_data_loader_with_state,
    visits_from,
)
from nanochat.tokenizer.tokenizer import RustBPETokenizer

from nanolab.expect import attempt, equal

TOKENIZER = RustBPETokenizer({})  # no merges: a byte is an id, and bos is 256
PLAN = [(0, 1), (0, 3), (0, 5), (1, 1), (1, 3)]  # of rank 1 of 2; files of 6 and 4 row groups
SPINS = "it goes round and round, and no batch comes"
TRAIN = "abcdefghijklmnopqrst"


def state(rg_idx, pq_idx=0, epoch=1, world_size=1):
    """What a checkpoint holds."""
    return {"epoch": epoch, "pq_idx": pq_idx, "rg_idx": rg_idx, "world_size": world_size}


def base_dir(*files):
    """nanochat's base directory, with a tokenizer, and files of one-letter documents."""
    folder = Path(tempfile.mkdtemp())
    TOKENIZER.save(folder / "tokenizer")
    write_shards(folder / "base_data", [list(letters) for letters in files], 1)
    return folder


@pytest.fixture
def alone(monkeypatch):
    """A process without ranks, in a base directory of three shards; the last is for validation."""
    folder = base_dir(TRAIN[:12], TRAIN[12:], "XYZ")
    monkeypatch.setenv("NANOCHAT_BASE_DIR", str(folder))
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    return folder


def some(order, many=20):
    """Some visits, or what is raised."""
    with fuse(SPINS):
        return attempt(lambda: [*islice(order, many)])


def letters(batches, many):
    """One-letter documents, read with B = T = 1: each batch is bos and a letter."""
    with fuse(SPINS):
        return "".join(chr(y.item()) for _, y, *_ in islice(batches, many))


def test_the_next_row_group_comes_next():
    """Alone, one goes on with the row group after the one that was read last.

    Kills again, skips_a_round, rounded_up, epoch_lost, first_file and needs_all.
    """
    equal(attempt(resume_point, state(4), 0, 1, 2), (1, 0, 5), "row group 4 was read: 5 comes next")
    message = "epoch 3, file 1, row group 0 was read: on in epoch 3, file 1, with row group 1"
    equal(attempt(resume_point, state(0, 1, epoch=3), 0, 1, 2), (3, 1, 1), message)
    message = "nanochat's own states have no epoch and no world_size: epoch 1, and no questions"
    equal(attempt(resume_point, {"pq_idx": 1, "rg_idx": 2}, 0, 1, 2), (1, 1, 3), message)


def test_all_ranks_go_on_from_one_state():
    """A state that one rank saved tells every rank of 8 where to go on.

    Kills one_further, one_round_further, everybody_is_0 and eats_the_state.
    """
    for saved in (16, 19, 23):
        message = (
            f"row group {saved} was read: round 2, counted from 0, is over; round 3 is 24, 25, ..."
        )
        found = [attempt(resume_point, state(saved, world_size=8), rank, 8, 1) for rank in range(8)]
        equal(found, [(1, 0, 24 + rank) for rank in range(8)], message)
    message = (
        "3 ranks, row group 7 was read: round 2, counted from 0, is over, and 9, 10 and 11 come"
    )
    found = [attempt(resume_point, state(7, world_size=3), rank, 3, 1) for rank in range(3)]
    equal(found, [(1, 0, 9), (1, 0, 10), (1, 0, 11)], message)
    kept = state(3, world_size=2)
    attempt(resume_point, kept, 1, 2, 2)
    equal(kept, state(3, world_size=2), "the state that was handed in was changed")


def test_a_state_that_does_not_fit_is_refused():
    """Another number of ranks, or a file that is not there: an error names the numbers.

    Kills any_world, fewer_is_fine, any_file and negative_file.
    """
    message = (
        "8 ranks saved it, 3 want to go on: a ValueError names both, for nobody could do it right"
    )
    refuses(resume_point, state(16, world_size=8), 0, 3, 4, naming=(8, 3), message=message)
    message = "1 rank saved it, 8 want to go on: a ValueError names both"
    refuses(resume_point, state(16, world_size=1), 0, 8, 4, naming=(1, 8), message=message)
    for number in (2, 7, -1):
        message = f"the state is in file {number}, and there are 2: were shards lost? A ValueError"
        refuses(resume_point, state(0, number), 0, 1, 2, naming=(number, 2), message=message)


def test_the_rest_comes_once_then_whole_epochs():
    """After the rest of the epoch, everything is as if nothing had been.

    Kills every_file, every_epoch, strictly_behind, exact_place, whole_epoch, stops, same_epoch,
    too_many_epochs and stays_at_the_end.
    """
    message = (
        "on from row group 3 of file 0; file 1 from its first, and the next epoch from the start"
    )
    found = some(visits_from(PLAN, (1, 0, 3)), 8)
    expected = [
        (1, 0, 3),
        (1, 0, 5),
        (1, 1, 1),
        (1, 1, 3),
        (2, 0, 1),
        (2, 0, 3),
        (2, 0, 5),
        (2, 1, 1),
    ]
    equal(found, expected, message)
    found = some(visits_from(PLAN, (4, 0, 7)), 3)
    equal(
        found, [(4, 1, 1), (4, 1, 3), (5, 0, 1)], "row group 7 is past the end of file 0: on to 1"
    )
    found = some(visits_from(PLAN, (1, 1, 5)), 2)
    message = "past the end of the last file nothing is left of epoch 1: epoch 2 begins"
    equal(found, [(2, 0, 1), (2, 0, 3)], message)
    found = some(visits_from(PLAN, (2, 1, 3), last_epoch=3))
    message = "epoch 3 is the last one: the rest of epoch 2, then all of epoch 3, then nothing"
    equal(found, [(2, 1, 3), *[(3, *visit) for visit in PLAN]], message)
    equal(
        some(visits_from(PLAN, (3, 1, 3), last_epoch=3)),
        [(3, 1, 3)],
        "the rest of the last epoch only",
    )
    found = [epoch for epoch, *_ in some(visits_from(PLAN, (2, 1, 3), last_epoch=5), 99)]
    equal(found, [2] + [3] * 5 + [4] * 5 + [5] * 5, "the rest of epoch 2, then epochs 3, 4 and 5")


def test_nothing_is_read_twice():
    """Wherever a run is stopped, what goes on repeats no document; it may leave some out.

    Kills forgets_to_resume, no_device and no_target_device.
    """
    docs = [chr(48 + number) for number in range(24)]
    paths = write_shards(Path(tempfile.mkdtemp()), [docs[:13], docs[13:]], 1)
    for world_size, rank in ((1, 0), (8, 0), (8, 5)):
        plan = plan_for(paths, rank, world_size)
        visited = [(1, *visit) for visit in plan]
        with fuse(SPINS):
            whole = [*follow(visited, paths, TOKENIZER, 1, 2, world_size)]
        for stop, (*_, kept) in enumerate(whole, 1):
            before = {
                one for x, y, _ in whole[:stop] for one in [*x.view(-1).tolist(), y[-1, -1].item()]
            }
            point = resume_point(json.loads(json.dumps(kept)), rank, world_size, 2)
            with fuse(SPINS):
                rest = [
                    *follow(
                        visits_from(plan, point, last_epoch=1), paths, TOKENIZER, 1, 2, world_size
                    )
                ]
            after = {one for x, y, _ in rest for one in [*x.view(-1).tolist(), y[-1, -1].item()]}
            again = sorted((before & after) - {256})
            message = (
                f"rank {rank} of {world_size}, stopped after {stop} batches: documents came again"
            )
            equal(again, [], message)
            groups = (int(kept["pq_idx"]), int(kept["rg_idx"]))
            left = [visit for visit in plan if visit > groups]
            message = f"rank {rank} of {world_size}, stopped in {groups}: all row groups after it are read"
            equal([visit[1:] for visit in visits_from(plan, point, last_epoch=1)], left, message)


@pytest.mark.usefixtures("alone")
def test_the_public_loader_finds_everything():
    """Rank, shards, split and tokenizer are found; batches are on the device, states go on.

    Kills forgets_to_resume, no_device and no_target_device.
    """
    load = tokenizing_distributed_data_loader_with_state
    with fuse(SPINS):
        found = letters(load(1, 1, "train", device="cpu"), 24)
        equal(found, TRAIN + TRAIN[:4], "the training shards, in order, and again from the start")
        message = "the validation shard, and never a document that was trained on"
        equal(letters(load(1, 1, "val", device="cpu"), 5), "XYZXY", message)
        batches = load(1, 1, "train", device="cpu")
        *_, kept = [one[2] for one in islice(batches, 14)]
        resumed = load(1, 1, "train", device="cpu", resume_state_dict=json.loads(json.dumps(kept)))
        message = "stopped after 14 documents, and gone on from the state: document 15 comes"
        equal(letters(resumed, 8), TRAIN[14:] + TRAIN[:2], message)
        pair = next(tokenizing_distributed_data_loader(2, 3, "train", device="cpu"))
        message = "the other one gives inputs and targets, (2, 3) each, and no state"
        equal([tuple(one.shape) for one in pair], [(2, 3), (2, 3)], message)
        x, y, _ = next(load(1, 1, "train", 1, 2, "meta"))
    equal((str(x.device), str(y.device)), ("meta", "meta"), "both tensors must be on the device")
    usual = {"tokenizer_threads": 4, "tokenizer_batch_size": 128, "device": "cuda"}
    for function in (load, tokenizing_distributed_data_loader):
        arguments = inspect.signature(function).parameters
        found = {name: arguments[name].default for name in usual if name in arguments}
        equal(found, usual, "nanochat's scripts rely on these names and defaults: leave them")


def test_what_is_missing_is_said(alone):
    """No folder, one shard, no tokenizer, a state from elsewhere: an error at once.

    Kills any_world, fewer_is_fine and forgets_to_resume.
    """

    def load(*args, **kwargs):
        return next(tokenizing_distributed_data_loader_with_state(*args, device="cpu", **kwargs))

    with fuse("it looks for ever for what is not there"):
        message = "there is no split of that name: a ValueError"
        refuses(load, 1, 1, "test", naming=("test",), message=message)
        message = "3 ranks saved the state, 1 wants to go on: a ValueError"
        kept = state(3, world_size=3)
        refuses(load, 1, 1, "train", resume_state_dict=kept, naming=(3, 1), message=message)
        (alone / "tokenizer").rename(alone / "elsewhere")
        message = "no tokenizer has been trained: a FileNotFoundError"
        refuses(load, 1, 1, "train", error=FileNotFoundError, message=message)
        (alone / "elsewhere").rename(alone / "tokenizer")
        for name in ("shard_00000.parquet", "shard_00001.parquet"):
            (alone / "base_data" / name).unlink()
        message = (
            "the only shard is for validation: training on nothing is a ValueError, not a loop"
        )
        refuses(load, 1, 1, "train", message=message)
        (alone / "base_data" / "shard_00002.parquet").unlink()
        refuses(load, 1, 1, "val", message="a folder without shards is a ValueError")
        (alone / "base_data").rmdir()
        message = "no folder of shards: a FileNotFoundError names it"
        refuses(
            load, 1, 1, "train", error=FileNotFoundError, naming=("base_data",), message=message
        )


def test_four_real_processes_share_the_data():
    """Four processes with RANK and WORLD_SIZE set read everything once, and go on so.

    Kills forgets_world.
    """
    folder = base_dir(TRAIN[:12], TRAIN[12:], "XYZ")
    found = run_ranks(real_rank, 4, str(folder), timeout=8.0)
    read = "".join(first + rest for first, rest, _ in found)
    message = "together, before and after the interruption, they read each letter exactly once"
    equal("".join(sorted(read)), TRAIN, message)
    message = "after the first batch, all go on from the state that rank 0 saved"
    rest = [rest for _, rest, _ in found]
    equal(rest, ["eimq", "fjnr", "gkos", "hlpt"], message)
    equal({world for *_, world in found}, {4}, "the state says that there are 4 ranks")


def real_rank(rank, world_size, folder):
    """The first letter; then, from rank 0's state, the rest of the epoch."""
    import torch
    from torch import distributed

    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world_size}
    os.environ.update({name: str(number) for name, number in numbers.items()})
    os.environ["NANOCHAT_BASE_DIR"] = folder
    load = tokenizing_distributed_data_loader_with_state
    with fuse(SPINS, 0.15):
        _, y, saved = next(load(1, 1, "train", device="cpu"))
    # as text, since torch's own way to send an object asks for numpy
    text = torch.tensor([*json.dumps(saved).ljust(400).encode()])
    distributed.broadcast(text, src=0)
    shared = json.loads(bytes(text.tolist()))
    with fuse(SPINS, 0.15):
        resumed = load(1, 1, "train", device="cpu", resume_state_dict=shared)
        rest = [(one.item(), kept["epoch"]) for _, one, kept in islice(resumed, 5)]
    return (
        chr(y.item()),
        "".join(chr(one) for one, epoch in rest if epoch == 1),
        saved["world_size"],
    )


_FOLDERS = []


def probe(module):
    """Points, visits, and what the public loader gives."""
    states = [
        (state(4), 0, 1, 2),
        (state(0, 1, epoch=3), 0, 1, 2),
        ({"pq_idx": 1, "rg_idx": 2}, 0, 1, 2),
    ]
    states += [(state(19, world_size=8), rank, 8, 1) for rank in (0, 5)]
    states += [
        (state(16), 0, 8, 4),
        (state(16, world_size=8), 0, 3, 4),
        (state(0, 2), 0, 1, 2),
        (state(0, -1), 0, 1, 2),
    ]
    kept = state(3, world_size=2)
    points = [words(module.resume_point, *one) for one in [*states, (kept, 1, 2, 2)]]
    orders = [
        ((1, 0, 3), None),
        ((4, 0, 7), None),
        ((1, 1, 5), None),
        ((2, 1, 3), 3),
        ((3, 1, 3), 3),
    ]
    visited = []
    for order in orders:
        visited.append(attempt(_visited, module, *order))
        if "SpinningError" in visited[-1]:
            return points, kept, visited  # whatever follows would spin too
    if not _FOLDERS:
        _FOLDERS.append(base_dir("abcde", "fg", "XYZ"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("NANOCHAT_BASE_DIR", str(_FOLDERS[0]))
        monkeypatch.delenv("RANK", raising=False)
        alone = [
            attempt(_loaded, module, "train", None),
            attempt(_loaded, module, "train", state(2)),
        ]
        alone.append(attempt(_loaded, module, "val", {"pq_idx": 0, "rg_idx": 0}))
        for name, number in {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}.items():
            monkeypatch.setenv(name, number)
        alone.append(attempt(_loaded, module, "train", state(0, world_size=2)))
    return points, kept, visited, alone


def _visited(module, point, epochs):
    with fuse("spins", 0.05):
        return [*islice(module.visits_from(PLAN, point, epochs), 9)]


def _loaded(module, split, kept):
    load = module.tokenizing_distributed_data_loader_with_state
    with fuse("spins", 0.05):
        found = [*islice(load(1, 1, split, device="cpu", resume_state_dict=kept), 4)]
        x, y, _ = next(load(1, 1, split, 1, 1, "meta"))
    return [(y.item(), sorted(one.items())) for _, y, one in found], str(x.device), str(y.device)
