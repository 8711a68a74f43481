"""What a user can choose when a motion is written; the same choices for every format that has room for them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.bone_names import BONE_NAMES

UNITS: dict[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}
"""Name of a unit -> metres."""

UP_AXES = ("y", "z")
BONE_AXES = ("world", "bone")
KEYS = ("exact", "frame")
EVERY_FRAME = "all"
MAX_FRAME_RATE = 1000.0
_SLOWED_RATES = (24, 30, 48, 60, 120)  # Hz, that television and film also run at 1000/1001 of
_SLOWED_DIGITS = 0.005  # people write such rates with two or three digits


@dataclass(frozen=True)
class ExportOptions:
    """Every None stands for what the format usually has.

    frame_rate: Hz; None keeps the motion's; 29.97 and its like (24, 30, 48, 60, 120 Hz slowed by 1000/1001) are taken
    as what they stand for. keys: "frame": one on every frame; "exact": more between them where the motion bends there
    and the format has room, so that it is right at any time. unit: a key of UNITS. up_axis: "y" or "z". names: a key
    of BONE_NAMES.
    in_place: the horizontal travel of the body is taken out. root_bone: one more bone above the pelvis, on the ground,
    that carries the travel and the heading. mesh: a skinned body, where the format holds meshes. body: a file or
    folder of the user's own SMPL, SMPL-H or SMPL-X models to take in place of the mannequin.
    bone_axes: "world": all joints have the world's axes in the rest pose; "bone": their Y axis points along the
    bone, and knees and elbows bend by a degree at rest.
    from_origin: the body starts at the origin, facing +Z (or -Y where Z is up). loop: the stretch alone whose last pose
    is most like its first, made to meet it (scene/looping.py). fingers: thirty bones more, as the motion has
    them or of relaxed hands; None: where the motion has any. title: the name of the take. frame: of formats that hold
    one pose, its number from 0 at the frame rate of the file, or EVERY_FRAME for one file each. props: mesh files that
    stand beside the body (formats/meshes/props.py), where they are.
    """

    frame_rate: float | None = None
    unit: str | None = None
    up_axis: str | None = None
    names: str | None = None
    in_place: bool = False
    root_bone: bool = False
    mesh: bool = True
    bone_axes: str = "world"
    from_origin: bool = False
    loop: bool = False
    fingers: bool | None = None
    keys: str = "exact"
    title: str = ""
    body: str = ""
    frame: str = "0"
    props: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.frame_rate is not None and not (
            math.isfinite(self.frame_rate) and 1 <= self.frame_rate <= MAX_FRAME_RATE
        ):
            raise InvalidRequestError(f"frame rate {self.frame_rate:g}, expected 1 to {MAX_FRAME_RATE:g} per second")
        for what, value, known in (
            ("unit", self.unit, tuple(UNITS)),
            ("up axis", self.up_axis, UP_AXES),
            ("bone names", self.names, tuple(BONE_NAMES)),
            ("bone axes", self.bone_axes, BONE_AXES),
            ("keys", self.keys, KEYS),
        ):
            if value is not None and value not in known:
                raise InvalidRequestError(f"{what} {value!r}, expected one of {', '.join(known)}")
        if self.frame != EVERY_FRAME and not (self.frame.isascii() and self.frame.isdigit() and len(self.frame) < 10):
            raise InvalidRequestError(f"frame {self.frame!r}, expected a number from 0 or {EVERY_FRAME}")
        if self.props and (self.in_place or self.from_origin):
            raise InvalidRequestError("props: they stand where the body is, expected neither in place nor from origin")
        if self.frame_rate is not None:
            object.__setattr__(self, "frame_rate", _exact_rate(self.frame_rate))

    @property
    def chosen(self) -> frozenset[str]:
        """Names of the options that differ from what they are by themselves; a title is never one."""
        plain = ExportOptions()
        return frozenset(
            field.name
            for field in fields(self)
            if field.name != "title" and getattr(self, field.name) != getattr(plain, field.name)
        )


def _exact_rate(rate: float) -> float:
    """30000/1001 for 29.97, 24000/1001 for 23.976 or 23.98, ...; any other rate as it is."""
    nearest = next((whole for whole in _SLOWED_RATES if abs(rate * 1.001 - whole) < _SLOWED_DIGITS), None)
    return rate if nearest is None or rate == nearest else nearest / 1.001


def numbered(path: Path, frame: int) -> Path:
    """Where a frame of a sequence lies: walk.0012.obj for frame 12 of walk.obj."""
    return path.with_name(f"{path.stem}.{frame:04d}{path.suffix}")


def first_file(path: Path, options: ExportOptions) -> Path:
    """The first, and mostly only, file that an export to ``path`` writes."""
    return numbered(path, 0) if options.frame == EVERY_FRAME else path
