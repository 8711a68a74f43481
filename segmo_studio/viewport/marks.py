"""What is drawn besides bodies: discs under feet that stand, and the ways of hands and feet behind them."""

from __future__ import annotations

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from segmo_core.motion.feet.standing import TOES
from segmo_core.rendering.colours import to_rgb
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.buffers import MeshBuffer, actor_of, show_mesh

FloatArray = NDArray[np.floating]

_CORNERS = 28
_RADIUS, _INNER = 0.085, 0.05  # metres of a contact's ring
_HEIGHT = 0.005  # metres above the floor, over the shadow and under the path
LEFT, RIGHT = to_rgb("#56b4e9"), to_rgb("#e69f00")
_TRAIL_SECONDS, _TRAIL_POINTS = 1.2, 30
_TRAIL_WIDTH = 2.5  # pixels
_TRAILED = (("left_wrist", LEFT), ("right_wrist", RIGHT), ("left_foot", LEFT), ("right_foot", RIGHT))


class ContactActor:
    """A ring on the floor under every foot that stands, blue for the left one and orange for the right."""

    def __init__(self) -> None:
        turn = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
        ring = np.stack([np.sin(turn), np.zeros_like(turn), np.cos(turn)], axis=-1)
        self._ring = np.concatenate([ring * _RADIUS, ring * _INNER])
        first = np.arange(_CORNERS)
        after = (first + 1) % _CORNERS
        band = np.concatenate(
            [
                np.stack([first, first + _CORNERS, after], axis=-1),
                np.stack([after, first + _CORNERS, after + _CORNERS], axis=-1),
            ]
        )
        self._buffer = MeshBuffer(4 * _CORNERS, np.concatenate([band, band + 2 * _CORNERS]))
        colours = np.repeat(np.round(255 * np.array([LEFT, RIGHT])).astype(np.uint8), 2 * _CORNERS, axis=0)
        self._buffer.mesh.point_data.set_scalars(colours, "side")
        self.actor = actor_of(self._buffer.mesh)
        self.actor.prop.lighting = False

    def place(self, poses: BodyPoses, moment: float) -> None:
        """Under the feet that stand at ``moment``; the others have none."""
        standing = poses.standing_at(moment)
        points = np.zeros((2, 2 * _CORNERS, 3))
        if standing is not None:
            names, joints = poses.motion.skeleton.joint_names, poses.joints_at(moment)
            for side, (name, stands) in enumerate(zip(TOES, standing, strict=True)):
                if stands:
                    middle = joints[names.index(name)] * [1.0, 0.0, 1.0]
                    points[side] = self._ring + middle + [0.0, _HEIGHT, 0.0]
        self._buffer.points[:] = points.reshape(-1, 3)
        self._buffer.changed()


class TrailActor:
    """Where hands and feet have just been, fading with time."""

    def __init__(self) -> None:
        self.actor = actor_of()
        self.actor.prop.lighting = False
        self.actor.prop.line_width = _TRAIL_WIDTH
        self._points = np.zeros((len(_TRAILED) * _TRAIL_POINTS, 3), dtype=np.float32)
        cells = np.concatenate(
            [[_TRAIL_POINTS, *range(k * _TRAIL_POINTS, (k + 1) * _TRAIL_POINTS)] for k in range(len(_TRAILED))]
        )
        self._mesh = pv.PolyData(self._points, lines=cells, deep=False)
        fade = np.linspace(0.0, 1.0, _TRAIL_POINTS)
        colours = [np.column_stack([np.tile(colour, (_TRAIL_POINTS, 1)), fade]) for _, colour in _TRAILED]
        self._mesh.point_data["time"] = np.round(255 * np.concatenate(colours)).astype(np.uint8)
        self._mesh.point_data.active_scalars_name = "time"
        self.actor.ForceTranslucentOn()
        show_mesh(self.actor, self._mesh)

    def place(self, poses: BodyPoses, moment: float) -> None:
        """The ways to ``moment``; nothing for joints of other names."""
        names = poses.motion.skeleton.joint_names
        back = _TRAIL_SECONDS * poses.motion.frame_rate
        moments = np.linspace(max(moment - back, 0.0), moment, _TRAIL_POINTS)
        joints = np.stack([poses.joints_at(float(each)) for each in moments])
        for number, (name, _) in enumerate(_TRAILED):
            way = joints[:, names.index(name)] if name in names else np.zeros((_TRAIL_POINTS, 3))
            self._points[number * _TRAIL_POINTS : (number + 1) * _TRAIL_POINTS] = way
        self._mesh.GetPoints().GetData().Modified()
        self._mesh.GetPoints().Modified()
        self._mesh.Modified()
