"""The props of an export in the unit and axes of its scene, as FBX, glTF and USD put them beside the skeleton."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segmo_core.formats.meshes.props import Prop, read_prop
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import ExportScene, in_axes

PROP_COLOUR = (0.31, 0.33, 0.35)
"""Linear RGB."""
PROP_ROUGHNESS = 0.8


def scene_props(options: ExportOptions, scene: ExportScene) -> tuple[Prop, ...]:
    """The meshes that ``options`` names, read, in the scene's unit and axes, no two of one name.

    Raises FileFormatError for a file that is no mesh.
    """
    placed: list[Prop] = []
    names: set[str] = set()
    for path in options.props:
        prop = read_prop(Path(path))
        name, number = prop.name, 2
        while name in names:
            name, number = f"{prop.name} {number}", number + 1
        names.add(name)
        placed.append(
            replace(
                prop,
                name=name,
                vertices=in_axes(prop.vertices / scene.metres_per_unit, scene.up_axis),
                normals=in_axes(prop.normals, scene.up_axis),
            )
        )
    return tuple(placed)
