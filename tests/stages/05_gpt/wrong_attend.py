"""Wrong answers to 05_gpt/attend."""

from nanolab.wrongs import wrong

_QUERIES = "if num_queries > num_keys:"
_EVERYONE = "everyone = torch.ones(num_queries, num_keys, dtype=torch.bool, device=device)"
_MASK = "return everyone.tril(diagonal=num_keys - num_queries)"
_EXPAND = "return x.repeat_interleave(n_rep, dim=1)"
_FITS = "if k.shape != v.shape or k.shape != (B, Hkv, Tk, D):"
_EVENLY = "if H % Hkv:"
_MASK_FITS = "if mask is not None and mask.shape != (Tq, Tk):"
_SCORES = "scores = q @ k.transpose(-2, -1) / math.sqrt(D)"
_IF_MASK = "    if mask is not None:\n        #"
_FILL = "scores = scores.masked_fill(~mask, -math.inf)"
_SOFTMAX = "weights = torch.softmax(scores, dim=-1)"
_MIX = "return weights @ v"
_NO_SOFTMAX = """weights = torch.where(scores > -math.inf, scores, 0.0)
    weights = weights / weights.sum(dim=-1, keepdim=True)"""

WRONGS = [
    wrong(
        "strict",
        "lets a position see what came before, but not itself",
        (_MASK, "return everyone.tril(diagonal=num_keys - num_queries - 1)"),
    ),
    wrong(
        "leaks_by_one",
        "lets every position see the next one, which is what it should predict",
        (_MASK, "return everyone.tril(diagonal=num_keys - num_queries + 1)"),
    ),
    wrong(
        "upside_down",
        "lets positions see the future instead of the past",
        (_MASK, "return everyone.triu(diagonal=num_keys - num_queries)"),
    ),
    wrong(
        "top_left",
        "takes query 0 for position 0, also when earlier keys come from a cache",
        (_MASK, "return everyone.tril()"),
    ),
    wrong(
        "numbers",
        "gives a mask of numbers, not of booleans",
        (_EVERYONE, "everyone = torch.ones(num_queries, num_keys, device=device)"),
        (_FILL, "scores = scores.masked_fill(mask == 0, -math.inf)"),
    ),
    wrong(
        "too_many_queries",
        "accepts more queries than keys, and the first ones see nobody",
        (_QUERIES, "if num_queries < 0:"),
    ),
    wrong(
        "tiled",
        "repeats the key heads as a whole, 0 1 0 1, instead of each one, 0 0 1 1",
        (_EXPAND, "return x.repeat(1, n_rep, 1, 1)"),
    ),
    wrong(
        "other_axis",
        "repeats positions, not heads",
        (_EXPAND, "return x.repeat_interleave(n_rep, dim=2)"),
    ),
    wrong(
        "not_expanded",
        "leaves the key heads as they are",
        (_EXPAND, "return x"),
    ),
    wrong(
        "no_scale",
        "leaves the scores as large as they come, without dividing by sqrt(D)",
        (_SCORES, "scores = q @ k.transpose(-2, -1)"),
    ),
    wrong(
        "scale_by_d",
        "divides by D, not by its root",
        (_SCORES, "scores = q @ k.transpose(-2, -1) / D"),
    ),
    wrong(
        "scale_by_width",
        "divides by the root of the width of all heads, where it is that of one",
        (_SCORES, "scores = q @ k.transpose(-2, -1) / math.sqrt(H * D)"),
    ),
    wrong(
        "scale_multiplied",
        "multiplies by sqrt(D) where it should divide",
        (_SCORES, "scores = q @ k.transpose(-2, -1) * math.sqrt(D)"),
    ),
    wrong(
        "no_mask",
        "does not use the mask: everybody sees everything",
        (_FILL, "scores = scores.masked_fill(mask & False, -math.inf)"),
    ),
    wrong(
        "mask_inverted",
        "hides what may be seen, and shows the rest: True means may look",
        (_FILL, "scores = scores.masked_fill(mask, -math.inf)"),
    ),
    wrong(
        "after_softmax",
        "masks the weights after the softmax, so that they no longer add up to one",
        (_FILL, "scores = scores * 1"),
        (_SOFTMAX, f"{_SOFTMAX}\n    weights = weights if mask is None else weights * mask"),
    ),
    wrong(
        "masked_with_zero",
        "masks scores with 0, and exp(0) is 1: that is no small weight",
        (_FILL, "scores = scores.masked_fill(~mask, 0.0)"),
    ),
    wrong(
        "minus_1e9",
        "masks with a large number of its own, which not every dtype has",
        (_FILL, "scores = scores.masked_fill(~mask, -1e9)"),
    ),
    wrong(
        "softmax_over_queries",
        "takes the softmax along the queries, so columns add up to one, not rows",
        (_SOFTMAX, "weights = torch.softmax(scores, dim=-2)"),
    ),
    wrong(
        "softmax_over_heads",
        "takes the softmax along the heads",
        (_SOFTMAX, "weights = torch.softmax(scores, dim=1)"),
    ),
    wrong(
        "no_softmax",
        "divides by the sum without the exponential",
        (
            _SOFTMAX,
            _NO_SOFTMAX,
        ),
    ),
    wrong(
        "values_as_keys",
        "mixes the keys, not the values",
        (_MIX, "return weights @ k"),
    ),
    wrong(
        "needs_a_mask",
        "cannot do without a mask",
        (_IF_MASK, "    if True:\n        #"),
    ),
    wrong(
        "heads_uneven",
        "does not refuse query heads that cannot share evenly",
        (_EVENLY, "if H < Hkv:"),
        (
            "k, v = expand_kv(k, H // Hkv), expand_kv(v, H // Hkv)",
            "k, v = expand_kv(k, -(-H // Hkv))[:, :H], expand_kv(v, -(-H // Hkv))[:, :H]",
        ),
    ),
    wrong(
        "other_keys",
        "does not look whether keys and values fit to the queries",
        (_FITS, "if q is None:"),
    ),
    wrong(
        "any_mask",
        "does not look at the size of the mask, so that one row may be stretched over all",
        (_MASK_FITS, "if mask is not None and mask.dim() > 9:"),
    ),
    wrong(
        "wordless",
        "refuses without the words that would help: name both numbers",
        (
            'raise ValueError(f"{num_queries} queries cannot be the last of {num_keys} keys")',
            'raise ValueError("too many queries")',
        ),
    ),
]
