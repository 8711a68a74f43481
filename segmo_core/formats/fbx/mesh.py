"""The skinned mannequin of an export scene as FBX objects: geometry, materials, skin and clusters; and props."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.formats.fbx.binary import Int64
from segmo_core.formats.fbx.objects import SCENE_ROOT, ObjectTable, Properties
from segmo_core.formats.meshes.props import Prop
from segmo_core.formats.meshes.scene_props import PROP_COLOUR
from segmo_core.formats.scene.mannequin_parts import influences, mannequin_parts

FloatArray = NDArray[np.floating]

_MESH_NAME = "Mannequin"


def add_mesh(
    table: ObjectTable, mesh: SkinnedMesh, bones: list[Int64], bind_matrices: FloatArray, notes: dict[str, str]
) -> Int64:
    """Add the mesh, bound to ``bones`` in their bind pose (J, 4, 4); returns the identifier of its Model.

    notes: user properties by name.
    """
    model = _add_model(table, _MESH_NAME, {"licence": mesh.licence, **notes})
    of_face = np.zeros(len(mesh.faces), dtype=np.int32)
    for index, part in enumerate(mannequin_parts(mesh)):
        of_face[part.face_indices] = index
    geometry = _add_geometry(table, _MESH_NAME, model, mesh.vertices, mesh.faces, mesh.normals, of_face)
    for part in mannequin_parts(mesh):
        _add_material(table, part.name, model, part.colour)
    _add_skin(table, mesh, geometry, bones, bind_matrices)
    return model


def add_prop(table: ObjectTable, prop: Prop) -> None:
    """A mesh of one material that stands still, beside the skeleton."""
    model = _add_model(table, prop.name, {})
    of_face = np.zeros(len(prop.triangles), dtype=np.int32)
    _add_geometry(table, prop.name, model, prop.vertices, prop.triangles, prop.normals, of_face)
    _add_material(table, prop.name, model, PROP_COLOUR)


def _add_model(table: ObjectTable, name: str, notes: dict[str, str]) -> Int64:
    model, node = table.add("Model", name, "Model", "Mesh")
    node.add("Version", 232)
    properties = Properties(node)
    properties.enumeration("InheritType", 1)
    properties.integer("DefaultAttributeIndex", 0)
    for note, text in notes.items():
        properties.text(note, text, flags="U")
    node.add("Shading", True)
    node.add("Culling", "CullingOff")
    table.connect(model, SCENE_ROOT)
    return model


def _add_material(table: ObjectTable, name: str, model: Int64, colour: tuple[float, float, float]) -> None:
    material, node = table.add("Material", name, "Material", "")
    node.add("Version", 102)
    node.add("ShadingModel", "lambert")
    node.add("MultiLayer", 0)
    properties = Properties(node)
    properties.colour("DiffuseColor", colour)
    properties.number("DiffuseFactor", 1.0)
    table.connect(material, model)


def _add_geometry(
    table: ObjectTable,
    name: str,
    model: Int64,
    vertices: FloatArray,
    faces: NDArray[np.integer],
    vertex_normals: FloatArray,
    of_face: NDArray[np.int32],
) -> Int64:
    """of_face: the material of every face, in the order in which they are connected to ``model``."""
    geometry, node = table.add("Geometry", name, "Geometry", "Mesh")
    Properties(node)
    node.add("GeometryVersion", 124)
    node.add("Vertices", vertices.astype(np.float64).ravel())
    corners = faces.astype(np.int32)
    polygons = corners.copy()
    polygons[:, -1] = ~polygons[:, -1]  # the last corner of a polygon is marked by its complement
    node.add("PolygonVertexIndex", polygons.ravel())
    normals = node.add("LayerElementNormal", 0)
    normals.add("Version", 101)
    normals.add("Name", "")
    normals.add("MappingInformationType", "ByPolygonVertex")
    normals.add("ReferenceInformationType", "IndexToDirect")
    normals.add("Normals", vertex_normals.astype(np.float64).ravel())
    normals.add("NormalsIndex", corners.ravel())
    materials = node.add("LayerElementMaterial", 0)
    materials.add("Version", 101)
    materials.add("Name", "")
    materials.add("MappingInformationType", "ByPolygon")
    materials.add("ReferenceInformationType", "IndexToDirect")
    materials.add("Materials", of_face)
    layer = node.add("Layer", 0)
    layer.add("Version", 100)
    for kind in ("LayerElementNormal", "LayerElementMaterial"):
        element = layer.add("LayerElement")
        element.add("Type", kind)
        element.add("TypedIndex", 0)
    table.connect(geometry, model)
    return geometry


def _add_skin(
    table: ObjectTable, mesh: SkinnedMesh, geometry: Int64, bones: list[Int64], bind_matrices: FloatArray
) -> None:
    skin, node = table.add("Deformer", "Skin", "Deformer", "Skin")
    node.add("Version", 101)
    node.add("Link_DeformAcuracy", 50.0)  # sic
    node.add("SkinningType", "Linear")
    table.connect(skin, geometry)
    joints, weights = influences(mesh)
    for joint, bone in enumerate(bones):
        vertices, slots = np.nonzero((joints == joint) & (weights > 0))
        cluster, node = table.add("Deformer", f"Cluster {joint + 1}", "SubDeformer", "Cluster")
        node.add("Version", 100)
        node.add("UserData", "", "")
        if len(vertices):
            node.add("Indexes", vertices.astype(np.int32))
            node.add("Weights", weights[vertices, slots].astype(np.float64))
        # Transform takes the mesh, which has no transform of its own, into the bone; TransformLink is the bone itself.
        node.add("Transform", flat_matrix(np.linalg.inv(bind_matrices[joint])))
        node.add("TransformLink", flat_matrix(bind_matrices[joint]))
        table.connect(cluster, skin)
        table.connect(bone, cluster)


def flat_matrix(matrix: FloatArray) -> NDArray[np.float64]:
    """A (4, 4) matrix for column vectors as FBX stores it: column by column, the translation last."""
    return np.ascontiguousarray(matrix.T, dtype=np.float64).ravel()
