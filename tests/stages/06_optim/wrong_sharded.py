"""Wrong answers to 06_optim/sharded."""

from nanolab.wrongs import wrong

_RANK = "if not 0 <= rank < world_size:"
_EVEN = "if n_rows % world_size:"
_SLICE = "return slice(rank * size, (rank + 1) * size)"
_OWNER = "return index % world_size"
_WORK = "work = agreed(self.param_groups, comm)"
_SCATTER = "gradients = [comm.reduce_scatter_mean(p.grad) for _, p in work]"
_MINE = "mine = p[shard_slice(len(p), comm.rank, comm.world_size)]"
_STATE = """                state["exp_avg"] = torch.zeros_like(mine)
                state["exp_avg_sq"] = torch.zeros_like(mine)
"""
_GATHER = "            p.copy_(comm.all_gather(mine))\n"
_MUON_AGREED = "        agreed(self.param_groups, self.comm)\n"
_STACK = "stacked = torch.stack([p.grad for p in block] + padding)"
_G = "g = comm.reduce_scatter_mean(stacked)[0]"
_OWN = "mine = block[comm.rank] if comm.rank < len(block) else padding[0]"
_COPY = """        for p, new in zip(block, everyone, strict=False):  # the padding is dropped
            p.copy_(new)
"""
_ADAMW_COUNT = '            state["step"] += 1\n'

WRONGS = [
    wrong(
        "uneven",
        "leaves rows to nobody where they cannot be dealt out evenly",
        (_EVEN, "if n_rows < world_size:"),
    ),
    wrong("no_rank_check", "gives rows to a rank that does not exist", (_RANK, "if rank < 0:")),
    wrong("negative_rank", "gives rows to a rank below 0", (_RANK, "if rank >= world_size:")),
    wrong(
        "starts_at_1",
        "begins to count ranks at 1",
        (_SLICE, "return slice((rank - 1) * size, rank * size)"),
    ),
    wrong(
        "every_nth_row",
        "gives every rank every n-th row, which is another order than that of a gather",
        (_SLICE, "return slice(rank, n_rows, world_size)"),
    ),
    wrong(
        "in_chunks",
        "gives the first matrices all to rank 0",
        (_OWNER, "return min(index // 2, world_size - 1)"),
    ),
    wrong(
        "last_rank_first",
        "begins to deal at the last rank",
        (_OWNER, "return -1 - index % world_size + world_size"),
    ),
    wrong(
        "own_gradient",
        "takes this rank's own gradient, not the mean of all",
        (
            _SCATTER,
            "gradients = [comm.reduce_scatter_mean(p.grad) * 0 + p.grad[shard_slice(len(p), comm.rank, comm.world_size)] for _, p in work]",
        ),
    ),
    wrong(
        "sum_for_mean",
        "takes the sum of the gradients, which Adam hides but for a ten-thousandth",
        (
            _SCATTER,
            "gradients = [comm.reduce_scatter_mean(p.grad) * comm.world_size for _, p in work]",
        ),
    ),
    wrong(
        "one_by_one",
        "finishes each parameter before it asks for the next gradient, so that nothing can overlap",
        (_SCATTER, "gradients = (comm.reduce_scatter_mean(p.grad) for _, p in work)"),
    ),
    wrong(
        "all_reduces",
        "asks for the whole mean gradient, and cuts it: twice the talk",
        (
            _SCATTER,
            "gradients = [comm.all_reduce_mean(p.grad)[shard_slice(len(p), comm.rank, comm.world_size)] for _, p in work]",
        ),
    ),
    wrong(
        "no_gather",
        "updates its own rows and never asks for those of the others",
        (_GATHER, "            comm.all_gather(mine)\n"),
    ),
    wrong("no_talk_after", "updates its own rows, and does not talk afterwards", (_GATHER, "")),
    wrong(
        "wrong_rows",
        "updates the rows of rank 0, whoever it is",
        (_MINE, "mine = p[shard_slice(len(p), 0, comm.world_size)]"),
    ),
    wrong(
        "copy_of_rows",
        "gathers its rows as they were before the update",
        (_MINE, f"{_MINE}  # a view\n            old = mine.clone()"),
        (_GATHER, "            p.copy_(comm.all_gather(old))\n"),
    ),
    wrong(
        "whole_state",
        "keeps running means of all rows on each rank",
        (_STATE, _STATE.replace("zeros_like(mine)", "zeros_like(p)")),
        ('state["exp_avg"],', 'state["exp_avg"][shard_slice(len(p), comm.rank, comm.world_size)],'),
        (
            'state["exp_avg_sq"],',
            'state["exp_avg_sq"][shard_slice(len(p), comm.rank, comm.world_size)],',
        ),
    ),
    wrong(
        "step_not_counted",
        "calls every step number 1",
        (_ADAMW_COUNT, '            state["step"] = 1\n'),
    ),
    wrong(
        "no_agreement",
        "does not ask whether all ranks have their gradients, before it waits for them",
        (_WORK, 'work = [(group, p) for group in self.param_groups for p in group["params"]]'),
    ),
    wrong(
        "no_agreement_muon",
        "steps on without asking whether all ranks have their matrices' gradients",
        (_MUON_AGREED, ""),
    ),
    wrong(
        "own_gradient_muon",
        "orthogonalizes this rank's own gradient, not the mean of all",
        (_G, "comm.reduce_scatter_mean(stacked)\n        g = stacked[comm.rank]"),
    ),
    wrong(
        "first_of_block",
        "takes the gradient of the block's first matrix, whichever this rank owns",
        (_G, "comm.reduce_scatter_mean(stacked)\n        g = comm.all_reduce_mean(stacked)[0]"),
    ),
    wrong(
        "no_padding",
        "leaves the last, shorter block as short as it is",
        (_STACK, "stacked = torch.stack([p.grad for p in block])"),
    ),
    wrong(
        "silent_without_matrix",
        "does not talk when it owns no matrix of a block",
        (_OWN, "if comm.rank >= len(block):\n            return\n        mine = block[comm.rank]"),
    ),
    wrong(
        "everyone_owns",
        "keeps the momentum of all matrices on each rank",
        (
            _COPY,
            f"{_COPY}            self.state[p].setdefault('momentum_buffer', torch.zeros_like(p))\n",
        ),
    ),
    wrong(
        "no_gather_muon", "updates its own matrix and keeps the others as they were", (_COPY, "")
    ),
    wrong(
        "forgets_muon",
        "begins the momentum anew at each step",
        (
            '            if not state:\n                state["momentum_buffer"]',
            '            if True:\n                state["momentum_buffer"]',
        ),
    ),
    wrong(
        "nesterov_ignored",
        "does not hand on the setting of nesterov",
        ('                nesterov=group["nesterov"],\n', ""),
    ),
    wrong(
        "steps_ignored",
        "does not hand on the number of Newton-Schulz steps",
        ('                ns_steps=group["ns_steps"],\n', ""),
    ),
    wrong(
        "muon_cut",
        "averages the matrices of all ranks after the update, instead of taking the owner's",
        (_COPY, "        for p in block:\n            p.copy_(everyone.mean(0))\n"),
    ),
    wrong(
        "takes_vectors",
        "takes what is no matrix",
        ("            if p.ndim != 2:", "            if p.ndim == 0:"),
    ),
]
