"""Check of 05_gpt/block."""

import torch
from kit.cache import ToyCache
from kit.golden import CONFIG, fill, wave
from kit.probing import tried
from nanochat.gpt.block import MLP, Block
from nanochat.gpt.norm import norm
from nanochat.gpt.rotary import rotary_tables

from nanolab.expect import attempt, close, equal

T = 6
WIDTHS = {"c_fc.weight": (128, 32), "c_proj.weight": (32, 128)}


def tables():
    """The rotary tables of six positions, heads of 8."""
    return rotary_tables(T, 8)


def right_mlp(mlp, x):
    """The MLP out of its own weights."""
    return (x @ mlp.c_fc.weight.T).clamp(min=0) ** 2 @ mlp.c_proj.weight.T


def right_block(block, x):
    """The block out of its own branches."""
    x = x + block.attn(norm(x), tables())
    return x + right_mlp(block.mlp, norm(x))


def test_an_mlp_widens_by_four_and_has_no_bias():
    """c_fc goes from C to 4C, c_proj back.

    Kills narrow, biased and other_names.
    """
    shapes = {name: tuple(one.shape) for name, one in MLP(CONFIG).named_parameters()}
    message = "C is 32: c_fc makes 128 of it, c_proj makes 32 of them; (out, in), no bias"
    equal(shapes, WIDTHS, message)


def test_only_what_is_positive_is_squared():
    """-2, -1, 0, 1, 3 become 0, 0, 0, 1, 9 between the matrices.

    Kills gelu, silu, relu_alone, square_first, not_bent and squared_twice.
    """
    mlp = MLP(CONFIG)
    with torch.no_grad():
        # both matrices hand the first five numbers on, and nothing else
        mlp.c_fc.weight.zero_()[:5, :5] = torch.eye(5)
        mlp.c_proj.weight.zero_()[:5, :5] = torch.eye(5)
    x = torch.zeros(1, 1, 32)
    x[0, 0, :5] = torch.tensor([-2.0, -1.0, 0.0, 1.0, 3.0])
    expected = torch.tensor([0.0, 0.0, 0.0, 1.0, 9.0])
    message = "relu, then square: what is negative becomes 0, 3 becomes 9"
    close(mlp(x)[0, 0, :5], expected, message, axes="C")
    mlp = fill(MLP(CONFIG))
    x = wave(2, T, 32)
    message = "c_fc, relu, square, c_proj; each position by itself"
    close(mlp(x), right_mlp(mlp, x), message, axes="B T C", atol=1e-5)


def test_a_block_that_says_nothing_changes_nothing():
    """With both c_proj zero, the stream comes out exactly as it went in.

    Kills post_norm, normed_stream, no_sum, no_sum_after_mlp and doubled_stream.
    """
    block, x = fill(Block(CONFIG, 0)), 5 * wave(2, T, 32)
    with torch.no_grad():
        block.attn.c_proj.weight.zero_()
        block.mlp.c_proj.weight.zero_()
    message = "both branches add zero, so x comes out, to the last bit: the norm is inside a branch"
    equal(torch.equal(attempt(block, x, tables()), x), True, message)


def test_attention_first_then_the_mlp_on_the_sum():
    """The MLP reads the stream that attention has written to; both read it normalised.

    Kills parallel, mlp_first, no_norm_before_attention, no_norm_before_mlp, norm_after_branch and
    layer_norm.
    """
    block, x = fill(Block(CONFIG, 0)), 5 * wave(2, T, 32)
    found = block(x.clone(), tables())
    message = "x + attn(norm(x)), and to that the mlp of its norm"
    close(found, right_block(block, x), message, axes="B T C", atol=2e-5)
    names = [name.removesuffix(".weight") for name, _ in Block(CONFIG, 0).named_parameters()]
    expected = [f"attn.{name}" for name in ("c_q", "c_k", "c_v", "c_proj")]
    equal(names, [*expected, "mlp.c_fc", "mlp.c_proj"], "nanochat calls the branches attn and mlp")


def test_the_cache_and_the_layer_reach_attention():
    """Both are handed on.

    Kills no_cache and layer_zero.
    """
    block, x, cache = fill(Block(CONFIG, 3)), wave(2, T, 32), ToyCache(4)
    block(x, tables(), cache)
    equal(list(cache.kept), [3], "layer 3 keeps its keys and values as layer 3")


def test_the_stream_is_not_written_to():
    """x stays as it was, and gradients reach all six matrices.

    Kills in_place and detached.
    """
    block, x = fill(Block(CONFIG, 0)), wave(2, T, 32)
    attempt(block, x, tables())
    message = "x += ... writes into the caller's tensor; x = x + ... makes a new one"
    close(x, wave(2, T, 32), message, axes="B T C")
    block(x.requires_grad_(), tables()).square().sum().backward()
    for name, one in block.named_parameters():
        equal(one.grad is not None and bool(one.grad.any()), True, f"{name} got no gradient")


def probe(module):
    """An MLP and a block with the golden weights."""
    x = 5 * wave(2, T, 32).double()
    mlp = fill(module.MLP(CONFIG))
    shapes = sorted((name, tuple(one.shape)) for name, one in mlp.named_parameters())
    try:
        bent = tried(right_mlp(mlp.double(), x), mlp.double(), x)
    except AttributeError:  # other names
        bent = attempt(mlp.double(), x)
    block, cache = fill(module.Block(CONFIG, 3)).double(), ToyCache(4)
    whole = tried(0, block, x, tables(), cache)
    changed = tried(0, lambda: block(again := 5 * wave(2, T, 32).double(), tables()) is again)
    same = 5 * wave(2, T, 32).double()
    tried(0, block, same, tables())
    tried(0, lambda: block(x, tables()).sum().backward())
    learned = [one.grad is not None for one in block.parameters()]
    return shapes, bent, whole, changed, same, list(cache.kept), learned
