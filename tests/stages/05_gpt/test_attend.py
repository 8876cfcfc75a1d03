"""Check of 05_gpt/attend."""

import torch
from kit.golden import wave
from kit.probing import refusal, tried
from nanochat.gpt.attend import attend, causal_mask, expand_kv
from torch.nn.functional import scaled_dot_product_attention

from nanolab.expect import attempt, close, equal


def rows(mask):
    """A mask as text, a line for each query: # where it may look."""
    return ["".join(".#"[int(one)] for one in row) for row in mask.tolist()]


def right_mask(num_queries, num_keys):
    """Query i is at position i + Tk - Tq, and sees every position up to its own."""
    behind = num_keys - num_queries
    table = [[j <= i + behind for j in range(num_keys)] for i in range(num_queries)]
    return torch.tensor(table, dtype=torch.bool).reshape(num_queries, num_keys)


def qkv(heads=4, kv_heads=4, queries=5, keys=5, width=8):
    """Queries, keys and values; scores large enough for a softmax that has favourites."""
    q = 2 * wave(2, heads, queries, width, seed=1)
    return q, wave(2, kv_heads, keys, width, seed=2), wave(2, kv_heads, keys, width, seed=3)


def right(q, k, v, mask=None):
    """What torch's own attention gives."""
    n_rep = q.size(1) // k.size(1)
    k, v = (one.repeat_interleave(n_rep, 1) for one in (k, v))
    return scaled_dot_product_attention(q, k, v, attn_mask=mask)


def test_a_position_sees_itself_and_what_came_before():
    """causal_mask: row i may look at the columns up to its own position.

    Kills strict, leaks_by_one, upside_down, top_left, numbers, too_many_queries and wordless.
    """
    message = "four positions: the first sees itself, the last sees all four"
    equal(rows(causal_mask(4, 4)), ["#...", "##..", "###.", "####"], message)
    message = "two queries behind three keys are positions 3 and 4 of five"
    equal(rows(causal_mask(2, 5)), ["####.", "#####"], message)
    equal(rows(causal_mask(1, 5)), ["#####"], "a single query is the last position: it sees all")
    equal(rows(causal_mask(1, 1)), ["#"], "alone, a position sees itself")
    equal(rows(causal_mask(3, 4)), ["##..", "###.", "####"], "three queries behind one key")
    equal(causal_mask(2, 3).dtype, torch.bool, "a mask says yes or no: torch.bool")
    message = "six queries cannot be the last of five positions"
    equal(refusal("6 5", causal_mask, 6, 5), "ValueError", message)


def test_neighbouring_query_heads_share_a_key_head():
    """expand_kv: heads 0 and 1 get key head 0, heads 2 and 3 get key head 1.

    Kills tiled, other_axis and not_expanded.
    """
    x = torch.arange(3)[None, :, None, None].expand(2, 3, 4, 5)

    def heads(n_rep):
        found = expand_kv(x, n_rep)
        return found[0, :, 0, 0].tolist(), tuple(found.shape)

    message = "query head h shares key head h // n_rep; only the heads grow"
    equal(attempt(heads, 2), ([0, 0, 1, 1, 2, 2], (2, 6, 4, 5)), message)
    equal(attempt(heads, 1), ([0, 1, 2], (2, 3, 4, 5)), "one query head each: as it is")


def test_equal_scores_give_the_mean():
    """Queries of zero cannot choose, so each position gets the mean of what it sees.

    Kills no_mask, mask_inverted, after_softmax, masked_with_zero, softmax_over_queries,
    softmax_over_heads, no_softmax and needs_a_mask.
    """
    v = torch.tensor([[4.0, 0.0], [0.0, 4.0], [8.0, 8.0]]).reshape(1, 1, 3, 2)
    mask = right_mask(3, 3)
    expected = torch.tensor([[4.0, 0.0], [2.0, 2.0], [4.0, 4.0]]).reshape(1, 1, 3, 2)
    message = "position 0 sees (4, 0); position 1 the mean of two; position 2 that of all three"
    found = attempt(attend, torch.zeros_like(v), v, v, mask)
    close(found, expected, message, axes="B H T D", atol=1e-5)
    message = "without a mask, everybody sees all three"
    found = attempt(attend, torch.zeros_like(v), v, v)
    close(found, expected[:, :, 2:].expand(1, 1, 3, 2), message, axes="B H T D", atol=1e-5)


def test_nobody_sees_the_future():
    """A later key and value changes nothing before it, to the last bit.

    Kills whatever looks ahead.
    """
    q, k, v = qkv()
    before = attend(q, k, v, right_mask(5, 5))
    k[:, :, 3], v[:, :, 3] = 9.0, -9.0
    after = attend(q, k, v, right_mask(5, 5))
    for position in range(3):
        message = f"key and value 3 have changed, and position {position} has noticed: it saw ahead"
        equal(torch.equal(before[:, :, position], after[:, :, position]), True, message)
    message = "position 3 does see itself, so its output must change"
    equal(torch.equal(before[:, :, 3], after[:, :, 3]), False, message)


def test_it_is_scaled_dot_product_attention():
    """The same as torch's own, also with shared key heads and with a longer past.

    Kills no_scale, scale_by_d, scale_by_width, scale_multiplied and values_as_keys.
    """
    cases = {
        "as many key heads as query heads": qkv(),
        "four query heads and two key heads": qkv(kv_heads=2),
        "four query heads and a single key head": qkv(kv_heads=1),
        "two queries behind three earlier keys": qkv(queries=2),
        "heads of 2": qkv(width=2),
    }
    for what, (q, k, v) in cases.items():
        mask = right_mask(q.size(2), k.size(2))
        message = f"{what}: softmax(q @ k.T / sqrt(D)) @ v, D being the width of one head"
        close(attempt(attend, q, k, v, mask), right(q, k, v, mask), message, axes="B H T D")
    message = "rows of weights add up to one: where all values are 1, so is every output"
    q, k, v = qkv()
    found = attempt(attend, q, k, torch.ones_like(v), right_mask(5, 5))
    close(found, torch.ones_like(v), message, axes="B H T D", atol=1e-5)


def test_small_dtypes_and_bad_sizes():
    """float16 and bfloat16 stay finite; sizes that do not go together are a ValueError.

    Kills minus_1e9, heads_uneven, other_keys and any_mask.
    """
    for dtype in (torch.float16, torch.bfloat16):
        q, k, v = (one.to(dtype) for one in qkv())
        found = attempt(attend, q, k, v, right_mask(5, 5))
        message = f"{dtype}: masked scores are minus infinity, which every float has; -1e9 is none"
        expected = right(*qkv(), right_mask(5, 5)).to(dtype)
        close(found, expected, message, axes="B H T D", atol=0.05)
    q, k, v = qkv()
    cases = {
        "3 query heads, 2 key heads": ("3 2", *qkv(heads=3, kv_heads=2)),
        "5 keys, 4 values": ("5 4", q, k, v[:, :, :4]),
        "queries of 8, keys of 4": ("8 4", q, k[..., :4], v[..., :4]),
        "2 sequences of queries, 1 of keys": ("2 1", q, k[:1], v[:1]),
        "a mask for 4 keys, and 5 of them": ("5 4", q, k, v, right_mask(4, 4)),
        "a mask of one row": ("5 1", q, k, v, right_mask(1, 5)),
    }
    for what, arguments in cases.items():
        found = refusal(arguments[0], attend, *arguments[1:])
        equal(found, "ValueError", f"{what}: say so, with the numbers")


def probe(module):
    """Masks, heads, and attention of several shapes."""
    sizes = [(4, 4), (2, 5), (1, 5), (3, 4)]
    seen = [tried(right_mask(*one), module.causal_mask, *one) for one in sizes]
    seen.append(tried("ValueError", refusal, "6 5", module.causal_mask, 6, 5))
    heads = torch.arange(3.0)[None, :, None, None].expand(2, 3, 4, 5)
    seen += [tried(heads.repeat_interleave(n, 1), module.expand_kv, heads, n) for n in (2, 1)]
    cases = [qkv(), qkv(kv_heads=2), qkv(kv_heads=1), qkv(queries=2), qkv(width=2)]
    for q, k, v in cases:
        mask = right_mask(q.size(2), k.size(2))
        seen.append(tried(right(q, k, v, mask), module.attend, q, k, v, mask))
    q, k, v = qkv()
    seen.append(tried(right(q, k, v), module.attend, q, k, v))
    half = [one.half() for one in qkv()]
    found = tried(half[0], module.attend, *half, right_mask(5, 5))
    seen.append(found if isinstance(found, tuple) else "a tensor")
    bad = [qkv(heads=3, kv_heads=2), (q, k, v[:, :, :4]), (q, k, v, right_mask(1, 5))]
    seen += [tried("ValueError", refusal, "", module.attend, *one) for one in bad]
    return seen
