"""A bundle's models as ONNX graphs without weights, so that it runs where there is no torch.

A graph says what is computed; its weights stay in the bundle's own files, where their names are the same (see
``runtimes.graph_weights``), so that a graph is some kilobytes and never of other weights than the bundle. Whoever
changes a size of a model has to make its graphs anew, which the loader notices.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from segmo_core.bundle import load_bundle, load_duration_model, load_joint_judge
from segmo_core.bundle_folder import changed_folder
from segmo_core.bundle_manifest import GRAPHS_FILE, MANIFEST_NAME, read_manifest, record_of
from segmo_core.conversion.graphs.parts import GraphPart, graph_parts
from segmo_core.conversion.graphs.rewriting import quantized, with_whole_products, without_weights
from segmo_core.errors import MissingDependencyError
from segmo_core.models.trunk.conditioned_transformer import ConditionedTransformer
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.graph_file import INT8, GraphFile, graph_configs
from segmo_core.serialization import write_json

INSTALL_LINE = "pip install 'segmo[graphs]'"
MAX_TOKENS = 64  # of a window of motion and its positions; a window of the model has 49
_OPSET = 17


@dataclass(frozen=True)
class GraphReport:
    """names: of the graphs. num_bytes: of their file."""

    bundle: Path
    names: tuple[str, ...]
    num_bytes: int


def add_graphs(folder: Path, progress: Progress | None = None) -> GraphReport:
    """Give the bundle in ``folder`` its graphs, or new ones in the place of those it has.

    Raises BundleError when the folder is no bundle or cannot be written, MissingDependencyError without onnx.
    """
    progress = progress or SilentProgress()
    _check_installed()
    bundle = load_bundle(folder, "cpu", packed=False)
    parts = graph_parts(bundle, load_duration_model(folder), load_joint_judge(folder))
    graphs: dict[str, bytes] = {}
    weights: dict[str, tuple[str, ...]] = {}
    for number, part in enumerate(parts):
        progress.raise_if_cancelled()
        progress.report(number / len(parts), f"Graph of {part.name}")
        model = with_whole_products(_exported(part))
        graphs[part.name], weights[part.name] = without_weights(model)
        if part.is_quantized:
            name = part.name + INT8
            graphs[name], weights[name] = without_weights(quantized(model))
    with changed_folder(folder) as temporary:
        GraphFile(graphs, weights, graph_configs(bundle.manifest)).write(temporary / GRAPHS_FILE)
        manifest = read_manifest(temporary)
        files = manifest.files | {GRAPHS_FILE: record_of(temporary / GRAPHS_FILE)}
        write_json(temporary / MANIFEST_NAME, replace(manifest, files=files))
    progress.report(1.0, "Graphs written")
    return GraphReport(folder, tuple(graphs), (folder / GRAPHS_FILE).stat().st_size)


def _check_installed() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        raise MissingDependencyError(f"Making graphs needs the packages onnx and onnxruntime: {INSTALL_LINE}") from None


def _exported(part: GraphPart) -> Any:
    """The ONNX model of a part, weights in it."""
    import onnx

    torch.onnx.register_custom_op_symbolic("aten::expm1", _expm1, _OPSET)  # type: ignore[attr-defined]
    axes = {name: sizes for name, (_, sizes) in part.inputs.items()} | part.outputs
    buffer = io.BytesIO()
    module = part.module.eval().requires_grad_(False)
    with _FewerPositions(module), warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of sizes that the exporter takes for constants, which the tests try
        torch.onnx.export(
            module,
            tuple(example for example, _ in part.inputs.values()),
            buffer,  # type: ignore[arg-type]
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_axes=axes,
            opset_version=_OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    return onnx.load_model_from_string(buffer.getvalue())


def _expm1(graph: Any, values: Any) -> Any:
    """exp(x) - 1, which the exporter does not know under one name."""
    return graph.op("Sub", graph.op("Exp", values), graph.op("Constant", value_t=torch.tensor(1.0)))


class _FewerPositions:
    """Within it the trunks of a module have as many positions as a graph needs: they are written into it."""

    def __init__(self, module: nn.Module) -> None:
        self._trunks = [child for child in module.modules() if isinstance(child, ConditionedTransformer)]
        self._positions = [trunk.positions for trunk in self._trunks]

    def __enter__(self) -> None:
        for trunk in self._trunks:
            trunk.positions = trunk.positions[:MAX_TOKENS].clone()

    def __exit__(self, *_: object) -> None:
        for trunk, positions in zip(self._trunks, self._positions, strict=True):
            trunk.positions = positions
