"""Which runtime computes a bundle's models: torch, or ONNX Runtime, which needs no torch."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from segmo_core.bundle_manifest import read_manifest
from segmo_core.errors import InvalidRequestError, MissingDependencyError
from segmo_core.progress import Progress
from segmo_core.runtimes.motion_models import MotionModels, SecondsOfTexts

AUTO, TORCH, ONNX = "auto", "torch", "onnx"
RUNTIMES = (AUTO, TORCH, ONNX)


def has_torch() -> bool:
    """Whether torch is installed; it is not imported for that."""
    if "torch" in sys.modules:
        return sys.modules["torch"] is not None
    return importlib.util.find_spec("torch") is not None


def chosen_runtime(name: str, device: str = "auto") -> str:
    """TORCH or ONNX. AUTO takes torch where it is installed, so that a seed gives the same bytes as ever.

    Raises InvalidRequestError for another name or for a GPU without torch, MissingDependencyError for torch where there
    is none.
    """
    if name not in RUNTIMES:
        raise InvalidRequestError(f"runtime: {name!r}, expected one of {', '.join(RUNTIMES)}")
    if name == ONNX and device == "cuda":
        raise InvalidRequestError("runtime: onnx runs on the processor, expected torch for the device cuda")
    if name == ONNX or (name == AUTO and device != "cuda" and not has_torch()):
        return ONNX
    require_torch("The runtime torch" if name == TORCH else f"The device {device}")
    return TORCH


def require_torch(what: str) -> None:
    """MissingDependencyError, in one sentence about ``what`` needs it, where torch is not installed."""
    if not has_torch():
        raise MissingDependencyError(f"{what} needs the package torch; install it with: pip install torch")


def load_models(folder: Path, runtime: str, device: str, *, fast: bool, progress: Progress) -> MotionModels:
    """The models of a bundle. runtime: TORCH or ONNX. fast: transformers in bfloat16 (torch) or int8 (ONNX).

    Raises BundleError where the bundle cannot be read, or has no graphs; InvalidRequestError for no such device, or no
    bfloat16 here.
    """
    if runtime == ONNX:
        from segmo_core.runtimes.graph_models import GraphModels

        return GraphModels(folder, int8=fast, progress=progress)

    from segmo_core.bundle import load_bundle
    from segmo_core.models.devices import multiplies_bfloat16, usable_device
    from segmo_core.runtimes.torch_models import TorchModels

    chosen = usable_device(device).type
    if fast and not multiplies_bfloat16(usable_device(device)):
        raise InvalidRequestError(
            "fast: expected a processor with bfloat16 arithmetic (AVX512-BF16 or AMX) or a GPU with it, not found"
        )
    bundle = load_bundle(folder, chosen, progress)
    if fast:
        for model in (bundle.masked_transformer, bundle.residual_transformer):
            model.trunk.use_bfloat16()
    return TorchModels(bundle)


def load_seconds_of_texts(folder: Path, runtime: str) -> SecondsOfTexts | None:
    """What the duration model of a bundle says of sentence vectors; None where it has none. Reads no other weights."""
    manifest = read_manifest(folder)
    if manifest.duration_model is None:
        return None
    if chosen_runtime(runtime, "cpu") == ONNX:
        from segmo_core.runtimes.graph_models import seconds_by_graph

        return seconds_by_graph(folder, manifest)

    from segmo_core.bundle import load_duration_model
    from segmo_core.runtimes.torch_models import seconds_by_torch

    model = load_duration_model(folder)
    return None if model is None else seconds_by_torch(model)
