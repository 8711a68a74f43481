"""The ways of computing a bundle, side by side."""

from __future__ import annotations

import pytest

from segmo_core.benchmarks.bundle_speed import measure_bundle
from segmo_core.shipped import shipped_folder

pytest.importorskip("onnxruntime")


def test_all_ways_of_a_bundle_in_one_run() -> None:
    ways = {way.name: way for way in measure_bundle(shipped_folder("bundles/starter"), rounds=1)}
    assert {"torch, float32", "onnx, float32", "onnx, fast (int8)"} <= set(ways)
    assert ways["onnx, float32"].agreement == 1.0
    assert all(0 < way.best <= way.median for way in ways.values())
