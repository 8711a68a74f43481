"""Loading a bundle: without torch's compiler, whose import alone takes longer, and with every weight of its files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

from segmo_core.bundle import load_bundle


def test_loading_imports_no_compiler(tiny_bundle: Path) -> None:
    program = (
        "import sys\n"
        "from segmo_core.engine import Engine\n"
        "Engine(sys.argv[1]).load()\n"
        "print(sorted({'torch._dynamo', 'sympy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(tiny_bundle)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


def test_every_weight_is_the_file_s(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    for part in ("tokenizer", "masked_transformer", "residual_transformer"):
        weights = load_file(tiny_bundle / f"{part}.safetensors")
        state = getattr(bundle, part).state_dict()
        for name, value in weights.items():
            if name in state:
                assert torch.equal(state[name], value.to(state[name].dtype)), (part, name)
        assert set(weights) & set(state), part
