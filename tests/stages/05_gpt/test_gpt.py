"""Check of 05_gpt/gpt."""

import math

import torch
from kit.cache import ToyCache
from kit.golden import FIRST, LARGEST, LAST, SIZES, SUM, SUM_OF_SQUARES, fill, state_dict, tokens
from kit.probing import refusal, tried
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.gpt import GPT

from nanolab.expect import attempt, close, equal

LAYER = ("attn.c_q", "attn.c_k", "attn.c_v", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
KEYS = [
    "transformer.wte.weight",
    *(f"transformer.h.{at}.{name}.weight" for at in range(2) for name in LAYER),
    "lm_head.weight",
]


def golden(make=None, **sizes):
    """A model with the golden weights."""
    return fill((GPT if make is None else make)(GPTConfig(**{**SIZES, **sizes}))).eval()


def loud(make=None):
    """The same, its logits twenty times as large, so that the cap has something to do."""
    model = golden(make)
    with torch.no_grad():
        model.lm_head.weight.mul_(20)
    return model


def raw_logits(model, idx):
    """What lm_head gives, before the cap."""
    seen = []
    hook = model.lm_head.register_forward_hook(lambda *parts: seen.append(parts[2].detach()))
    with torch.no_grad():
        model(idx)
    hook.remove()
    return seen[0]


def by_hand(logits, targets):
    """Minus the log probability of each target, 0 for -1; `(B * T,)`."""
    chosen = logits.log_softmax(-1).gather(2, targets.clamp(min=0)[:, :, None])[:, :, 0]
    return (-chosen * (targets >= 0)).flatten()


def some_targets():
    """The next token, and -1 at four of the 24 positions."""
    targets = (tokens() + 7) % 61
    targets[0, :3] = targets[1, 11] = -1
    return targets


def in_pieces(model, idx, pieces):
    """The logits when the tokens come in pieces, with a cache behind them."""
    cache, out, start = ToyCache(2), [], 0
    for size in pieces:
        out.append(model(idx[:, start : start + size], kv_cache=cache))
        start += size
    return torch.cat(out, dim=1)


def test_the_parts_have_nanochats_names():
    """Six weights a layer, a table for each end, and nothing else in the state dict.

    Kills tied, biased_head, saved_tables, saved_cosines, one_block_twice, learned_norm, one_layer_more,
    learned_positions and short_tables.
    """
    model = GPT(GPTConfig(**SIZES))
    for name in ("cos", "sin"):
        message = f"{name!r} is too much in the state dict: register it with persistent=False"
        equal(name in model.state_dict(), False, message)
    message = "6 weights in each layer and 2 tables, under nanochat's names: its weights must load"
    equal(list(model.state_dict()), KEYS, message)
    tied = model.lm_head.weight is model.transformer.wte.weight
    equal(tied, False, "lm_head and wte are two tables; GPT-2 had one")
    one, two = model.transformer.h[0].mlp.c_fc.weight, model.transformer.h[1].mlp.c_fc.weight
    equal(one is two, False, "each layer has weights of its own")
    shapes = {name: tuple(one.shape) for name, one in model.named_parameters()}
    attempt(model.load_state_dict, state_dict(shapes), strict=True)
    message = "cos and sin are buffers for 10 times sequence_len positions, (1, 320, 1, D / 2)"
    buffers = {name: tuple(one.shape) for name, one in model.named_buffers()}
    equal(buffers, {"cos": (1, 320, 1, 4), "sin": (1, 320, 1, 4)}, message)


def test_the_cap_bends_logits_between_minus_15_and_15():
    """15 * tanh(logits / 15), for every logit.

    Kills whole_tables, no_cap, clamped, cap_30, cap_20, cap_not_multiplied, last_position_only and
    probabilities.
    """
    model = loud()
    raw = raw_logits(model, tokens())
    expected = torch.tensor(
        [[15 * math.tanh(one / 15) for one in row] for row in raw[0, :2].tolist()]
    )
    message = "a logit of 10 becomes 8.74, one of 100 becomes 15; small ones stay as they are"
    close(model(tokens())[0, :2].detach(), expected, message, axes="T V", atol=5e-5)


def test_the_same_weights_give_nanochats_logits():
    """With the golden weights, the logits are those of nanochat, to 5e-5.

    Kills no_embedding_norm, no_final_norm, from_position_one, sine_for_both and stream_dropped.
    """
    logits = golden()(tokens()).detach()
    equal((tuple(logits.shape), logits.dtype), ((2, 12, 61), torch.float32), "(B, T, V) in float32")
    message = "golden weights: norm after the embedding, the blocks, norm, lm_head, cap"
    close(logits[0, 0, :5], torch.tensor(FIRST), message, axes="V", atol=5e-5)
    message = "position 0 is right and position 11 is not: look at the rotary tables' positions"
    close(logits[1, 11, :5], torch.tensor(LAST), message, axes="V", atol=5e-5)
    message = "all logits together, their squares, and the largest"
    found = [logits.double().sum(), logits.double().square().sum(), logits.abs().max()]
    expected = [SUM, SUM_OF_SQUARES, LARGEST]
    close([float(one) for one in found], expected, message, atol=2e-3, rtol=1e-6)


def test_the_loss_is_that_of_the_positions_that_count():
    """A number, or one for each position; where the target is -1 it is 0, and the mean leaves it out.

    Kills loss_without_cap, ignores_minus_100, counts_ignored, always_mean, one_by_one and
    shifts_targets.
    """
    model, targets = loud(), some_targets()
    each = by_hand(model(tokens()), targets).detach()
    found = model(tokens(), targets, loss_reduction="none").detach()
    message = "one loss of B * T capped logits, 0 where the target is -1"
    close(found, each, message, axes="B*T", atol=1e-4)
    message = "the mean of the 20 positions that count, not of all 24; one number"
    close(model(tokens(), targets).detach(), each.sum() / 20, message, atol=1e-5)
    close(model(tokens(), targets, None, "sum").detach(), each.sum(), "the sum", atol=1e-3)
    nothing = model(tokens(), torch.full((2, 12), -1))
    equal(bool(nothing.isnan()), True, "a mean of no positions is NaN, as in nanochat")


def test_positions_see_the_past_and_a_cache_changes_nothing():
    """Later tokens change nothing before them; in pieces, behind a cache, the logits are the same.

    Kills cache_from_zero, cache_not_handed_on and every_layer_zero.
    """
    model, idx = golden(), tokens()
    whole = model(idx).detach()
    changed = idx.clone()
    changed[:, 6:] = 1
    message = "tokens 6 to 11 have changed; logits 0 to 5 must not notice"
    close(model(changed)[:, :6].detach(), whole[:, :6], message, axes="B T V")
    cache = ToyCache(2)
    model(idx[:, :4], kv_cache=cache)
    message = "after a call with a cache there are keys and values in it: give it to every block"
    equal(len(cache.kept) > 0, True, message)
    message = "each layer has a place of its own in the cache: tell each block its own number"
    equal([*cache.kept], [0, 1], message)
    message = "4, 5 and three single tokens with a cache: positions go on where the cache ends"
    found = in_pieces(model, idx, [4, 5, 1, 1, 1]).detach()
    close(found, whole, message, axes="B T V", atol=5e-5)
    for what, one in {"a single token": idx[:, :1], "int32": idx.int()}.items():
        message = f"{what}: the same as before"
        close(model(one).detach(), whole[:, : one.size(1)], message, axes="B T V", atol=1e-5)


def test_what_does_not_fit_is_refused():
    """Too many tokens, unknown ids and odd shapes raise an error that names the numbers.

    Kills nothing_required and not_looked_up.
    """
    model, idx = golden(sequence_len=1), tokens()
    fits = attempt(lambda: tuple(model(idx[:, :10]).shape))
    equal(fits, (2, 10, 61), "10 tokens fit into tables for 10 positions")
    cases = {
        "11 tokens, and rotary tables for 10": ("11 10", idx[:, :11]),
        "one axis": ("(5,)", idx[0, :5]),
        "too few targets": ("4 3", idx[:, :4], idx[:, :3]),
        "too many targets": ("4 5", idx[:, :4], idx[:, :5]),
    }
    for what, arguments in cases.items():
        message = f"{what}: a ValueError that says what is expected"
        equal(refusal(arguments[0], model, *arguments[1:]), "ValueError", message)
    cache = ToyCache(2)
    model(idx[:, :6], kv_cache=cache)
    found = refusal("5 6 10", model, idx[:, 6:11], kv_cache=cache)
    message = "6 tokens in the cache and 5 new ones are 11 positions: name all three numbers"
    equal(found, "ValueError", message)
    fits = attempt(lambda: tuple(model(idx[:, 6:10], kv_cache=cache).shape))
    equal(fits, (2, 4, 61), "6 tokens in the cache and 4 new ones are 10 positions")
    for unknown in (61, -1):
        message = f"id {unknown}, and a vocabulary from 0 to 60: an IndexError that says so"
        found = refusal(f"60 {unknown}", model, torch.full((1, 2), unknown))
        equal(found, "IndexError", message)


def test_small_numbers_and_no_chance():
    """Two-byte weights still give float32 logits; training and evaluation give the same.

    Kills stays_small and drops_out.
    """
    model = golden()
    message = "no dropout: model.train() and model.eval() are the same model"
    found = model.train()(tokens()).detach()
    close(found, model.eval()(tokens()).detach(), message, axes="B T V")
    small = golden().bfloat16()
    message = "bfloat16 weights, float32 logits and loss: a softmax over V sums many small numbers"
    kinds = small(tokens()).dtype, small(tokens(), tokens()).dtype
    equal(kinds, (torch.float32, torch.float32), message)


def test_it_goes_on_after_a_text():
    """What was given with the file works on your model: first weights, FLOPs, and generate.

    Kills what breaks the given methods.
    """
    model = golden()
    greedy = [*model.generate([3, 10], 5, temperature=0)]
    ids = [3, 10]
    for _ in range(5):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    equal(greedy, ids[2:], "temperature 0: the likeliest token each time")
    equal([*model.generate([3, 10], 5, top_k=1)], greedy, "top_k=1 leaves only the likeliest")
    drawn = [*model.generate([3, 10], 40, seed=1)]
    equal([*model.generate([3, 10], 40, top_k=0, seed=1)], drawn, "top_k=0 is no limit; one seed")
    equal([*model.generate([3], 9, seed=2)] == drawn[:9], False, "another seed, other tokens")
    equal([*model.generate([3], 0)], [], "no tokens were asked for")
    equal([*model.generate([3], 9)], [*model.generate([3], 9, seed=42)], "the seed is 42 by itself")
    likely = set(model(torch.tensor([[3]]))[0, -1].topk(2).indices.tolist())
    hot = {next(model.generate([3], 1, 9.0, 2, seed)) for seed in range(20)}
    equal(hot, likely, "top_k=2 and a high temperature: both of the two likeliest, and no other")
    model.init_weights()
    close(model(tokens(), tokens()).item(), math.log(61), "after init_weights: ln V", atol=1e-5)
    equal(model.estimate_flops(), 6 * (golden_count() - 61 * 32) + 12 * 2 * 32 * 32, "FLOPs")
    equal(model.get_device(), torch.device("cpu"), "the weights are on the CPU")


def golden_count():
    """How many weights the golden model has."""
    return 2 * 61 * 32 + 2 * (2 * 32 * 32 + 2 * 32 * 16 + 8 * 32 * 32)


def probe(module):
    """A model with the golden weights, and what it makes of tokens, targets and nonsense."""
    idx, targets = tokens(), some_targets()
    torch.manual_seed(0)
    model = attempt(golden, module.GPT)
    if isinstance(model, tuple):
        return model
    names = [*model.state_dict()], [(name, tuple(one.shape)) for name, one in model.named_buffers()]
    shared = len({id(one) for one in model.parameters()})
    few = golden(module.GPT, sequence_len=1, n_layer=1).bfloat16()
    with torch.no_grad():
        # in float64, where rounding does not blur what differs by little
        seen, cache = [tried(0, model.double().train(), idx)], ToyCache(2)
        seen.append(tried(0, in_pieces, model, idx, [7, 4, 1]))
        tried(0, model, idx, None, cache)
        model.lm_head.weight.mul_(20)
        seen.append(tried(0, model, idx))
        seen += [tried(0, model, idx, targets, None, how) for how in ("mean", "none")]
        bad = [(idx[:, :11],), (idx[0, :5],), (idx[:, :4], idx[:, :3]), (torch.full((1, 2), 61),)]
        bad = [tried(0, few, *one) for one in bad]
        small = tried(0, lambda: str(few(idx[:, :5]).dtype))
    bad = [one if isinstance(one, tuple) else "accepted" for one in bad]
    return names, shared, seen, sorted(cache.kept), bad, small
