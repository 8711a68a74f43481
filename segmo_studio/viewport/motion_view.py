"""The 3D view: a plain widget that paints what an off-screen scene has drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.errors import FileFormatError
from segmo_core.formats.meshes.props import Prop
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport.body_poses import BodyPoses, resting_motion
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.painting import labels, overlay
from segmo_studio.viewport.palette import ThemeName, palette
from segmo_studio.viewport.render_quality import FULL
from segmo_studio.viewport.steering.steered_view import SteeredView

if TYPE_CHECKING:
    from segmo_studio.viewport.scene import Scene

PARTS = {
    "body": True, "skeleton": False, "path": True, "label": True,
    "contacts": False, "trails": False, "metres": False, "names": True,
}  # fmt: skip
"""What can be shown, and whether it is at first. label: the segment's text. metres: along the floor. names: of the
joint under the mouse."""
_CAPTIONED_HEIGHT = 720  # pixels of a picture whose captions are as large as on the screen


class MotionView(SteeredView):
    """Shows one motion at one frame, with what stands beside it."""

    def __init__(self, parent: QWidget | None = None, theme: ThemeName = "light") -> None:
        super().__init__(parent, theme)
        self._ghosts: tuple[BodyPoses, ...] = ()
        self._has_motion = False
        self._show = dict(PARTS)
        self._mesh: SkinnedMesh | None = None
        self._props: tuple[Prop, ...] = ()
        self._label_area: QRectF | None = None
        self.reset_camera()

    # What is shown

    def set_motion(self, motion: Motion | None, track: SegmentTrack | None = None) -> None:
        """Shows a motion, coloured by its segments; None shows a body at rest.

        The camera stays where the user put it, except for the first motion after none.
        """
        if motion is None:
            self._poses = BodyPoses.from_motion(resting_motion())
        elif motion is self._poses.motion:
            self._poses = replace(self._poses, track=track)
        else:
            self._poses = BodyPoses.from_motion(motion, track)
        self._hovered = None
        first, self._has_motion = motion is not None and not self._has_motion, motion is not None
        self._moment = self._poses.held(self._moment)
        if self._scene is not None:
            self._scene.set_poses(self._poses)
        if first or motion is None:
            self.reset_camera()
        elif self._follow:
            self._look_at_body()
        self._changed()

    def set_ghosts(self, motions: Sequence[Motion]) -> None:
        """Other motions, drawn see-through beside the first, for comparing takes."""
        known = {id(poses.motion): poses for poses in self._ghosts}
        self._ghosts = tuple(known.get(id(motion)) or BodyPoses.from_motion(motion) for motion in motions)
        if self._scene is not None:
            self._scene.set_ghosts(self._ghosts)
        self._changed()

    def set_frame(self, frame: float) -> None:
        """Show a frame, or a moment between two; outside of the motion its ends."""
        moment = self._poses.held(frame)
        if moment == self._moment:
            return
        if self._follow:
            self.camera.target = self.camera.target + self._poses.travel(self._moment, moment)
        self._moment = moment
        self._changed()

    @property
    def moment(self) -> float:
        """The frame on show, or the place between two."""
        return self._moment

    @property
    def frame_rate(self) -> float:
        """Hz, of the motion on show."""
        return self._poses.motion.frame_rate

    @property
    def frame(self) -> int:
        """The frame on show, or the one before."""
        return int(self._moment)

    def set_show(self, **parts: bool) -> None:
        """Switches PARTS on or off."""
        self._show |= parts
        self._set_naming(self._show["names"])
        self._changed()

    def set_label_area(self, area: QRectF) -> None:
        """The part of the view that buttons leave free for the name of the segment."""
        if area != self._label_area:
            self._label_area = area
            self.update()

    def shows(self, part: str) -> bool:
        """part: one of PARTS."""
        return self._show[part]

    @property
    def props(self) -> tuple[Prop, ...]:
        """What stands beside the body."""
        return self._props

    def set_props(self, props: Sequence[Prop]) -> None:
        """Meshes that stand still, in the world of the motion."""
        if tuple(props) == self._props:
            return
        self._props = tuple(props)
        if self._scene is not None:
            self._scene.set_props(self._props)
        self._changed()

    @property
    def body(self) -> SkinnedMesh | None:
        """The body that is drawn; None for the mannequin."""
        return self._mesh

    def set_body(self, mesh: SkinnedMesh | None) -> None:
        """Another body than the mannequin (None)."""
        self._mesh = mesh
        if self._scene is not None:
            self._scene.set_body(mesh, self._ghosts)
        self._changed()

    # Pictures

    def grab_image(self, scale: float = 1.0) -> QImage:
        """The view without labels, in full quality, ``scale`` times as large as on the screen.

        Raises MissingDependencyError where the 3D view cannot work.
        """
        return self.picture(self.size() * (self.devicePixelRatioF() * scale))

    def picture(self, size: QSize, frame: float | None = None, captions: bool = False) -> QImage:
        """The view through its own camera in full quality, ``size`` pixels large, at ``frame`` (None: as it stands).

        A camera that follows goes along. captions: with the segment's text. Raises as ``grab_image``.
        """
        self._stale = True
        moment = self._moment if frame is None else self._poses.held(frame)
        camera = self.camera
        if self._follow and moment != self._moment:
            camera = replace(camera, target=camera.target + self._poses.travel(self._moment, moment))
        image = self._drawn(self._ensure_scene(), size, FULL, camera, moment)
        if captions:
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            scale = max(size.height() / _CAPTIONED_HEIGHT, 0.5)
            painter.scale(scale, scale)
            self._paint_label(painter, QRectF(0, 0, size.width() / scale, size.height() / scale), int(moment))
            painter.end()
        return image

    def save_picture(self, path: Path, size: QSize, captions: bool = False) -> None:
        """Writes ``picture`` in the format of the name's extension. Raises FileFormatError, and as ``grab_image``."""
        image = self.picture(size, captions=captions)
        if not image.save(str(path)):
            raise FileFormatError(f"{path}: the picture could not be written, expected a .png in a writable folder")

    def screenshot(self, path: Path) -> None:
        """Writes the view as PNG, twice as large as on the screen. Raises as ``save_picture``."""
        self.save_picture(path, self.size() * (self.devicePixelRatioF() * 2.0))

    # Drawing

    def _fill(self, scene: Scene) -> None:
        scene.set_poses(self._poses)
        scene.set_body(self._mesh, self._ghosts)
        scene.set_props(self._props)

    def _arrange(self, scene: Scene, camera: OrbitCamera | None, moment: float | None) -> None:
        scene.camera = camera or self.camera
        scene.moment = self._moment if moment is None else moment
        for part in ("skeleton", "body", "path", "contacts", "trails"):
            setattr(scene, f"show_{part}", self._show[part])

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        colours = palette(self._theme)
        if self._show["metres"]:
            labels.paint_metres(painter, area, colours, self.camera, self._poses.floor_height)
        overlay.paint_axes(painter, area, self.camera)
        if self._focus_by_keyboard:
            overlay.paint_focus(painter, area, colours)
        if self._show["label"]:
            self._paint_label(painter, area, self.frame)
        if self._hovered is not None:
            x, y = self.camera.project(self._joints[[self._hovered]], self.width(), self.height())[0]
            name = self._poses.motion.skeleton.joint_names[self._hovered]
            labels.paint_joint_name(painter, area, colours, QPointF(x, y), name)

    def _paint_label(self, painter: QPainter, area: QRectF, frame: int) -> None:
        """The segment of a frame, where there are any."""
        track, index = self._poses.track, self._poses.segment_at(frame)
        if track is not None and index is not None:
            text, colour = track[index].text, segment_colour(index)
            is_window = area == QRectF(self.rect())  # pictures of other sizes have no buttons
            free = self._label_area if is_window and self._label_area is not None else area
            overlay.paint_segment_label(painter, free, palette(self._theme), index + 1, text, colour)
