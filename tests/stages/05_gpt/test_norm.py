"""Check of 05_gpt/norm."""

import torch
from kit.golden import wave
from kit.probing import refusal, tried
from nanochat.gpt.norm import norm, norm_by_hand
from torch.nn.functional import rms_norm

from nanolab.expect import attempt, close, equal

BOTH = (norm_by_hand, norm)


def three_four():
    """Made anew each time, since a slip may write into it."""
    return torch.tensor([3.0, 4.0, 0.0, 0.0])


def right(x):
    """RMS norm of a tensor, computed in float64, in the dtype of x."""
    wide = x.double()
    return (wide / (wide.square().mean(-1, keepdim=True) + 2.0**-23).sqrt()).to(x.dtype)


def dtype_of(function, x):
    """The dtype of what a function gives, or how it fails."""
    return attempt(lambda: function(x).dtype)


def test_the_mean_square_becomes_one():
    """(3, 4, 0, 0) has a mean square of 25 / 4: divide by 2.5.

    Kills l2, no_root, no_scale, mean_of_abs, hand_layer_norm, variance and torch_layer_norm.
    """
    expected = torch.tensor([1.2, 1.6, 0.0, 0.0])
    message = "squares 9 + 16 + 0 + 0, their mean 6.25, its root 2.5: (3, 4, 0, 0) / 2.5"
    for function in BOTH:
        # an eps of another size is for a check of its own
        close(function(three_four()), expected, f"{function.__name__}: {message}", atol=1e-5)
        close(
            function(100 * three_four()),
            expected,
            f"{function.__name__}: a hundred times as long, and the same afterwards",
            atol=1e-5,
        )
        close(
            function(three_four() + 3),
            right(three_four() + 3),
            f"{function.__name__}: nothing is subtracted; (6, 7, 3, 3) stays positive",
            atol=1e-5,
        )


def test_every_vector_by_itself():
    """Each vector along the last axis has its own length, whatever stands around it.

    Kills wrong_dim, all_at_once, no_keepdim and torch_all_axes.
    """
    for function in BOTH:
        for shape in ((4, 4), (5, 8), (2, 3, 8), (2, 3, 4, 4)):
            x = wave(*shape) * torch.arange(1, shape[-2] + 1)[:, None]
            message = (
                f"{function.__name__}: {shape} holds vectors of {shape[-1]}, each normed alone"
            )
            axes = "B T H D"[-2 * len(shape) + 1 :]
            close(attempt(function, x), right(x), message, axes=axes, atol=2e-5)


def test_zeros_stay_zeros():
    """A vector of zeros stays as it is, and a very short one is not blown up to full length.

    Kills no_eps, eps_outside, eps_1e5, eps_1e6 and torch_eps.
    """
    for function in BOTH:
        name = function.__name__
        close(function(torch.zeros(2, 4)), torch.zeros(2, 4), f"{name}: 0 / 0 must not happen")
        message = (
            f"{name}: 1e-4 squared is 1e-8, and EPS, 1.19e-7, is added to that before the root"
        )
        close(function(torch.full((4,), 1e-4)), torch.full((4,), 0.278197), message, axes="D")


def test_two_bytes_are_too_few_to_add_up_squares():
    """A bfloat16 or float16 is computed in float32, and given back as what it was.

    Kills in_two_bytes, stays_wide and always_float32.
    """
    for function in BOTH:
        name = function.__name__
        for dtype in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
            equal(dtype_of(function, three_four().to(dtype)), dtype, f"{name}: the dtype stays")
        long = torch.full((4,), 300.0, dtype=torch.float16)
        message = f"{name}: 300 squared, 90000, is no float16 (they end at 65504): use float32"
        close(function(long), torch.ones(4, dtype=torch.float16), message, axes="D")
        message = f"{name}: computed in bfloat16 the numbers would be off by half a percent"
        x = wave(8, 64).bfloat16()
        close(function(x.clone()), right(x), message, axes="T D", atol=0, rtol=0.005)
    message = "norm_by_hand: float64 keeps its digits"
    x = wave(4, 8).double()
    close(norm_by_hand(x.clone()), right(x), message, axes="T D", atol=1e-13)


def test_nothing_is_learned_and_nothing_is_changed():
    """The result can be differentiated, and the input is left alone.

    Kills in_place and detached.
    """
    for function in BOTH:
        x = wave(2, 4)
        function(x)
        message = f"{function.__name__}: x belongs to the caller; make a new tensor"
        close(x, wave(2, 4), message)
    inputs = wave(2, 4).double().requires_grad_()
    good = attempt(torch.autograd.gradcheck, norm_by_hand, (inputs,))
    message = "norm_by_hand: training needs its gradient, so stay with torch's operations"
    equal(good, True, message)


def test_whole_numbers_are_refused():
    """Token ids have no length: a TypeError says so.

    Kills takes_integers and wordless.
    """
    message = "norm_by_hand of int64, token ids perhaps, is a TypeError that names the dtype"
    equal(refusal("int64", norm_by_hand, torch.tensor([3, 4])), "TypeError", message)


def probe(module):
    """Both functions on vectors that tell the slips apart."""
    inputs = [
        three_four(),
        three_four() + 3,
        torch.full((4,), 1e-4),
        torch.zeros(4),
        wave(4, 4),
        wave(2, 3, 8),
    ]
    inputs += [torch.full((4,), 300.0, dtype=torch.float16), wave(8, 64).bfloat16()]
    seen = []
    for function in (module.norm_by_hand, module.norm):
        seen += [tried(rms_norm(x, x.shape[-1:], eps=2.0**-23), function, x) for x in inputs]
    changed = wave(2, 4)
    tried(None, module.norm_by_hand, changed)
    grad = wave(2, 4).requires_grad_()
    learns = tried(grad, module.norm_by_hand, grad)
    whole = tried("TypeError", refusal, "int64", module.norm_by_hand, torch.tensor([3, 4]))
    # the tolerance of a diagnosis is a float32's: enlarge what float64 alone can hold
    digits = tried(right(fine := wave(4, 8).double()), module.norm_by_hand, fine)
    seen.append(1e6 * (digits - right(wave(4, 8).double())) if torch.is_tensor(digits) else digits)
    return seen, changed, getattr(learns, "requires_grad", None), whole
