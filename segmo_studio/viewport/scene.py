"""Everything that is drawn, and the off-screen window it is drawn in. Knows VTK; knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Importing the OpenGL modules registers what draws; nothing else names them.
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from segmo_core.body.floor import SOLE_DEPTH
from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.formats.meshes.props import Prop
from segmo_core.rendering.colours import segment_colour, to_rgb
from segmo_studio.viewport.beside.ghost import Ghost
from segmo_studio.viewport.body_actors import BodyActor, PropActor, SkeletonActor
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.camera import VIEW_ANGLE, OrbitCamera
from segmo_studio.viewport.driver import require_driver
from segmo_studio.viewport.floor import FloorActor, PathActor, ShadowActor
from segmo_studio.viewport.marks import ContactActor, TrailActor
from segmo_studio.viewport.palette import Rgb, ThemeName, palette

FloatArray = NDArray[np.floating]

_SEE_THROUGH = 0.5  # opacity of a body with its skeleton shown inside
_KEY_LIGHT = (-0.42, 0.62, 0.66)  # from above, left of the camera; in the camera's axes


class Scene:
    """A body on the floor, seen by ``camera`` at ``moment``, a frame or a place between two. Call ``render`` after
    any change.
    """

    def __init__(self, theme: ThemeName = "light") -> None:
        self._window: Any = vtkRenderWindow()
        require_driver(self._window.GetClassName())
        self.camera = OrbitCamera()
        self.palette = palette(theme)
        self.poses: BodyPoses | None = None
        self.moment = 0.0
        self.show_body, self.show_skeleton, self.show_path = True, False, True
        self.show_contacts, self.show_trails = False, False
        self._mesh: SkinnedMesh | None = None
        self._body = BodyActor()
        self._skeleton: SkeletonActor | None = None
        self._ghosts: list[Ghost] = []
        self._props: list[PropActor] = []
        self._floor, self._shadow, self._path = FloorActor(), ShadowActor(), PathActor()
        self._contacts, self._trails = ContactActor(), TrailActor()
        self._renderer = vtkRenderer()
        self._renderer.GradientBackgroundOn()
        # VTK passes normals to its shaders only where a light is on; ours set the brightness themselves.
        self._renderer.CreateLight()
        self._renderer.SetAutomaticLightCreation(False)
        self._camera = self._renderer.GetActiveCamera()
        self._camera.SetViewAngle(VIEW_ANGLE)
        # Plain blending in the order of drawing: the floor first, bodies over it. VTK's order-independent
        # blending costs a third of the time in software.
        self._renderer.SetUseOIT(False)
        for part in (self._floor, self._shadow, self._contacts, self._path, self._trails, self._body):
            self._renderer.AddActor(part.actor)
        self._window.SetOffScreenRendering(True)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(self._renderer)
        self._pixels = vtkUnsignedCharArray()
        self.set_theme(theme)

    @property
    def graphics(self) -> str:
        """The kind of window, and what the driver says of itself."""
        told = str(self._window.ReportCapabilities()).splitlines()
        lines = [line.strip() for line in told if line.lower().strip().startswith("opengl ")][:3]
        return ", ".join([str(self._window.GetClassName()), *lines])

    def set_theme(self, theme: ThemeName) -> None:
        self.palette = palette(theme)
        self._renderer.SetBackground(*self.palette.background_bottom)
        self._renderer.SetBackground2(*self.palette.background_top)
        self._floor.set_palette(self.palette)
        for ghost in self._ghosts:
            ghost.tint(self.palette)
        for prop in self._props:
            prop.tint(self.palette)
        self._update_path()

    def set_plain_background(self) -> None:
        """One colour instead of the gradient, for pictures put together from several views."""
        self._renderer.GradientBackgroundOff()

    def set_smooth_edges(self, smooth: bool) -> None:
        """Fast approximate anti-aliasing of the finished image."""
        self._renderer.SetUseFXAA(smooth)

    def set_coarse(self, coarse: bool) -> None:
        """Bodies of fewer triangles."""
        self._body.set_coarse(coarse)
        for ghost in self._ghosts:
            ghost.set_coarse(coarse)

    def set_poses(self, poses: BodyPoses | None) -> None:
        self.poses = poses
        for part in (self._floor, self._shadow, self._contacts, self._path):
            part.actor.position = (0.0, 0.0 if poses is None else poses.floor_height, 0.0)
        self._skeleton = self._replace_skeleton(self._skeleton, poses)
        self._update_path()

    def set_body(self, mesh: SkinnedMesh | None, ghosts: Sequence[BodyPoses]) -> None:
        """Another body than the mannequin (None), for the motion and for ``ghosts``."""
        self._mesh = mesh
        self._renderer.RemoveActor(self._body.actor)
        self._body = BodyActor(mesh)
        self.set_ghosts(ghosts)

    def set_props(self, props: Sequence[Prop]) -> None:
        """Meshes that stand still."""
        for actor in self._props:
            self._renderer.RemoveActor(actor.actor)
        self._props = [PropActor(prop) for prop in props]
        for actor in self._props:
            actor.tint(self.palette)
            self._renderer.AddActor(actor.actor)

    def set_ghosts(self, ghosts: Sequence[BodyPoses]) -> None:
        """See-through bodies, drawn before the one they are compared with."""
        for ghost in self._ghosts:
            for actor in ghost.actors:
                self._renderer.RemoveActor(actor)
        self._renderer.RemoveActor(self._body.actor)
        self._ghosts = [Ghost(poses, self._mesh) for poses in ghosts]
        for ghost in self._ghosts:
            ghost.tint(self.palette)
            for actor in ghost.actors:
                self._renderer.AddActor(actor)
        self._renderer.AddActor(self._body.actor)

    def _colour_at(self, frame: int, neutral: Rgb) -> Rgb:
        """Colour of the segment at a frame; ``neutral`` without a track."""
        index = None if self.poses is None else self.poses.segment_at(frame)
        return neutral if index is None else to_rgb(segment_colour(index))

    def render(self, width: int, height: int) -> NDArray[np.uint8]:
        """The image (height, width, 4), red green blue alpha, bottom row first."""
        self._pose_bodies()
        self._floor.centre_on(self.camera.target)
        self._place_camera(width / max(height, 1))
        if self._window.GetSize() != (width, height):
            self._window.SetSize(width, height)
        self._window.Render()
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels)
        pixels: NDArray[np.uint8] = vtk_to_numpy(self._pixels)
        return pixels.reshape(height, width, 4)

    def close(self) -> None:
        """Frees the graphics context; the scene cannot be used any more."""
        self._renderer.RemoveAllViewProps()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _pose_bodies(self) -> None:
        seconds = 0.0 if self.poses is None else self.moment / self.poses.motion.frame_rate
        for ghost in self._ghosts:
            ghost.pose(seconds, self.show_body, self.show_skeleton)
        draws_body = self.poses is not None and self.poses.has_body and self.show_body
        # A skeleton the mannequin does not fit is always shown as bones: never an empty view.
        draws_bones = self.poses is not None and (self.show_skeleton or (self.show_body and not self.poses.has_body))
        self._body.set_visible(draws_body)
        if self._skeleton is not None:
            self._skeleton.set_visible(draws_bones)
        if self.poses is not None:
            moment = self.poses.held(self.moment)
            if draws_body:
                self._body.pose(self.poses, moment)
            if draws_bones and self._skeleton is not None:
                self._skeleton.pose(self.poses, moment)
        self._path.set_visible(self.show_path)
        self._contacts.actor.visibility = self.show_contacts and self.poses is not None
        self._trails.actor.visibility = self.show_trails and self.poses is not None
        self._shadow.actor.visibility = self.poses is not None
        if self.poses is None:
            return
        moment = self.poses.held(self.moment)
        frame = int(moment)
        both = self.show_skeleton and self.show_body
        self._body.set_opacity(_SEE_THROUGH if both else 1.0)
        self._body.tint(self.palette, self._colour_at(frame, self.palette.neutral))
        if self._skeleton is not None:
            self._skeleton.tint(self.palette, self._colour_at(frame, self.palette.neutral_line))
        if self.show_contacts:
            self._contacts.place(self.poses, moment)
        if self.show_trails:
            self._trails.place(self.poses, moment)
        joints = self.poses.joints_at(moment)
        joints[:, 1] -= self.poses.floor_height + SOLE_DEPTH
        self._shadow.cast(joints, self.poses.motion.skeleton.parents, self.palette.shadow)

    def _place_camera(self, aspect: float) -> None:
        camera = self.camera
        self._camera.SetFocalPoint(*camera.target)
        self._camera.SetPosition(*camera.eye)
        self._camera.SetViewUp(*camera.up)
        self._camera.SetParallelProjection(camera.is_parallel)
        self._camera.SetParallelScale(camera.half_height)
        self._camera.SetClippingRange(max(0.05, camera.distance - 12.0), camera.distance + 24.0)
        up = (0.0, float(camera.up[1]), float(camera.direction[1]))
        bodies = [self._body, self._skeleton, *(body for ghost in self._ghosts for body in ghost.bodies), *self._props]
        for body in bodies:
            if body is not None:
                body.set_light(self.palette, _unit(_KEY_LIGHT), up)

    def _replace_skeleton(self, old: SkeletonActor | None, poses: BodyPoses | None) -> SkeletonActor | None:
        if old is not None:
            if poses is not None and poses.motion.skeleton is old.skeleton:
                return old
            self._renderer.RemoveActor(old.actor)
        if poses is None:
            return None
        skeleton = SkeletonActor(poses.motion.skeleton)
        skeleton.tint(self.palette, self.palette.neutral_line)
        self._renderer.AddActor(skeleton.actor)
        return skeleton

    def _update_path(self) -> None:
        if self.poses is None:
            self._path.set_path(np.zeros((1, 3)), None, self.palette.neutral_line)
        else:
            self._path.set_path(self.poses.root_path, self.poses.track, self.palette.neutral_line)


def _unit(vector: tuple[float, float, float]) -> tuple[float, float, float]:
    length = float(np.linalg.norm(vector))
    return (vector[0] / length, vector[1] / length, vector[2] / length)
