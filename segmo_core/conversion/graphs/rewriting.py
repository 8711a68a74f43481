"""Graphs as the exporter writes them, made into graphs without weights, whose products may be in int8."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.runtimes.graph_weights import TRANSPOSED

_LEAST_BYTES = 1024  # of a tensor that is read from the bundle; smaller ones may be constants of the computation


def with_whole_products(model: Any) -> Any:
    """``model`` with every product by a transposed weight as one by a weight that lies transposed, and a sum.

    So every linear layer is a MatMul by an initializer, whose name says of which weight it is the transpose.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    renamed: dict[str, str] = {}
    nodes: list[Any] = []

    def transposed(name: str) -> str:
        if name + TRANSPOSED not in weights:
            values = np.ascontiguousarray(numpy_helper.to_array(weights[name]).T)
            weights[name + TRANSPOSED] = numpy_helper.from_array(values, name + TRANSPOSED)
        return name + TRANSPOSED

    for node in graph.node:
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if node.op_type == "Transpose" and node.input[0] in weights and attributes.get("perm") == [1, 0]:
            renamed[node.output[0]] = transposed(node.input[0])
            continue
        if node.op_type == "Gemm" and attributes.get("transB") == 1 and node.input[1] in weights:
            product = f"{node.output[0]}_product"
            nodes.append(helper.make_node("MatMul", [node.input[0], transposed(node.input[1])], [product]))
            nodes.append(helper.make_node("Add", [product, node.input[2]], [node.output[0]]))
            continue
        nodes.append(node)
    for node in nodes:
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)
    used = {name for node in nodes for name in node.input}
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tensor for name, tensor in weights.items() if name in used)
    return model


def quantized(model: Any) -> Any:
    """``model`` with products by weights in int8: weights scaled by column when they are loaded, values by what is
    measured of them in each product.

    Scales fixed beforehand on recorded tokens were slower and less true (see docs/performance.md).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        onnx.save_model(model, str(before))
        quantize_dynamic(
            str(before), str(after), op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8
        )
        return onnx.load_model(str(after))


def without_weights(model: Any) -> tuple[bytes, tuple[str, ...]]:
    """``model`` as bytes, its larger tensors but named: type, sizes, and that they come from elsewhere; and their
    names."""
    import onnx
    from onnx import numpy_helper

    written = onnx.ModelProto()
    written.CopyFrom(model)
    names = []
    for tensor in written.graph.initializer:
        num_bytes = numpy_helper.to_array(tensor).nbytes
        if num_bytes < _LEAST_BYTES:
            continue
        for field in ("raw_data", "float_data", "int32_data", "int64_data"):
            tensor.ClearField(field)
        names.append(tensor.name)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        del tensor.external_data[:]
        for key, value in (("location", "bundle"), ("offset", "0"), ("length", str(num_bytes))):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
    return written.SerializeToString(), tuple(names)
