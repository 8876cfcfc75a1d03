"""Read a model as data: count its operations, follow its wires, find where two models part.

Lesson: README.md, "The audit". Source: torch.fx and torch.export; nanochat, `gpt.py`.
"""

from collections import Counter
from collections.abc import Mapping

import torch
from torch import fx, nn

LANDMARKS = {"linear", "cat", "rms_norm"}  # what the way into attention passes


def op_name(node: fx.Node) -> str:
    """Name what a node does: "linear" for `aten.linear.default`, "" for inputs and outputs."""
    if node.op != "call_function":
        return ""
    return getattr(node.target, "__name__", str(node.target)).partition(".")[0]


def expected_counts(n_layer: int) -> dict[str, int]:
    """How often a nanochat model of `n_layer` layers does what."""
    return {
        "linear": 6 * n_layer + 1,  # queries, keys, values, projection, the MLP's two; the head
        "rms_norm": 4 * n_layer + 2,  # queries, keys, both branches; both ends of the model
        "scaled_dot_product_attention": n_layer,
        "relu": n_layer,
        "cat": 2 * n_layer,  # the halves of queries and keys, turned
        "embedding": 1,
        "tanh": 1,
        **dict.fromkeys(("layer_norm", "dropout", "gelu", "silu"), 0),
    }


def op_counts(graph: fx.Graph) -> Counter[str]:
    """Count the operations of a graph by name; inputs, weights and outputs are none.

    Args:
        graph: Its `nodes` are in the order in which they run.
    """
    # TODO: count op_name of every node that has one. (1 line)
    raise NotImplementedError


def came_from(node: fx.Node, names: set[str]) -> str:
    """Walk back from a node, along first arguments, to the first operation that is in `names`.

    Args:
        node: Where to begin; it may itself be the one.
        names: What to look for.

    Returns:
        The operation's name; "" if an input is reached before. Where a first argument is a list, as
        that of `cat` is, the way goes on from its first item.
    """
    here = node
    # TODO: while here is a node: is it one of names? If not, go on to its first argument. (5 lines)
    raise NotImplementedError


def check_architecture(graph: fx.Graph, n_layer: int) -> list[str]:
    """Say in what a graph is not that of a nanochat model.

    Args:
        graph: Of `torch.export.export(model, (idx,))`.
        n_layer: `L`, how many blocks it should have.

    Returns:
        Complaints, each once; none for a good model. First about numbers, in the order of
        `expected_counts`: `"12 linear, not 13"`. Then in the order of the nodes. About an
        attention, whose arguments are queries, keys and values: `"q is not normalised last"` (or k)
        if, going back, `rms_norm` is not the first landmark; `"v does not come from a linear"` if
        that is not. About others: `"a linear has a bias"`, if a third argument is given;
        `"a relu is not squared"` if no user of one is a square, pow or mul;
        `"the embedding is not normalised"` if it has a user that is no rms_norm.
    """
    counts = op_counts(graph)
    found = [
        f"{counts[name]} {name}, not {number}"
        for name, number in expected_counts(n_layer).items()
        if counts[name] != number
    ]
    for node in graph.nodes:
        name, users = op_name(node), {op_name(user) for user in node.users}
        # TODO: for an attention, ask came_from where its q, k and v are from. (6 lines)
        # TODO: a linear with a bias, a relu without square, an embedding without norm. (6 lines)
        raise NotImplementedError
    # a dict keeps the order, and each key once
    return list(dict.fromkeys(found))


def record(model: nn.Module, idx: torch.Tensor) -> dict[str, torch.Tensor]:
    """Run a model, and keep what each of its modules gives.

    Args:
        model: Left as it was: no hook stays behind.
        idx: Token ids `(B, T)`.

    Returns:
        For the name of each module that ran, its output; in the order in which they were done, so
        the parts come before the whole. The model itself is called `logits`.
    """
    outputs: dict[str, torch.Tensor] = {}

    def keep(name: str):  # noqa: ANN202 - a hook
        def hook(_module: nn.Module, _args: tuple, output: torch.Tensor) -> None:
            outputs[name] = output.detach().clone()

        return hook

    hooks = [
        one.register_forward_hook(keep(name or "logits")) for name, one in model.named_modules()
    ]
    try:
        with torch.no_grad():
            model(idx)
    finally:
        for hook in hooks:
            hook.remove()
    return outputs


def first_difference(
    ours: Mapping[str, torch.Tensor], baseline: Mapping[str, torch.Tensor], atol: float = 1e-5
) -> str:
    """Name the first tensor that is not as in the baseline.

    Works on what `record` gave, and on two state dicts.

    Args:
        ours: Tensors by name.
        baseline: The right ones; their order counts.
        atol: How much each number may differ. NaN differs from everything.

    Returns:
        `"NAME is missing"`; `"NAME has the shape (2, 3), not (3, 2)"`; `"NAME differs by 0.25"`,
        the largest difference, as `:.3g`; or, if all of the baseline is there and agrees,
        `"NAME is too much"` for the first that is only in ours. "" if there is no difference.
    """
    # TODO: go through the baseline, and name what is missing, misshapen or different. (7 lines)
    # TODO: then what is only in ours. (2 lines)
    raise NotImplementedError
