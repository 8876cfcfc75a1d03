"""Check of 05_gpt/init."""

import math
from dataclasses import astuple
from functools import cache

import torch
from kit.golden import tokens
from kit.probing import refusal, tried
from nanochat.gpt.attention import GPTConfig
from nanochat.gpt.block import Block
from nanochat.gpt.init import config_from_depth, count_params, estimate_flops, init_weights
from nanochat.gpt.norm import norm
from nanochat.gpt.rotary import rotary_tables
from torch import nn
from torch.nn.functional import cross_entropy

from nanolab.expect import close, equal

# What nanochat has: depth, weights.
PUBLISHED = {4: 36_700_160, 12: 185_597_952, 20: 560_988_160, 32: 1_879_048_192}
SMALL = GPTConfig(32, 65, 2, 4, 2, 32)
CONFIGS = [
    SMALL,
    GPTConfig(32, 65, 2, 4, 4, 32),
    GPTConfig(64, 10, 1, 4, 1, 16),
    GPTConfig(8, 300, 3, 2, 2, 64),
    GPTConfig(8, 1, 5, 6, 3, 48),
    GPTConfig(8, 7, 1, 1, 1, 8),
]


class Skeleton(nn.Module):
    """Built like a GPT, which is the next exercise."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        wte = nn.Embedding(config.vocab_size, config.n_embd)
        h = nn.ModuleList([Block(config, at) for at in range(config.n_layer)])
        self.transformer = nn.ModuleDict({"wte": wte, "h": h})
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        tables = rotary_tables(10 * config.sequence_len, config.n_embd // config.n_head)
        for name, one in zip(("cos", "sin"), tables, strict=True):
            self.register_buffer(name, one, persistent=False)

    def loss(self, idx, targets):
        """The loss, without a cap, which changes nothing near zero."""
        x = norm(self.transformer.wte(idx))
        for block in self.transformer.h:
            x = block(x, (self.cos[:, : idx.size(1)], self.sin[:, : idx.size(1)]))
        return cross_entropy(self.lm_head(norm(x)).flatten(0, 1), targets.flatten())


def made(config, seed=None, init=init_weights):
    """A model after init_weights."""
    model = Skeleton(config)
    init(model, None if seed is None else torch.Generator().manual_seed(seed))
    return model


def right_std(name, rows, columns):
    """How far the numbers of a weight spread."""
    return 1.0 if "wte" in name else min(1.0, math.sqrt(rows / columns)) / math.sqrt(columns)


def std_of(model, name):
    """The standard deviation of a weight."""
    return model.get_parameter(name).detach().std().item()


def on_meta(config, init=init_weights):
    """A model without memory first, then with memory full of 7, then with its first weights."""
    with torch.device("meta"):
        model = Skeleton(config)
    model.to_empty(device="cpu")
    for one in (*model.parameters(), *model.buffers()):
        one.data.fill_(7)
    init(model)
    return model


def test_count_params_adds_up():
    """The formula gives what a real model has.

    Kills tied, no_lm_head, kv_as_wide_as_q, no_projection, mlp_half, one_layer and biases.
    """
    message = "2 * 65 * 32 for both tables; a layer has 1024 + 2 * 512 + 1024 + 8 * 1024"
    equal(count_params(SMALL), 26_688, message)
    for config in CONFIGS:
        with torch.device("meta"):
            real = sum(one.numel() for one in Skeleton(config).parameters())
        equal(count_params(config), real, f"a model of {config} has {real:,} weights")


def test_one_number_makes_a_model():
    """config_from_depth: 64 numbers of width for each layer, heads of at most 128.

    Kills heads_rounded_down, narrow_heads, few_kv_heads, other_width, uneven_depth, no_layers,
    wordless and arguments_mixed.
    """
    message = "depth 20: width 1280, 10 heads of 128, and as many for keys"
    equal(astuple(config_from_depth(20)), (2048, 65536, 20, 10, 10, 1280), message)
    equal(astuple(config_from_depth(4, 100, 64)), (64, 100, 4, 2, 2, 256), "depth 4, V 100, T 64")
    message = "a width of 64 is one head; 192 are two heads of 96, and 16,512 are 129 of 128"
    equal([config_from_depth(one).n_head for one in (1, 2, 3, 258)], [1, 1, 2, 129], message)
    for depth, total in PUBLISHED.items():
        message = f"nanochat's d{depth} has {total:,} weights"
        equal(count_params(config_from_depth(depth)), total, message)
    for depth in (5, 9, 11):
        message = f"depth {depth}: {64 * depth} cannot be cut into {math.ceil(depth / 2)} heads"
        equal(refusal(str(depth), config_from_depth, depth), "ValueError", message)
    for depth in (0, -1):
        found = refusal(str(depth), config_from_depth, depth)
        equal(found, "ValueError", f"{depth} layers are no model: say so, with the number")


def test_flops_count_what_is_multiplied():
    """6 for each weight that multiplies, and 12 * H * D * T in each layer.

    Kills embedding_counted, lm_head_left_out, forward_only, no_attention_flops and scores_only.
    """
    message = "26,688 weights without the 2,080 of the embedding, times 6; and 2 * 12 * 32 * 32"
    equal(estimate_flops(SMALL), 172_224, message)
    equal(estimate_flops(config_from_depth(20)), 3_491_758_080, "d20 with T = 2048")


def test_first_weights_have_the_right_size():
    """A matrix has a standard deviation of min(1, sqrt(out / in)) / sqrt(in); the embedding of 1.

    Kills fans_swapped, always_002, no_min, no_shape, variance, uniform, small_embedding and
    all_zero.
    """
    config = GPTConfig(8, 400, 1, 4, 2, 256)
    model = made(config, seed=0)
    for short in ("attn.c_q", "attn.c_k", "mlp.c_fc"):
        name = f"transformer.h.0.{short}.weight"
        rows, columns = model.get_parameter(name).shape
        std = right_std(name, rows, columns)
        message = f"{name} is {(rows, columns)}, (out, in): its numbers spread by {std:.4f}"
        close(std_of(model, name), std, message, atol=0.0, rtol=0.03)
    message = "the embedding's numbers spread by 1"
    close(std_of(model, "transformer.wte.weight"), 1.0, message, atol=0.03)
    largest = model.transformer.h[0].mlp.c_fc.weight.abs().max().item() * 16
    equal(largest > 3, True, "normal numbers: a few of 262,144 are beyond three deviations")


def test_at_first_every_token_is_equally_likely():
    """c_proj and lm_head are zero, so the loss is ln V, and only lm_head learns in the first step.

    Kills head_not_zero, attn_proj_not_zero, mlp_proj_not_zero and zeroed_too_early.
    """
    model, idx = made(SMALL), tokens()
    for name, one in model.named_parameters():
        zero = "c_proj" in name or "lm_head" in name
        message = f"{name} should be {'zero' if zero else 'random'} after init_weights"
        equal(not one.any(), zero, message)
    loss = model.loss(idx, idx)
    close(loss.item(), math.log(65), "all 65 tokens equally likely: a loss of ln 65", atol=1e-5)
    loss.backward()
    learns = [
        name for name, one in model.named_parameters() if one.grad is not None and one.grad.any()
    ]
    message = "the head is zero, so no gradient gets behind it in the first step"
    equal(learns, ["lm_head.weight"], message)


def test_one_seed_makes_one_model():
    """The same seed, the same weights as nanochat's; and after the meta device, tables again.

    Kills embedding_forgotten, generator_ignored, generator_not_for_wte, generator_only_for_wte,
    other_order, two_loops, zeros_not_drawn, tables_forgotten, short_tables and seeds_itself.
    """
    torch.manual_seed(5)
    model = made(SMALL)
    torch.manual_seed(5)
    Skeleton(SMALL)  # a constructor draws numbers too
    message = "wte first, then each layer's c_q c_k c_v c_proj c_fc c_proj: one draw each, in order"
    for name, one in model.named_parameters():
        drawn = right_std(name, *one.shape) * torch.randn(one.shape)
        if "c_proj" not in name and "lm_head" not in name:
            close(one.detach(), drawn, f"{name}: {message}", axes="out in")
    for name, one in made(SMALL, 3).named_parameters():
        message = f"{name}: two models from generators of one seed are equal"
        close(one.detach(), made(SMALL, 3).get_parameter(name).detach(), message)
    one, two = made(SMALL, 3), made(SMALL, 4)
    different = not torch.equal(one.transformer.wte.weight, two.transformer.wte.weight)
    equal(different, True, "another seed, another model")
    model, whole = on_meta(SMALL), Skeleton(SMALL)
    for name in ("cos", "sin"):
        message = f"made on the meta device, a model has no numbers: compute the table {name} anew"
        close(model.get_buffer(name), whole.get_buffer(name), message, axes="B T H i")


def probe(module):
    """Counts, configurations, and the weights of some models."""
    depths = {depth: _right_config(depth) for depth in (1, 3, 4, 20)}
    seen = [
        tried(right, lambda d=d: astuple(module.config_from_depth(d)))
        for d, right in depths.items()
    ]
    seen.append(
        tried((64, 100, 4, 2, 2, 256), lambda: astuple(module.config_from_depth(4, 100, 64)))
    )
    asked = [tried("ValueError", refusal, str(n), module.config_from_depth, n) for n in (5, 0, -1)]
    seen += asked
    seen += [tried(_right_count(at), module.count_params, one) for at, one in enumerate(CONFIGS)]
    flops = [(SMALL, 172_224), (GPTConfig(2048, 65536, 20, 10, 10, 1280), 3_491_758_080)]
    seen += [tried(right, module.estimate_flops, config) for config, right in flops]
    for seed in (3, 4):
        seen.append(tried(_begun(_right_init, seed), _begun, module.init_weights, seed))
    return seen


def _begun(init, seed):
    """A model's weights and tables after `init`; full of 7 before, as if from the meta device."""
    model = _subject()
    for one in (*model.parameters(), *model.buffers()):
        one.data.fill_(7)
    torch.manual_seed(0)  # for who ignores the generator
    init(model, torch.Generator().manual_seed(seed))
    return [one.detach().float().clone() for one in (*model.parameters(), model.cos, model.sin)]


@cache
def _subject():
    return Skeleton(GPTConfig(4, 20, 1, 4, 2, 32))


def _right_init(model, generator):
    for name, one in model.named_parameters():
        nn.init.normal_(one, std=right_std(name, *one.shape), generator=generator)
        if "c_proj" in name or "lm_head" in name:
            nn.init.zeros_(one)
    model.cos, model.sin = rotary_tables(40, 8)


def _right_config(depth):
    return (2048, 65536, depth, (depth + 1) // 2, (depth + 1) // 2, 64 * depth)


@cache
def _right_count(number):
    with torch.device("meta"):
        return sum(one.numel() for one in Skeleton(CONFIGS[number]).parameters())
