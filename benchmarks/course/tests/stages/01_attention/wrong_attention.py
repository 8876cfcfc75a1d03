"""Wrong answers to causal attention."""

from nanolab.wrongs import wrong

WRONGS = [
    wrong("no_scale", "leaves the scores as large as they come", (" / math.sqrt(D)", "")),
    wrong("hidden_self", "hides a position from itself", ("triu(1)", "triu(0)")),
    wrong("keys_normalized", "takes the softmax over the wrong axis", ("dim=-1", "dim=-2")),
]
