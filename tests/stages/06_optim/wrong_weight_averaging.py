"""Wrong answers to 06_optim/weight_averaging."""

from nanolab.wrongs import wrong

_CLONE = "self.shadow = {name: p.detach().clone() for name, p in model.named_parameters()}"
_COUNT = "self.num_updates += 1"
_LERP = "self.shadow[name].lerp_(p, self.share())"
_NONE = """        if self.num_updates == 0:
            raise RuntimeError("there is no average before the first update()")
"""
_COPY = "return {name: tensor.clone() for name, tensor in self.shadow.items()}"
_LOAD = "            self._load(average)\n"
_TRY = """        try:
            yield self.model
        finally:
            self._load(before)
"""
_SAVED = "shadow = {name: tensor.clone() for name, tensor in self.shadow.items()}"
_STATE = 'return {"num_updates": self.num_updates, "shadow": shadow}'
_OTHER = "if theirs.get(name) != ours.get(name):"
_NUMBER = 'self.num_updates = state["num_updates"]'
_LOADED = 'self.shadow = {name: tensor.clone() for name, tensor in state["shadow"].items()}'
_INTO = "p.copy_(weights[name])"
_DECAY = "if not 0 <= decay < 1:"
_EMA = "return 1.0 if self.num_updates == 1 else 1 - self.decay"
_SWA = "return 1 / self.num_updates"

WRONGS = [
    wrong(
        "aliased",
        "keeps the parameters themselves, which move on, instead of copies",
        (_CLONE, _CLONE.replace(".clone()", "")),
    ),
    wrong(
        "shares_swapped",
        "lets the newest weights count `decay`",
        (_EMA, "return 1.0 if self.num_updates == 1 else self.decay"),
    ),
    wrong(
        "from_the_start",
        "counts the weights from before the first update in",
        (_EMA, "return 1 - self.decay"),
    ),
    wrong(
        "swa_is_ema",
        "halves the distance in each update, so that early weights fade",
        (_SWA, "return 1.0 if self.num_updates == 1 else 0.5"),
    ),
    wrong(
        "swa_counts_from_0",
        "counts the weights from before the first update as one of the means",
        (_SWA, "return 1 / (self.num_updates + 1)"),
    ),
    wrong("never_counts", "does not count its updates", (_COUNT, "self.num_updates = 1")),
    wrong(
        "two_products",
        "adds two products, which rounds weights away from what they are",
        (_LERP, "self.shadow[name] = (1 - self.share()) * self.shadow[name] + self.share() * p"),
    ),
    wrong(
        "no_graph_guard",
        "lets autograd watch the average",
        ("    @torch.no_grad()\n    def update(self)", "    def update(self)"),
    ),
    wrong("sums", "adds the weights up", (_LERP, "self.shadow[name].add_(p)")),
    wrong(
        "model_follows",
        "writes the average into the model at each update",
        (_LERP, f"{_LERP}\n            p.copy_(self.shadow[name])"),
    ),
    wrong(
        "only_first_parameter",
        "averages the first parameter only",
        (_LERP, f"{_LERP}\n            break"),
    ),
    wrong(
        "buffers_too",
        "averages buffers as well",
        (
            _CLONE,
            "self.shadow = {name: t.detach().clone() for name, t in model.state_dict().items()}",
        ),
    ),
    wrong(
        "hands_out_itself",
        "hands out the average itself, for everyone to write into",
        (_COPY, "return self.shadow"),
    ),
    wrong("average_of_nothing", "gives an average before there was an update", (_NONE, "")),
    wrong("no_swap", "does not put the average into the model", (_LOAD, "            pass\n")),
    wrong(
        "no_restore",
        "leaves the average in the model",
        ("            self._load(before)\n", "            pass\n"),
    ),
    wrong(
        "no_finally",
        "does not put the weights back if the body of the with raises",
        (_TRY, "        yield self.model\n        self._load(before)\n"),
    ),
    wrong(
        "new_tensors",
        "gives the model new tensors, which its optimizer knows nothing of",
        (_INTO, "setattr(self.model, name, nn.Parameter(weights[name].clone()))"),
    ),
    wrong(
        "data_swapped",
        "puts the average's own tensors under the parameters, so that a step inside reaches them",
        (_INTO, "p.data = weights[name]"),
        (
            "        average = self.average()\n",
            "        average = self.average() and self.shadow\n",
        ),
    ),
    wrong(
        "saved_alias",
        "saves the average itself, which goes on changing",
        (_SAVED, "shadow = self.shadow"),
    ),
    wrong(
        "counter_not_loaded",
        "forgets how many updates there were",
        (_NUMBER, "self.num_updates = 0"),
    ),
    wrong(
        "counter_saved_as_1",
        "does not save how many updates there were",
        (_STATE, 'return {"num_updates": 1, "shadow": shadow}'),
    ),
    wrong(
        "loaded_alias",
        "goes on in the tensors of the checkpoint itself",
        (_LOADED, 'self.shadow = dict(state["shadow"])'),
    ),
    wrong("loads_anything", "loads the average of another model", (_OTHER, "if False:")),
    wrong(
        "decay_of_1",
        "takes a decay of 1, with which nothing new would ever count",
        (_DECAY, "if not 0 <= decay <= 1:"),
    ),
    wrong("negative_decay", "takes a decay below 0", (_DECAY, "if not decay < 1:")),
]
