"""USD files (.usd, .usda, .usdc, .usdz): ``write_usd`` and ``read_usd``. Both need the optional package usd-core.

Files are in metres, Y up, unless something else is chosen. The library may end the whole process on a damaged file,
so reading happens in a process of its own.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from segmo_core.errors import MissingDependencyError
from segmo_core.formats.meshes.scene_props import scene_props
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.reading.subprocess_reader import read_in_subprocess
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

_ALIGNMENT = 64  # bytes; what a .usdz holds is used in place (USDZ specification)
_ZIP_HEADER = 30  # bytes before a member's name, zip's own and fixed
_PADDING_TAG = 0x1986  # of the extra field that USD's own tools pad with
_MEMBER = "motion.usdc"


def write_usd(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` as UsdSkel with its skinned mannequin; .usda is text, all others are binary.

    The title is the layer's comment; its custom data holds the title and the segments (texts, starts and ends in
    seconds). Props stand in /Motion/Props, bound to nothing. The same bytes every time. Raises MissingDependencyError
    without usd-core.
    """
    _require_library()
    from segmo_core.formats.usd import layer as usd_layer

    path = Path(path)
    options = options or ExportOptions()
    scene = build_export_scene(motion, options, track, keys_between=True)
    layer = usd_layer.build_layer(scene, progress or SilentProgress(), scene_props(options, scene))
    if path.suffix.lower() != ".usdz":
        is_text = path.suffix.lower() == ".usda"
        write_atomically(path, lambda temporary: usd_layer.save_layer(layer, temporary, is_text=is_text))
        return

    def write(temporary: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="segmo-") as folder:
            member = Path(folder) / _MEMBER
            usd_layer.save_layer(layer, member, is_text=False)
            _write_package(temporary, member.read_bytes())

    write_atomically(path, write)


def read_usd(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The chosen animation, or that of the first animated skeleton in a USD file, in metres, Y up, on that skeleton.

    Rotations are those since the bind pose. Other files that it is composed of must be in its folder. Raises
    FileFormatError, InvalidRequestError for a clip that the file has not, and MissingDependencyError without usd-core.
    """
    path = Path(path)
    files.check_file(path)
    _require_library()
    wanted = [] if choices.clip is None else [choices.clip]
    return read_in_subprocess("segmo_core.formats.usd.skeleton_reader:read_skeleton", path, "USD", *wanted)


def _require_library() -> None:
    try:
        import pxr  # noqa: F401
    except ImportError:
        raise MissingDependencyError("USD files need the package usd-core: pip install 'segmo[usd]'") from None


def _write_package(path: Path, content: bytes) -> None:
    """A .usdz file: an uncompressed zip whose member begins at a multiple of 64 bytes, with no date of its own."""
    member = zipfile.ZipInfo(_MEMBER)  # dated 1980, as zip begins
    padding = -(_ZIP_HEADER + len(_MEMBER) + 4) % _ALIGNMENT
    member.extra = _PADDING_TAG.to_bytes(2, "little") + padding.to_bytes(2, "little") + bytes(padding)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        package.writestr(member, content)
