"""A see-through body: another take in the same view."""

from __future__ import annotations

from typing import Any

from segmo_core.body.mannequin import SkinnedMesh
from segmo_studio.viewport.body_actors import BodyActor, SkeletonActor
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.palette import ViewPalette

_OPACITY = 0.28


class Ghost:
    """The actors of one ghost; as a body where the mannequin fits, else as bones."""

    def __init__(self, poses: BodyPoses, mesh: SkinnedMesh | None = None) -> None:
        """mesh: of the body; None for the mannequin's."""
        self._poses = poses
        self._body = BodyActor(mesh)
        self._skeleton = SkeletonActor(poses.motion.skeleton)
        self.bodies = (self._body, self._skeleton)
        for body in self.bodies:
            body.set_opacity(_OPACITY)

    @property
    def actors(self) -> tuple[Any, ...]:
        """What a renderer draws."""
        return tuple(body.actor for body in self.bodies)

    def tint(self, palette: ViewPalette) -> None:
        """In no segment's colour, so that nobody takes it for the motion itself."""
        self._body.tint(palette, palette.neutral)
        self._skeleton.tint(palette, palette.neutral_line)

    def set_coarse(self, coarse: bool) -> None:
        """As ``BodyActor``."""
        self._body.set_coarse(coarse)

    def pose(self, seconds: float, show_body: bool, show_skeleton: bool) -> None:
        """As it is after ``seconds``, held inside its own motion, which may have another frame rate."""
        poses, draws_body = self._poses, self._poses.has_body and show_body
        moment = poses.held(seconds * poses.motion.frame_rate)
        draws_bones = show_skeleton or (show_body and not poses.has_body)
        self._body.set_visible(draws_body)
        self._skeleton.set_visible(draws_bones)
        if draws_body:
            self._body.pose(poses, moment)
        if draws_bones:
            self._skeleton.pose(poses, moment)
