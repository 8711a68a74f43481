"""Actors that draw one body: the mannequin's surface, and the skeleton."""

from __future__ import annotations

import numpy as np

from segmo_core.body.bones import BoneMesh
from segmo_core.body.mannequin import SkinnedMesh, load_mannequin
from segmo_core.formats.meshes.props import Prop
from segmo_core.motion.skeleton import Skeleton
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.buffers import MeshBuffer, actor_of, show_mesh
from segmo_studio.viewport.coarse_body import coarser
from segmo_studio.viewport.palette import Rgb, ViewPalette, mix
from segmo_studio.viewport.shading import bind_body_arrays, use_body_shader

_BODY_TINT = 0.58  # how much of the segment's colour the body takes


class _ShadedBody:
    """A mesh with the body shader; subclasses write its points."""

    def __init__(self, buffer: MeshBuffer) -> None:
        self.buffer = buffer
        self.actor = actor_of(buffer.mesh)
        self.actor.GetMapper().ScalarVisibilityOff()
        use_body_shader(self.actor)
        self._uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
        self.set_opacity(1.0)

    def set_opacity(self, opacity: float) -> None:
        self.actor.prop.opacity = opacity
        # Of a see-through body only the near side is drawn, else its far side would shine through.
        self.actor.prop.culling = "back" if opacity < 1.0 else "none"
        self._uniforms.SetUniformf("bodyOpacity", opacity)

    def set_colours(self, skin: Rgb, mark: Rgb) -> None:
        self._uniforms.SetUniform3f("skinColour", skin)
        self._uniforms.SetUniform3f("markColour", mark)

    def set_light(self, palette: ViewPalette, key: tuple[float, float, float], up: tuple[float, float, float]) -> None:
        """key, up: directions to the key light and to the sky, in the camera's axes."""
        self._uniforms.SetUniform3f("keyDirection", key)
        self._uniforms.SetUniform3f("upDirection", up)
        self._uniforms.SetUniformf("ambientLight", palette.ambient)
        self._uniforms.SetUniform3f("skyLight", palette.sky)
        self._uniforms.SetUniform3f("bounceLight", palette.bounce)

    def set_visible(self, visible: bool) -> None:
        self.actor.visibility = visible


class BodyActor(_ShadedBody):
    """The mannequin, or another body that is skinned to the same joints."""

    def __init__(self, mesh: SkinnedMesh | None = None) -> None:
        self._whole = self._mesh = mesh or load_mannequin()
        super().__init__(_buffer_of(self._mesh))
        self._shapes = {False: (self._mesh, self.buffer, self.actor.GetMapper())}
        self._is_coarse = False

    def set_coarse(self, coarse: bool) -> None:
        """Fewer triangles, for pictures that follow one another on a machine that draws slowly."""
        if coarse == self._is_coarse:
            return
        self._is_coarse = coarse
        if coarse not in self._shapes:
            mesh = coarser(self._whole)
            buffer = _buffer_of(mesh)
            mapper = show_mesh(self.actor, buffer.mesh)
            mapper.ScalarVisibilityOff()
            bind_body_arrays(mapper)
            self._shapes[coarse] = (mesh, buffer, mapper)
        self._mesh, self.buffer, mapper = self._shapes[coarse]
        self.actor.mapper = mapper

    def pose(self, poses: BodyPoses, moment: float) -> None:
        posed = poses.body_at(moment, self._mesh)
        self.buffer.points[:] = posed.vertices
        self.buffer.normals[:] = posed.normals
        self.buffer.changed()

    def tint(self, palette: ViewPalette, colour: Rgb) -> None:
        skin = mix(palette.body, colour, _BODY_TINT)
        self.set_colours(skin, mix(skin, (0.08, 0.09, 0.12), 0.42))


def _buffer_of(mesh: SkinnedMesh) -> MeshBuffer:
    buffer = MeshBuffer(len(mesh.vertices), mesh.faces)
    buffer.add_array("accent", mesh.accent)
    buffer.add_array("occlusion", mesh.occlusion)
    return buffer


class SkeletonActor(_ShadedBody):
    """Bones and joints of any skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._bones = BoneMesh(skeleton)
        buffer = MeshBuffer(self._bones.num_points, self._bones.triangles)
        # The joint balls take the mark's colour, the bones the skin's.
        buffer.add_array("accent", np.where(self._bones.is_joint, -1.0, 1.0).astype(np.float32))
        buffer.add_array("occlusion", np.ones(self._bones.num_points, dtype=np.float32))
        super().__init__(buffer)

    def pose(self, poses: BodyPoses, moment: float) -> None:
        self._bones.write(poses.joints_at(moment), self.buffer.points, self.buffer.normals)
        self.buffer.changed()

    def tint(self, palette: ViewPalette, colour: Rgb) -> None:
        self.set_colours(colour, mix(colour, palette.body, 0.62))


class PropActor(_ShadedBody):
    """A mesh that stands still, lit like the body; each triangle is flat, so that edges are edges."""

    def __init__(self, prop: Prop) -> None:
        corners = prop.vertices[prop.triangles]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
        count = 3 * len(corners)
        buffer = MeshBuffer(count, np.arange(count).reshape(-1, 3))
        buffer.points[:] = corners.reshape(-1, 3)
        buffer.normals[:] = np.repeat(across, 3, axis=0)
        for name in ("accent", "occlusion"):
            buffer.add_array(name, np.ones(count, dtype=np.float32))
        buffer.changed()
        super().__init__(buffer)

    def tint(self, palette: ViewPalette) -> None:
        colour = mix(palette.neutral_line, palette.neutral, 0.4)
        self.set_colours(colour, colour)
