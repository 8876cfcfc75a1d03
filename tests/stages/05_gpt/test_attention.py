"""Check of 05_gpt/attention."""

from dataclasses import astuple

import torch
from kit.cache import ToyCache
from kit.golden import fill, wave
from kit.probing import refusal, tried
from nanochat.gpt.attention import CausalSelfAttention, GPTConfig
from nanochat.gpt.rotary import apply_rotary_emb, rotary_tables

from nanolab.expect import attempt, close, equal

T = 12


def tables(start=0, stop=T):
    """The rotary tables of positions start ... stop - 1, heads of 8."""
    cos, sin = rotary_tables(2 * T, 8)
    return cos[:, start:stop], sin[:, start:stop]


def config(n_head, n_kv_head, n_embd=32):
    """The sizes that a layer looks at."""
    return GPTConfig(n_layer=1, n_head=n_head, n_kv_head=n_kv_head, n_embd=n_embd)


def layer_of(module=None, n_kv_head=2, n_embd=32, layer_idx=0):
    """A layer with the golden weights, four query heads."""
    make = CausalSelfAttention if module is None else module.CausalSelfAttention
    return fill(make(config(4, n_kv_head, n_embd), layer_idx))


def right(layer, x, cos_sin):
    """Attention, head by head and position by position, out of the layer's own weights."""

    def heads(linear, turned):
        found = (x @ linear.weight.T).unflatten(2, (-1, 8))  # (B, T, H, 8)
        if not turned:
            return found
        found = apply_rotary_emb(found, *cos_sin)
        return found * torch.rsqrt(found.square().mean(-1, keepdim=True) + 2.0**-23)

    q, k, v = heads(layer.c_q, True), heads(layer.c_k, True), heads(layer.c_v, False)
    out = torch.zeros_like(q)
    for h in range(q.size(2)):
        kv = h * k.size(2) // q.size(2)
        for t in range(x.size(1)):
            scores = (k[:, : t + 1, kv] * q[:, t : t + 1, h]).sum(-1) / 8**0.5  # (B, t + 1)
            weights = scores.softmax(-1)[:, :, None]
            out[:, t, h] = (weights * v[:, : t + 1, kv]).sum(1)
    return out.flatten(2) @ layer.c_proj.weight.T


def in_pieces(layer, x, pieces):
    """The output when the positions come in pieces, with a cache behind them."""
    cache, out, start = ToyCache(layer.layer_idx + 1), [], 0
    for size in pieces:
        stop = start + size
        cos, sin = tables(start, stop)
        out.append(layer(x[:, start:stop], (cos.to(x.device), sin.to(x.device)), cache))
        start = stop
    return torch.cat(out, dim=1)


def test_four_matrices_without_bias():
    """c_q, c_k, c_v and c_proj, smaller for keys and values where heads are shared.

    Kills biased, all_heads_answer and another_name.
    """
    equal(
        astuple(GPTConfig()), (1024, 50304, 12, 6, 6, 768), "nanochat's sizes, unless told others"
    )
    for n_kv_head, width in ((4, 32), (2, 16), (1, 8)):
        made = CausalSelfAttention(config(4, n_kv_head), 0)
        shapes = {name: tuple(one.shape) for name, one in made.named_parameters()}
        expected = {"c_q": (32, 32), "c_k": (width, 32), "c_v": (width, 32), "c_proj": (32, 32)}
        expected = {f"{name}.weight": shape for name, shape in expected.items()}
        message = f"4 heads of 8 ask, {n_kv_head} of 8 answer: (out, in), no bias, nanochat's names"
        equal(shapes, expected, message)


def test_heads_that_do_not_come_out_even_are_refused():
    """32 numbers cannot be cut into 5 heads, nor 4 heads share 3: a ValueError.

    Kills uneven_width, uneven_heads and wordless.
    """
    message = "n_embd 32 by n_head 5, n_head 4 by n_kv_head 3: a ValueError that names both"
    equal(refusal("32 5", CausalSelfAttention, config(5, 5), 0), "ValueError", message)
    equal(refusal("4 3", CausalSelfAttention, config(4, 3), 0), "ValueError", message)


def test_the_same_as_head_by_head(monkeypatch):
    """With the same weights, the output is what a slow loop over heads and positions gives.

    Kills values_not_transposed, view_without_transpose, rejoined_without_transpose, no_projection, no_mask, no_scale,
    scale_by_width, tiled, first_head_only, no_rotary, only_queries_turned, rotary_on_v,
    sin_cos_swapped, no_qk_norm, only_q_normed, norm_before_rotary, norm_over_width and norm_on_v.
    """
    seen = []
    original = torch.nn.functional.scaled_dot_product_attention

    def spy(q, k, v, *args, **kwargs):
        seen.append((q.detach(), k.detach(), v.detach()))
        return original(q, k, v, *args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", spy)
    layer, x = layer_of(), wave(2, T, 32)
    found = layer(x, tables())
    if seen:
        q, k, v = seen[0]
        equal(tuple(q.shape), (2, 4, T, 8), "attention takes queries as (B, H, T, D)")
        values = (x @ layer.c_v.weight.T).unflatten(2, (-1, 8))[:, :, 0]
        message = "values are what c_v gives: neither turned nor normalised"
        close(v[:, 0], values, message, axes="B T D", atol=1e-5)
        for name, one in (("queries", q), ("keys", k)):
            message = (
                f"turn first, then norm over D: {name} have a root mean square of 1, every one"
            )
            rms = one.square().mean(-1).sqrt()
            close(rms, torch.ones_like(rms), message, axes="B H T", atol=1e-5)
    message = "project, cut into heads, turn, norm, attend, join, project"
    close(found, right(layer, x, tables()), message, axes="B T C", atol=1e-5)
    equal(len(seen), 1, "F.scaled_dot_product_attention does the attention, in one call")
    for n_kv_head in (1, 4):
        layer = layer_of(n_kv_head=n_kv_head)
        message = f"4 heads ask and {n_kv_head} answer: head h asks key head h // (H / Hkv)"
        found = layer(x, tables())
        close(found, right(layer, x, tables()), message, axes="B T C", atol=1e-5)
    found = layer(x[:1, :1], tables(0, 1))
    expected = right(layer, x[:1, :1], tables(0, 1))
    close(found, expected, "one sequence of one position works too", axes="B T C", atol=1e-5)


def test_sequences_and_future_stay_apart():
    """Sequences of a batch do not see each other, and positions do not see what follows.

    Kills what mixes batch, heads and positions.
    """
    layer, x = layer_of(), wave(3, T, 32)
    order = torch.tensor([2, 0, 1])
    message = "the sequences in another order: the same outputs, in that order"
    close(layer(x[order], tables()), layer(x, tables())[order], message, axes="B T C")
    changed = x.clone()
    changed[:, 7:] = 9.0
    before, after = layer(x, tables())[:, :7], layer(changed, tables())[:, :7]
    close(after, before, "positions 7 and later have changed; 0 to 6 must not notice", axes="B T C")


def test_a_cache_changes_nothing_but_the_work():
    """Four positions, then five, two and a single one: the same as all at once.

    Kills is_causal_in_chunks, chunk_unmasked, single_sees_first_key, cache_ignored, values_uncached,
    first_layer_only, cached_before_transpose and turned_from_zero.
    """
    x = wave(2, T, 32)
    for layer_idx in (0, 2):
        layer = layer_of(layer_idx=layer_idx)
        whole = layer(x, tables())
        pieces = {"two halves": [6, 6], "4, 5, 2 and one": [4, 5, 2, 1], "all": [12]}
        for what, sizes in pieces.items():
            message = f"{what}, layer {layer_idx}: keys come from the cache, and the mask knows it"
            close(in_pieces(layer, x, sizes), whole, message, axes="B T C", atol=1e-5)
    cache, layer = ToyCache(3), layer_of(layer_idx=2)
    layer(x, tables(), cache)
    shapes = {at: tuple(k.shape) for at, (k, _) in cache.kept.items()}
    message = "insert_kv gets the number of the layer, and keys of (B, Hkv, T, D)"
    equal(shapes, {2: (2, 2, T, 8)}, message)


def on_meta(layer):
    """What becomes of four positions, then five and one, where nothing is on the CPU."""
    out = attempt(in_pieces, layer.to("meta"), wave(2, T, 32).to("meta"), [4, 5, 1])
    return out if isinstance(out, tuple) else (tuple(out.shape), str(out.device))


def test_the_mask_is_where_x_is():
    """All on the meta device, which stands for a GPU: the mask must be there too.

    Kills mask_on_cpu.
    """
    message = "x, weights, tables and cache are on 'meta'; the mask must be too: device=x.device"
    equal(on_meta(layer_of()), ((2, 10, 32), "meta"), message)


def test_gradients_reach_every_matrix():
    """All four matrices learn.

    Kills detached.
    """
    layer = layer_of()
    layer(wave(2, T, 32), tables()).square().sum().backward()
    for name, one in layer.named_parameters():
        equal(one.grad is not None and bool(one.grad.any()), True, f"{name} got no gradient")


def probe(module):
    """One layer in several shapes, whole and in pieces, and in float64 so that little shows."""
    shapes, outputs = [], []
    for n_kv_head in (2, 1, 4):
        made = tried(None, module.CausalSelfAttention, config(4, n_kv_head), 0)
        named = getattr(made, "named_parameters", list)()
        shapes.append(sorted((name, tuple(one.shape)) for name, one in named))
    make = module.CausalSelfAttention
    bad = [
        tried(0, refusal, "4 3" if one == 4 else "5 32", make, config(one, 3), 0) for one in (5, 4)
    ]
    x = wave(2, T, 32)
    for n_kv_head in (2, 4):
        layer = attempt(layer_of, module, n_kv_head, layer_idx=2)
        if isinstance(layer, tuple):
            return shapes, bad, layer
        layer, wide = layer.double(), x.double()
        # a diagnosis tolerates 1e-6, and norm_before_rotary differs by little more
        outputs.append(tried(0, lambda layer=layer, x=wide: 1e3 * layer(x, tables())))
    cache = ToyCache(3)
    outputs += [tried(0, in_pieces, layer, wide, [4, 5, 2, 1])]
    tried(0, layer, wide[:, :2], tables(0, 2), cache)
    outputs += [sorted((at, tuple(k.shape)) for at, (k, _) in cache.kept.items())]
    layer = layer_of(module)
    tried(0, lambda: layer(x, tables()).sum().backward())
    learned = [one.grad is not None for one in layer.parameters()]
    return shapes, bad, outputs, learned, tried(0, on_meta, layer)
