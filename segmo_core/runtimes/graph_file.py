"""The graphs of a bundle in one file: which there are, and for which sizes of models they were made."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.bundle_manifest import GRAPHS_FILE, PART_NAMES, BundleManifest, verify_files
from segmo_core.errors import BundleError
from segmo_core.serialization import to_plain

INT8 = ".int8"
"""What the name of a graph with products in int8 ends with."""

_CONTENTS = "contents.json"
_SUFFIX = ".onnx"
_UNREADABLE = (zipfile.BadZipFile, KeyError, TypeError, OSError, ValueError, RecursionError, NotImplementedError)
_MOST_BYTES = 64 << 20
_ALWAYS_THE_SAME = (1980, 1, 1, 0, 0, 0)  # the time of every file in it: the same graphs, the same bytes


@dataclass(frozen=True)
class GraphFile:
    """graphs: ONNX models without weights, by name. weights: what each wants of the bundle, by the names of
    ``graph_weights``. configs: of the parts that they were made for."""

    graphs: Mapping[str, bytes]
    weights: Mapping[str, Sequence[str]]
    configs: object

    def write(self, path: Path) -> None:
        """A zip archive."""
        files = {name + _SUFFIX: graph for name, graph in self.graphs.items()}
        files[_CONTENTS] = json.dumps({"weights": self.weights, "configs": self.configs}, indent=1).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _ALWAYS_THE_SAME), data, zipfile.ZIP_DEFLATED, 9)

    @classmethod
    def of_bundle(cls, folder: Path, manifest: BundleManifest) -> GraphFile:
        """Those of a bundle; BundleError where it has none, or none of its models."""
        if GRAPHS_FILE not in manifest.files:
            raise BundleError(f"{folder}: has no graphs to run without torch; 'segmo graphs {folder}' makes them")
        path = folder / GRAPHS_FILE
        verify_files(folder, manifest, (GRAPHS_FILE,))
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(info.file_size for info in archive.infolist()) > _MOST_BYTES:
                    raise BundleError(f"{path}: more than {_MOST_BYTES >> 20} MB of graphs, expected some kilobytes")
                graphs = {
                    name.removesuffix(_SUFFIX): archive.read(name)
                    for name in archive.namelist()
                    if name.endswith(_SUFFIX)
                }
                contents = json.loads(archive.read(_CONTENTS))
                weights, configs = contents["weights"], contents["configs"]
        except _UNREADABLE as error:
            raise BundleError(f"{path}: not readable as graphs ({error})") from None
        if configs != graph_configs(manifest):
            raise BundleError(
                f"{path}: was made for models of other sizes, expected those that 'segmo graphs {folder}' makes"
            )
        return cls(graphs, weights, configs)


def graph_configs(manifest: BundleManifest) -> object:
    """What graphs are made for: the config of every part, None where a bundle has no such part."""
    parts = {name: to_plain(getattr(manifest, name)) for name in PART_NAMES}
    return json.loads(json.dumps(parts))
