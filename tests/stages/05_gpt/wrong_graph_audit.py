"""Wrong answers to 05_gpt/graph_audit."""

from nanolab.wrongs import wrong

_COUNT = "return Counter(name for node in graph.nodes if (name := op_name(node)))"
_HERE = "if op_name(here) in names:\n            return op_name(here)"
_FIRST = "first = here.args[0] if here.args else None"
_INTO = "here = first[0] if isinstance(first, (list, tuple)) else first"
_WAYS = "q, k, v = (came_from(one, LANDMARKS) for one in node.args[:3])"
_Q_AND_K = '(("q", q), ("k", k))'
_LAST = 'if last != "rms_norm"'
_V = 'if v != "linear":'
_BIAS = 'if name == "linear" and len(node.args) > 2:'
_RELU = 'if name == "relu" and not users & {"square", "pow", "mul"}:'
_EMBEDDING = 'if name == "embedding" and users != {"rms_norm"}:'
_ONCE = "return list(dict.fromkeys(found))"
_REMOVE = "hook.remove()"
_BASELINE = "for name, right in baseline.items():"
_MISSING = 'if name not in ours:\n            return f"{name} is missing"'
_SHAPE = "if ours[name].shape != right.shape:"
_GAP = "gap = (ours[name].float() - right.float()).abs().max().item()"
_NAN = "if not gap <= atol:"
_MORE = "more = [name for name in ours if name not in baseline]"

_MISSING_LAST = """missing = [name for name in baseline if name not in ours]
    if missing:
        return f"{missing[0]} is missing"
    more = ["""
_BY_SIZE = """def gap_of(item):
        name, right = item
        if name not in ours or ours[name].shape != right.shape:
            return 0.0
        return -(ours[name].float() - right.float()).abs().max().item()

    for name, right in sorted(baseline.items(), key=gap_of):"""
_ANYWHERE = """q, k = (came_from(one, {"rms_norm"}) for one in node.args[:2])
            v = came_from(node.args[2], LANDMARKS)"""
_STEP = """found = isinstance(first, fx.Node) and op_name(first) in names
        return op_name(first) if found else ''"""

WRONGS = [
    wrong(
        "counts_inputs",
        "counts inputs and outputs as operations without a name",
        (_COUNT, "return Counter(op_name(node) for node in graph.nodes)"),
    ),
    wrong(
        "counts_nodes",
        "counts the names of nodes, which are numbered: linear and linear_1 are one operation",
        (_COUNT, "return Counter(node.name for node in graph.nodes if op_name(node))"),
    ),
    wrong(
        "counts_once",
        "notes which operations there are, not how many",
        (_COUNT, "return Counter({op_name(node) for node in graph.nodes if op_name(node)})"),
    ),
    wrong(
        "skips_the_first",
        "does not look at the node where it begins",
        (
            _HERE,
            "if here is not node and op_name(here) in names:\n            return op_name(here)",
        ),
    ),
    wrong(
        "last_argument",
        "follows the last argument, and that is often a weight or a number",
        (_FIRST, "first = here.args[-1] if here.args else None"),
    ),
    wrong(
        "not_into_lists",
        "stops at a list, so it never gets behind a cat",
        (_INTO, "here = first"),
    ),
    wrong(
        "last_of_list",
        "goes on from the last item of a list",
        (_INTO, "here = first[-1] if isinstance(first, (list, tuple)) else first"),
    ),
    wrong(
        "goes_too_far",
        "goes on to the last hit, where the first one is asked for",
        ("here = node\n", "here, hit = node, ''\n"),
        (_HERE, "hit = op_name(here) if op_name(here) in names else hit"),
        ('return ""\n\n\ndef check', "return hit\n\n\ndef check"),
    ),
    wrong(
        "one_step",
        "goes back a single step",
        (_INTO, _STEP),
    ),
    wrong(
        "q_not_followed",
        "does not follow the queries",
        (_Q_AND_K, '(("k", k),)'),
    ),
    wrong(
        "k_not_followed",
        "does not follow the keys",
        (_Q_AND_K, '(("q", q),)'),
    ),
    wrong("v_not_followed", "does not follow the values", (_V, "if v == '':")),
    wrong(
        "queries_only",
        "follows the queries three times, since it takes the first argument for each",
        (_WAYS, "q, k, v = (came_from(node.args[0], LANDMARKS) for _ in range(3))"),
        (_V, "if v == '':"),
    ),
    wrong(
        "any_landmark",
        "is content when a norm comes anywhere on the way, also before the rotation",
        (_WAYS, _ANYWHERE),
    ),
    wrong(
        "first_attention_only",
        "looks at the first layer's attention only",
        (
            'if name == "scaled_dot_product_attention":',
            'if name == "scaled_dot_product_attention" and node.name == name:',
        ),
    ),
    wrong("bias_overlooked", "does not see a bias", (_BIAS, "if False:")),
    wrong("relu_overlooked", "does not see a relu without a square", (_RELU, "if False:")),
    wrong(
        "square_only",
        "knows one way to write a square, where there are others",
        (_RELU, 'if name == "relu" and "square" not in users:'),
    ),
    wrong(
        "embedding_overlooked",
        "does not see an embedding without a norm",
        (_EMBEDDING, "if False:"),
    ),
    wrong(
        "normalised_somewhere",
        "is content when one user of the embedding is a norm, which the first block's always is",
        (_EMBEDDING, 'if name == "embedding" and "rms_norm" not in users:'),
    ),
    wrong(
        "any_user",
        "complains if one user of a relu is no square, though another user is",
        (_RELU, 'if name == "relu" and users - {"square", "pow", "mul"}:'),
    ),
    wrong("repeats_itself", "says the same thing once for each layer", (_ONCE, "return found")),
    wrong("unordered", "sorts the complaints", (_ONCE, "return sorted({*found})")),
    wrong("hooks_stay", "leaves its hooks in the model", (_REMOVE, "hook.id")),
    wrong(
        "ours_first",
        "goes through its own tensors, in their order, not through the baseline's",
        (_BASELINE, "for name, right in ((one, baseline.get(one, ours[one])) for one in ours):"),
        ("more = [", _MISSING_LAST),
    ),
    wrong(
        "largest_first",
        "names the largest difference, not the first",
        (_BASELINE, _BY_SIZE),
    ),
    wrong(
        "nan_passes",
        "lets NaN pass: a comparison with NaN is always False",
        (_NAN, "if gap > atol:"),
    ),
    wrong(
        "missing_ignored",
        "overlooks what is missing",
        (_MISSING, "if name not in ours:\n            continue"),
    ),
    wrong(
        "more_ignored",
        "overlooks what is only in its own tensors",
        (_MORE, "more = []"),
    ),
    wrong(
        "shapes_stretched",
        "compares different shapes, and one is stretched over the other",
        (_SHAPE, "if ours[name].numel() != right.numel():"),
    ),
    wrong(
        "mean_gap",
        "takes the mean of the differences, in which a single wrong number is lost",
        (_GAP, _GAP.replace(".max()", ".mean()")),
    ),
    wrong(
        "signed_gap",
        "looks only for numbers that are too large",
        (_GAP, _GAP.replace(".abs()", "")),
    ),
    wrong(
        "atol_excluded",
        "counts a gap as large as the tolerance as a difference, so at 0 nothing is equal",
        (_NAN, "if not gap < atol:"),
    ),
    wrong("exact", "tolerates nothing, not even rounding", (_NAN, "if not gap == 0:")),
]
