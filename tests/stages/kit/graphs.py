"""Graphs of models, right and wrong, node by node: an export of each would take a second in all."""

from functools import cache

import torch
from torch import fx

_OVERLOADS = {"add": "Tensor", "mul": "Tensor", "div": "Tensor", "transpose": "int"}


class Drawn:
    """A graph that grows by one operation at a time.

    Attributes:
        graph: The graph so far.
        idx: Its input.
        weight: Stands for every weight.
    """

    def __init__(self):
        self.graph = fx.Graph()
        self.weight = self.graph.placeholder("weight")
        self.idx = self.graph.placeholder("idx")

    def op(self, name, *args):
        """Add `aten.NAME` with these arguments."""
        target = getattr(getattr(torch.ops.aten, name), _OVERLOADS.get(name, "default"))
        return self.graph.call_function(target, args)

    def linear(self, x, *bias):
        """Add a matrix product."""
        return self.op("linear", x, self.weight, *bias)

    def norm(self, x):
        """Add a norm."""
        return self.op("rms_norm", x, [8])

    def turned(self, x):
        """Add a rotation: products, and cat of a list."""
        return self.op("cat", [self.op("mul", x, self.weight), self.op("mul", x, self.weight)], 3)


@cache
def model_graph(n_layer=1, slip=""):
    """What `torch.export` draws of a model, as far as an audit looks at it. To read, not to change.

    Args:
        n_layer: How many blocks.
        slip: One thing that is not as in nanochat; "" for nothing.
    """
    drawn = Drawn()
    x = drawn.op("embedding", drawn.weight, drawn.idx)
    if slip != "no_embedding_norm":
        x = drawn.norm(x)
    for layer in range(n_layer):
        # a slip of the last layer only, so that looking at the first one is not enough
        x = _block(drawn, x, slip if layer == n_layer - 1 else "")
    x = drawn.linear(drawn.norm(x))
    x = drawn.op("mul", drawn.op("tanh", drawn.op("div", x, 15.0)), 15.0)
    drawn.graph.output(x)
    return drawn.graph


def _block(drawn, x, slip):
    h = drawn.op("layer_norm", x, [32]) if slip == "layer_norm" else drawn.norm(x)
    q, k, v = (drawn.op("view", drawn.linear(h), [2, 12, 4, 8]) for _ in range(3))
    q, k = _placed(drawn, q, slip, "q"), _placed(drawn, k, slip, "k")
    if slip == "rotary_on_v":
        v = drawn.turned(v)
    if slip == "norm_on_v":
        v = drawn.norm(v)
    q, k, v = (drawn.op("transpose", one, 1, 2) for one in (q, k, v))
    y = drawn.op("scaled_dot_product_attention", q, k, v, None, 0.0, True)
    y = drawn.op("view", drawn.op("transpose", y, 1, 2), [2, 12, 32])
    x = drawn.op("add", x, drawn.linear(y, *([drawn.weight] if slip == "bias" else [])))
    return drawn.op("add", x, drawn.linear(_bent(drawn, drawn.linear(drawn.norm(x)), slip)))


def _placed(drawn, x, slip, letter):
    """Turned, and normalised after that."""
    if slip == f"no_norm_of_{letter}":
        return drawn.turned(x)
    if slip == f"norm_before_rotary_{letter}":
        return drawn.turned(drawn.norm(x))
    return drawn.norm(drawn.turned(x))


def _bent(drawn, x, slip):
    """Between the matrices of the MLP; a square may be written in three ways."""
    if slip == "gelu":
        return drawn.op("gelu", x)
    x = drawn.op("relu", x)
    if slip == "relu_alone":
        return x
    if slip == "by_mul":
        return drawn.op("mul", x, x)
    if slip == "used_twice":
        drawn.op("add", x, x)
    return drawn.op("square", x)
