"""Wrong answers to 05_gpt/rotary."""

from nanolab.wrongs import wrong

_ODD = "if head_dim % 2:"
_EXPONENTS = (
    "exponents = torch.arange(0, head_dim, 2, dtype=torch.float32, device=device) / head_dim"
)
_SPEEDS = "speeds = base**-exponents"
_POSITIONS = "positions = torch.arange(length, dtype=torch.float32, device=device)"
_SHAPE = "angles = angles[None, :, None, :]"
_TABLES = "return angles.cos().bfloat16(), angles.sin().bfloat16()"
_AXES = "if x.dim() != 4:"
_ODD_X = "if x.size(3) % 2:"
_FITS = "if cos.shape != (1, T, 1, half) or sin.shape != cos.shape:"
_HALVES = "x1, x2 = x[..., :half], x[..., half:]"
_Y1 = "y1 = x1 * cos + x2 * sin"
_Y2 = "y2 = x2 * cos - x1 * sin"
_JOINED = "return torch.cat([y1, y2], dim=3).to(x.dtype)"

WRONGS = [
    wrong(
        "full_exponent",
        "lets the exponent go to 1/2 only: base ** (-i / D) instead of base ** (-2 * i / D)",
        (_SPEEDS, "speeds = base ** (-exponents / 2)"),
    ),
    wrong(
        "growing_speeds",
        "lets later pairs turn faster: the minus of the exponent is missing",
        (_SPEEDS, "speeds = base**exponents"),
    ),
    wrong(
        "base_100000",
        "has a base of 100000, as nanochat has today, instead of 10000",
        (_SPEEDS, "speeds = (10 * base) ** -exponents"),
    ),
    wrong(
        "base_ignored",
        "always has the base 10000, whatever it is given",
        (_SPEEDS, "speeds = 10000.0**-exponents"),
    ),
    wrong(
        "from_position_one",
        "begins to count positions at 1: no score changes but by rounding, since only distances count",
        (_POSITIONS, _POSITIONS.replace("arange(length,", "arange(1, length + 1,")),
    ),
    wrong(
        "degrees",
        "turns by degrees where the cosine wants radians",
        (_SHAPE, "angles = torch.deg2rad(angles)[None, :, None, :]"),
    ),
    wrong(
        "swapped_tables",
        "gives the sines first",
        (_TABLES, "return angles.sin().bfloat16(), angles.cos().bfloat16()"),
    ),
    wrong(
        "float32_tables",
        "leaves the tables in float32: finer than nanochat's, so the logits differ in the fourth digit",
        (_TABLES, "return angles.cos(), angles.sin()"),
    ),
    wrong(
        "rounded_angles",
        "rounds the angles to bfloat16, before the cosine is taken",
        (_TABLES, "return angles.bfloat16().cos(), angles.bfloat16().sin()"),
    ),
    wrong(
        "flat_tables",
        "gives tables of two axes, which would be stretched over the wrong ones",
        (_SHAPE, "angles = angles + 0"),
    ),
    wrong(
        "over_heads",
        "puts the positions on the axis of the heads",
        (_SHAPE, "angles = angles[None, None, :, :]"),
    ),
    wrong(
        "odd_heads",
        "takes an odd head, and leaves one number over",
        (_ODD, "if head_dim < 1:"),
    ),
    wrong(
        "odd_vectors",
        "turns vectors of odd length, or stumbles over the number that has no partner",
        (_ODD_X, "if x.size(3) < 1:"),
    ),
    wrong(
        "sign_flipped",
        "turns the other way round",
        (_Y1, "y1 = x1 * cos - x2 * sin"),
        (_Y2, "y2 = x2 * cos + x1 * sin"),
    ),
    wrong(
        "same_sign",
        "has the same sign in both halves, which is no rotation",
        (_Y2, "y2 = x2 * cos + x1 * sin"),
    ),
    wrong(
        "interleaved",
        "pairs neighbours, (0, 1) and (2, 3), instead of the two halves",
        (_HALVES, "x1, x2 = x[..., ::2], x[..., 1::2]"),
        (_JOINED, "return torch.stack([y1, y2], dim=4).flatten(3).to(x.dtype)"),
    ),
    wrong(
        "interleaved_in",
        "takes neighbours as pairs, and puts the results side by side as halves",
        (_HALVES, "x1, x2 = x[..., ::2], x[..., 1::2]"),
    ),
    wrong(
        "halves_swapped",
        "joins the halves the wrong way round",
        (_JOINED, "return torch.cat([y2, y1], dim=3).to(x.dtype)"),
    ),
    wrong(
        "not_turned",
        "gives back what it was given",
        (_JOINED, "return torch.cat([x1, x2], dim=3).to(x.dtype)"),
    ),
    wrong(
        "only_first_half",
        "turns the first half only",
        (_Y2, "y2 = x2 * 1"),
    ),
    wrong(
        "updated_first",
        "uses the new first half to compute the second one",
        (_Y2, "y2 = x2 * cos - y1 * sin"),
    ),
    wrong(
        "stretched",
        "makes vectors longer on the way",
        (_Y1, "y1 = x1 * (1 + cos) / 2 + x2 * sin"),
    ),
    wrong(
        "widens",
        "gives back float32 where a bfloat16 times a float32 table is one",
        (
            _JOINED,
            "return torch.cat([y1, y2], dim=3) * torch.ones((), dtype=torch.float32).expand(1)",
        ),
    ),
    wrong(
        "in_place",
        "writes into the tensor that it was given",
        (_JOINED, "return x.copy_(torch.cat([y1, y2], dim=3))"),
    ),
    wrong(
        "any_axes",
        "takes three axes, and turns whatever comes",
        (_AXES, "if x.dim() < 3:"),
        (_ODD_X, "if x.size(-1) % 2:"),
        (_FITS, "if x.dim() == 4 and (cos.shape != (1, T, 1, half) or sin.shape != cos.shape):"),
        ("T, half = x.size(1), x.size(3) // 2", "T, half = x.size(1), x.size(-1) // 2"),
        (_JOINED, "return torch.cat([y1, y2], dim=-1).to(x.dtype)"),
    ),
    wrong(
        "any_table",
        "does not look whether the tables are for these positions",
        (_FITS, "if False:"),
    ),
    wrong(
        "wordless",
        "refuses without the words that would help: name the width",
        (
            'raise ValueError(f"a head of {head_dim} numbers cannot be cut into pairs: make D even")',
            'raise ValueError("D is odd")',
        ),
    ),
]
