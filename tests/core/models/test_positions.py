"""The table of positions: the published one, and the same bits whatever the processor."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import pytest
import torch

from segmo_core.models.trunk.conditioned_transformer import MAX_TOKENS, sinusoidal_positions

# Of the table for 5,000 positions in 384 widths, little endian float32, row by row.
_DIGEST = "6a8205f5b07911432608a9dfc0f55a3d1625c85cb736d963cd33777adfbf8f27"
_TABLE = """
import hashlib
from segmo_core.models.trunk.conditioned_transformer import MAX_TOKENS, sinusoidal_positions
print(hashlib.sha256(sinusoidal_positions(MAX_TOKENS, 384).numpy().astype("<f4").tobytes()).hexdigest())
"""


def test_sines_and_cosines_of_the_published_angles() -> None:
    table = sinusoidal_positions(MAX_TOKENS, 64)
    assert table.shape == (5000, 64)
    for position, column in [(0, 0), (0, 1), (1, 0), (48, 17), (300, 5), (4999, 63)]:
        angle = position * 10000.0 ** (-(column // 2 * 2) / 64)
        expected = math.cos(angle) if column % 2 else math.sin(angle)
        # A float32 angle is known to a ten-millionth of itself.
        assert float(table[position, column]) == pytest.approx(expected, abs=1e-6 + angle * 2e-7)


def test_the_table_has_the_same_bits_everywhere() -> None:
    table = sinusoidal_positions(MAX_TOKENS, 384).numpy().astype("<f4")
    assert hashlib.sha256(table.tobytes()).hexdigest() == _DIGEST


@pytest.mark.parametrize("variables", [{"MKL_CBWR": "COMPATIBLE"}, {"ATEN_CPU_CAPABILITY": "default"}])
def test_other_instructions_give_the_same_bits(variables: dict[str, str]) -> None:
    """As on older processors: sums and exponentials of torch by other instructions."""
    command = [sys.executable, "-c", _TABLE]
    answer = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == _DIGEST


def test_where_tensors_have_no_values_a_table_costs_nothing() -> None:
    """As where the shapes of a bundle that claims to be huge are compared."""
    with torch.device("meta"):
        assert sinusoidal_positions(MAX_TOKENS, 2**40).shape == (MAX_TOKENS, 2**40)
