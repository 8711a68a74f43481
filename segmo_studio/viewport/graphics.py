"""The way to a scene: VTK, imported late and only where it can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmo_studio.viewport.driver import require_graphics

if TYPE_CHECKING:
    from segmo_studio.viewport.palette import ThemeName
    from segmo_studio.viewport.scene import Scene


def create_scene(theme: ThemeName = "light") -> Scene:
    """A scene, after the checks of ``require_graphics``; the only way to one."""
    require_graphics()
    from segmo_studio.viewport.scene import Scene

    return Scene(theme)
