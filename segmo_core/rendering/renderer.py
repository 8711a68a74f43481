"""A motion as images, one per frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.floor import floor_height
from segmo_core.motion.motion import Motion
from segmo_core.rendering.camera import Viewport, follow
from segmo_core.rendering.drawn_body import drawn_body_of
from segmo_core.rendering.floor import Floor
from segmo_core.rendering.look import skin_table
from segmo_core.rendering.overlay import CaptionedSegment, Overlay
from segmo_core.rendering.shading import draw_body

FloatArray = NDArray[np.floating]
ImageArray = NDArray[np.uint8]


class MotionRenderer:
    """Draws the frames of ``motion`` with its segments, ``width`` x ``height`` pixels.

    segments: tile the frames; one neutral segment, whose words may be empty, for a motion without any. The same
    frame is the same picture, whatever was drawn before.
    """

    def __init__(self, motion: Motion, segments: list[CaptionedSegment], width: int, height: int) -> None:
        self.num_frames = motion.num_frames
        self._overlay = Overlay(segments, motion.num_frames, width, height)
        self._body = drawn_body_of(motion)
        viewport = Viewport(width, height, height * 0.06, self._overlay.top - height * 0.035)
        self.camera_path = follow(motion, self._body.outline(), viewport)
        self._floor = Floor(self.camera_path, floor_height(motion))
        self._skin = lru_cache(maxsize=16)(skin_table)

    def frame(self, index: int) -> ImageArray:
        """(height, width, 3) red, green, blue."""
        camera = self.camera_path.at(index)
        posed = self._body.pose(index)
        image = self._floor.draw(camera, posed.vertices)
        segment = next((part for part in self._overlay.segments if index < part.end), self._overlay.segments[-1])
        draw_body(self._body, posed, camera, self._skin(segment.colour)).over(image)
        self._overlay.draw(image, index)
        image += 0.5  # to the nearest; every colour is from 0 to 255
        return image.astype(np.uint8)
