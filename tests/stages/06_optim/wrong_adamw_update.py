"""Wrong answers to 06_optim/adamw_update."""

from nanolab.wrongs import wrong

_STEP = """    if step < 1:
        raise ValueError(f"steps are counted from 1, this one has number {step}")
"""
_SHAPES = """    if len(set(shapes)) > 1:
        raise ValueError(f"p, g, m and v must have one shape, not {shapes}")
"""
_DECAY = "p.mul_(1 - lr * weight_decay)"
_M = "m.mul_(beta1).add_(g, alpha=1 - beta1)"
_V = "v.mul_(beta2).addcmul_(g, g, value=1 - beta2)"
_M_HAT = "m_hat = m / (1 - beta1**step)"
_V_HAT = "v_hat = v / (1 - beta2**step)"
_MOVE = "p.sub_(lr * m_hat / (v_hat.sqrt() + eps))"

WRONGS = [
    wrong(
        "l2_decay",
        "adds the decay to the gradient, where the running means see it (that is Adam with L2)",
        (_DECAY, "g = g + weight_decay * p"),
    ),
    wrong(
        "decay_without_lr",
        "shrinks the weights by the whole decay, without the learning rate",
        (_DECAY, "p.mul_(1 - weight_decay)"),
    ),
    wrong("no_decay", "never shrinks the weights", (_DECAY, "pass")),
    wrong(
        "decay_after",
        "shrinks the weights after the update, so that the update shrinks too",
        (_DECAY, "pass"),
        (_MOVE, f"{_MOVE}\n    {_DECAY}"),
    ),
    wrong(
        "no_correction",
        "leaves the running means as small as they are in the first steps",
        (_M_HAT, "m_hat = m"),
        (_V_HAT, "v_hat = v"),
    ),
    wrong("half_corrected", "corrects only one of the two running means", (_V_HAT, "v_hat = v")),
    wrong(
        "correction_kept",
        "writes the corrected means back, so that they are corrected again in the next step",
        (_M_HAT, "m_hat = m.div_(1 - beta1**step)"),
    ),
    wrong(
        "from_zero",
        "corrects the means as if steps were counted from 0",
        (_M_HAT, "m_hat = m / (1 - beta1 ** (step - 1))"),
        (_V_HAT, "v_hat = v / (1 - beta2 ** (step - 1))"),
    ),
    wrong(
        "eps_inside",
        "adds eps under the root",
        (_MOVE, "p.sub_(lr * m_hat / (v_hat + eps).sqrt())"),
    ),
    wrong(
        "eps_uncorrected",
        "adds eps to the root before the correction, as nanochat's DistAdamW does",
        (_MOVE, "p.sub_(lr * m_hat * (1 - beta2**step) ** 0.5 / (v.sqrt() + eps))"),
    ),
    wrong(
        "no_root", "divides by v, not by its root", (_MOVE, "p.sub_(lr * m_hat / (v_hat + eps))")
    ),
    wrong("ascends", "moves along the gradient, uphill", (_MOVE, _MOVE.replace("sub_", "add_"))),
    wrong(
        "weights_swapped",
        "lets m keep 1 - beta1 of itself and take beta1 of the gradient",
        (_M, "m.mul_(1 - beta1).add_(g, alpha=beta1)"),
    ),
    wrong(
        "betas_swapped",
        "uses each beta for the other mean",
        (_M, _M.replace("beta1", "beta2")),
        (_V, _V.replace("beta2", "beta1")),
    ),
    wrong(
        "unsquared",
        "puts the gradient into v, not its square",
        (_V, "v.mul_(beta2).add_(g.abs(), alpha=1 - beta2)"),
    ),
    wrong(
        "rebinds",
        "computes new weights and forgets them: p is only a name in here",
        (_DECAY, "p = p * (1 - lr * weight_decay)"),
    ),
    wrong(
        "spoils_gradient",
        "changes the gradient",
        (_M, "m.mul_(beta1).add_(g.mul_(1 - beta1))"),
        (_V, "v.mul_(beta2).addcmul_(g, g, value=(1 - beta2) / (1 - beta1) ** 2)"),
    ),
    wrong("no_step_check", "takes steps below 1", (_STEP, "")),
    wrong("no_shape_check", "lets torch broadcast tensors of different shapes", (_SHAPES, "")),
    wrong(
        "late_check",
        "looks at the step only after it has changed something",
        (_STEP, ""),
        (_M_HAT, f"{_STEP.strip()}\n    {_M_HAT}"),
    ),
]
