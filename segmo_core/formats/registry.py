"""Which formats there are, which extension is whose, and what each has room for. A new format is one row here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from segmo_core.catalog import resolve
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices, chosen_clip
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.looping import as_loop, loop_range
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack

_PLACEMENT = frozenset({"frame_rate", "in_place", "from_origin", "loop"})
_RIG = _PLACEMENT | {"names", "root_bone", "fingers"}
_VRMA_RATE = 30.0  # what players of avatars run at, or at twice that
_AMASS_RATE = 30.0  # the SMPL-X add-on for Blender refuses 20
_MESH = frozenset({"mesh", "body", "bone_axes", "keys"})

_POSED = _PLACEMENT | {"unit", "up_axis", "body", "frame", "props"}


class MotionReader(Protocol):
    """Reads one format: the motion of a file on the file's own skeleton, unit, axes and rate."""

    def __call__(self, path: Path) -> Motion:
        """Raises FileFormatError, and MissingDependencyError where a package is needed that is not there."""
        ...


class ChoosingReader(Protocol):
    """As MotionReader, of a format whose files can be read in more than one way."""

    def __call__(self, path: Path, choices: ReadingChoices) -> Motion:
        """Raises InvalidRequestError besides, for a clip that the file has not."""
        ...


class MotionWriter(Protocol):
    """Writes one format, whole or not at all."""

    def __call__(
        self, motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
    ) -> None:
        """options: only what the format's row has room for is chosen. track: in frames of ``motion``."""
        ...


@dataclass(frozen=True)
class MotionFormat:
    """One file format.

    name: how it is asked for. extensions: lower case, the first is the usual one. title and use: for people.
    writer: "module:function", a MotionWriter; "" where we only read. reader: "module:function", a MotionReader, or a
    ChoosingReader where it ``has_choices`` to read by; "" where we only write. options: the fields of ExportOptions it
    has room for. unit, up_axis, names, frame_rate: what it has when nothing is chosen; a rate of None is the motion's
    own.
    """

    name: str
    extensions: tuple[str, ...]
    title: str
    use: str
    writer: str = ""
    reader: str = ""
    options: frozenset[str] = frozenset()
    unit: str = "m"
    up_axis: str = "y"
    names: str = "smpl"
    frame_rate: float | None = None
    has_choices: bool = False


FORMATS: dict[str, MotionFormat] = {
    row.name: row
    for row in (
        MotionFormat(
            "bvh",
            (".bvh",),
            "BVH",
            "Skeleton with rotations, for Blender, MotionBuilder, Unity, Unreal and three.js.",
            "segmo_core.formats.bvh.bvh_files:write_bvh",
            "segmo_core.formats.bvh.bvh_files:read_bvh",
            _RIG | {"unit", "up_axis"},
            unit="cm",
            has_choices=True,
        ),
        MotionFormat(
            "gltf",
            (".glb",),
            "glTF",
            "Skinned mannequin with one animation, for web viewers, Blender, Unity, Godot and Unreal.",
            "segmo_core.formats.gltf.gltf_files:write_gltf",
            "segmo_core.formats.gltf.gltf_reader:read_gltf",
            _RIG | _MESH | {"props"},
            has_choices=True,
        ),
        MotionFormat(
            "fbx",
            (".fbx",),
            "FBX",
            "Skeleton, mannequin and one take, for Unreal, Unity, Maya, MotionBuilder and Blender.",
            "segmo_core.formats.fbx.fbx_files:write_fbx",
            "segmo_core.formats.fbx.fbx_files:read_fbx",
            _RIG | _MESH | {"unit", "up_axis", "props"},
            unit="cm",
            names="mixamo",
            has_choices=True,
        ),
        MotionFormat(
            "vrma",
            (".vrma",),
            "VRM animation",
            "For VRM avatars of any proportions (VRMC_vrm_animation): bones, hips and fingers.",
            "segmo_core.formats.gltf.vrma_files:write_vrma",
            "segmo_core.formats.gltf.gltf_reader:read_gltf",
            _PLACEMENT | {"keys"},
            names="vrm",
            frame_rate=_VRMA_RATE,
            has_choices=True,
        ),
        MotionFormat(
            "gltf-text",
            (".gltf",),
            "glTF, text",
            "glTF whose buffers stand in the text or in files beside it.",
            reader="segmo_core.formats.gltf.gltf_reader:read_gltf",
            has_choices=True,
        ),
        MotionFormat(
            "vrm",
            (".vrm",),
            "VRM avatar",
            "A VRM avatar with an animation in its file; .vrma is what animations are written as.",
            reader="segmo_core.formats.gltf.gltf_reader:read_gltf",
            has_choices=True,
        ),
        MotionFormat(
            "usd",
            (".usd", ".usda", ".usdc", ".usdz"),
            "USD",
            "Skinned mannequin with animation (UsdSkel), for Omniverse, Houdini, Maya and Apple devices. For Blender, "
            "write it at the scene's rate.",
            "segmo_core.formats.usd.usd_files:write_usd",
            "segmo_core.formats.usd.usd_files:read_usd",
            _RIG | _MESH | {"unit", "up_axis", "props"},
            has_choices=True,
        ),
        MotionFormat(
            "npz",
            (".npz",),
            "NumPy archive",
            "Positions, rotations, skeleton and segments, to open again without loss.",
            "segmo_core.formats.arrays.npz_files:write_npz",
            "segmo_core.formats.arrays.npz_files:read_npz",
            has_choices=True,
        ),
        MotionFormat(
            "joints",
            (".npy",),
            "NumPy array",
            "Joint positions only, frames × joints × 3, in metres, Y up, 20 frames per second unless chosen.",
            "segmo_core.formats.arrays.npy_files:write_npy",
            "segmo_core.formats.arrays.npy_files:read_npy",
            _PLACEMENT | {"up_axis"},
            has_choices=True,
        ),
        MotionFormat(
            "joints-csv",
            (".csv",),
            "CSV table",
            "Joint positions for spreadsheets and plots: time, then x, y and z of every joint, in metres.",
            "segmo_core.formats.arrays.csv_files:write_csv",
            "segmo_core.formats.arrays.csv_files:read_csv",
            _PLACEMENT | {"up_axis", "names"},
        ),
        MotionFormat(
            "features",
            (".npy",),
            "HumanML3D features",
            "263 numbers per frame at 20 frames per second, as text-to-motion models are trained on.",
            "segmo_core.formats.arrays.features_files:write_features",
            "segmo_core.formats.arrays.npy_files:read_npy",
            has_choices=True,
        ),
        MotionFormat(
            "amass-smplh",
            (".npz",),
            "AMASS, SMPL-H",
            "Pose parameters of the SMPL-H body, Z up, 30 frames per second unless chosen, for smplx and its family.",
            "segmo_core.formats.arrays.amass_files:write_amass_smplh",
            "segmo_core.formats.arrays.npz_files:read_npz",
            _PLACEMENT,
            up_axis="z",
            frame_rate=_AMASS_RATE,
            has_choices=True,
        ),
        MotionFormat(
            "amass-smplx",
            (".npz",),
            "AMASS, SMPL-X",
            "Pose parameters of the SMPL-X body, Z up, 30 frames per second unless chosen, for smplx and its family.",
            "segmo_core.formats.arrays.amass_files:write_amass_smplx",
            "segmo_core.formats.arrays.npz_files:read_npz",
            _PLACEMENT,
            up_axis="z",
            frame_rate=_AMASS_RATE,
            has_choices=True,
        ),
        MotionFormat(
            "pickled",
            (".pkl",),
            "Pickled arrays",
            "Poses or joints as AIST++ and WHAM keep them; read without running what is in the file.",
            reader="segmo_core.formats.arrays.npy_files:read_pkl",
            has_choices=True,
        ),
        MotionFormat(
            "acclaim",
            (".amc",),
            "Acclaim",
            "Motions of CMU's database; the skeleton is the .asf beside it.",
            reader="segmo_core.formats.acclaim.amc_files:read_amc",
            has_choices=True,
        ),
        MotionFormat(
            "c3d",
            (".c3d",),
            "C3D",
            "Markers of a motion capture laboratory, put on the joints inside of them.",
            reader="segmo_core.formats.markers.c3d_files:read_c3d",
        ),
        MotionFormat(
            "trc",
            (".trc",),
            "TRC",
            "Markers of OpenSim, OpenCap and Pose2Sim, put on the joints inside of them.",
            reader="segmo_core.formats.markers.trc_files:read_trc",
        ),
        MotionFormat(
            "obj",
            (".obj",),
            "OBJ mesh",
            "The posed body of one frame, or a file a frame, for modellers and renderers.",
            "segmo_core.formats.meshes.mesh_files:write_obj",
            options=_POSED,
        ),
        MotionFormat(
            "ply",
            (".ply",),
            "PLY mesh",
            "The posed body of one frame, or a file a frame, for MeshLab, Open3D and scan tools.",
            "segmo_core.formats.meshes.mesh_files:write_ply",
            options=_POSED,
        ),
        MotionFormat(
            "stl",
            (".stl",),
            "STL mesh",
            "The posed body of one frame, or a file a frame, for 3D printers: millimetres, Z up.",
            "segmo_core.formats.meshes.mesh_files:write_stl",
            options=_POSED,
            unit="mm",
            up_axis="z",
        ),
        MotionFormat(
            "mp4",
            (".mp4",),
            "MP4 video",
            "The body on a floor with its segments as captions, for slides, papers and the web.",
            "segmo_core.formats.video.video_files:write_mp4",
            options=_PLACEMENT,
        ),
        MotionFormat(
            "gif",
            (".gif",),
            "Animated GIF",
            "The same as a small picture that loops; up to 50 frames per second, exact at 20, 25 and 50.",
            "segmo_core.formats.video.video_files:write_gif",
            options=_PLACEMENT,
        ),
        MotionFormat(
            "png",
            (".png",),
            "PNG pictures",
            "Up to eight poses in one picture, evenly spaced in time.",
            "segmo_core.formats.video.video_files:write_png",
            options=_PLACEMENT - {"frame_rate"},
        ),
    )
}

READABLE_EXTENSIONS: tuple[str, ...] = tuple(
    dict.fromkeys(extension for row in FORMATS.values() if row.reader for extension in row.extensions)
)
WRITABLE_EXTENSIONS: tuple[str, ...] = tuple(
    dict.fromkeys(extension for row in FORMATS.values() if row.writer for extension in row.extensions)
)


def read_motion(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of a file on the file's own skeleton, units and rate; ``motion.provenance`` tells what was put right.

    Raises FileFormatError, or InvalidRequestError for a clip that the file has not.
    """
    path = Path(path)
    extension = _known_extension(path, READABLE_EXTENSIONS)
    row = next(row for row in FORMATS.values() if row.reader and extension in row.extensions)
    with np.errstate(all="ignore"):  # what foreign numbers overflow to is refused as not finite, in one sentence
        motion = _read(row, path, choices)
    chosen_clip(path, motion.provenance.clips, choices.clip)  # a reader of one motion asks nobody
    if choices.frame_rate is None:
        return motion
    told = replace(motion.provenance, rate_origin="chosen", rate_doubt="")
    return replace(motion, frame_rate=choices.frame_rate, provenance=told)


def _read(row: MotionFormat, path: Path, choices: ReadingChoices) -> Motion:
    if row.has_choices:
        read_by: ChoosingReader = resolve(row.reader)
        return read_by(path, choices)
    read: MotionReader = resolve(row.reader)
    return read(path)


def format_of(path: Path, name: str | None = None) -> MotionFormat:
    """The format that ``path`` is written in: the one called ``name``, or the first that has its extension.

    Raises FileFormatError for an unknown extension, InvalidRequestError for an unknown name or one whose files end
    otherwise.
    """
    path = Path(path)
    if name is None:
        extension = _known_extension(path, WRITABLE_EXTENSIONS)
        return next(row for row in FORMATS.values() if row.writer and extension in row.extensions)
    writable = [row.name for row in FORMATS.values() if row.writer]
    if name not in writable:
        raise InvalidRequestError(f"format {name!r} is unknown, expected one of {', '.join(writable)}")
    row = FORMATS[name]
    if path.suffix.lower() not in row.extensions:
        raise InvalidRequestError(f"{path}: format {name} expects a name that ends in {' or '.join(row.extensions)}")
    return row


def check_export(path: Path, options: ExportOptions | None = None, format_name: str | None = None) -> MotionFormat:
    """The format of ``path``; raises InvalidRequestError when something was chosen that it has no room for."""
    row = format_of(path, format_name)
    unfit = (options or ExportOptions()).chosen - row.options
    if unfit:
        listed = ", ".join(sorted(name.replace("_", " ") for name in unfit))
        can = ", ".join(sorted(name.replace("_", " ") for name in row.options)) or "nothing to choose"
        raise InvalidRequestError(f"{path}: {row.title} has no room for {listed}, expected only: {can}")
    return row


def write_motion(
    motion: Motion,
    path: Path,
    track: SegmentTrack | None = None,
    options: ExportOptions | None = None,
    *,
    format_name: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` in the format of the extension, or the named one; ``track`` is kept where there is room.

    Raises FileFormatError for an unknown extension or a folder that cannot be written, InvalidRequestError for options
    that the format has no room for, and for a loop of a motion that never comes back to a pose.
    """
    path = Path(path)
    options = options or ExportOptions()
    row = check_export(path, options, format_name)
    if options.frame_rate is None:
        options = replace(options, frame_rate=row.frame_rate)
    if options.loop:
        first, last = loop_range(motion)
        motion, track = as_loop(motion, first, last), None if track is None else track.cut(first, last + 1)
    write: MotionWriter = resolve(row.writer)
    write(motion, path, options, track, progress or SilentProgress())


def _known_extension(path: Path, known: tuple[str, ...]) -> str:
    extension = path.suffix.lower()
    if extension not in known:
        found = f"extension {path.suffix!r}" if extension else "no extension"
        raise FileFormatError(f"{path}: {found}, expected one of {', '.join(known)}")
    return extension
