"""Wrong answers to 05_gpt/norm."""

from nanolab.wrongs import wrong

_REFUSES = "if not x.is_floating_point():"
_WIDE = "wide = x.to(torch.promote_types(x.dtype, torch.float32))"
_MEAN = "mean_square = wide.square().mean(dim=-1, keepdim=True)"
_RETURN = "return (wide * torch.rsqrt(mean_square + EPS)).to(x.dtype)"
_TORCH = "return F.rms_norm(x, (x.size(-1),))"

WRONGS = [
    wrong(
        "l2",
        "divides by the length of the vector, not by the root of the mean square: sqrt(D) too small",
        (_MEAN, "mean_square = wide.square().sum(dim=-1, keepdim=True)"),
    ),
    wrong(
        "no_root",
        "divides by the mean square, without taking its root",
        (_RETURN, "return (wide / (mean_square + EPS)).to(x.dtype)"),
    ),
    wrong(
        "no_scale",
        "multiplies by the root instead of dividing by it",
        (_RETURN, "return (wide * torch.sqrt(mean_square + EPS)).to(x.dtype)"),
    ),
    wrong(
        "mean_of_abs",
        "divides by the mean of the absolute values",
        (_MEAN, "mean_square = wide.abs().mean(dim=-1, keepdim=True).square()"),
    ),
    wrong(
        "hand_layer_norm",
        "subtracts the mean first in norm_by_hand: that is LayerNorm",
        (_WIDE, f"{_WIDE}\n    wide = wide - wide.mean(dim=-1, keepdim=True)"),
    ),
    wrong(
        "variance",
        "divides by the standard deviation, which leaves the mean out of the squares",
        (_MEAN, "mean_square = wide.var(dim=-1, keepdim=True, unbiased=False)"),
    ),
    wrong(
        "wrong_dim",
        "takes the mean along the first axis, so different vectors are mixed",
        (_MEAN, "mean_square = wide.square().mean(dim=0, keepdim=True)"),
    ),
    wrong(
        "all_at_once",
        "takes one mean over all vectors together",
        (_MEAN, "mean_square = wide.square().mean()"),
    ),
    wrong(
        "no_keepdim",
        "loses the last axis when it takes the mean, so the division lines up with another axis",
        (_MEAN, "mean_square = wide.square().mean(dim=-1)"),
    ),
    wrong(
        "no_eps",
        "divides zeros by zero",
        (_RETURN, "return (wide * torch.rsqrt(mean_square)).to(x.dtype)"),
    ),
    wrong(
        "eps_outside",
        "adds EPS after the root, not before",
        (_RETURN, "return (wide / (mean_square.sqrt() + EPS)).to(x.dtype)"),
    ),
    wrong(
        "eps_1e5",
        "adds 1e-5, as LayerNorm does, which shortens small vectors",
        (_RETURN, _RETURN.replace("EPS", "1e-5")),
    ),
    wrong(
        "eps_1e6",
        "adds 1e-6, as Llama does, where nanochat adds 1.19e-7",
        (_RETURN, _RETURN.replace("EPS", "1e-6")),
    ),
    wrong(
        "in_two_bytes",
        "adds up the squares in bfloat16 or float16",
        (_WIDE, "wide = x"),
    ),
    wrong(
        "stays_wide",
        "gives back float32 where two-byte numbers came in",
        (_RETURN, "return wide * torch.rsqrt(mean_square + EPS)"),
    ),
    wrong(
        "always_float32",
        "rounds float64 to float32 on the way",
        (_WIDE, "wide = x.float()"),
    ),
    wrong(
        "in_place",
        "changes the tensor that it was given",
        (_RETURN, "return x.mul_(torch.rsqrt(mean_square + EPS).to(x.dtype))"),
    ),
    wrong(
        "detached",
        "leaves torch's operations, so no gradient gets through",
        (_RETURN, _RETURN.replace("(wide *", "(wide.detach() *").replace("(mean_s", "(mean_s")),
        (_MEAN, f"{_MEAN}.detach()"),
    ),
    wrong(
        "takes_integers",
        "takes whole numbers, and gives back zeros and ones",
        (_REFUSES, "if x.is_complex():"),
    ),
    wrong(
        "torch_layer_norm",
        "calls layer_norm in norm, which subtracts the mean",
        (_TORCH, "return F.layer_norm(x, (x.size(-1),))"),
    ),
    wrong(
        "torch_all_axes",
        "hands rms_norm the whole shape in norm, so all vectors are one",
        (_TORCH, "return F.rms_norm(x, x.shape)"),
    ),
    wrong(
        "torch_eps",
        "hands rms_norm an eps of its own in norm",
        (_TORCH, "return F.rms_norm(x, (x.size(-1),), eps=1e-6)"),
    ),
    wrong(
        "wordless",
        "refuses without the words that would help: name the dtype",
        (
            'raise TypeError(f"norm works on floating point numbers, not on {x.dtype}: x.float() helps")',
            'raise TypeError("wrong dtype")',
        ),
    ),
]
