"""The solutions' assembly as a drop-in for nanochat's `gpt.py`, without a tutor around it.

How the golden numbers in `tests/stages/kit/golden.py` came to be: nanochat at 81a9583, a GPT with
`golden.SIZES` on the CPU, its state dict replaced by `golden.state_dict`, called with
`golden.tokens()`. `plain_logits` below is the same network once more, in float64 and in plain
functions, written from the formulas and not from the solutions.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nanolab import assembly, manifest

ROOT = Path(__file__).parent.parent

SCRIPT = """
import json, math, sys
import torch
from kit import golden
from nanochat.gpt import GPT, GPTConfig, Block, CausalSelfAttention, MLP, apply_rotary_emb, norm
from nanochat.gpt import config_from_depth, count_params


def plain_logits(weights, idx):
    n_head, n_kv, width = golden.SIZES["n_head"], golden.SIZES["n_kv_head"], golden.SIZES["n_embd"]
    head = width // n_head

    def rms(x):
        return x / (x.pow(2).mean(-1, keepdim=True) + 2.0**-23) ** 0.5

    T = idx.size(1)
    angles = torch.outer(torch.arange(T).float(), 10000.0 ** -(torch.arange(0, head, 2) / head))
    turn = torch.complex(angles.cos().bfloat16().double(), -angles.sin().bfloat16().double())

    def heads(x, matrix, turned):
        x = (x @ matrix.T).view(*x.shape[:2], -1, head)
        if turned:
            pairs = torch.complex(x[..., : head // 2], x[..., head // 2 :]) * turn[:, None]
            x = rms(torch.cat([pairs.real, pairs.imag], -1))
        return x

    x = rms(weights["transformer.wte.weight"][idx])
    for layer in range(golden.SIZES["n_layer"]):
        w = {key: weights[f"transformer.h.{layer}.{key}.weight"] for key in
             ("attn.c_q", "attn.c_k", "attn.c_v", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")}
        h = rms(x)
        q, k = heads(h, w["attn.c_q"], True), heads(h, w["attn.c_k"], True)
        v, groups = heads(h, w["attn.c_v"], False), n_head // n_kv
        out = torch.zeros_like(q)
        for a in range(n_head):
            scores = torch.einsum("bid,bjd->bij", q[:, :, a], k[:, :, a // groups]) / head**0.5
            scores += torch.triu(torch.full((T, T), -math.inf), 1)
            out[:, :, a] = scores.softmax(-1) @ v[:, :, a // groups]
        x = x + out.flatten(2) @ w["attn.c_proj"].T
        x = x + (rms(x) @ w["mlp.c_fc"].T).clamp(min=0) ** 2 @ w["mlp.c_proj"].T
    return 15 * ((rms(x) @ weights["lm_head.weight"].T) / 15).tanh()


torch.set_num_threads(1)
model = golden.fill(GPT(GPTConfig(**golden.SIZES)))
idx = golden.tokens()
targets = (idx + 7) % 61
logits = model(idx).detach()
plain = plain_logits({name: one.double() for name, one in model.state_dict().items()}, idx)
plain_loss = -plain.log_softmax(-1).gather(2, targets[:, :, None]).mean()
counts = {}
for depth in (4, 12, 20, 32):
    with torch.device("meta"):
        big = GPT(config_from_depth(depth))
    counts[depth] = [sum(one.numel() for one in big.parameters()), count_params(big.config),
                     len(big.state_dict())]
print(json.dumps({
    "keys": list(model.state_dict()),
    "shapes": [list(one.shape) for one in model.state_dict().values()],
    "first": logits[0, 0, :5].tolist(), "last": logits[1, 11, :5].tolist(),
    "sum": logits.double().sum().item(), "squares": logits.double().square().sum().item(),
    "largest": logits.abs().max().item(),
    "gap": (logits - plain).abs().max().item(),
    "loss_gap": abs(model(idx, targets).item() - plain_loss.item()),
    "counts": counts,
    "modules": [one.__module__ for one in (GPT, CausalSelfAttention, MLP, Block, norm)],
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a process of its own finds, with nothing but the solutions on its path."""
    pytest.importorskip("torch")
    directory = tmp_path_factory.mktemp("mount")
    assembly.write_mount(directory, assembly.assemble(manifest.load(ROOT), {}))
    path = [str(directory), str(ROOT / "tests" / "stages"), str(ROOT)]
    environment = {"PYTHONPATH": os.pathsep.join(path), "OMP_NUM_THREADS": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def golden():
    """The kit's golden numbers; torch comes with it, so only where it is installed."""
    pytest.importorskip("torch")
    sys.path.insert(0, str(ROOT / "tests" / "stages"))
    try:
        from kit import golden
    finally:
        sys.path.remove(str(ROOT / "tests" / "stages"))
    return golden


def test_the_state_dict_has_nanochats_keys_and_shapes(seen):
    layer = {
        "attn.c_q": [32, 32], "attn.c_k": [16, 32], "attn.c_v": [16, 32], "attn.c_proj": [32, 32],
        "mlp.c_fc": [128, 32], "mlp.c_proj": [32, 128],
    }  # fmt: skip
    expected = {"transformer.wte.weight": [61, 32]}
    for at in range(2):
        expected |= {f"transformer.h.{at}.{name}.weight": shape for name, shape in layer.items()}
    expected["lm_head.weight"] = [61, 32]
    assert dict(zip(seen["keys"], seen["shapes"], strict=True)) == expected


def test_golden_weights_give_nanochats_logits(seen, golden):
    assert seen["first"] == pytest.approx(golden.FIRST, abs=5e-5)
    assert seen["last"] == pytest.approx(golden.LAST, abs=5e-5)
    assert seen["sum"] == pytest.approx(golden.SUM, abs=1e-3)
    assert seen["squares"] == pytest.approx(golden.SUM_OF_SQUARES, abs=1e-3)
    assert seen["largest"] == pytest.approx(golden.LARGEST, abs=1e-4)


def test_every_logit_and_the_loss_are_those_of_the_plain_formulas(seen):
    assert seen["gap"] < 5e-5
    assert seen["loss_gap"] < 1e-6


def test_depths_have_the_published_numbers_of_weights(seen):
    published = {"4": 36_700_160, "12": 185_597_952, "20": 560_988_160, "32": 1_879_048_192}
    for depth, (real, formula, tensors) in seen["counts"].items():
        assert real == formula == published[depth]
        assert tensors == 6 * int(depth) + 2
    assert seen["counts"].keys() == published.keys()
