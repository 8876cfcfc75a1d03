"""Wrong answers to 06_optim/adamw."""

from nanolab.wrongs import wrong

_FOUND = "found = [p for p in params if p.grad is not None]"
_FINITE = "if not p.grad.isfinite().all():"
_NO_GRAD = """    @torch.no_grad()
    def step("""
_CLOSURE = """        if closure is not None:
            with torch.enable_grad():
                loss = closure()
"""
_WORK = 'work = [(group, with_gradients(group["params"])) for group in self.param_groups]'
_LOOP = "for group, params in work:"
_FRESH = """                if not state:
                    state["step"] = 0
"""
_ZEROS = 'state["exp_avg_sq"] = torch.zeros_like(p)'
_COUNT = 'state["step"] += 1'
_NUMBER = 'int(state["step"]),  # torch\'s own AdamW saves a float32 tensor'
_LR = 'lr=group["lr"],'
_SUPER = """        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )
"""
_STATE = "state = self.state[p]"

WRONGS = [
    wrong(
        "graph",
        "lets autograd watch the step",
        (_NO_GRAD, "    def step("),
    ),
    wrong(
        "one_counter",
        "counts the steps of the optimizer, not those of each parameter",
        (_SUPER, f"{_SUPER}        self.count = 0\n"),
        ("        loss = None\n", "        loss = None\n        self.count += 1\n"),
        (_NUMBER, "self.count,"),
    ),
    wrong(
        "step_of_0",
        "calls the first step number 0",
        (_COUNT, ""),
        (
            '                    weight_decay=group["weight_decay"],\n                )\n',
            '                    weight_decay=group["weight_decay"],\n                )\n                state["step"] += 1\n',
        ),
    ),
    wrong(
        "step_in_float32",
        "computes with the step as torch saves it, and loses half of the digits",
        (_NUMBER, 'state["step"],'),
    ),
    wrong("counts_once", "calls every step number 1", (_COUNT, 'state["step"] = 1')),
    wrong(
        "lr_at_birth",
        "remembers the learning rate that it was made with",
        (
            _SUPER,
            f"{_SUPER}        self.lrs = {{id(p): g['lr'] for g in self.param_groups for p in g['params']}}\n",
        ),
        (_LR, "lr=self.lrs[id(p)],"),
    ),
    wrong(
        "lr_of_defaults",
        "takes the learning rate from the defaults, not from the group",
        (_LR, 'lr=self.defaults["lr"],'),
    ),
    wrong(
        "first_group",
        "knows only the settings of the first group",
        (
            'beta1, beta2 = group["betas"]',
            'group = self.param_groups[0]\n            beta1, beta2 = group["betas"]',
        ),
    ),
    wrong(
        "betas_of_defaults",
        "takes the betas from the defaults, not from the group",
        ('beta1, beta2 = group["betas"]', 'beta1, beta2 = self.defaults["betas"]'),
    ),
    wrong(
        "only_one_group",
        "takes steps with the first group only",
        (_WORK, _WORK.replace("self.param_groups]", "self.param_groups[:1]]")),
    ),
    wrong(
        "list_beside",
        "keeps the running means beside self.state, where state_dict() does not see them",
        (_SUPER, f"{_SUPER}        self.memory = {{}}\n"),
        (_STATE, "state = self.memory.setdefault(id(p), {})"),
    ),
    wrong(
        "shared_means",
        "gives both running means the same tensor",
        (_ZEROS, 'state["exp_avg_sq"] = state["exp_avg"]'),
    ),
    wrong(
        "ones",
        "begins the mean of the squares at 1",
        (_ZEROS, 'state["exp_avg_sq"] = torch.ones_like(p)'),
    ),
    wrong(
        "forgets",
        "begins its running means anew at each step",
        ("                if not state:\n", "                if True:\n"),
    ),
    wrong(
        "none_is_zero",
        "takes a missing gradient for one of zeros, which still decays",
        (
            _FOUND,
            "found = list(params)\n    for p in found:\n        p.grad = torch.zeros_like(p) if p.grad is None else p.grad",
        ),
    ),
    wrong(
        "crashes_on_none",
        "does not expect a parameter without gradient",
        (_FOUND, "found = list(params)"),
    ),
    wrong(
        "clears_gradients",
        "throws the gradients away after the step",
        ("        return loss\n", "        self.zero_grad()\n        return loss\n"),
    ),
    wrong(
        "no_loss", "does not return what the closure returned", ("loss = closure()", "closure()")
    ),
    wrong(
        "closure_last",
        "calls the closure after the step",
        (_CLOSURE, ""),
        ("        return loss\n", f"{_CLOSURE}        return loss\n"),
    ),
    wrong(
        "closure_without_grad",
        "calls the closure with gradients switched off",
        ("with torch.enable_grad():", "if True:"),
    ),
    wrong("accepts_nan", "takes steps with NaN", (_FINITE, "if p.grad.isinf().any():")),
    wrong(
        "accepts_infinity",
        "takes steps with infinite gradients",
        (_FINITE, "if p.grad.isnan().any():"),
    ),
    wrong(
        "half_a_step",
        "moves the first group before it looks at the gradients of the second",
        (_WORK, 'work = ((group, with_gradients(group["params"])) for group in self.param_groups)'),
    ),
]
