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
from touches import touched_json, touched_npy, touched_npz, touched_pickle, touched_project, touched_text

from segmo_core.batch.prompt_list import read_prompts
from segmo_core.body.smpl import load_smpl_model
from segmo_core.bundle_manifest import read_manifest
from segmo_core.cli.texts.segment import _read_captions
from segmo_core.formats.arrays.npz_files import read_npz, read_segment_track
from segmo_core.formats.meshes.props import read_prop
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


def _smpl_pickle() -> tuple[bytes, ...]:
    return (good.smpl_pickle(), good.smpl_pickle(4))


def _captions() -> tuple[bytes, ...]:
    return (b'{"id": 1, "caption": "a person walks"}\n{"id": "b", "caption": "a man jumps, then sits"}\n',)


def _one(good_file: Callable[[], bytes]) -> Callable[[], tuple[bytes, ...]]:
    return lambda: (good_file(),)


def _usd_text(sources: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    return damaged_text(sources[1:])


def _any_bytes(_sources: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=200)


def _reader(
    file_name: str, read: Callable[[Path], Any], good_files: Callable[[], tuple[bytes, ...]], *damages: Any, **more: Any
) -> Reader:
    """damages: strategies of the sound files; each is taken as often as the others."""
    return Reader(file_name, read, lambda: st.one_of(*(damage(good_files()) for damage in damages)), good_files, **more)


_PROMPTS = (
    b'prompt,name,seed,seconds,durations,segments\n"a person walks, then waves",one,4,,2;3,"walk; wave"\nrun,,,2.5,,\n'
)

READERS: dict[str, Reader] = {
    "bvh": _reader("x.bvh", read_motion, _bvh, damaged_text, damaged_bytes, touched_text),
    "npz": _reader("x.npz", _read_npz, _npz, damaged_npz, damaged_bytes, touched_npz),
    "amass": _reader("x.npz", _read_npz, _amass, damaged_npz, damaged_bytes, touched_npz),
    "npy": _reader("x.npy", read_motion, _npy, damaged_npy, damaged_bytes, touched_npy),
    "results": _reader("x.npy", read_motion, _one(good.results), damaged_bytes, touched_pickle),
    "pickle": _reader("x.pkl", read_motion, _one(good.pickled_results), damaged_bytes, touched_bytes, touched_pickle),
    "trc": _reader("x.trc", read_motion, _one(good.trc), damaged_text, damaged_bytes, touched_text),
    "c3d": _reader("x.c3d", read_motion, _one(good.c3d), damaged_bytes, touched_bytes),
    "amc": _reader("x.amc", read_motion, lambda: (good.ACCLAIM_MOTION,), damaged_text, touched_text,
                   beside=(("x.asf", good.ACCLAIM_SKELETON),)),
    "asf": _reader("x.asf", _read_asf, lambda: (good.ACCLAIM_SKELETON,), damaged_text,
                   beside=(("x.amc", good.ACCLAIM_MOTION),)),
    "vrma": _reader("x.vrma", read_motion, _one(good.vrm_animation), damaged_json, damaged_text, touched_json),
    "csv": _reader("x.csv", read_motion, lambda: (good.written("x.csv"),), damaged_text, damaged_bytes, touched_text),
    "glb": _reader("x.glb", read_motion, _glb, damaged_glb, damaged_bytes, touched_bytes),
    "gltf": _reader("x.gltf", read_motion, _one(good.gltf_text), damaged_json, damaged_text, touched_json),
    "fbx": _reader("x.fbx", read_motion, _fbx, damaged_bytes, touched_bytes, is_apart=True,
                   fast=forked("segmo_core.formats.fbx.ufbx_reader:read_with_ufbx", "ufbx")),
    "usd": _reader("x.usd", read_motion, _usd, damaged_bytes, touched_bytes, _usd_text, is_apart=True,
                   fast=forked("segmo_core.formats.usd.skeleton_reader:read_skeleton", "pxr.UsdSkel")),
    "project": _reader("x.segmo", _read_project, _one(good.project), damaged_project, damaged_bytes, touched_project),
    "joint map": _reader("x.json", read_joint_map, _one(good.joint_map), damaged_json, damaged_text, touched_json),
    "bundle": _reader("bundle.json", _manifest, _one(good.manifest), damaged_json, damaged_text, touched_json),
    "json": _reader("x.json", read_json, _one(good.joint_map), damaged_text, _any_bytes),
    "captions": _reader("x.jsonl", _read_captions, _captions, damaged_text, damaged_bytes),
    "segments": _reader("x.txt", read_segment_lines, lambda: (b"a#b\n\nc#d#e\n",), damaged_text, _any_bytes),
    "prop obj": _reader("x.obj", read_prop, _one(lambda: good.prop("obj")), damaged_text, damaged_bytes, touched_text),
    "prop ply": _reader("x.ply", read_prop, _one(lambda: good.prop("ply")), damaged_bytes, touched_bytes),
    "prop stl": _reader("x.stl", read_prop, _one(lambda: good.prop("stl")), damaged_bytes, touched_bytes),
    "prop glb": _reader("x.glb", read_prop, _one(lambda: good.prop("glb")), damaged_glb, damaged_bytes, touched_bytes),
    "prompts": _reader("x.csv", read_prompts, lambda: (_PROMPTS,), damaged_text, damaged_bytes, touched_text),
    "smpl pickle": _reader("x.pkl", load_smpl_model, _smpl_pickle, damaged_bytes, touched_pickle),
    "smpl npz": _reader("x.npz", load_smpl_model, _smpl_npz, damaged_npz, damaged_bytes, touched_npz),
}  # fmt: skip
