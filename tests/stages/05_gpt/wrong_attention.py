"""Wrong answers to 05_gpt/attention."""

from nanolab.wrongs import wrong

_WIDTH = "if config.n_embd % config.n_head:"
_HEADS = "if config.n_head % config.n_kv_head:"
_C_Q = "self.c_q = nn.Linear(C, self.n_head * D, bias=False)"
_C_K = "self.c_k = nn.Linear(C, self.n_kv_head * D, bias=False)"
_C_V = "self.c_v = nn.Linear(C, self.n_kv_head * D, bias=False)"
_C_PROJ = "self.c_proj = nn.Linear(C, C, bias=False)"
_Q = "q = self.c_q(x).view(B, T, self.n_head, self.head_dim)"
_K = "k = self.c_k(x).view(B, T, self.n_kv_head, self.head_dim)"
_V = "v = self.c_v(x).view(B, T, self.n_kv_head, self.head_dim)"
_TURN = "q, k = apply_rotary_emb(q, cos, sin), apply_rotary_emb(k, cos, sin)"
_NORM = "q, k = norm(q), norm(k)"
_TRANSPOSE = "q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)"
_IF_CACHE = "if kv_cache is not None:"
_INSERT = "k, v = kv_cache.insert_kv(self.layer_idx, k, v)"
_MASK = "mask = None if T in {1, Tk} else causal_mask(T, Tk, device=x.device)"
_CAUSAL = "is_causal=Tk == T,"
_GQA = "enable_gqa=self.n_head != self.n_kv_head"
_JOIN = "y = y.transpose(1, 2).contiguous().view(B, T, C)"
_RETURN = "return self.c_proj(y)"
_TILED = """n_rep = self.n_head // self.n_kv_head
        k, v = k.repeat(1, n_rep, 1, 1), v.repeat(1, n_rep, 1, 1)
        Tk = k.size(2)"""
_EARLY = """k, v = kv_cache.insert_kv(self.layer_idx, k.transpose(1, 2), v.transpose(1, 2))
            k, v = k.transpose(1, 2), v.transpose(1, 2)"""
_LUCKY = (
    "torch's attention lays its result out as the queries lie, and they were cut position by "
    "position, so view finds the numbers in order; a mask by hand, or another kernel, and it raises"
)

WRONGS = [
    wrong(
        "biased",
        "gives the matrices a bias",
        (_C_Q, _C_Q.replace(", bias=False", "")),
        (_C_PROJ, _C_PROJ.replace(", bias=False", "")),
    ),
    wrong(
        "all_heads_answer",
        "makes keys and values for all heads, though only n_kv_head answer",
        (_C_K, _C_K.replace("n_kv_head", "n_head")),
        (_C_V, _C_V.replace("n_kv_head", "n_head")),
        (_K, _K.replace("n_kv_head", "n_head")),
        (_V, _V.replace("n_kv_head", "n_head")),
    ),
    wrong(
        "another_name",
        "calls a matrix by another name than nanochat, so its weights could not be loaded",
        (_C_PROJ, _C_PROJ.replace("c_proj", "c_out")),
        (_RETURN, "return self.c_out(y)"),
    ),
    wrong(
        "uneven_width",
        "cuts the width into heads even where it leaves a rest",
        (_WIDTH, "if config.n_embd < config.n_head:"),
    ),
    wrong(
        "uneven_heads",
        "lets heads share keys that cannot share evenly",
        (_HEADS, "if config.n_head < config.n_kv_head:"),
    ),
    wrong(
        "view_without_transpose",
        "reads the numbers as (B, H, T, D) straight away, which mixes positions and heads",
        (_Q, "q = self.c_q(x).view(B, self.n_head, T, self.head_dim).transpose(1, 2)"),
        (_K, "k = self.c_k(x).view(B, self.n_kv_head, T, self.head_dim).transpose(1, 2)"),
        (_V, "v = self.c_v(x).view(B, self.n_kv_head, T, self.head_dim).transpose(1, 2)"),
    ),
    wrong(
        "rejoined_without_transpose",
        "joins the heads without bringing the positions back to their axis first",
        (_JOIN, "y = y.reshape(B, T, C)"),
    ),
    wrong(
        "no_contiguous",
        "reads a transposed tensor by view without moving its numbers",
        (_JOIN, "y = y.transpose(1, 2).view(B, T, C)"),
        equivalent=_LUCKY,
    ),
    wrong(
        "no_projection",
        "gives back what the heads found, without c_proj",
        (_RETURN, "return y"),
    ),
    wrong(
        "no_mask",
        "lets every position see all others, in training too",
        (_CAUSAL, "is_causal=False,"),
    ),
    wrong(
        "no_scale",
        "leaves the scores as large as they come, without dividing by sqrt(D)",
        (_GQA, f"{_GQA}, scale=1.0"),
    ),
    wrong(
        "scale_by_width",
        "divides the scores by sqrt(C), the width of the stream, not by that of a head",
        (_GQA, f"{_GQA}, scale=C**-0.5"),
    ),
    wrong(
        "tiled",
        "gives query heads 0, 1, 2, 3 the key heads 0, 1, 0, 1, not 0, 0, 1, 1",
        (
            "Tk = k.size(2)",
            _TILED,
        ),
        (_GQA, "enable_gqa=False"),
    ),
    wrong(
        "first_head_only",
        "asks the first key head with all query heads",
        ("Tk = k.size(2)", "k, v = k[:, :1], v[:, :1]\n        Tk = k.size(2)"),
        (_GQA, "enable_gqa=True"),
    ),
    wrong(
        "no_rotary",
        "does not turn queries and keys: the layer does not know where anything is",
        (_TURN, "q, k = q + 0 * cos.sum(), k + 0 * sin.sum()"),
    ),
    wrong(
        "only_queries_turned",
        "turns queries but not keys, so scores depend on positions, not on distances",
        (_TURN, "q, k = apply_rotary_emb(q, cos, sin), k"),
    ),
    wrong(
        "rotary_on_v",
        "turns the values as well",
        (_TURN, f"{_TURN}\n        v = apply_rotary_emb(v, cos, sin)"),
    ),
    wrong(
        "sin_cos_swapped",
        "unpacks the tables as sine and cosine; the cosine comes first",
        ("cos, sin = cos_sin", "sin, cos = cos_sin"),
    ),
    wrong(
        "no_qk_norm",
        "does not normalise queries and keys",
        (_NORM, "q, k = q * 1, k * 1"),
    ),
    wrong(
        "only_q_normed",
        "normalises the queries, but not the keys",
        (_NORM, "q, k = norm(q), k * 1"),
    ),
    wrong(
        "norm_before_rotary",
        "normalises before it turns: the same on paper, but not with tables rounded to bfloat16",
        (_TURN, f"{_NORM}\n        {_TURN}"),
        (f"        {_NORM}\n        # each", "        # each"),
    ),
    wrong(
        "norm_over_width",
        "normalises over all heads together, before it cuts them",
        (_Q, _Q.replace("self.c_q(x)", "norm(self.c_q(x))")),
        (_K, _K.replace("self.c_k(x)", "norm(self.c_k(x))")),
        (_NORM, "q, k = q * 1, k * 1"),
    ),
    wrong(
        "norm_on_v",
        "normalises the values as well",
        (_NORM, "q, k, v = norm(q), norm(k), norm(v)"),
    ),
    wrong(
        "is_causal_in_chunks",
        "lets torch count from the first key, so a chunk behind a cache sees too little",
        (_MASK, "mask = None"),
        (_CAUSAL, "is_causal=T > 1,"),
    ),
    wrong(
        "chunk_unmasked",
        "lets a chunk behind a cache see its own future",
        (_MASK, "mask = None"),
    ),
    wrong(
        "single_sees_first_key",
        "lets a single query see the first key only",
        (_CAUSAL, "is_causal=T in {1, Tk},"),
    ),
    wrong(
        "cache_ignored",
        "does not ask the cache for earlier keys",
        (_IF_CACHE, "if False:"),
    ),
    wrong(
        "values_uncached",
        "takes all keys, but only the new values",
        (_INSERT, "k, _ = kv_cache.insert_kv(self.layer_idx, k, v)"),
    ),
    wrong(
        "first_layer_only",
        "tells the cache that every layer is layer 0",
        (_INSERT, "k, v = kv_cache.insert_kv(0, k, v)"),
    ),
    wrong(
        "cached_before_transpose",
        "hands the cache (B, T, Hkv, D)",
        (
            _INSERT,
            _EARLY,
        ),
    ),
    wrong(
        "mask_on_cpu",
        "leaves the mask on the CPU, so that a cache works nowhere else",
        (_MASK, _MASK.replace(", device=x.device", "")),
    ),
    wrong(
        "detached",
        "cuts the gradient off from the queries",
        (_Q, f"{_Q}.detach()"),
    ),
    wrong(
        "wordless",
        "refuses without the words that would help: name both sizes",
        (
            'raise ValueError(f"n_embd {config.n_embd} is no multiple of n_head {config.n_head}")',
            'raise ValueError("bad config")',
        ),
    ),
    wrong(
        "values_not_transposed",
        "brings the heads of queries and keys to the front, but not those of the values",
        (_TRANSPOSE, "q, k = q.transpose(1, 2), k.transpose(1, 2)"),
    ),
]
