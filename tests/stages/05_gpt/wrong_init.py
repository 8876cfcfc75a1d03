"""Wrong answers to 05_gpt/init."""

from nanolab.wrongs import wrong

_NO_LAYERS = "if depth < 1:"
_WIDTH = "n_embd = 64 * depth"
_HEADS = "n_head = math.ceil(n_embd / 128)"
_EVEN = "if n_embd % n_head:"
_CONFIG = "return GPTConfig(sequence_len, vocab_size, depth, n_head, n_head, n_embd)"
_KV = "kv = config.n_kv_head * (C // config.n_head)"
_LAYER = "layer = C * C + 2 * C * kv + C * C + 8 * C * C"
_TOTAL = "return 2 * config.vocab_size * C + config.n_layer * layer"
_WEIGHTS = "weights = count_params(config) - config.vocab_size * config.n_embd"
_FLOPS = "return 6 * weights + 12 * config.n_layer * config.n_embd * config.sequence_len"
_MODULES = "for module in model.modules():"
_FANS = "fan_out, fan_in = module.weight.shape"
_STD = "std = 1 / math.sqrt(fan_in) * min(1.0, math.sqrt(fan_out / fan_in))"
_DRAW = "nn.init.normal_(module.weight, std=std, generator=generator)"
_EMBED = "nn.init.normal_(module.weight, std=1.0, generator=generator)"
_HEAD = "nn.init.zeros_(model.lm_head.weight)"
_ATTN = "nn.init.zeros_(block.attn.c_proj.weight)"
_MLP = "nn.init.zeros_(block.mlp.c_proj.weight)"
_TABLES = (
    "model.cos, model.sin = rotary_tables(model.cos.size(1), head_dim, device=wte.weight.device)"
)
_ZEROS = f"    {_HEAD}\n    for block in model.transformer.h:\n        {_ATTN}\n        {_MLP}\n"
_DRAWN = """for name, module in model.named_modules():
        if name.endswith(("c_proj", "lm_head")):
            continue"""

WRONGS = [
    wrong(
        "heads_rounded_down",
        "rounds the number of heads down, so some heads are wider than 128",
        (_HEADS, "n_head = max(1, n_embd // 128)"),
    ),
    wrong(
        "narrow_heads",
        "makes heads of 64",
        (_HEADS, "n_head = depth"),
    ),
    wrong(
        "few_kv_heads",
        "gives all heads one key head",
        (_CONFIG, _CONFIG.replace("n_head, n_head", "n_head, 1")),
    ),
    wrong(
        "other_width",
        "makes the stream 128 wide for each layer",
        (_WIDTH, "n_embd = 128 * depth"),
    ),
    wrong(
        "uneven_depth",
        "does not refuse a width that its heads do not divide",
        (_EVEN, "if n_embd < n_head:"),
    ),
    wrong(
        "no_layers",
        "makes a model of no layers, or fails without a sentence",
        (_NO_LAYERS, "if depth < -9:"),
        (_HEADS, "n_head = max(1, math.ceil(n_embd / 128))"),
    ),
    wrong(
        "arguments_mixed",
        "swaps the size of the vocabulary and the length of the sequence",
        (_CONFIG, _CONFIG.replace("sequence_len, vocab_size", "vocab_size, sequence_len")),
    ),
    wrong(
        "tied",
        "counts one table for both ends; nanochat has two",
        (_TOTAL, "return config.vocab_size * C + config.n_layer * layer"),
        (_WEIGHTS, "weights = count_params(config)"),
    ),
    wrong(
        "kv_as_wide_as_q",
        "counts keys and values for all heads, though fewer may answer",
        (_KV, "kv = config.n_head * (C // config.n_head)"),
    ),
    wrong(
        "no_projection",
        "forgets the projection after the heads",
        (_LAYER, "layer = C * C + 2 * C * kv + 8 * C * C"),
    ),
    wrong(
        "mlp_half",
        "counts one of the MLP's two matrices",
        (_LAYER, _LAYER.replace("8 *", "4 *")),
    ),
    wrong(
        "one_layer",
        "counts a single layer",
        (_TOTAL, "return 2 * config.vocab_size * C + layer"),
    ),
    wrong(
        "biases",
        "counts biases, and there are none",
        (_LAYER, f"{_LAYER} + 7 * C + 2 * kv"),
    ),
    wrong(
        "embedding_counted",
        "counts the embedding's weights, though they are looked up, not multiplied",
        (_WEIGHTS, "weights = count_params(config)"),
    ),
    wrong(
        "lm_head_left_out",
        "leaves out lm_head with the embedding, though it does multiply",
        (_WEIGHTS, _WEIGHTS.replace("- config", "- 2 * config")),
    ),
    wrong(
        "forward_only",
        "counts the way forward only: 2 per weight, where the way back takes 4 more",
        (_FLOPS, _FLOPS.replace("6 * w", "2 * w")),
    ),
    wrong(
        "no_attention_flops",
        "forgets the scores and the mixing of values",
        (_FLOPS, "return 6 * weights"),
    ),
    wrong(
        "scores_only",
        "counts the scores, but not the mixing of values",
        (_FLOPS, _FLOPS.replace("12 *", "6 *")),
    ),
    wrong(
        "fans_swapped",
        "takes the rows of a weight for its inputs: nn.Linear keeps (out, in)",
        (_FANS, "fan_in, fan_out = module.weight.shape"),
    ),
    wrong(
        "always_002",
        "spreads all matrices by 0.02, as GPT-2 did",
        (_STD, "std = 0.02 + 0 * fan_in * fan_out"),
    ),
    wrong(
        "no_min",
        "lets matrices that widen spread more than 1 / sqrt(fan_in)",
        (_STD, "std = 1 / math.sqrt(fan_in) * math.sqrt(fan_out / fan_in)"),
    ),
    wrong(
        "no_shape",
        "spreads matrices that narrow as much as all others",
        (_STD, "std = 1 / math.sqrt(fan_in) + 0 * fan_out"),
    ),
    wrong(
        "variance",
        "takes 1 / fan_in for the deviation: that is its square",
        (_STD, "std = 1 / fan_in * min(1.0, fan_out / fan_in)"),
    ),
    wrong(
        "uniform",
        "draws uniform numbers, not normal ones",
        (
            _DRAW,
            "nn.init.uniform_(module.weight, -(3**0.5) * std, 3**0.5 * std, generator=generator)",
        ),
    ),
    wrong(
        "small_embedding",
        "spreads the embedding by less than 1",
        (_EMBED, _EMBED.replace("1.0", "0.02")),
    ),
    wrong(
        "embedding_forgotten",
        "leaves the embedding as it was made",
        (_EMBED, "pass"),
    ),
    wrong(
        "generator_ignored",
        "does not use the generator it is given",
        (_DRAW, _DRAW.replace(", generator=generator", "")),
        (_EMBED, _EMBED.replace(", generator=generator", "")),
    ),
    wrong(
        "generator_not_for_wte",
        "does not use the generator it is given for the embedding",
        (_EMBED, _EMBED.replace(", generator=generator", "")),
    ),
    wrong(
        "generator_only_for_wte",
        "does not use the generator it is given for the matrices",
        (_DRAW, _DRAW.replace(", generator=generator", "")),
    ),
    wrong(
        "seeds_itself",
        "sets a seed of its own, so that all models are the same",
        (_MODULES, f"generator = torch.Generator().manual_seed(42)\n    {_MODULES}"),
    ),
    wrong(
        "other_order",
        "draws from the last module to the first, so one seed gives another model than nanochat's",
        (_MODULES, "for module in reversed([*model.modules()]):"),
    ),
    wrong(
        "two_loops",
        "draws all matrices first and the embedding after them, where the model's order begins "
        "with the embedding",
        (
            "        elif isinstance(module, nn.Embedding):",
            f"    {_MODULES}\n        if isinstance(module, nn.Embedding):",
        ),
    ),
    wrong(
        "zeros_not_drawn",
        "does not draw what becomes zero, so what comes after it gets other numbers",
        (_MODULES, _DRAWN),
    ),
    wrong(
        "zeroed_too_early",
        "zeroes first, and fills those weights again",
        (_ZEROS, ""),
        (_MODULES, f"{_ZEROS.lstrip()}    {_MODULES}"),
    ),
    wrong(
        "head_not_zero",
        "leaves lm_head random",
        (_HEAD, "model.lm_head.weight.detach()"),
    ),
    wrong(
        "attn_proj_not_zero",
        "leaves the projection of attention random",
        (_ATTN, "block.attn.c_proj.weight.detach()"),
    ),
    wrong(
        "mlp_proj_not_zero",
        "leaves the projection of the MLP random",
        (_MLP, "block.mlp.c_proj.weight.detach()"),
    ),
    wrong(
        "all_zero",
        "zeroes everything, and then all parts of a layer learn the same",
        (_DRAW, "nn.init.zeros_(module.weight)"),
    ),
    wrong(
        "tables_forgotten",
        "leaves the rotary tables as they are, and after the meta device that is garbage",
        (_TABLES, "head_dim + 0"),
    ),
    wrong(
        "short_tables",
        "makes the tables as long as a training sequence, so no chat could go on after it",
        (_TABLES, _TABLES.replace("model.cos.size(1)", "model.config.sequence_len")),
    ),
    wrong(
        "wordless",
        "refuses without the words that would help: name the depth",
        (
            'raise ValueError(f"depth {depth}: a width of {n_embd} cannot be cut into {n_head} heads")',
            'raise ValueError("bad depth")',
        ),
    ),
]
