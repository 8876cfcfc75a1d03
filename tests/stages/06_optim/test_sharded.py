"""Check of 06_optim/sharded."""

import pytest
import torch
from kit.comm import GlooComm, run_threads
from kit.ranks import run_ranks
from nanochat.optim.muon import Muon
from nanochat.optim.sharded import DistAdamW, DistMuon, owner_of, shard_slice

from nanolab.expect import attempt, close, equal

F64 = torch.float64
REFUSED = ("raises", "ValueError")
ADAMW = {"lr": 1e-2, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}
MUON = {"lr": 0.1, "momentum": 0.75, "ns_dtype": F64}


def rand(*shape):
    return torch.randn(shape, dtype=F64)


def drawn(shapes, world, steps):
    """Parameters to begin with, and gradients: of each step, each rank, each parameter."""
    start = [rand(*shape) for shape in shapes]
    return start, [[[rand(*s) for s in shapes] for _ in range(world)] for _ in range(steps)]


def train(comm, kind, start, gradients, rank=None, **settings):
    """What one rank has in the end: weights, the optimizer, its last gradients."""
    rank = comm.rank if rank is None else rank
    params = [p.clone().requires_grad_() for p in start]
    optimizer = kind(params, comm=comm, **settings)
    for step in gradients:
        for p, g in zip(params, step[rank], strict=True):
            p.grad = None if g is None else g.clone()
        optimizer.step()
    return [p.detach() for p in params], optimizer, [p.grad for p in params]


def alone(kind, start, gradients, **settings):
    """The weights of one process, whose gradients are the means of all ranks'."""
    params = [p.clone().requires_grad_() for p in start]
    optimizer = kind(params, **settings)
    for step in gradients:
        for p, *several in zip(params, *step, strict=True):
            p.grad = torch.stack(several).mean(0)
        optimizer.step()
    return [p.detach() for p in params]


def compare(ranks, right, what):
    """All ranks have the same weights, and they are right."""
    for rank, (weights, _, _) in enumerate(ranks):
        for number, (p, q) in enumerate(zip(weights, right, strict=True)):
            message = (
                f"rank {rank} of {len(ranks)}, parameter {number}: not {what} on the mean gradients"
            )
            close(p, q, message, axes="rows columns", atol=1e-10)
            same = torch.equal(p, ranks[0][0][number])
            assert same, (
                f"ranks 0 and {rank} have different weights: after a step they must be equal"
            )


def test_who_owns_what():
    """Rows are dealt out in equal parts, matrices like cards.

    Kills uneven, no_rank_check, negative_rank, starts_at_1, every_nth_row, in_chunks and
    last_rank_first.
    """
    parts = [shard_slice(8, rank, 4) for rank in range(4)]
    equal(
        parts, [slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 8)], "8 rows, 4 ranks: 2 rows each"
    )
    equal(shard_slice(3, 0, 1), slice(0, 3), "a rank that is alone has all rows")
    for rows, rank, world in ((5, 0, 2), (1, 0, 2), (4, 2, 2), (4, -1, 2)):
        message = f"{rows} rows, rank {rank} of {world}: that cannot be, so it is a ValueError"
        equal(attempt(shard_slice, rows, rank, world), REFUSED, message)
    owners = [owner_of(index, 3) for index in range(7)]
    equal(
        owners,
        [0, 1, 2, 0, 1, 2, 0],
        "seven matrices, three ranks: like cards, one after the other",
    )


def test_sharded_adamw_is_adamw():
    """1, 2 and 4 ranks take the step of torch.optim.AdamW with the mean of their gradients.

    Kills sum_for_mean, own_gradient, no_gather, no_talk_after, wrong_rows, copy_of_rows and
    step_not_counted.
    """
    for world, shapes in ((1, [(8, 3)]), (2, [(8, 3), (4,)]), (4, [(8, 3), (4,)])):
        start, gradients = drawn(shapes, world, steps=3)
        ranks = run_threads(train, world, DistAdamW, start, gradients, **ADAMW)
        right = alone(torch.optim.AdamW, start, gradients, **ADAMW)
        compare(ranks, right, "the weights of AdamW")
        for rank, (_, _, last) in enumerate(ranks):
            for g, before in zip(last, gradients[-1][rank], strict=True):
                close(g, before, "a step must leave the gradients as they are")


def test_every_rank_remembers_its_rows_only():
    """The state is cut into as many parts as there are ranks; who talks when; and the defaults.

    Kills whole_state, one_by_one and all_reduces.
    """
    start, gradients = drawn([(8, 3), (4,)], 4, steps=2)
    for _, optimizer, _ in run_threads(train, 4, DistAdamW, start, gradients, **ADAMW):
        states = optimizer.state.values()
        sizes = [tuple(state[name].shape) for state in states for name in ("exp_avg", "exp_avg_sq")]
        message = "of (8, 3) and (4,), each of 4 ranks keeps the running means of (2, 3) and (1,)"
        equal(sizes, [(2, 3), (2, 3), (1,), (1,)], message)
        talk = [name for name, _ in optimizer.comm.log if name != "all_reduce"]
        right = (["reduce_scatter"] * 2 + ["all_gather"] * 2) * 2
        message = (
            "in each step, first a reduce_scatter for each parameter, then an all_gather for each"
        )
        equal(talk, right, message)
        scattered = [shape for name, shape in optimizer.comm.log if name == "reduce_scatter"]
        equal(scattered[:2], [(8, 3), (4,)], "whole gradients go in, and one's own rows come out")
    for kind, single in ((DistAdamW, torch.optim.AdamW), (DistMuon, Muon)):
        found = run_threads(lambda comm, kind=kind: kind([rand(2, 2)], comm=comm).defaults, 1)[0]
        right = {name: single([rand(2, 2)]).defaults[name] for name in found}
        equal(found, right, f"{kind.__name__}: what nobody says is as when there is one rank")


def test_sharded_muon_is_muon():
    """Matrices stay whole: each has an owner, who alone keeps its momentum.

    Kills own_gradient_muon, first_of_block, no_padding, silent_without_matrix, no_gather_muon,
    muon_cut, everyone_owns and forgets_muon.
    """
    shapes = [(4, 2), (4, 2), (2, 5), (4, 2)]
    for world, owned in ((1, [[0, 1, 2, 3]]), (2, [[0, 2, 3], [1]]), (4, [[0, 2], [1], [3], []])):
        start, gradients = drawn(shapes, world, steps=3)
        ranks = run_threads(train, world, DistMuon, start, gradients, **MUON)
        compare(ranks, alone(Muon, start, gradients, **MUON), "the weights of Muon")
        for rank, (_, optimizer, last) in enumerate(ranks):
            params = [p for group in optimizer.param_groups for p in group["params"]]
            numbers = [2, 0, 1, 3]  # groups are sorted by shape: (2, 5) comes before (4, 2)
            mine = sorted(n for n, p in zip(numbers, params, strict=True) if optimizer.state.get(p))
            message = f"rank {rank} of {world} keeps the momentum of matrices {owned[rank]} only"
            equal(mine, owned[rank], message)
            for g, before in zip(last, gradients[-1][rank], strict=True):
                close(g, before, "a step must leave the gradients as they are")
        blocks = {1: 4, 2: 3, 4: 2}[world] * 3
        talk = [name for name, _ in ranks[0][1].comm.log if name != "all_reduce"]
        message = (
            "one reduce_scatter and one all_gather for each block of as many matrices as ranks"
        )
        equal(talk, ["reduce_scatter", "all_gather"] * blocks, message)


def test_an_error_is_everybodys():
    """A gradient that is missing or NaN on one rank is an error on all, and nobody hangs.

    Kills no_agreement, no_agreement_muon and takes_vectors.
    """

    def attempted(comm, *args, **settings):
        params = [torch.ones(4, 2, dtype=F64, requires_grad=True)]
        return attempt(train, comm, *args, **settings), params

    for kind, settings in ((DistAdamW, ADAMW), (DistMuon, MUON)):
        for bad in (None, torch.full((4, 2), float("nan"), dtype=F64)):
            start, gradients = drawn([(4, 2), (4, 2)], 2, steps=1)
            gradients[0][1][1] = bad
            found = [
                one for one, _ in run_threads(attempted, 2, kind, start, gradients, **settings)
            ]
            message = f"{kind.__name__}: rank 1 lacks a good gradient; both ranks must hear of it"
            equal(found, [REFUSED, REFUSED], message)
        with pytest.raises(ValueError, match=r"1 of 2 ranks.*\(4, 2\)"):
            run_threads(train, 2, kind, start, gradients, **settings)
        for shape in ((), (5, 2)) if kind is DistAdamW else ((), (4,), (2, 2, 2)):
            start, gradients = drawn([shape], 2, steps=0)
            found = [
                one for one, _ in run_threads(attempted, 2, kind, start, gradients, **settings)
            ]
            message = f"{kind.__name__} cannot deal out a parameter of shape {shape} to 2 ranks"
            equal(found, [REFUSED, REFUSED], message)


def test_real_ranks_agree():
    """Two processes of torch.distributed, with gloo: the same weights, settings handed on.

    Kills nesterov_ignored and steps_ignored.
    """
    start, gradients = drawn([(4, 2), (4, 2), (2, 2)], 2, steps=2)
    plain = {**MUON, "nesterov": False, "ns_steps": 3}
    for kind, single, settings in ((DistAdamW, torch.optim.AdamW, ADAMW), (DistMuon, Muon, plain)):
        right = alone(single, start, gradients, **settings)

        def rank_of_two(rank, _, kind=kind, settings=settings):
            """With the kit's ranks, and with those that the exercise finds by itself."""
            both = [
                train(comm, kind, start, gradients, rank, **settings)[0]
                for comm in (GlooComm(), None)
            ]
            return [[p.tolist() for p in one] for one in both]

        for rank, both in enumerate(run_ranks(rank_of_two, 2, timeout=4.0)):
            for found in both:
                for p, q in zip(found, right, strict=True):
                    message = f"{kind.__name__}, rank {rank} of two processes: other weights"
                    close(torch.tensor(p, dtype=F64), q, message, atol=1e-10)


def probe(module):
    """Slices, owners; and of two ranks the weights, the sizes of the state, and their talk."""

    def run(kind, shapes, bad=False, steps=2, **settings):
        torch.manual_seed(0)
        start, gradients = drawn(shapes, 2, steps)
        if bad:
            gradients[0][1][0] = None

        def one(comm):
            found = attempt(train, comm, getattr(module, kind), start, gradients, **settings)
            if found[0] == "raises":
                return found
            weights, optimizer, last = found
            state = [
                [tuple(getattr(x, "shape", ())) for x in s.values()]
                for s in optimizer.state.values()
            ]
            return weights, state, last, comm.log

        return attempt(run_threads, one, 2)

    triples = [(8, 1, 4), (3, 0, 1), (5, 0, 2), (4, 2, 2), (4, -1, 2)]
    shapes = [(4, 2), (4, 2), (2, 5), (4, 2)]
    return (
        [attempt(module.shard_slice, *one) for one in triples],
        [attempt(module.owner_of, index, 3) for index in range(7)],
        [run("DistAdamW", [(4, 3), (2,)], bad, **ADAMW) for bad in (False, True)],
        [run("DistMuon", shapes, bad, **MUON) for bad in (False, True)],
        [run("DistMuon", shapes[:1], nesterov=False, ns_steps=3, **MUON)],
        [run("DistAdamW", [shape], steps=0, **ADAMW)[:2] for shape in ((), (5, 2))],
        [run("DistMuon", [shape], steps=0, **MUON)[:2] for shape in ((4,), (2, 2, 2))],
    )
