"""Check of 05_gpt/graph_audit."""

import torch
from kit.golden import SIZES, fill, tokens
from kit.graphs import Drawn, model_graph
from kit.probing import tried
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT
from nanochat.gpt.graph_audit import (
    came_from,
    check_architecture,
    first_difference,
    op_counts,
    record,
)
from torch import nn

from nanolab.expect import attempt, close, equal

SLIPS = {
    "no_norm_of_q": ["9 rms_norm, not 10", "q is not normalised last"],
    "no_norm_of_k": ["9 rms_norm, not 10", "k is not normalised last"],
    "norm_before_rotary_q": ["q is not normalised last"],
    "norm_before_rotary_k": ["k is not normalised last"],
    "rotary_on_v": ["5 cat, not 4", "v does not come from a linear"],
    "norm_on_v": ["11 rms_norm, not 10", "v does not come from a linear"],
    "layer_norm": ["9 rms_norm, not 10", "1 layer_norm, not 0"],
    "bias": ["a linear has a bias"],
    "gelu": ["1 relu, not 2", "1 gelu, not 0"],
    "relu_alone": ["a relu is not squared"],
    "no_embedding_norm": ["9 rms_norm, not 10", "the embedding is not normalised"],
}


def tiny():
    """idx -> embedding -> linear -> relu -> linear, and the nodes of the last two."""
    drawn = Drawn()
    first = drawn.linear(drawn.op("embedding", drawn.weight, drawn.idx))
    bent = drawn.op("relu", first)
    last = drawn.linear(bent)
    drawn.graph.output(last)
    return drawn.graph, bent, last


def listed():
    """A cat of a list, whose first item comes from a linear, and its second from a tanh."""
    drawn = Drawn()
    one = drawn.op("mul", drawn.linear(drawn.idx), drawn.weight)
    return drawn.op("cat", [one, drawn.op("tanh", drawn.idx)], 3)


def table(**numbers):
    """Tensors by name."""
    return {name: torch.tensor(value) for name, value in numbers.items()}


DIFFERENCES = [
    (table(a=[1.0], b=[2.0]), table(a=[1.0], b=[2.0]), ""),
    (table(a=[1.0, 2.0], b=[5.0]), table(a=[1.0, 2.25], b=[2.0]), "a differs by 0.25"),
    (table(b=[2.0], a=[9.0]), table(a=[1.0], b=[3.0]), "a differs by 8"),
    (table(a=[2.0], b=[9.0], c=[0.0]), table(b=[9.0], c=[4.0], a=[1.0]), "c differs by 4"),
    (table(a=[1.0]), table(a=[1.0], b=[2.0]), "b is missing"),
    (table(a=[1.0], z=[3.0], y=[3.0]), table(a=[1.0]), "z is too much"),
    (table(a=[[1.0, 1.0]]), table(a=[[1.0], [1.0]]), "a has the shape (1, 2), not (2, 1)"),
    (table(a=[float("nan")]), table(a=[1.0]), "a differs by nan"),
    (table(a=[1.0]), table(a=[float("nan")]), "a differs by nan"),
    (table(a=[1.000005]), table(a=[1.0]), ""),
    (table(a=[0.0, 4.0]), table(a=[1.0, 1.0]), "a differs by 3"),
    (table(a=[3, 4]), table(a=[3, 6]), "a differs by 2"),
]


def test_operations_are_counted_by_name():
    """op_counts: two linear, one embedding and one relu; inputs and outputs are no operations.

    Kills counts_inputs, counts_nodes and counts_once.
    """
    message = "idx -> embedding -> linear -> relu -> linear"
    equal(dict(op_counts(tiny()[0])), {"embedding": 1, "linear": 2, "relu": 1}, message)
    found = op_counts(model_graph(3))
    message = "three layers: 6 * 3 + 1 linear, 4 * 3 + 2 rms_norm"
    equal((found["linear"], found["rms_norm"]), (19, 14), message)


def test_the_way_back_leads_to_where_something_came_from():
    """came_from follows first arguments, also into the list of a cat, and stops at the first hit.

    Kills skips_the_first, last_argument, not_into_lists, last_of_list, goes_too_far and
    one_step.
    """
    _, bent, last = tiny()
    equal(came_from(last, {"relu", "embedding"}), "relu", "linear <- relu: relu is met first")
    equal(came_from(last, {"embedding"}), "embedding", "linear <- relu <- linear <- embedding")
    equal(came_from(bent, {"relu"}), "relu", "the node where one begins counts")
    message = "no tanh on the way: at the input it ends, with an empty name"
    equal(attempt(came_from, last, {"tanh"}), "", message)
    message = "cat takes a list; the way goes on from its first item: mul, then linear"
    equal(attempt(came_from, listed(), {"linear", "tanh"}), "linear", message)


def test_a_good_model_has_no_complaints():
    """check_architecture: none for one, two or three layers, however the square is written.

    Kills square_only, any_user and unordered.
    """
    for layers in (1, 2, 3):
        equal(check_architecture(model_graph(layers), layers), [], f"{layers} layers, as they are")
    message = "relu(x) * relu(x) is a square too"
    equal(check_architecture(model_graph(2, "by_mul"), 2), [], message)
    message = "a relu with two users, a square and a sum: one that is a square is enough"
    equal(check_architecture(model_graph(2, "used_twice"), 2), [], message)
    message = "one layer where there should be two: the numbers say so, in their order"
    expected = ["7 linear, not 13", "6 rms_norm, not 10"]
    expected += ["1 scaled_dot_product_attention, not 2", "1 relu, not 2", "2 cat, not 4"]
    equal(check_architecture(model_graph(1), 2), expected, message)
    model = GPT(GPTConfig(**{**SIZES, "n_layer": 1}))
    graph = torch.export.export(model, (tokens()[:, :4],)).graph
    equal(check_architecture(graph, 1), [], "torch.export of your course's own GPT")


def test_each_slip_has_its_complaint():
    """Eleven models, each with one thing that is not nanochat's in its last layer.

    Kills k_not_followed, q_not_followed, v_not_followed, queries_only, first_attention_only,
    any_landmark, bias_overlooked, relu_overlooked, embedding_overlooked and normalised_somewhere.
    """
    for slip, expected in SLIPS.items():
        message = f"a graph with the slip {slip!r}, in the second of two layers"
        equal(check_architecture(model_graph(2, slip), 2), expected, message)


def test_a_complaint_stands_there_once():
    """Two layers with the same fault give one complaint.

    Kills repeats_itself.
    """
    drawn = Drawn()
    x = drawn.norm(drawn.op("embedding", drawn.weight, drawn.idx))
    for _ in range(2):
        x = drawn.linear(drawn.op("relu", drawn.linear(x, drawn.weight)))
    found = check_architecture(drawn.graph, 0)
    message = "two linears with a bias and two relus without a square: each said once"
    equal(found[-2:], ["a linear has a bias", "a relu is not squared"], message)
    equal(len(found), len({*found}), message)


def test_the_first_difference_has_a_name():
    """first_difference goes through the baseline in its order, and stops at the first.

    Kills ours_first, largest_first, nan_passes, missing_ignored, more_ignored, shapes_stretched,
    mean_gap, exact, atol_excluded and signed_gap.
    """
    for ours, baseline, expected in DIFFERENCES:
        message = f"ours {_shown(ours)}, baseline {_shown(baseline)}"
        equal(attempt(first_difference, ours, baseline), expected, message)
    near = table(a=[1.01]), table(a=[1.0])
    equal(first_difference(*near, atol=0.1), "", "0.01 is within a tolerance of 0.1")
    message = "equal tensors: the gap is 0, and a tolerance of 0 allows that"
    equal(first_difference(table(a=[1.0]), table(a=[1.0]), atol=0.0), "", message)
    good, bad = (fill(GPT(GPTConfig(**SIZES))) for _ in range(2))
    with torch.no_grad():
        bad.transformer.h[1].mlp.c_fc.weight[0, 0] += 1
    found = first_difference(bad.state_dict(), good.state_dict())
    equal(found, "transformer.h.1.mlp.c_fc.weight differs by 1", "one weight of two models differs")
    found = first_difference(record(bad, tokens()), record(good, tokens())).split()[0]
    message = "the first module whose output differs is the one with that weight"
    equal(found, "transformer.h.1.mlp.c_fc", message)


def test_recording_leaves_no_trace():
    """record keeps every module's output, parts before the whole, and removes its hooks.

    Kills hooks_stay: the given function is yours to change.
    """
    model = fill(GPT(GPTConfig(**SIZES)))
    found = record(model, tokens())
    expected = ["transformer.wte"]
    expected += [f"transformer.h.0.attn.c_{one}" for one in ("q", "k", "v", "proj")]
    equal(
        list(found)[:6], [*expected, "transformer.h.0.attn"], "in the order in which they are done"
    )
    equal(list(found)[-2:], ["lm_head", "logits"], "the model itself comes last, as logits")
    close(found["logits"], model(tokens()).detach(), "what the model gives", axes="B T V")
    equal(found["logits"].requires_grad, False, "numbers to compare need no gradients")
    attempt(record, model, torch.full((1, 1), 99))
    left = sum(len(one._forward_hooks) for one in model.modules())
    equal(left, 0, "all hooks are gone, also after an error")


def _shown(tensors):
    return ", ".join(f"{name} {one.tolist()}" for name, one in tensors.items())


def probe(module):
    """Counts, ways back, complaints and differences."""
    graph, bent, last = tiny()
    counts = {"embedding": 1, "linear": 2, "relu": 1}
    seen = [tried(counts, lambda: dict(module.op_counts(graph)))]
    ways = [(last, {"relu", "embedding"}, "relu"), (last, {"embedding"}, "embedding")]
    ways += [
        (bent, {"relu"}, "relu"),
        (last, {"tanh"}, ""),
        (listed(), {"linear", "tanh"}, "linear"),
    ]
    seen += [tried(right, module.came_from, node, names) for node, names, right in ways]
    audits = [(model_graph(2, slip), 2, right) for slip, right in SLIPS.items()]
    audits += [(model_graph(1), 1, []), (model_graph(1, "by_mul"), 1, [])]
    audits += [(model_graph(1, "used_twice"), 1, [])]
    seen += [tried(right, module.check_architecture, one, n) for one, n, right in audits]
    short = tried("short", lambda: len(module.check_architecture(model_graph(1), 2)))
    twice = tried([], module.check_architecture, _faulty_twice(), 0)
    near = tried("", module.first_difference, table(a=[1.01]), table(a=[1.0]), 0.1)
    none = tried("", module.first_difference, table(a=[1.0]), table(a=[1.0]), 0.0)
    gaps = [tried(right, module.first_difference, *pair) for *pair, right in DIFFERENCES]
    model = nn.Sequential(nn.Linear(2, 2))
    tried(0, module.record, model, torch.ones(1, 2))
    return seen, short, twice, near, none, gaps, len(model._forward_hooks)


def _faulty_twice():
    drawn = Drawn()
    for _ in range(2):
        x = drawn.op("embedding", drawn.weight, drawn.idx)
        drawn.linear(drawn.op("relu", x), drawn.weight)
    return drawn.graph
