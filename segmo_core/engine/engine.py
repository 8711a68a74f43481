"""One bundle on one device, with everything that can be asked of it."""

from __future__ import annotations

from pathlib import Path

from segmo_core.engine.editing import Editing
from segmo_core.engine.finding import Finding
from segmo_core.engine.generating_many import GeneratingMany
from segmo_core.engine.libraries import Libraries
from segmo_core.runtimes.choice import AUTO


class Engine(Editing, GeneratingMany, Finding, Libraries):
    """One bundle on one device. Methods that use the model load it when needed; safe to call from one thread, but for
    ``usual_durations`` and ``unknown_words``, which may be called from others meanwhile.

    Args:
        bundle: its folder; None takes the starter bundle.
        device: "auto", "cpu" or "cuda".
        fast: decide tokens in bfloat16 (torch, on processors that have it) or int8 (ONNX Runtime): less time, other
            tokens where two are about as likely (docs/performance.md says how many).
        runtime: what computes the models: "torch", "onnx" (ONNX Runtime, which needs no torch and reads the bundle's
            graphs) or "auto", which takes torch where it is installed.

    Raises:
        InvalidRequestError: another device or runtime.
        MissingDependencyError: torch was asked for and is not installed.

    Example:
        >>> Engine().folder.name
        'starter'
    """

    def __init__(
        self, bundle: Path | None = None, device: str = "auto", *, fast: bool = False, runtime: str = AUTO
    ) -> None:
        super().__init__(bundle, device, fast, runtime)
