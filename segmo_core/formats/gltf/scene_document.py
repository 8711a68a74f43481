"""An export scene as the parts of a glTF document: nodes, skin, mesh, animation, and the binary they lie in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pygltflib
from numpy.typing import NDArray

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.formats.meshes.props import Prop
from segmo_core.formats.meshes.scene_props import PROP_COLOUR, PROP_ROUGHNESS
from segmo_core.formats.scene.export_scene import ExportScene
from segmo_core.formats.scene.mannequin_parts import influences, mannequin_parts
from segmo_core.motion import rotations
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

_TYPES = {(): pygltflib.SCALAR, (3,): pygltflib.VEC3, (4,): pygltflib.VEC4, (4, 4): pygltflib.MAT4}
_COMPONENTS = {
    "float32": pygltflib.FLOAT,
    "uint8": pygltflib.UNSIGNED_BYTE,
    "uint16": pygltflib.UNSIGNED_SHORT,
    "uint32": pygltflib.UNSIGNED_INT,
}


def new_document() -> pygltflib.GLTF2:
    return pygltflib.GLTF2(asset=pygltflib.Asset(version="2.0", generator="SegMo Studio"))


def encoded(document: pygltflib.GLTF2, binary: Binary) -> bytes:
    """The document as the bytes of a .glb file."""
    document.buffers = [pygltflib.Buffer(byteLength=len(binary.data))]
    document.set_binary_blob(bytes(binary.data))
    return b"".join(document.save_to_bytes())


class Binary:
    """The binary chunk as it grows; every array gets an accessor and a buffer view of its own."""

    def __init__(self, document: pygltflib.GLTF2) -> None:
        self.data = bytearray()
        self._document = document

    def add(self, values: NDArray[Any], *, target: int | None = None, bounds: bool = False) -> int:
        """Index of the accessor of ``values`` (N, ...). bounds: say the least and largest of each column."""
        values = np.ascontiguousarray(values)
        view = pygltflib.BufferView(buffer=0, byteOffset=len(self.data), byteLength=values.nbytes, target=target)
        accessor = pygltflib.Accessor(
            bufferView=len(self._document.bufferViews),
            componentType=_COMPONENTS[values.dtype.name],
            count=len(values),
            type=_TYPES[values.shape[1:]],
        )
        if bounds:
            columns = values.reshape(len(values), -1)
            accessor.min, accessor.max = columns.min(axis=0).tolist(), columns.max(axis=0).tolist()
        self.data += values.tobytes()
        self.data += bytes(-len(self.data) % 4)
        self._document.bufferViews.append(view)
        self._document.accessors.append(accessor)
        return len(self._document.accessors) - 1


def add_nodes(document: pygltflib.GLTF2, scene: ExportScene) -> None:
    """Node j is joint j, in the rest pose; the root is a root node of the scene."""
    for joint, name in enumerate(scene.joint_names):
        document.nodes.append(
            pygltflib.Node(
                name=name,
                translation=scene.rest_translations[joint].tolist(),
                rotation=np.clip(_xyzw(scene.rest_rotations[joint]), -1.0, 1.0).tolist(),  # 1 + 2e-16 is refused
                children=[child for child, parent in enumerate(scene.parents) if parent == joint],
            )
        )
    document.scenes.append(pygltflib.Scene(name=scene.title, nodes=[0]))
    document.scene = 0


def add_skin(document: pygltflib.GLTF2, binary: Binary, scene: ExportScene) -> None:
    """All joints with their bind pose, which is the rest pose."""
    turned, placed = scene.global_rest()
    inverse = np.tile(np.eye(4), (len(turned), 1, 1))
    inverse[:, :3, :3] = rotations.to_matrix(rotations.inverse(turned))
    inverse[:, :3, 3] = -rotations.rotate(rotations.inverse(turned), placed)
    by_columns = np.swapaxes(inverse, -1, -2).astype(np.float32)
    document.skins.append(
        pygltflib.Skin(
            name="Skeleton",
            skeleton=0,
            joints=list(range(len(scene.joint_names))),
            inverseBindMatrices=binary.add(by_columns),
        )
    )


def add_mesh(document: pygltflib.GLTF2, binary: Binary, mesh: SkinnedMesh) -> None:
    joints, weights = influences(mesh)
    vertices = pygltflib.ARRAY_BUFFER
    attributes = pygltflib.Attributes(
        POSITION=binary.add(mesh.vertices.astype(np.float32), target=vertices, bounds=True),
        NORMAL=binary.add(mesh.normals.astype(np.float32), target=vertices),
        JOINTS_0=binary.add(joints.astype(np.uint8 if joints.max() < 256 else np.uint16), target=vertices),
        WEIGHTS_0=binary.add(weights, target=vertices),
    )
    indices = np.uint16 if len(mesh.vertices) < 0xFFFF else np.uint32
    primitives = []
    for part in mannequin_parts(mesh):
        document.materials.append(
            pygltflib.Material(
                name=part.name,
                pbrMetallicRoughness=pygltflib.PbrMetallicRoughness(
                    baseColorFactor=[*part.colour, 1.0], metallicFactor=0.0, roughnessFactor=part.roughness
                ),
                alphaMode=None,
                alphaCutoff=None,
            )
        )
        faces = binary.add(part.faces.astype(indices).ravel(), target=pygltflib.ELEMENT_ARRAY_BUFFER)
        primitives.append(
            pygltflib.Primitive(attributes=attributes, indices=faces, material=len(document.materials) - 1)
        )
    document.meshes.append(pygltflib.Mesh(name="Mannequin", primitives=primitives))
    # Beside the skeleton and not below it: the transform of a skinned node is ignored, and some readers add it.
    document.scenes[0].nodes.append(len(document.nodes))
    document.nodes.append(pygltflib.Node(name="Mannequin", mesh=0, skin=0))


def add_prop(document: pygltflib.GLTF2, binary: Binary, prop: Prop) -> None:
    """A mesh that stands still, beside the skeleton."""
    vertices = pygltflib.ARRAY_BUFFER
    attributes = pygltflib.Attributes(
        POSITION=binary.add(prop.vertices, target=vertices, bounds=True),
        NORMAL=binary.add(prop.normals, target=vertices),
    )
    indices = np.uint16 if len(prop.vertices) < 0xFFFF else np.uint32
    faces = binary.add(prop.triangles.astype(indices).ravel(), target=pygltflib.ELEMENT_ARRAY_BUFFER)
    document.materials.append(
        pygltflib.Material(
            name=prop.name,
            pbrMetallicRoughness=pygltflib.PbrMetallicRoughness(
                baseColorFactor=[*PROP_COLOUR, 1.0], metallicFactor=0.0, roughnessFactor=PROP_ROUGHNESS
            ),
            alphaMode=None,
            alphaCutoff=None,
        )
    )
    primitive = pygltflib.Primitive(attributes=attributes, indices=faces, material=len(document.materials) - 1)
    document.meshes.append(pygltflib.Mesh(name=prop.name, primitives=[primitive]))
    document.scenes[0].nodes.append(len(document.nodes))
    document.nodes.append(pygltflib.Node(name=prop.name, mesh=len(document.meshes) - 1))


def add_animation(document: pygltflib.GLTF2, binary: Binary, scene: ExportScene, progress: Progress) -> None:
    animation = pygltflib.Animation(name=scene.title, extras=_extras(scene))
    times = binary.add(scene.key_times.astype(np.float32), bounds=True)
    curves = [(joint, "translation", scene.local_translations[:, joint]) for joint in scene.moving]
    curves += [(joint, "rotation", _xyzw(scene.local_rotations[:, joint])) for joint in range(len(scene.parents))]
    for number, (joint, what, values) in enumerate(curves):
        progress.raise_if_cancelled()
        progress.report(number / len(curves))
        animation.channels.append(
            pygltflib.AnimationChannel(
                sampler=len(animation.samplers), target=pygltflib.AnimationChannelTarget(node=joint, path=what)
            )
        )
        animation.samplers.append(
            pygltflib.AnimationSampler(
                input=times, output=binary.add(values.astype(np.float32)), interpolation=pygltflib.ANIM_LINEAR
            )
        )
    document.animations.append(animation)


def _extras(scene: ExportScene) -> dict[str, Any]:
    extras: dict[str, Any] = {"frame_rate": scene.frame_rate}
    if scene.segments:
        extras["segments"] = [{"text": part.text, "start": part.start, "end": part.end} for part in scene.segments]
    return extras


def _xyzw(quaternions: FloatArray) -> FloatArray:
    return np.roll(quaternions, -1, axis=-1)
