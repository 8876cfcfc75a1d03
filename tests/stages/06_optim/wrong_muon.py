"""Wrong answers to 06_optim/muon."""

from nanolab.wrongs import wrong

_BUFFER = "buffer.lerp_(g, 1 - momentum)"
_AHEAD = "update = g.lerp(buffer, momentum) if nesterov else buffer  # (..., m, n)"
_ORTHO = "update = newton_schulz(update, ns_steps, dtype=ns_dtype)  # (..., m, n)"
_MOVE = "p.add_(update.to(p.dtype), alpha=-lr * max(1, rows / columns) ** 0.5)"
_WORK = 'work = [(group, with_gradients(group["params"])) for group in self.param_groups]'
_MATRIX = "if p.ndim < 2:"
_SETTINGS = """            if not (group["lr"] >= 0 and 0 <= group["momentum"] < 1):
                found = f"lr is {group['lr']}, momentum {group['momentum']}"
                raise ValueError(f"{found}; lr must be 0 or more, momentum at least 0 and below 1")
"""


def _scale(new):
    return (_MOVE, f"p.add_(update.to(p.dtype), alpha=-lr * {new})")


WRONGS = [
    wrong(
        "heavy_ball",
        "adds the whole gradient to the buffer, which is another buffer as soon as momentum changes",
        (_BUFFER, "buffer.mul_(momentum).add_(g)"),
    ),
    wrong(
        "swapped_buffer",
        "lets the buffer take `momentum` of the gradient and keep the rest",
        (_BUFFER, "buffer.lerp_(g, momentum)"),
    ),
    wrong(
        "no_momentum", "steps along the gradient itself, not along its mean", (_AHEAD, "update = g")
    ),
    wrong("no_nesterov", "never looks ahead", (_AHEAD, "update = buffer")),
    wrong("always_nesterov", "always looks ahead", (_AHEAD, "update = g.lerp(buffer, momentum)")),
    wrong(
        "swapped_look_ahead",
        "mixes `momentum` of the gradient into the buffer, instead of the other way round",
        (_AHEAD, "update = buffer.lerp(g, momentum) if nesterov else buffer"),
    ),
    wrong(
        "spoils_gradient",
        "writes the look-ahead into the gradient, as nanochat's Muon does",
        (_AHEAD, "update = g.lerp_(buffer, momentum) if nesterov else buffer"),
    ),
    wrong(
        "spoils_buffer",
        "writes the look-ahead into the buffer",
        (_AHEAD, "update = buffer.lerp_(g, 1 - momentum) if nesterov else buffer"),
    ),
    wrong("no_orthogonal", "does not orthogonalize", (_ORTHO, "pass")),
    wrong(
        "orthogonal_first",
        "orthogonalizes the gradient before the momentum, not after it",
        (
            _BUFFER,
            "g = newton_schulz(g, ns_steps, dtype=ns_dtype).to(g.dtype)\n    buffer.lerp_(g, 1 - momentum)",
        ),
        (_ORTHO, ""),
    ),
    wrong(
        "orthogonal_buffer",
        "keeps the orthogonalized matrix as its buffer",
        (_ORTHO, f"{_ORTHO}\n    buffer.copy_(update)"),
    ),
    wrong(
        "always_five",
        "ignores ns_steps",
        (_ORTHO, "update = newton_schulz(update, dtype=ns_dtype)"),
    ),
    wrong(
        "always_bfloat16",
        "ignores ns_dtype",
        (_ORTHO, "update = newton_schulz(update, ns_steps, dtype=torch.bfloat16)"),
    ),
    wrong("no_scale", "does not scale tall matrices", _scale("1")),
    wrong(
        "no_root", "scales by rows / columns, without the root", _scale("max(1, rows / columns)")
    ),
    wrong("inverted_scale", "scales by columns / rows", _scale("max(1, columns / rows) ** 0.5")),
    wrong(
        "no_floor", "makes the steps of wide matrices shorter", _scale("(rows / columns) ** 0.5")
    ),
    wrong(
        "scale_of_largest",
        "scales by the root of the longer side",
        _scale("max(rows, columns) ** 0.5"),
    ),
    wrong(
        "ascends",
        "moves along the gradient, uphill",
        (_MOVE, _MOVE.replace("-lr", "lr")),
    ),
    wrong("no_lr", "ignores the learning rate", (_MOVE, _MOVE.replace("-lr *", "-1 *"))),
    wrong(
        "settings_at_birth",
        "remembers lr and momentum from when it was made, so that no schedule reaches it",
        ('lr=group["lr"],', 'lr=self.defaults["lr"],'),
        ('momentum=group["momentum"],', 'momentum=self.defaults["momentum"],'),
    ),
    wrong(
        "nesterov_ignored",
        "does not hand on the setting of nesterov",
        ('nesterov=group["nesterov"],', ""),
    ),
    wrong(
        "list_beside",
        "keeps the buffers beside self.state, where state_dict() does not see them",
        (
            "state = self.state[p]",
            "state = self.__dict__.setdefault('memory', {}).setdefault(id(p), {})",
        ),
    ),
    wrong(
        "forgets",
        "begins its buffer anew at each step",
        ("                if not state:\n", "                if True:\n"),
    ),
    wrong(
        "no_loss", "does not return what the closure returned", ("loss = closure()", "closure()")
    ),
    wrong(
        "disabled_closure",
        "calls the closure with gradients switched off",
        ("with torch.enable_grad():", "if True:"),
    ),
    wrong("no_closure", "never calls the closure", ("loss = closure()", "pass")),
    wrong(
        "takes_vectors", "takes vectors, which have no singular values", (_MATRIX, "if p.ndim < 0:")
    ),
    wrong("takes_anything", "takes settings that are impossible", (_SETTINGS, "")),
    wrong(
        "accepts_nan",
        "takes steps with NaN",
        (
            _WORK,
            'work = [(g, [p for p in g["params"] if p.grad is not None]) for g in self.param_groups]',
        ),
    ),
    wrong(
        "half_a_step",
        "moves some weights before it looks at the gradients of the others",
        (
            _WORK,
            'work = ((g, with_gradients([p])) for g in self.param_groups for p in g["params"])',
        ),
    ),
]
