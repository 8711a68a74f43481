"""The skinned mannequin of an export scene as FBX objects: geometry, materials, skin and clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.formats.fbx.binary import Int64, Node
from segmo_core.formats.fbx.objects import SCENE_ROOT, ObjectTable, Properties
from segmo_core.formats.scene.mannequin_parts import influences, mannequin_parts

FloatArray = NDArray[np.floating]

_MESH_NAME = "Mannequin"


def add_mesh(
    table: ObjectTable, mesh: SkinnedMesh, bones: list[Int64], bind_matrices: FloatArray, notes: dict[str, str]
) -> Int64:
    """Add the mesh, bound to ``bones`` in their bind pose (J, 4, 4); returns the identifier of its Model.

    notes: user properties by name.
    """
    model, node = table.add("Model", _MESH_NAME, "Model", "Mesh")
    node.add("Version", 232)
    properties = Properties(node)
    properties.enumeration("InheritType", 1)
    properties.integer("DefaultAttributeIndex", 0)
    for name, text in {"licence": mesh.licence, **notes}.items():
        properties.text(name, text, flags="U")
    node.add("Shading", True)
    node.add("Culling", "CullingOff")
    table.connect(model, SCENE_ROOT)
    geometry, node = table.add("Geometry", _MESH_NAME, "Geometry", "Mesh")
    Properties(node)
    _fill_geometry(node, mesh)
    table.connect(geometry, model)
    for part in mannequin_parts(mesh):
        material, node = table.add("Material", part.name, "Material", "")
        node.add("Version", 102)
        node.add("ShadingModel", "lambert")
        node.add("MultiLayer", 0)
        properties = Properties(node)
        properties.colour("DiffuseColor", part.colour)
        properties.number("DiffuseFactor", 1.0)
        table.connect(material, model)
    _add_skin(table, mesh, geometry, bones, bind_matrices)
    return model


def _fill_geometry(node: Node, mesh: SkinnedMesh) -> None:
    node.add("GeometryVersion", 124)
    node.add("Vertices", mesh.vertices.astype(np.float64).ravel())
    corners = mesh.faces.astype(np.int32)
    polygons = corners.copy()
    polygons[:, -1] = ~polygons[:, -1]  # the last corner of a polygon is marked by its complement
    node.add("PolygonVertexIndex", polygons.ravel())
    normals = node.add("LayerElementNormal", 0)
    normals.add("Version", 101)
    normals.add("Name", "")
    normals.add("MappingInformationType", "ByPolygonVertex")
    normals.add("ReferenceInformationType", "IndexToDirect")
    normals.add("Normals", mesh.normals.astype(np.float64).ravel())
    normals.add("NormalsIndex", corners.ravel())
    materials = node.add("LayerElementMaterial", 0)
    materials.add("Version", 101)
    materials.add("Name", "")
    materials.add("MappingInformationType", "ByPolygon")
    materials.add("ReferenceInformationType", "IndexToDirect")
    of_face = np.zeros(len(mesh.faces), dtype=np.int32)
    for index, part in enumerate(mannequin_parts(mesh)):
        of_face[part.face_indices] = index
    materials.add("Materials", of_face)
    layer = node.add("Layer", 0)
    layer.add("Version", 100)
    for kind in ("LayerElementNormal", "LayerElementMaterial"):
        element = layer.add("LayerElement")
        element.add("Type", kind)
        element.add("TypedIndex", 0)


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
