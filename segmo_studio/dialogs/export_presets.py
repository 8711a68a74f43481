"""What the export dialog offers: formats in groups, and the choices that suit one program each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from segmo_core.formats.registry import FORMATS, MotionFormat
from segmo_core.formats.scene.export_options import ExportOptions

GROUPS = ("3D programs", "Data", "Meshes", "Pictures and video")
_PICTURE_EXTENSIONS = frozenset({".mp4", ".gif", ".png"})


@dataclass(frozen=True)
class ExportPreset:
    """formats: names, the best first; the first one there is counts."""

    title: str
    formats: tuple[str, ...]
    options: ExportOptions = field(default_factory=ExportOptions)

    @property
    def file_part(self) -> str:
        """The title as it stands in a file name: "unreal-engine"."""
        return "-".join(re.findall(r"[a-z0-9.]+", self.title.lower())).replace(".", "")

    @property
    def format_name(self) -> str | None:
        """The format to write; None where none of ``formats`` is there or has room for the options."""
        known = [FORMATS[name] for name in self.formats if name in FORMATS and FORMATS[name].writer]
        return next((row.name for row in known if self.options.chosen <= row.options), None)


PRESETS: tuple[ExportPreset, ...] = (
    # Z up and metres, so that nothing is turned or scaled on the way in; bones in the limbs, as Blender draws them;
    # the rate of its new scenes.
    ExportPreset(
        "Blender",
        ("fbx",),
        ExportOptions(frame_rate=24.0, unit="m", up_axis="z", bone_axes="bone", keys="frame"),
    ),
    ExportPreset(
        "Unreal Engine 5",
        ("fbx",),
        ExportOptions(frame_rate=30.0, names="manny", root_bone=True, fingers=True, keys="frame"),
    ),
    ExportPreset(
        "Unreal Engine 4",
        ("fbx",),
        ExportOptions(frame_rate=30.0, names="unreal", root_bone=True, fingers=True, keys="frame"),
    ),
    ExportPreset("Unity", ("fbx",), ExportOptions(frame_rate=30.0, names="unity", fingers=True)),
    ExportPreset("Maya, MotionBuilder", ("fbx",), ExportOptions(frame_rate=30.0)),
    # Mixamo brings its own bodies.
    ExportPreset("Mixamo", ("fbx",), ExportOptions(frame_rate=30.0, mesh=False, fingers=True)),
    ExportPreset("three.js, web", ("gltf",)),
    ExportPreset("VRM avatars", ("vrma",), ExportOptions(from_origin=True)),
    ExportPreset("Omniverse, USD", ("usd",)),
    ExportPreset("Any BVH reader", ("bvh",), ExportOptions(names="mixamo")),
)


def usual_left_out(options: ExportOptions, row: MotionFormat) -> ExportOptions:
    """``options`` without what ``row`` has by itself anyway: two that give the same file become equal."""
    return replace(
        options,
        unit=None if options.unit == row.unit else options.unit,
        up_axis=None if options.up_axis == row.up_axis else options.up_axis,
        names=None if options.names == row.names else options.names,
    )


def available_presets() -> tuple[ExportPreset, ...]:
    """Those whose format can be written here."""
    return tuple(preset for preset in PRESETS if preset.format_name is not None)


def writable_formats() -> dict[str, list[MotionFormat]]:
    """Rows of the registry by the group they are listed in, in the order of GROUPS."""
    grouped: dict[str, list[MotionFormat]] = {group: [] for group in GROUPS}
    for row in FORMATS.values():
        if row.writer:
            grouped[_group_of(row)].append(row)
    return {group: rows for group, rows in grouped.items() if rows}


def _group_of(row: MotionFormat) -> str:
    if _PICTURE_EXTENSIONS & set(row.extensions):
        return "Pictures and video"
    if "frame" in row.options:
        return "Meshes"
    return "3D programs" if row.options & {"root_bone", "keys"} else "Data"  # what has bones
