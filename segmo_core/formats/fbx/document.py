"""An export scene as the node tree of an FBX file.

The Autodesk SDK reads a file as an empty scene, without an error, where FileId, CreationTime or Definitions are
missing, while other programs are content; so everything that its own files have is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.fbx.animation import add_animation, last_tick
from segmo_core.formats.fbx.binary import CREATION_TIME, FILE_ID, VERSION, Int64, Node
from segmo_core.formats.fbx.curves import to_degrees
from segmo_core.formats.fbx.mesh import add_mesh, add_prop, flat_matrix
from segmo_core.formats.fbx.objects import SCENE_ROOT, ObjectTable, Properties, object_name
from segmo_core.formats.meshes.props import Prop
from segmo_core.formats.scene.export_scene import ExportScene
from segmo_core.motion import rotations
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

CREATOR = "SegMo Studio"
SEGMENTS_PROPERTY = "segmo_segments"
_DOCUMENT = Int64(900_000)
_MAX_TAKE_NAME = 200
_CUSTOM_RATE = 14
# FbxTime::EMode of the rates that have one.
_TIME_MODES = {
    120.0: 1, 100.0: 2, 60.0: 3, 50.0: 4, 48.0: 5, 30.0: 6, 30.0 / 1.001: 9, 25.0: 10, 24.0: 11, 1000.0: 12,
    24.0 / 1.001: 13, 96.0: 15, 72.0: 16, 60.0 / 1.001: 17, 120.0 / 1.001: 18,
}  # fmt: skip


def fbx_nodes(scene: ExportScene, progress: Progress, props: Sequence[Prop] = ()) -> list[Node]:
    """The top level of the file. props: meshes that stand still, in the scene's unit and axes."""
    take = take_name(scene.title)
    scene = _with_loose_ground_bone(scene)
    table = ObjectTable()
    notes = {SEGMENTS_PROPERTY: segments_as_json(scene)} if scene.segments else {}
    bones = _add_skeleton(table, scene, notes)
    bind_matrices = _bind_matrices(scene)
    posed = list(zip(bones, bind_matrices, strict=True))
    if scene.mesh is not None:
        posed.append((add_mesh(table, scene.mesh, bones, bind_matrices, notes), np.eye(4)))
    for prop in props:
        add_prop(table, prop)
    _add_bind_pose(table, posed)
    add_animation(table, scene, bones, take, progress)
    return [
        _header(scene),
        Node("FileId", (FILE_ID,)),
        Node("CreationTime", (CREATION_TIME,)),
        Node("Creator", (CREATOR,)),
        _global_settings(scene),
        _documents(take),
        Node("References"),
        _definitions(table),
        Node("Objects", (), table.nodes),
        Node("Connections", (), table.connections),
        _takes(scene, take),
    ]


def take_name(title: str) -> str:
    """``title`` on one line, without characters that end a name in the file."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", title).strip()[:_MAX_TAKE_NAME].rstrip() or "motion"


def _with_loose_ground_bone(scene: ExportScene) -> ExportScene:
    """The rest pose of a ground bone moved aside by a tenth of a millimetre; what moves is given by keys anyway.

    Blender takes bones as connected, and then ignores the translation of the lower one, where the upper one's Y axis
    points exactly at it.
    """
    if len(scene.moving) < 2:
        return scene
    ground, body = scene.moving
    aside = np.array([0.0, 0.0, -1e-4]) / scene.metres_per_unit
    rest = scene.rest_translations.copy()
    rest[ground] += aside
    rest[body] -= rotations.rotate(rotations.inverse(scene.rest_rotations[ground]), aside)
    return replace(scene, rest_translations=rest)


def _add_skeleton(table: ObjectTable, scene: ExportScene, notes: dict[str, str]) -> list[Int64]:
    """A LimbNode for every joint, ``notes`` as user properties of the topmost; returns their Models' identifiers."""
    bones: list[Int64] = []
    for joint, parent in enumerate(scene.parents):
        name = scene.joint_names[joint]
        bone, node = table.add("Model", name, "Model", "LimbNode")
        node.add("Version", 232)
        properties = Properties(node)
        properties.enumeration("InheritType", 1)
        properties.integer("DefaultAttributeIndex", 0)
        properties.transform("Lcl Translation", scene.rest_translations[joint])
        # A rest orientation stands here and not in PreRotation, which assimp plays twice.
        properties.transform("Lcl Rotation", to_degrees(scene.rest_rotations[joint]))
        properties.transform("Lcl Scaling", np.ones(3))
        for note, text in notes.items() if parent < 0 else ():
            properties.text(note, text, flags="U")
        node.add("Shading", True)
        node.add("Culling", "CullingOff")
        table.connect(bone, bones[parent] if parent >= 0 else SCENE_ROOT)
        attribute, node = table.add("NodeAttribute", name, "NodeAttribute", "LimbNode")
        Properties(node)
        node.add("TypeFlags", "Skeleton")
        table.connect(attribute, bone)
        bones.append(bone)
    return bones


def segments_as_json(scene: ExportScene) -> str:
    """[{"text", "start", "end"}, ...] with times in seconds: a user property of the topmost bone, where most programs
    look, and of the mesh, since Blender drops those of bones."""
    rows = [{"text": part.text, "start": round(part.start, 6), "end": round(part.end, 6)} for part in scene.segments]
    return json.dumps(rows, ensure_ascii=False)


def _bind_matrices(scene: ExportScene) -> FloatArray:
    """(J, 4, 4) world matrices of the rest pose, for column vectors."""
    turned, placed = scene.global_rest()
    matrices = np.tile(np.eye(4), (len(turned), 1, 1))
    matrices[:, :3, :3] = rotations.to_matrix(turned)
    matrices[:, :3, 3] = placed
    return matrices


def _add_bind_pose(table: ObjectTable, posed: list[tuple[Int64, NDArray[np.float64]]]) -> None:
    _, node = table.add("Pose", "BindPose", "Pose", "BindPose")
    node.add("Type", "BindPose")
    node.add("Version", 100)
    node.add("NbPoseNodes", len(posed))
    for identifier, matrix in posed:
        pose_node = node.add("PoseNode")
        pose_node.add("Node", identifier)
        pose_node.add("Matrix", flat_matrix(matrix))


def _header(scene: ExportScene) -> Node:
    header = Node("FBXHeaderExtension")
    header.add("FBXHeaderVersion", 1003)
    header.add("FBXVersion", VERSION)
    header.add("EncryptionType", 0)
    stamp = header.add("CreationTimeStamp")
    stamp.add("Version", 1000)
    # The time of CREATION_TIME: with the true one, the same motion would never give the same file.
    for name, value in zip(
        ("Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond"), (1970, 1, 1, 10, 0, 0, 0), strict=True
    ):
        stamp.add(name, value)
    header.add("Creator", CREATOR)
    information = header.add("SceneInfo", object_name("GlobalInfo", "SceneInfo"), "UserData")
    information.add("Type", "UserData")
    information.add("Version", 100)
    described = information.add("MetaData")
    described.add("Version", 100)
    for name, text in (
        ("Title", scene.title), ("Subject", ""), ("Author", ""), ("Keywords", ""), ("Revision", ""), ("Comment", ""),
    ):  # fmt: skip
        described.add(name, text)
    properties = Properties(information)
    properties.text("Original|ApplicationName", CREATOR)
    properties.text("LastSaved|ApplicationName", CREATOR)
    return header


def _global_settings(scene: ExportScene) -> Node:
    settings = Node("GlobalSettings")
    settings.add("Version", 1000)
    properties = Properties(settings)
    # Front is where the body faces at rest: +Z where Y is up, -Y where Z is up.
    up, front, front_sign = (1, 2, 1) if scene.up_axis == "y" else (2, 1, -1)
    for name, axis, sign in (("Up", up, 1), ("Front", front, front_sign), ("Coord", 0, 1)):
        properties.integer(f"{name}Axis", axis)
        properties.integer(f"{name}AxisSign", sign)
    properties.integer("OriginalUpAxis", up)
    properties.integer("OriginalUpAxisSign", 1)
    centimetres = round(100.0 * scene.metres_per_unit, 9)
    properties.number("UnitScaleFactor", centimetres)
    properties.number("OriginalUnitScaleFactor", centimetres)
    time_mode = _TIME_MODES.get(scene.frame_rate, _CUSTOM_RATE)
    properties.enumeration("TimeMode", time_mode)
    properties.time("TimeSpanStart", 0)
    properties.time("TimeSpanStop", last_tick(scene))
    properties.number("CustomFrameRate", scene.frame_rate if time_mode == _CUSTOM_RATE else -1.0)
    return settings


def _documents(take: str) -> Node:
    documents = Node("Documents")
    documents.add("Count", 1)
    document = documents.add("Document", _DOCUMENT, "Scene", "Scene")
    properties = Properties(document)
    properties.text("ActiveAnimStackName", take)
    document.add("RootNode", SCENE_ROOT)
    return documents


def _definitions(table: ObjectTable) -> Node:
    counts = {"GlobalSettings": 1, **table.count_by_kind()}
    definitions = Node("Definitions")
    definitions.add("Version", 100)
    definitions.add("Count", sum(counts.values()))
    for kind, count in counts.items():
        definitions.add("ObjectType", kind).add("Count", count)
    return definitions


def _takes(scene: ExportScene, take: str) -> Node:
    takes = Node("Takes")
    takes.add("Current", take)
    entry = takes.add("Take", take)
    entry.add("FileName", re.sub(r"[^A-Za-z0-9_-]+", "_", take) + ".tak")
    for name in ("LocalTime", "ReferenceTime"):
        entry.add(name, Int64(0), Int64(last_tick(scene)))
    return takes
