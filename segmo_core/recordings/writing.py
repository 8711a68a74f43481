"""An edited recording written as the file that it came from: what was kept, with the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats import registry
from segmo_core.formats.arrays.npy_array import load_npy, save_array
from segmo_core.formats.arrays.npz_arrays import load_arrays
from segmo_core.formats.arrays.npz_files import write_npz
from segmo_core.formats.bvh.rewriting import BvhLines, read_lines, rewritten
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.recordings.edits import EditedRecording
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

_NUM_JOINTS = len(SMPL_JOINT_NAMES)
_EXPECTED = "(T, 22, 3), (T, 66), (1, T, 22, 3) or (22, 3, T) joints of floating-point numbers"


class KeptFile:
    """The file that is edited, read once so that what is not edited can be written as it stands there.

    way: "lines" (BVH), "array" (.npy), "own" (our .npz), or "model" where the edit is written on the model's skeleton.
    """

    def __init__(self, source: Path, target: Path) -> None:
        """Raises FileFormatError for a file whose frames cannot be kept, before anything is generated."""
        self.source, self.target = source, target
        extension = source.suffix.lower()
        self.lines: BvhLines | None = None
        self.array: NDArray[np.floating] | None = None
        self.way = "model"
        if extension != target.suffix.lower():
            return
        if extension == ".bvh":
            self.lines, self.way = read_lines(source), "lines"
        elif extension == ".npy":
            self.array, self.way = _array(source), "array"
        elif extension == ".npz" and "rest_offsets" in load_arrays(source, ("rest_offsets",)):
            self.way = "own"

    def write(self, edited: EditedRecording, progress: Progress) -> None:
        """Write the target, whole or not at all."""
        numbers, before, after = edited.numbers, edited.kept_before, edited.kept_after
        if self.lines is not None:
            content = rewritten(self.source, self.lines, numbers, before, after)
            write_atomically(self.target, lambda temporary: temporary.write_bytes(content))
        elif self.array is not None:
            save_array(self.target, _with_frames(self.array, numbers.joint_positions, before, after))
        elif self.way == "own":
            write_npz(numbers, self.target, None, edited.track)
        else:
            registry.write_motion(edited.on_model, self.target, _on_model(edited), None, progress=progress)


def _on_model(edited: EditedRecording) -> SegmentTrack:
    """The segments without the frames that the motion on the model's skeleton has not."""
    return edited.track.cut(edited.track.num_frames - edited.on_model.num_frames, edited.track.num_frames)


def _array(path: Path) -> NDArray[np.floating]:
    values = load_npy(path)
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f" or _frames_first(values) is None:
        found = "no array" if not isinstance(values, np.ndarray) else f"{values.dtype} of shape {values.shape}"
        raise FileFormatError(f"{path}: {found}, expected {_EXPECTED} to edit (segmo import makes an .npz of others)")
    return values


def _frames_first(values: NDArray[np.floating]) -> NDArray[np.floating] | None:
    """``values`` seen as (T, 22, 3); None for another shape."""
    if values.ndim == 4 and values.shape[0] == 1:
        values = values[0]
    if values.ndim == 3 and values.shape[1:] == (_NUM_JOINTS, 3):
        return values
    if values.ndim == 2 and values.shape[1] == 3 * _NUM_JOINTS:
        return values.reshape(len(values), _NUM_JOINTS, 3)
    if values.ndim == 3 and values.shape[:2] == (_NUM_JOINTS, 3):
        return np.moveaxis(values, 2, 0)
    return None


def _with_frames(
    values: NDArray[np.floating], joints: NDArray[np.floating], kept_before: int, kept_after: int
) -> NDArray[np.floating]:
    """An array of the shape and type of ``values`` that holds ``joints`` (T, 22, 3), kept ones as they were."""
    old = _frames_first(values)
    assert old is not None
    new = joints.astype(values.dtype)
    new[:kept_before] = old[:kept_before]
    if kept_after:
        new[-kept_after:] = old[-kept_after:]
    if values.ndim == 4:
        return new[None]
    if values.ndim == 2:
        return new.reshape(len(new), -1)
    return new if values.shape[1:] == (_NUM_JOINTS, 3) else np.moveaxis(new, 0, 2)
