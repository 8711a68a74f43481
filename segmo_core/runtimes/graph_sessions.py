"""The graphs of a bundle in ONNX Runtime, each opened when it is asked for first."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import BundleError, MissingDependencyError, in_short
from segmo_core.runtimes.graph_file import GraphFile
from segmo_core.runtimes.graph_weights import GraphWeights

INSTALL_LINE = "pip install onnxruntime"

Array = NDArray[Any]


class GraphSessions:
    """Runs graphs by name. May be asked from any thread."""

    def __init__(self, file: GraphFile, weights: GraphWeights) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingDependencyError(
                f"Models that run without torch need the package onnxruntime; install it with: {INSTALL_LINE}"
            ) from None
        self._onnxruntime = onnxruntime
        self._file, self._weights = file, weights
        self._sessions: dict[str, Any] = {}
        self._lock = threading.Lock()

    def load(self, name: str) -> Any:
        """The session of a graph. BundleError where the file has none of that name, or one that cannot run."""
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = self._opened(name)
            return self._sessions[name]

    def run(self, name: str, outputs: Sequence[str], **inputs: Array) -> list[Array]:
        """``outputs`` of a graph, in their order."""
        session = self.load(name)
        given = {key: np.ascontiguousarray(value) for key, value in inputs.items()}
        try:
            found: list[Array] = session.run(list(outputs), given)
        except Exception as error:  # the runtime's own errors have no common base but this one
            raise BundleError(f"graph {name}: cannot be computed ({in_short(error, 160)})") from None
        return found

    def _opened(self, name: str) -> Any:
        graph = self._file.graphs.get(name)
        if graph is None:
            raise BundleError(f"graphs: no graph {name!r}, expected those of this version")
        options = self._onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # As with torch, the transformers alone gain by a second thread; convolutions may round otherwise with one.
        options.intra_op_num_threads = _num_threads() if "transformer" in name else 1
        options.inter_op_num_threads = 1
        names = list(self._file.weights.get(name, ()))
        values = [self._onnxruntime.OrtValue.ortvalue_from_numpy(self._weights.of_graph(each)) for each in names]
        options.add_external_initializers(names, values)
        try:
            return self._onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BundleError(f"graph {name}: cannot be opened ({in_short(error, 160)})") from None


def _num_threads() -> int:
    """As many as torch would take: OMP_NUM_THREADS, or the cores that this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
