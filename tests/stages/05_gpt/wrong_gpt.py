"""Wrong answers to 05_gpt/gpt."""

from nanolab.wrongs import wrong

_H = "h = nn.ModuleList([Block(config, layer_idx) for layer_idx in range(config.n_layer)])"
_HEAD = "self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)"
_LENGTH = "self.rotary_seq_len = 10 * config.sequence_len"
_COS = 'self.register_buffer("cos", cos, persistent=False)'
_SIN = 'self.register_buffer("sin", sin, persistent=False)'
_START = "start = 0 if kv_cache is None else kv_cache.get_pos()"
_REQUIRE = "self._require(idx, targets, start)"
_TABLES = "cos_sin = self.cos[:, start:stop], self.sin[:, start:stop]"
_EMBED = "x = norm(self._embed(idx))"
_BLOCK = "x = block(x, cos_sin, kv_cache)"
_LOGITS = "logits = self.lm_head(norm(x))"
_CAP = "logits = SOFTCAP * torch.tanh(logits / SOFTCAP)"
_FLOAT = "logits = logits.float()"
_RETURN = "            return logits\n        # every"
_FLAT = "flat = logits.view(-1, logits.size(-1))"
_LOSS = (
    "return F.cross_entropy(flat, targets.reshape(-1), ignore_index=-1, reduction=loss_reduction)"
)
_COUNTED = """each = F.cross_entropy(flat, targets.reshape(-1), ignore_index=-1, reduction="none")
        return each if loss_reduction == "none" else getattr(each, loss_reduction)()"""

WRONGS = [
    wrong(
        "tied",
        "uses one table for both ends, by habit from GPT-2",
        (_HEAD, f"{_HEAD}\n        self.lm_head.weight = wte.weight"),
    ),
    wrong("biased_head", "gives lm_head a bias", (_HEAD, _HEAD.replace(", bias=False", ""))),
    wrong(
        "saved_tables",
        "keeps the rotary tables in the state dict, and nanochat's weights have none",
        (_COS, _COS.replace(", persistent=False", "")),
        (_SIN, _SIN.replace(", persistent=False", "")),
    ),
    wrong(
        "saved_cosines",
        "keeps one of the rotary tables in the state dict, and nanochat's weights have none",
        (_COS, _COS.replace("persistent=False", "persistent=True")),
    ),
    wrong(
        "one_block_twice",
        "puts the same block into the list for every layer",
        (_H, "h = nn.ModuleList([Block(config, 0)] * config.n_layer)"),
    ),
    wrong(
        "every_layer_zero",
        "tells every block that it is layer 0",
        (_H, _H.replace("Block(config, layer_idx)", "Block(config, 0)")),
    ),
    wrong(
        "one_layer_more",
        "has a layer more than was asked for",
        (_H, _H.replace("range(config.n_layer)", "range(config.n_layer + 1)")),
    ),
    wrong(
        "learned_norm",
        "has a last norm with weights of its own",
        (_HEAD, f"{_HEAD}\n        self.norm = nn.RMSNorm(config.n_embd)"),
        (_LOGITS, "logits = self.lm_head(self.norm(x))"),
    ),
    wrong(
        "learned_positions",
        "adds a learned vector for each position, as GPT-2 does",
        (_HEAD, f"{_HEAD}\n        self.wpe = nn.Embedding(config.sequence_len, config.n_embd)"),
        (_EMBED, "x = norm(self._embed(idx) + self.wpe.weight[start:stop])"),
    ),
    wrong(
        "short_tables",
        "makes rotary tables for one training sequence only",
        (_LENGTH, "self.rotary_seq_len = config.sequence_len"),
    ),
    wrong(
        "no_embedding_norm",
        "gives the token vectors to the blocks without a norm",
        (_EMBED, "x = self._embed(idx)"),
    ),
    wrong(
        "no_final_norm",
        "gives the stream to lm_head without a norm",
        (_LOGITS, "logits = self.lm_head(x)"),
    ),
    wrong(
        "from_position_one",
        "begins at position 1: only distances count, so all that differs is rounding",
        (_TABLES, "cos_sin = self.cos[:, start + 1 : stop + 1], self.sin[:, start + 1 : stop + 1]"),
    ),
    wrong(
        "sine_for_both",
        "hands the blocks the sine for the cosine",
        (_TABLES, "cos_sin = self.sin[:, start:stop], self.cos[:, start:stop]"),
    ),
    wrong(
        "stream_dropped",
        "lets every block read the embedding, so only the last one counts",
        (_EMBED, f"{_EMBED}\n        x0 = x"),
        (_BLOCK, "x = block(x0, cos_sin, kv_cache)"),
    ),
    wrong(
        "last_position_only",
        "gives the logits of the last position only",
        (_RETURN, "            return logits[:, -1:]\n        # every"),
    ),
    wrong(
        "probabilities",
        "gives probabilities where logits are asked for",
        (_RETURN, "            return logits.softmax(-1)\n        # every"),
    ),
    wrong("no_cap", "does not cap the logits", (_CAP, "logits = logits * 1")),
    wrong(
        "clamped",
        "cuts logits off at 15, where there is no slope any more",
        (_CAP, "logits = logits.clamp(-SOFTCAP, SOFTCAP)"),
    ),
    wrong("cap_30", "caps at 30, as Gemma does", (_CAP, _CAP.replace("SOFTCAP", "30.0"))),
    wrong("cap_20", "caps at 20", (_CAP, _CAP.replace("SOFTCAP", "20.0"))),
    wrong(
        "cap_not_multiplied",
        "leaves the logits between -1 and 1",
        (_CAP, "logits = torch.tanh(logits / SOFTCAP)"),
    ),
    wrong(
        "loss_without_cap",
        "computes the loss from logits that are not capped",
        (_CAP, "if targets is None:\n            logits = SOFTCAP * torch.tanh(logits / SOFTCAP)"),
    ),
    wrong(
        "stays_small",
        "leaves logits in bfloat16 if the weights are",
        (_FLOAT, "logits = logits * 1"),
    ),
    wrong(
        "ignores_minus_100",
        "ignores -100, as torch does by itself, and not -1",
        (_LOSS, _LOSS.replace("ignore_index=-1", "ignore_index=-100")),
    ),
    wrong(
        "counts_ignored",
        "divides by all positions, also by those that do not count",
        (
            _LOSS,
            _COUNTED,
        ),
    ),
    wrong(
        "always_mean",
        "gives the mean, whatever reduction is asked for",
        (_LOSS, _LOSS.replace(", reduction=loss_reduction", "")),
    ),
    wrong(
        "one_by_one",
        "gives the losses as (B, T), where nanochat has them in one row",
        (
            _LOSS,
            _LOSS.replace("return", "loss =")
            + "\n        return loss.view(idx.shape) if loss_reduction == 'none' else loss",
        ),
    ),
    wrong(
        "shifts_targets",
        "moves the targets by one, though they are the next tokens already",
        (
            _FLAT,
            "flat = logits[:, :-1].reshape(-1, logits.size(-1))\n        targets = targets[:, 1:]",
        ),
    ),
    wrong(
        "cache_from_zero",
        "begins at position 0 again behind a cache",
        (_START, "start = 0"),
    ),
    wrong(
        "cache_not_handed_on",
        "does not give the cache to the blocks",
        (_BLOCK, "x = block(x, cos_sin)"),
    ),
    wrong(
        "nothing_required",
        "lets any shape and any length through",
        (_REQUIRE, "start = start + 0"),
        (
            _TABLES,
            "at = torch.arange(start, stop).clamp(max=self.cos.size(1) - 1)\n        cos_sin = self.cos[:, at], self.sin[:, at]",
        ),
        (
            _LOSS,
            _LOSS.replace("return F", "n = targets.numel()\n        return F").replace(
                "(flat,", "(flat[:n],"
            ),
        ),
    ),
    wrong(
        "not_looked_up",
        "takes ids beyond the vocabulary for others",
        (_EMBED, "x = norm(self._embed(idx % self.config.vocab_size))"),
    ),
    wrong(
        "drops_out",
        "drops a tenth of the numbers by chance in training",
        (_LOGITS, "logits = self.lm_head(F.dropout(norm(x), 0.1, self.training))"),
    ),
    wrong(
        "whole_tables",
        "hands the blocks the whole rotary tables, not the rows of these positions",
        (_TABLES, "cos_sin = self.cos, self.sin"),
    ),
]
