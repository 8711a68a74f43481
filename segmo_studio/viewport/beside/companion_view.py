"""A second 3D view beside the first: another motion, seen by the same camera at the same moment."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport.motion_view import PARTS, MotionView
from segmo_studio.viewport.steering.camera_control import CameraControl


class CompanionView(MotionView):
    """Does what ``leader`` does. Mouse and keys in it move the leader's camera, which is everybody's.

    While the leader's camera follows its body, this one follows its own from the same side and distance, so that both
    stay in sight; else both stand at one place.
    """

    def __init__(self, leader: MotionView) -> None:
        super().__init__(theme=leader.theme)
        self._leader = leader
        self.set_follow(False)
        leader.looked.connect(self.keep_up)
        self.keep_up()

    @property
    def motion(self) -> Motion:
        """What it shows."""
        return self._poses.motion

    @property
    def track(self) -> SegmentTrack | None:
        """The segments it is coloured by."""
        return self._poses.track

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._leader.mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._leader.mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._leader.mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Looks at the joint under the mouse, with every view."""
        before = self.camera.target.copy()
        if CameraControl(self.camera).aim(event, self._poses.joints_at(self._moment), self.width(), self.height()):
            self._leader.shift_camera(self.camera.target - before)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._leader.wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._leader.keyPressEvent(event)

    def keep_up(self) -> None:
        """Show the leader's moment through the leader's camera."""
        leader = self._leader
        seconds = leader.moment / leader.frame_rate
        self.set_frame(seconds * self.frame_rate)
        lead, own = leader.camera, self.camera
        own.azimuth, own.elevation, own.distance = lead.azimuth, lead.elevation, lead.distance
        own.is_parallel = lead.is_parallel
        own.target = lead.target.copy()
        if leader.follows:
            own.target = own.target + self._poses.spot_at(self._moment) - leader.followed_spot
        if self.body is not leader.body:
            self.set_body(leader.body)
        self.set_props(leader.props)
        # The label of the segment is the leader's: here it would lie under the window's buttons.
        self.set_show(label=False, **{part: leader.shows(part) for part in PARTS if part != "label"})
