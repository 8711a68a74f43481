"""Every reader with the files that it is fuzzed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import good_files as good
from forked_reading import forked
from hypothesis import strategies as st
from mutations import (
    damaged_bytes,
    damaged_glb,
    damaged_json,
    damaged_npy,
    damaged_npz,
    damaged_project,
    damaged_text,
    touched_bytes,
)
from soundness import check_motion

from segmo_core.body.smpl import load_smpl_model
from segmo_core.bundle_manifest import read_manifest
from segmo_core.cli.texts.segment import _read_captions
from segmo_core.formats.arrays.npz_files import read_npz, read_segment_track
from segmo_core.formats.registry import read_motion
from segmo_core.project.project_file import read_project, read_thumbnail
from segmo_core.retargeting.joint_map import read_joint_map
from segmo_core.segmentation.text_precomputed import read_segment_lines
from segmo_core.serialization import read_json


@dataclass(frozen=True)
class Reader:
    """file_name: what the input is called. read: of its path. inputs: a strategy of bytes. good: sound inputs.

    beside: names and bytes of other files that belong to an input. is_apart: reads in a process of its own, so that an
    input takes about a second. fast: the same in a copy of the process that fuzzes.
    """

    file_name: str
    read: Callable[[Path], Any]
    inputs: Callable[[], st.SearchStrategy[bytes]]
    good: Callable[[], tuple[bytes, ...]]
    is_apart: bool = False
    beside: tuple[tuple[str, bytes], ...] = ()
    fast: Callable[[Path], Any] | None = None

    @property
    def quickest(self) -> Callable[[Path], Any]:
        """The way to read many inputs: all but the start of a process of its own."""
        return self.fast or self.read

    def place_in(self, folder: Path) -> Path:
        """The path of an input in ``folder``, with the files that lie beside it."""
        for name, data in self.beside:
            (folder / name).write_bytes(data)
        return folder / self.file_name


def _read_npz(path: Path) -> Any:
    read_segment_track(path)
    return read_npz(path)


def _read_asf(path: Path) -> Any:
    return read_motion(path.with_suffix(".amc"))


def _read_project(path: Path) -> Any:
    """All that the window asks of a project that it opens."""
    project = read_project(path).project
    read_thumbnail(path)
    for take in project.takes:
        if take.motion is not None:
            check_motion(take.motion)
        assert take.num_frames >= 0
        assert take.is_outdated in (True, False)
        assert take.alignment is None or take.alignment.flagged is not None
    assert project.with_take(project.next_take()).current is not project.current
    return project


def _manifest(path: Path) -> Any:
    return read_manifest(path.parent)


def _npz() -> tuple[bytes, ...]:
    return (good.written("x.npz"), good.written("x.npz", fingers=True))


def _amass() -> tuple[bytes, ...]:
    return (good.written("x.npz", "amass-smplh", fingers=True), good.written("x.npz", "amass-smplx"))


def _npy() -> tuple[bytes, ...]:
    return (good.written("x.npy"), good.written("x.npy", "features"), good.kit_features())


def _bvh() -> tuple[bytes, ...]:
    plain, rooted = good.written("x.bvh"), good.written("x.bvh", names="mixamo", root_bone=True)
    return (plain, rooted, good.written("x.bvh", names="unity", fingers=True))


def _glb() -> tuple[bytes, ...]:
    rooted = good.written("x.glb", mesh=False, names="unreal", root_bone=True)
    return (good.written("x.glb", mesh=False), rooted, good.written("x.glb", mesh=False, names="manny", fingers=True))


def _fbx() -> tuple[bytes, ...]:
    return (good.written("x.fbx", mesh=False), good.written("x.fbx", mesh=False, fingers=True))


def _usd() -> tuple[bytes, ...]:
    return (good.written("x.usdc", mesh=False), good.written("x.usda", mesh=False))


def _smpl_npz() -> tuple[bytes, ...]:
    import io

    import numpy as np

    stream = io.BytesIO()
    np.savez(stream, **good.smpl_arrays())  # type: ignore[arg-type]
    return (stream.getvalue(),)


def _captions() -> tuple[bytes, ...]:
    return (b'{"id": 1, "caption": "a person walks"}\n{"id": "b", "caption": "a man jumps, then sits"}\n',)


READERS: dict[str, Reader] = {
    "bvh": Reader("x.bvh", read_motion, lambda: damaged_text(_bvh()) | damaged_bytes(_bvh()), _bvh),
    "npz": Reader("x.npz", _read_npz, lambda: damaged_npz(_npz()) | damaged_bytes(_npz()), _npz),
    "amass": Reader("x.npz", _read_npz, lambda: damaged_npz(_amass()) | damaged_bytes(_amass()), _amass),
    "npy": Reader("x.npy", read_motion, lambda: damaged_npy(_npy()) | damaged_bytes(_npy()), _npy),
    "results": Reader("x.npy", read_motion, lambda: damaged_bytes((good.results(),)), lambda: (good.results(),)),
    "pickle": Reader("x.pkl", read_motion, lambda: damaged_bytes((good.results("pkl"),))
                     | touched_bytes((good.results("pkl"),)), lambda: (good.results("pkl"),)),
    "trc": Reader("x.trc", read_motion, lambda: damaged_text((good.trc(),)) | damaged_bytes((good.trc(),)),
                  lambda: (good.trc(),)),
    "c3d": Reader("x.c3d", read_motion, lambda: damaged_bytes((good.c3d(),))
                  | touched_bytes((good.c3d(),)), lambda: (good.c3d(),)),
    "amc": Reader("x.amc", read_motion, lambda: damaged_text((good.ACCLAIM_MOTION,)), lambda: (good.ACCLAIM_MOTION,),
                  beside=(("x.asf", good.ACCLAIM_SKELETON),)),
    "asf": Reader("x.asf", _read_asf, lambda: damaged_text((good.ACCLAIM_SKELETON,)),
                  lambda: (good.ACCLAIM_SKELETON,), beside=(("x.amc", good.ACCLAIM_MOTION),)),
    "vrma": Reader("x.vrma", read_motion, lambda: damaged_json((good.vrm_animation(),))
                   | damaged_text((good.vrm_animation(),)), lambda: (good.vrm_animation(),)),
    "csv": Reader("x.csv", read_motion, lambda: damaged_text((good.written("x.csv"),))
                  | damaged_bytes((good.written("x.csv"),)), lambda: (good.written("x.csv"),)),
    "glb": Reader("x.glb", read_motion, lambda: damaged_glb(_glb()) | damaged_bytes(_glb())
                  | touched_bytes(_glb()), _glb),
    "gltf": Reader("x.gltf", read_motion, lambda: damaged_json((good.gltf_text(),))
                   | damaged_text((good.gltf_text(),)), lambda: (good.gltf_text(),)),
    "fbx": Reader("x.fbx", read_motion, lambda: damaged_bytes(_fbx()) | touched_bytes(_fbx()),
                  _fbx, is_apart=True,
                  fast=forked("segmo_core.formats.fbx.ufbx_reader:read_with_ufbx", "ufbx")),
    "usd": Reader("x.usd", read_motion, lambda: damaged_bytes(_usd()) | touched_bytes(_usd())
                  | damaged_text(_usd()[1:]), _usd, is_apart=True,
                  fast=forked("segmo_core.formats.usd.skeleton_reader:read_skeleton", "pxr.UsdSkel")),
    "project": Reader("x.segmo", _read_project, lambda: damaged_project((good.project(),))
                      | damaged_bytes((good.project(),)), lambda: (good.project(),)),
    "joint map": Reader("x.json", read_joint_map, lambda: damaged_json((good.joint_map(),))
                        | damaged_text((good.joint_map(),)), lambda: (good.joint_map(),)),
    "bundle": Reader("bundle.json", _manifest, lambda: damaged_json((good.manifest(),))
                     | damaged_text((good.manifest(),)), lambda: (good.manifest(),)),
    "json": Reader("x.json", read_json, lambda: damaged_text((good.joint_map(),)) | st.binary(max_size=200),
                   lambda: (good.joint_map(),)),
    "captions": Reader("x.jsonl", _read_captions, lambda: damaged_text(_captions()) | damaged_bytes(_captions()),
                       _captions),
    "segments": Reader("x.txt", read_segment_lines, lambda: damaged_text((b"a#b\n\nc#d#e\n",)) | st.binary(max_size=99),
                       lambda: (b"a#b\n\nc#d#e\n",)),
    "smpl pickle": Reader("x.pkl", load_smpl_model, lambda: damaged_bytes((good.smpl_pickle(), good.smpl_pickle(4))),
                          lambda: (good.smpl_pickle(), good.smpl_pickle(4))),
    "smpl npz": Reader("x.npz", load_smpl_model, lambda: damaged_npz(_smpl_npz()) | damaged_bytes(_smpl_npz()),
                       _smpl_npz),
}  # fmt: skip
