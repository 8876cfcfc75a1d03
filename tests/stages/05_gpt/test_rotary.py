"""Check of 05_gpt/rotary."""

import inspect
import math

import torch
from kit.golden import wave
from kit.probing import refusal, tried
from nanochat.gpt.rotary import apply_rotary_emb, rotary_tables

from nanolab.expect import attempt, close, equal


def right_tables(length, head_dim, base=10000.0):
    """The angles, one after the other, in Python's own numbers."""
    angles = [
        [t * base ** (-2 * i / head_dim) for i in range(head_dim // 2)] for t in range(length)
    ]
    shape = (1, length, 1, head_dim // 2)
    cos = torch.tensor([[math.cos(one) for one in row] for row in angles]).reshape(shape)
    sin = torch.tensor([[math.sin(one) for one in row] for row in angles]).reshape(shape)
    return cos.bfloat16(), sin.bfloat16()


def exact_tables(length, head_dim):
    """The same in float64, so that a rotation keeps lengths to the last digit."""
    angles = torch.arange(length).double()[:, None] * torch.tensor(
        [10000.0 ** (-2 * i / head_dim) for i in range(head_dim // 2)], dtype=torch.float64
    )
    return angles.cos()[None, :, None], angles.sin()[None, :, None]


def right_rotation(x, cos, sin):
    """One pair after the other."""
    out = torch.empty_like(x)
    half = x.size(-1) // 2
    for i in range(half):
        a, b, c, s = x[..., i], x[..., half + i], cos[..., i], sin[..., i]
        out[..., i], out[..., half + i] = a * c + b * s, b * c - a * s
    return out


def test_the_tables_hold_one_angle_for_each_position_and_pair():
    """rotary_tables(4, 4): pair 0 turns by 1 at each step, pair 1 by 0.01.

    Kills full_exponent, growing_speeds, base_100000, base_ignored, from_position_one, degrees,
    swapped_tables, flat_tables and over_heads.
    """
    cos, sin = rotary_tables(4, 4)
    message = "the angles of pair 0 are 0, 1, 2, 3, and those of pair 1 are 0, 0.01, 0.02, 0.03"
    angles = torch.tensor([[0.0, 0.0], [1.0, 0.01], [2.0, 0.02], [3.0, 0.03]])
    expected = angles[None, :, None]
    close(cos.float(), expected.cos(), f"cosines: {message}", axes="B T H i", atol=0.004)
    close(sin.float(), expected.sin(), f"sines: {message}", axes="B T H i", atol=0.004)
    message = "the speeds of a head of 8 are 1, 0.1, 0.01, 0.001: base ** (-2 * i / D)"
    for ours, theirs in zip(rotary_tables(9, 8), right_tables(9, 8), strict=True):
        close(ours.float(), theirs.float(), message, axes="B T H i", atol=0.005)
    default = inspect.signature(rotary_tables).parameters["base"].default
    equal(default, 10000.0, "nanochat's base is 10000")
    message = "with another base there are other speeds"
    for ours, theirs in zip(rotary_tables(5, 8, 100.0), right_tables(5, 8, 100.0), strict=True):
        close(ours.float(), theirs.float(), message, axes="B T H i", atol=0.005)


def test_the_tables_are_rounded_last():
    """They are bfloat16, but positions and angles are not.

    Kills float32_tables and rounded_angles.
    """
    cos, sin = rotary_tables(600, 8)
    equal(
        (cos.dtype, sin.dtype), (torch.bfloat16, torch.bfloat16), "nanochat keeps bfloat16 tables"
    )
    message = "position 513 is no bfloat16: round the cosine, not what it is computed from"
    expected = right_tables(600, 8)
    close(cos[:, 500:], expected[0][:, 500:], message, axes="B T H i", atol=0.004)
    close(sin[:, 500:], expected[1][:, 500:], message, axes="B T H i", atol=0.004)


def test_each_pair_is_turned_by_minus_its_angle():
    """At a quarter of a circle, (1, 2) of the two halves becomes (2, -1).

    Kills sign_flipped, same_sign, interleaved, interleaved_in, halves_swapped, not_turned,
    only_first_half, updated_first and stretched.
    """
    cos, sin = torch.zeros(1, 1, 1, 2), torch.ones(1, 1, 1, 2)
    x = torch.tensor([1.0, 10.0, 2.0, 20.0]).reshape(1, 1, 1, 4)
    message = "pairs are (1, 2) and (10, 20); x1*cos + x2*sin = x2, and x2*cos - x1*sin = -x1"
    expected = torch.tensor([2.0, 20.0, -1.0, -10.0]).reshape(1, 1, 1, 4)
    close(apply_rotary_emb(x, cos, sin), expected, message, axes="B T H D")
    # as many positions as heads, so that a table on the wrong axis does not stumble
    x, tables = wave(2, 4, 4, 8), right_tables(4, 8)
    message = "position 0 is not turned; all heads of one position turn alike"
    close(apply_rotary_emb(x.clone(), *tables)[:, 0], x[:, 0], message, axes="B H D")
    message = "each position turns by its own angles, whatever the head and the sequence"
    close(apply_rotary_emb(x.clone(), *tables), right_rotation(x, *tables), message, axes="B T H D")


def test_only_distances_count():
    """The score of two turned vectors depends on how far apart they are, and lengths stay.

    Kills whatever is no rotation.
    """
    x, (cos, sin) = wave(1, 1, 2, 8, seed=3).double(), exact_tables(9, 8)
    turned = apply_rotary_emb(x.expand(1, 9, 2, 8), cos, sin)[0]  # (9, 2, 8)
    scores = turned[:, 0] @ turned[:, 1].T  # (9, 9): query at row, key at column
    for distance in (1, 4):
        found = scores.diagonal(distance)
        message = f"positions {distance} apart: the same score everywhere in the text"
        close(found, found[:1].expand_as(found), message, axes="t", atol=1e-12)
    message = "turning changes no length"
    close(turned.norm(dim=-1), x[0].norm(dim=-1).expand(9, 2), message, axes="t H", atol=1e-12)


def test_the_dtype_stays_and_the_input_too():
    """Queries come out in the dtype in which they went in; the input is not written to.

    Kills widens and in_place.
    """
    tables = right_tables(3, 4)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        x = wave(2, 3, 2, 4).to(dtype)
        message = f"{dtype} goes in, so {dtype} must come out, whatever the tables are"
        equal(attempt(lambda x=x: apply_rotary_emb(x, *tables).dtype), dtype, message)
        close(x, wave(2, 3, 2, 4).to(dtype), "x belongs to the caller: cat makes a new tensor")


def test_what_does_not_fit_is_refused():
    """Odd heads (also where the tables fit what is halved), three axes, too short or too long tables are a ValueError.

    Kills odd_heads, odd_vectors, any_axes, any_table and wordless.
    """
    message = "a head of 5 numbers cannot be turned in pairs: a ValueError that names the 5"
    equal(refusal("5", rotary_tables, 4, 5), "ValueError", message)
    cos, sin = right_tables(6, 8)
    found = refusal("", apply_rotary_emb, wave(2, 6, 8), cos, sin)
    equal(found, "ValueError", "three axes: there are no heads")
    found = refusal("7", apply_rotary_emb, wave(2, 6, 1, 7), cos[..., :3], sin[..., :3])
    message = "heads of 7, and tables of 3 pairs: one number has no partner; name the 7"
    equal(found, "ValueError", message)
    cases = {
        "7 positions, and tables for 6": ("7 6", wave(2, 7, 1, 8), cos, sin),
        "3 positions, and tables for 6: which three?": ("3 6", wave(2, 3, 1, 8), cos, sin),
        "6 positions, and tables for 1": ("6 1", wave(2, 6, 1, 8), cos[:, :1], sin[:, :1]),
        "heads of 4, and tables for heads of 8": ("2 4", wave(2, 6, 1, 4), cos, sin),
        "cosines for 6, and sines for 1": ("6 1", wave(2, 6, 1, 8), cos, sin[:, :1]),
    }
    for what, arguments in cases.items():
        found = refusal(arguments[0], apply_rotary_emb, *arguments[1:])
        equal(found, "ValueError", f"{what}: say so, naming what came and what is needed")


def probe(module):
    """Tables, and what they make of some vectors."""
    tables = [(4, 4), (40, 8), (5, 8, 100.0), (600, 8)]
    seen = [tried(right_tables(*one), module.rotary_tables, *one) for one in tables]
    odd = tried("ValueError", refusal, "5", module.rotary_tables, 4, 5)
    quarter = torch.zeros(1, 1, 1, 2), torch.ones(1, 1, 1, 2)
    cos, sin = right_tables(4, 8)
    half = wave(2, 4, 4, 8).bfloat16()
    inputs = [(wave(1, 1, 1, 4), *quarter), (wave(2, 4, 4, 8), cos, sin), (half, cos, sin)]
    seen += [tried(right_rotation(*one), module.apply_rotary_emb, *one) for one in inputs]
    bad = [
        (wave(2, 4, 8), cos, sin),
        (wave(2, 5, 1, 8), cos, sin),
        (wave(2, 4, 1, 8), cos[:, :1], sin[:, :1]),
        (wave(2, 4, 1, 7), cos[..., :3], sin[..., :3]),
    ]
    seen += [tried("ValueError", refusal, "", module.apply_rotary_emb, *one) for one in bad]
    seen.append(tried("ValueError", refusal, "5 4", module.apply_rotary_emb, *bad[1]))
    changed = wave(2, 4, 4, 8)
    tried(None, module.apply_rotary_emb, changed, cos, sin)
    return seen, odd, changed
