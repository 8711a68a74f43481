"""A project as one file, ``.segmo``: a zip archive of one JSON document and the arrays it names.

Version 3, which knows constraints and which language model cut a prompt; files of version 2, which knows stars, locked
segments and tokens on their way from take to take, and of version 1 open as ever. ``project.json`` holds format,
version, program, bundle and project; every array lies beside it as .npy (readable by ``numpy.load``), so motions and
token ids come back bit for bit without generating. ``thumbnail.png`` is what the view showed. Nothing in a file is ever
run.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.errors import FileFormatError, InvalidRequestError, in_short, shown
from segmo_core.formats.arrays.npz_arrays import load_arrays, load_member
from segmo_core.formats.reading import files
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.project.project import Project, Take
from segmo_core.project.stored_values import Arrays, array_names, check_letters, restored, stored
from segmo_core.serialization import write_atomically

PROJECT_EXTENSION = ".segmo"
FORMAT_NAME = "segmo-project"
FORMAT_VERSION = 3

_DOCUMENT, _THUMBNAIL = "project.json", "thumbnail.png"
_KIND = ".segmo file"
_MAX_DOCUMENT_BYTES = 64 << 20
_MAX_THUMBNAIL_BYTES = 4 << 20
_MAX_UNPACKED_BYTES = 4 << 30
_MAX_TAKES = 10_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every member, so that equal projects are equal files


@dataclass(frozen=True)
class ProjectBundle:
    """The model bundle a project was last worked on with. folder: where it lay then."""

    name: str
    folder: Path


@dataclass(frozen=True, eq=False)
class ProjectFile:
    """What a file holds. bundle: None where none had been loaded. program: the version that wrote it.

    drafts: what stood in the prompt of a take, by its number, typed but not handed in yet. saved_as: of unsaved work
    that was kept for recovery, the project it belongs to.
    """

    project: Project
    bundle: ProjectBundle | None = None
    program: str = ""
    drafts: Mapping[int, str] = field(default_factory=dict)
    saved_as: Path | None = None


def is_project(path: Path) -> bool:
    """Whether the name says that a file is a project."""
    return Path(path).suffix.lower() == PROJECT_EXTENSION


def write_project(content: ProjectFile, path: Path, thumbnail: bytes = b"", progress: Progress | None = None) -> None:
    """Write ``path`` whole or not at all. thumbnail: a PNG. The same content gives the same bytes.

    Raises FileFormatError where the file cannot be written, CancelledError.
    """
    progress = progress or SilentProgress()
    arrays: Arrays = {}
    document = {
        "format": FORMAT_NAME,
        "version": FORMAT_VERSION,
        "program": program_version(),
        "bundle": stored(content.bundle, arrays, "bundle"),
        "saved_as": stored(content.saved_as, arrays, "saved_as"),
        "project": stored(content.project, arrays, "project"),
        "drafts": {str(take_id): text for take_id, text in content.drafts.items()},
    }
    text = json.dumps(document, indent=1, ensure_ascii=True)

    def write(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_member(_DOCUMENT), text)
            if thumbnail:
                archive.writestr(_member(_THUMBNAIL), thumbnail)
            for number, (name, values) in enumerate(arrays.items()):
                progress.raise_if_cancelled()
                progress.report(number / len(arrays), "Writing the takes")
                packed = io.BytesIO()
                np.save(packed, values, allow_pickle=False)
                archive.writestr(_member(f"{name}.npy"), packed.getvalue())

    write_atomically(Path(path), write)


def read_project(path: Path) -> ProjectFile:
    """The project in ``path``. FileFormatError says in one sentence what is wrong with a file that is none, is damaged,
    or was written by a newer program.
    """
    path = Path(path)
    document = _read_document(path)
    plain = document.get("project")
    if not isinstance(plain, dict):
        raise FileFormatError(f"{path}: holds no project, expected takes and settings")
    takes = plain.get("takes")
    if not isinstance(takes, list) or not 0 < len(takes) <= _MAX_TAKES:
        raise FileFormatError(f"{path}: holds no takes, expected 1 to {_MAX_TAKES}")
    arrays = load_arrays(path, array_names(plain), kind=_KIND, most_bytes=_MAX_UNPACKED_BYTES)
    bundle = document.get("bundle")
    try:
        with np.errstate(all="ignore"):  # what overflows is refused as not finite
            project = restored(Project, plain, arrays, "project", _take_names())
        used = None if bundle is None else restored(ProjectBundle, bundle, {}, "bundle")
        drafts = _drafts(document.get("drafts", {}), project)
        for take in project.takes:
            _check_take(take)
    except (FileFormatError, InvalidRequestError) as error:
        raise FileFormatError(f"{path}: {error}") from None
    if len({take.take_id for take in project.takes}) != len(project.takes):
        raise FileFormatError(f"{path}: two takes have one number, expected one number a take")
    saved_as = document.get("saved_as")
    origin = Path(saved_as) if isinstance(saved_as, str) and saved_as else None
    return ProjectFile(project, used, str(document.get("program", "")), drafts, origin)


def read_thumbnail(path: Path) -> bytes:
    """The PNG of a project; nothing where it has none. Raises FileFormatError."""
    return load_member(Path(path), _THUMBNAIL, _MAX_THUMBNAIL_BYTES, kind=_KIND, expected="a project") or b""


def find_take(project: Project, wanted: int | None, where: Path) -> Take:
    """The take with the number ``wanted``, or the one on screen; InvalidRequestError lists the numbers there are."""
    take = project.current if wanted is None else project.find(wanted)
    if take is None:
        numbers = ", ".join(str(other.take_id) for other in project.takes[:20])
        raise InvalidRequestError(f"take: {wanted} is not in {where}, expected one of {numbers}")
    return take


def program_version() -> str:
    """Of the installed program; empty where it runs uninstalled."""
    try:
        return metadata.version("segmo")
    except metadata.PackageNotFoundError:
        return ""


def _read_document(path: Path) -> dict[str, Any]:
    raw = load_member(path, _DOCUMENT, _MAX_DOCUMENT_BYTES, kind=_KIND, expected="a project")
    if raw is None:
        raise FileFormatError(f"{path}: not a SegMo project, expected {_DOCUMENT} in it")
    try:
        document = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FileFormatError(f"{path}: its {_DOCUMENT} is damaged, expected JSON") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT_NAME:
        raise FileFormatError(f"{path}: format {shown(found)}, expected {FORMAT_NAME!r}")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise FileFormatError(f"{path}: version {shown(version)}, expected {FORMAT_VERSION}")
    if version > FORMAT_VERSION:
        raise FileFormatError(
            f"{path}: written by a newer program (project version {shown(version)}, this one reads up to "
            f"{FORMAT_VERSION}); update SegMo Studio to open it"
        )
    return dict(document)


def _check_take(take: Take) -> None:
    """Raise FileFormatError where the parts of a take do not fit each other."""
    name = f"take {take.take_id}"
    for motion in (take.motion, take.opened, None if take.read_as is None else take.read_as.motion):
        if motion is not None:
            _check_motion(name, motion)
    if take.result is not None:
        ids = take.result.token_ids
        if ids.ndim != 2 or ids.dtype.kind not in "iu" or ids.min(initial=0) < 0:
            raise FileFormatError(f"{name}: token ids of shape {ids.shape} and type {ids.dtype}, expected (N, Q) ids")
        found, expected = take.result.motion.num_frames, take.result.track.num_frames
        if found != expected:
            raise FileFormatError(f"{name}: {found} frames of motion, expected the {expected} of its segments")
    if take.track is not None and take.opened is not None and take.track.num_frames != take.opened.num_frames:
        raise FileFormatError(
            f"{name}: segments of {take.track.num_frames} frames, expected the {take.opened.num_frames} of its motion"
        )
    num_segments = len(take.track) if take.track is not None else 0
    if any(not 0 <= index < num_segments for index in (*take.locked, *(given.index for given in take.given))):
        raise FileFormatError(f"{name}: a lock or tokens for a segment that is not there, expected 1 to {num_segments}")
    if any(given.token_ids.ndim != 2 or given.token_ids.dtype.kind not in "iu" for given in take.given):
        raise FileFormatError(f"{name}: given tokens that are no ids, expected (n, Q) ids")
    for found_place in take.groundings:
        if not 0 <= found_place.start < found_place.end or found_place.curve.ndim != 1:
            raise FileFormatError(f"{name}: {shown(found_place.query)} is found nowhere, expected frames of the motion")
    for stretch in take.described:
        if not (0 <= stretch.start < stretch.end and stretch.matches):
            raise FileFormatError(f"{name}: frames {stretch.start} to {stretch.end} are described, expected a text")


def _check_motion(name: str, motion: Motion) -> None:
    """As of any motion file, whose readers check what they read by this."""
    parts = motion.joint_positions, motion.frame_rate, motion.skeleton, motion.local_rotations, motion.hands
    checked = files.build_motion(Path(name), *parts)
    if checked.skeleton.joint_names != motion.skeleton.joint_names:
        raise FileFormatError(f"{name}: joint names that cannot be shown or told apart, expected printable ones")


def _drafts(plain: Any, project: Project) -> dict[int, str]:
    if not isinstance(plain, dict) or not all(isinstance(text, str) for text in plain.values()):
        raise FileFormatError(f"drafts: found {shown(plain)}, expected texts by the number of their take")
    for number, text in plain.items():
        check_letters(text, f"draft of take {in_short(number, 20)}")
    return {take.take_id: plain[str(take.take_id)] for take in project.takes if str(take.take_id) in plain}


def _take_names() -> dict[str, type]:
    """What project.Take names without importing it, since the Studio starts with it."""
    from segmo_core.grounding.segment_check import TrackAlignment
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

    return {"TrackAlignment": TrackAlignment, "RetargetResult": RetargetResult}


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
