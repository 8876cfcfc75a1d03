"""Sharded optimizers: every rank keeps its part of the state, and all have the same weights.

Lesson: README.md, "Many ranks, one optimizer". Source: Rajbhandari et al. 2020, arXiv 1910.02054;
nanochat, `adamw.py`, DistAdamW, and `muon.py`, DistMuon.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import torch
import torch.distributed as dist
from nanochat.optim.adamw_update import adamw_update
from nanochat.optim.muon import muon_update
from torch import Tensor


class Comm(Protocol):
    """The ranks of a run, and what they can do together. All ranks must call the same, in order."""

    rank: int
    world_size: int

    def all_reduce_mean(self, x: Tensor) -> Tensor:
        """Give the mean of all ranks' `x`, to every rank."""
        ...

    def reduce_scatter_mean(self, x: Tensor) -> Tensor:
        """Give this rank's slice of that mean along axis 0: (n, ...) -> (n / world_size, ...)."""
        ...

    def all_gather(self, x: Tensor) -> Tensor:
        """Give all ranks' `x`, rank 0's first, along axis 0: (n, ...) -> (n * world_size, ...)."""
        ...


def shard_slice(n_rows: int, rank: int, world_size: int) -> slice:
    """Say which rows of a tensor belong to a rank: equal parts, in the order of the ranks.

    Raises:
        ValueError: If the rows cannot be dealt out evenly, or if there is no such rank.
    """
    # TODO: refuse what cannot be; then the slice. (6 lines)
    raise NotImplementedError


def owner_of(index: int, world_size: int) -> int:
    """Say which rank owns matrix number `index`: they are dealt out like cards."""
    # TODO: deal them out. (1 line)
    raise NotImplementedError


class TorchComm:
    """The ranks of `torch.distributed`, as `torchrun` starts them."""

    def __init__(self) -> None:
        """Ask who this is; `torch.distributed.init_process_group` must have been called."""
        self.rank, self.world_size = dist.get_rank(), dist.get_world_size()

    def all_reduce_mean(self, x: Tensor) -> Tensor:
        """Sum and divide: gloo, which works everywhere, does not always know the mean."""
        total = x.detach().clone()
        dist.all_reduce(total, op=dist.ReduceOp.SUM)
        return total / self.world_size

    def reduce_scatter_mean(self, x: Tensor) -> Tensor:
        """Cut from the whole mean, for the same reason; NCCL could send each rank its part only."""
        return self.all_reduce_mean(x)[shard_slice(len(x), self.rank, self.world_size)]

    def all_gather(self, x: Tensor) -> Tensor:
        """Put all ranks' parts together."""
        parts = [torch.empty_like(x) for _ in range(self.world_size)]
        dist.all_gather(parts, x.detach().contiguous())
        return torch.cat(parts)


def agreed(groups: list[dict[str, Any]], comm: Comm) -> list[tuple[dict[str, Any], Tensor]]:
    """Make sure that all ranks can take the step, before any of them begins to wait for another.

    Returns:
        Each parameter, with its group, in order.

    Raises:
        ValueError: On every rank, if a gradient is missing or not finite on any of them.
    """
    work = [(group, p) for group in groups for p in group["params"]]
    bad = [p.grad is None or not bool(p.grad.isfinite().all()) for _, p in work]
    anywhere = comm.all_reduce_mean(
        torch.tensor(bad, dtype=torch.float32, device=work[0][1].device)
    )
    for (_, p), share in zip(work, anywhere.tolist(), strict=True):
        if share > 0:
            ranks, shape = round(share * comm.world_size), tuple(p.shape)
            missing = f"{ranks} of {comm.world_size} ranks have no finite gradient"
            raise ValueError(f"{missing} for a parameter of shape {shape}; no rank takes the step")
    return work


class DistAdamW(torch.optim.Optimizer):
    """AdamW, whose running means are dealt out by rows.

    Args:
        param_groups: As for `AdamW`; the same on all ranks.
        lr: As for `AdamW`, as are the next three.
        betas: How much of the two running means survives a step.
        eps: Added to the root.
        weight_decay: Decoupled decay.
        comm: The ranks; None for those of `torch.distributed`.

    Raises:
        ValueError: If the rows of a parameter cannot be dealt out evenly to the ranks.
    """

    def __init__(
        self,
        param_groups: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        comm: Comm | None = None,
    ) -> None:
        """Hand the settings to torch, and refuse what cannot be cut."""
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(param_groups, defaults)
        self.comm = TorchComm() if comm is None else comm
        for p in (p for group in self.param_groups for p in group["params"]):
            if p.ndim == 0:
                raise ValueError("a single number has no rows to deal out")
            shard_slice(len(p), self.comm.rank, self.comm.world_size)

    @torch.no_grad()
    def step(self) -> None:
        """Take the step of `AdamW` with the mean of all ranks' gradients.

        For each parameter one `reduce_scatter_mean`, then an update of this rank's rows, then one
        `all_gather`; all scatters come before the first gather. `self.state[p]` has the entries of
        `AdamW`, its two tensors with this rank's rows only. Gradients stay as they are.

        Raises:
            ValueError: On every rank, if a gradient is missing or not finite on any.
        """
        comm = self.comm
        work = agreed(self.param_groups, comm)
        # TODO: scatter all gradients; then for each parameter update this rank's rows, as AdamW.step
        # does, and gather. (22 lines)
        raise NotImplementedError


class DistMuon(torch.optim.Optimizer):
    """Muon, whose matrices are dealt out whole: half of a matrix cannot be orthogonalized.

    Matrices of one shape make a group. In each group, matrix number i belongs to the rank
    `owner_of(i, world_size)`, which alone keeps its momentum.

    Args:
        params: Matrices, with two axes; the same on all ranks.
        lr: As for `Muon`, as are the next four.
        momentum: How much of the buffer survives a step.
        nesterov: Whether to look ahead.
        ns_steps: Steps of Newton-Schulz.
        ns_dtype: What Newton-Schulz computes in.
        comm: The ranks; None for those of `torch.distributed`.

    Raises:
        ValueError: If a parameter is no matrix.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.02,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_steps: int = 5,
        ns_dtype: torch.dtype = torch.bfloat16,
        *,
        comm: Comm | None = None,
    ) -> None:
        """Group the matrices by shape, and hand them and the settings to torch."""
        params = list(params)
        for p in params:
            if p.ndim != 2:
                raise ValueError(f"Muon takes matrices; give shape {tuple(p.shape)} to AdamW")
        # sorted: all ranks must go through the groups in one order
        shapes = sorted({tuple(p.shape) for p in params})
        groups = [{"params": [p for p in params if tuple(p.shape) == shape]} for shape in shapes]
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov}
        super().__init__(groups, {**defaults, "ns_steps": ns_steps, "ns_dtype": ns_dtype})
        self.comm = TorchComm() if comm is None else comm

    @torch.no_grad()
    def step(self) -> None:
        """Take the step of `Muon` with the mean of all ranks' gradients.

        A group is taken in blocks of `world_size` matrices, one for each rank: one
        `reduce_scatter_mean` gives each rank the mean gradient of its matrix, and after the update
        one `all_gather` gives all matrices to all ranks. A last, shorter block is padded with
        zeros. `self.state[p]` is as in `Muon`, at the owner; elsewhere there is none. Gradients
        stay as they are.

        Raises:
            ValueError: On every rank, if a gradient is missing or not finite on any.
        """
        agreed(self.param_groups, self.comm)
        for group in self.param_groups:
            for block in self._blocks(group["params"]):
                self._step_block(group, block)

    def _blocks(self, params: list[Tensor]) -> Iterator[list[Tensor]]:
        """Cut a list into pieces of `world_size`; the last one may be shorter."""
        for first in range(0, len(params), self.comm.world_size):
            yield params[first : first + self.comm.world_size]

    def _step_block(self, group: dict[str, Any], block: list[Tensor]) -> None:
        """Take the step with at most one matrix for each rank.

        Args:
            group: Where the settings are.
            block: 1 to `world_size` matrices of one shape. `block[r]` belongs to rank r.
        """
        comm = self.comm
        missing = comm.world_size - len(block)
        padding = [torch.zeros_like(block[0])] * missing
        # TODO: stack the gradients and the padding, scatter; if a matrix is this rank's, update it, as
        # Muon.step does; gather, and copy what is no padding into the block. (20 lines)
        raise NotImplementedError
