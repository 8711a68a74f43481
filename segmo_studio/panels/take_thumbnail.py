"""A small picture of a motion: the body at its beginning, middle and end, side by side, in the segments' colours.

A few dozen lines with round ends, drawn once for a motion and kept: cheap enough for the window's own thread.
"""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_PLACES = (0.08, 0.5, 0.92)  # of the motion's length
_TURN = np.radians(35.0)  # a three-quarter view
_LINE = 0.055  # of the picture's height
_AIR = 0.09

_kept: WeakKeyDictionary[Motion, dict[tuple[object, ...], QPixmap]] = WeakKeyDictionary()


def thumbnail(motion: Motion, track: SegmentTrack | None, size: QSize, pixel_ratio: float, plain: QColor) -> QPixmap:
    """The picture of ``size`` device-independent pixels. plain: the body's colour where no segment gives one."""
    pictures = _kept.setdefault(motion, {})
    key = (track, size.width(), size.height(), pixel_ratio, plain.rgba())
    if key not in pictures:
        pictures.clear()  # one look at a time: themes and screens change seldom
        pictures[key] = _drawn(motion, track, size, pixel_ratio, plain)
    return pictures[key]


def _drawn(motion: Motion, track: SegmentTrack | None, size: QSize, pixel_ratio: float, plain: QColor) -> QPixmap:
    picture = QPixmap(size * pixel_ratio)
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frames = [round(place * (motion.num_frames - 1)) for place in _PLACES]
    poses = [_flat(np.asarray(motion.joint_positions[frame], dtype=np.float64)) for frame in frames]
    tall = max(max(float(np.ptp(pose[:, 1])) for pose in poses), 1e-3)
    floor = min(float(pose[:, 1].min()) for pose in poses)
    scale = size.height() * (1 - 2 * _AIR) / tall
    cell = size.width() / len(frames)
    for number, (frame, pose) in enumerate(zip(frames, poses, strict=True)):
        colour = plain if track is None else QColor(segment_colour(track.index_at(frame)))
        middle = (float(pose[:, 0].min()) + float(pose[:, 0].max())) / 2
        x = cell * (number + 0.5) + (pose[:, 0] - middle) * min(
            scale, cell * 1.15 / max(float(np.ptp(pose[:, 0])), 1e-3)
        )
        y = size.height() * (1 - _AIR) - (pose[:, 1] - floor) * scale
        points = [QPointF(float(right), float(down)) for right, down in zip(x, y, strict=True)]
        _draw_body(painter, points, motion.skeleton.parents, _head(motion.skeleton.joint_names), colour, size.height())
    painter.end()
    return picture


def _draw_body(
    painter: QPainter, points: list[QPointF], parents: tuple[int, ...], head: int, colour: QColor, height: int
) -> None:
    painter.setPen(QPen(colour, _LINE * height, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLines([QLineF(points[parent], points[joint]) for joint, parent in enumerate(parents) if parent >= 0])
    if head >= 0:
        radius = _LINE * height * 1.25
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(points[head].x() - radius, points[head].y() - radius, 2 * radius, 2 * radius))


def _flat(joints: FloatArray) -> FloatArray:
    """(J, 2) metres right and up of joints (J, 3), seen from the front and a little from the side."""
    turn = _TURN
    if len(joints) == HUMANML3D_LAYOUT.num_joints:
        facing = facing_direction(joints, HUMANML3D_LAYOUT)
        turn += float(np.arctan2(facing[0], facing[2]))
    right = np.array([np.cos(turn), 0.0, -np.sin(turn)])
    return np.stack([joints @ right, joints[:, 1]], axis=1)


@lru_cache(maxsize=64)
def _head(joint_names: tuple[str, ...]) -> int:
    return next((index for index, name in enumerate(joint_names) if name.lower() == "head"), -1)
