"""Wrong answers to 05_gpt/block."""

from nanolab.wrongs import wrong

_FC = "self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=False)"
_PROJ = "self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd, bias=False)"
_WIDE = "x = self.c_fc(x)"
_BEND = "x = F.relu(x).square()"
_NARROW = "return self.c_proj(x)"
_ATTN = "self.attn = CausalSelfAttention(config, layer_idx)"
_FIRST = "x = x + self.attn(norm(x), cos_sin, kv_cache)"
_SECOND = "return x + self.mlp(norm(x))"

WRONGS = [
    wrong(
        "narrow",
        "keeps the width in the MLP, where it should grow four times",
        (_FC, _FC.replace("4 * ", "")),
        (_PROJ, _PROJ.replace("4 * ", "")),
    ),
    wrong(
        "biased",
        "gives the MLP's matrices a bias",
        (_FC, _FC.replace(", bias=False", "")),
        (_PROJ, _PROJ.replace(", bias=False", "")),
    ),
    wrong(
        "other_names",
        "calls the MLP's matrices by other names than nanochat, so weights could not be loaded",
        (_FC, _FC.replace("c_fc", "up")),
        (_WIDE, "x = self.up(x)"),
    ),
    wrong("gelu", "bends with GELU, as GPT-2 does", (_BEND, "x = F.gelu(x)")),
    wrong("silu", "bends with SiLU, as Llama does", (_BEND, "x = F.silu(x)")),
    wrong("relu_alone", "does not square what is positive", (_BEND, "x = F.relu(x)")),
    wrong(
        "square_first",
        "squares first, and after that nothing is negative any more",
        (_BEND, "x = F.relu(x.square())"),
    ),
    wrong(
        "not_bent",
        "has nothing between the matrices, so that the two are one",
        (_BEND, "x = x * 1"),
    ),
    wrong(
        "squared_twice",
        "bends a second time, after c_proj",
        (_NARROW, "return F.relu(self.c_proj(x)).square()"),
    ),
    wrong(
        "x_times_relu",
        "multiplies x by its relu",
        (_BEND, "x = x * F.relu(x)"),
        equivalent="the same function: what is negative is multiplied by 0, what is positive by itself",
    ),
    wrong(
        "post_norm",
        "normalises the sum, as the first Transformers did, so the stream is bent at each layer",
        (_FIRST, "x = norm(x + self.attn(x, cos_sin, kv_cache))"),
        (_SECOND, "return norm(x + self.mlp(x))"),
    ),
    wrong(
        "normed_stream",
        "adds to the normalised stream, and what it was is lost",
        (_FIRST, "x = norm(x)\n        x = x + self.attn(x, cos_sin, kv_cache)"),
        (_SECOND, "x = norm(x)\n        return x + self.mlp(x)"),
    ),
    wrong(
        "no_sum",
        "hands on what attention found, without the stream",
        (_FIRST, "x = self.attn(norm(x), cos_sin, kv_cache)"),
    ),
    wrong(
        "no_sum_after_mlp",
        "hands on what the MLP made, without the stream",
        (_SECOND, "return self.mlp(norm(x))"),
    ),
    wrong(
        "doubled_stream",
        "adds the stream twice",
        (_SECOND, "return x + x + self.mlp(norm(x))"),
    ),
    wrong(
        "parallel",
        "gives the MLP the stream as it was before attention",
        (_FIRST, "y = self.attn(norm(x), cos_sin, kv_cache)"),
        (_SECOND, "return x + y + self.mlp(norm(x))"),
    ),
    wrong(
        "mlp_first",
        "lets the MLP work before attention",
        (_FIRST, "x = x + self.mlp(norm(x))"),
        (_SECOND, "return x + self.attn(norm(x), cos_sin, kv_cache)"),
    ),
    wrong(
        "no_norm_before_attention",
        "gives attention the stream as it is, without a norm",
        (_FIRST, "x = x + self.attn(x, cos_sin, kv_cache)"),
    ),
    wrong(
        "no_norm_before_mlp",
        "gives the MLP the stream as it is, without a norm",
        (_SECOND, "return x + self.mlp(x)"),
    ),
    wrong(
        "layer_norm",
        "normalises with LayerNorm, which subtracts the mean",
        (_FIRST, _FIRST.replace("norm(x)", "F.layer_norm(x, x.shape[-1:])")),
        (_SECOND, _SECOND.replace("norm(x)", "F.layer_norm(x, x.shape[-1:])")),
    ),
    wrong(
        "no_cache",
        "does not hand the cache on",
        (_FIRST, "x = x + self.attn(norm(x), cos_sin)"),
    ),
    wrong(
        "layer_zero",
        "tells every attention that it is layer 0",
        (_ATTN, "self.attn = CausalSelfAttention(config, 0)"),
    ),
    wrong(
        "in_place",
        "writes into the tensor that it was given",
        (_FIRST, "x.data += self.attn(norm(x), cos_sin, kv_cache)"),
    ),
    wrong(
        "detached",
        "cuts the gradient off from attention",
        (
            _FIRST,
            _FIRST.replace(
                "self.attn(norm(x), cos_sin, kv_cache)",
                "self.attn(norm(x), cos_sin, kv_cache).detach()",
            ),
        ),
    ),
    wrong(
        "norm_after_branch",
        "normalises what a branch gives, not what it gets",
        (_FIRST, "x = x + norm(self.attn(x, cos_sin, kv_cache))"),
        (_SECOND, "return x + norm(self.mlp(x))"),
    ),
]
