"""GLB files: written against a small evaluator of their own bytes, read against hand-computed numbers."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_motions import somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import CancelledError, FileFormatError
from segmo_core.formats.gltf.gltf_files import write_gltf
from segmo_core.formats.gltf.gltf_reader import read_gltf
from segmo_core.formats.registry import read_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import CallbackProgress
from segmo_core.timeline.segment_track import SegmentTrack

DTYPES = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """A reader of one screen: JSON, accessors, and the pose at a key, with scipy's rotations."""

    def __init__(self, path: Path) -> None:
        raw = path.read_bytes()
        assert raw[:4] == b"glTF"
        assert struct.unpack_from("<II", raw, 4) == (2, len(raw))
        json_length = struct.unpack_from("<I", raw, 12)[0]
        self.json = json.loads(raw[20 : 20 + json_length])
        self.binary = raw[28 + json_length :]
        assert self.json["buffers"] == [{"byteLength": len(self.binary)}]

    def array(self, index: int) -> np.ndarray:
        accessor = self.json["accessors"][index]
        view = self.json["bufferViews"][accessor["bufferView"]]
        width = WIDTHS[accessor["type"]]
        values = np.frombuffer(
            self.binary, DTYPES[accessor["componentType"]], accessor["count"] * width, view["byteOffset"]
        )
        return values.reshape(-1, width) if width > 1 else values

    def world(self, key: int | None) -> dict[int, tuple[Rotation, np.ndarray]]:
        """World rotation and position of every node at a key, or of the rest pose."""
        nodes = self.json["nodes"]
        local = [
            (np.array(node.get("translation", [0, 0, 0])), Rotation.from_quat(node.get("rotation", [0, 0, 0, 1])))
            for node in nodes
        ]
        for channel in self.json["animations"][0]["channels"] if key is not None else []:
            sampler = self.json["animations"][0]["samplers"][channel["sampler"]]
            assert sampler["interpolation"] == "LINEAR"
            node, value = channel["target"]["node"], self.array(sampler["output"])[key]
            place, turn = local[node]
            is_turn = channel["target"]["path"] == "rotation"
            local[node] = (place, Rotation.from_quat(value)) if is_turn else (value, turn)
        result: dict[int, tuple[Rotation, np.ndarray]] = {}

        def walk(node: int, turn: Rotation, place: np.ndarray) -> None:
            result[node] = (turn * local[node][1], place + turn.apply(local[node][0]))
            for child in nodes[node].get("children", []):
                walk(child, *result[node])

        for node in self.json["scenes"][0]["nodes"]:
            walk(node, Rotation.identity(), np.zeros(3))
        return result

    def positions(self, key: int) -> dict[str, np.ndarray]:
        return {self.json["nodes"][node]["name"]: place for node, (_, place) in self.world(key).items()}

    def vertices(self, key: int) -> np.ndarray:
        """Skinned as the specification says: the weighted sum of joint matrix times inverse bind matrix."""
        skin, primitive = self.json["skins"][0], self.json["meshes"][0]["primitives"][0]["attributes"]
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        world = self.world(key)
        maps = np.tile(np.eye(4), (len(skin["joints"]), 1, 1))
        for row, node in enumerate(skin["joints"]):
            maps[row, :3, :3], maps[row, :3, 3] = world[node][0].as_matrix(), world[node][1]
        maps = maps @ inverse
        points = np.concatenate([self.array(primitive["POSITION"]), np.ones((7905, 1))], axis=1)
        blended = np.einsum("vk,vkij->vij", self.array(primitive["WEIGHTS_0"]), maps[self.array(primitive["JOINTS_0"])])
        return np.einsum("vij,vj->vi", blended, points)[:, :3]


CHOICES = [
    ExportOptions(),
    ExportOptions(frame_rate=30.0, names="mixamo", bone_axes="bone"),
    ExportOptions(frame_rate=60.0, names="unreal", root_bone=True),
    ExportOptions(names="unity", root_bone=True, bone_axes="bone"),
    ExportOptions(names="vrm", mesh=False),
]


@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_joints_and_vertices_of_the_written_bytes_are_the_motion(
    tmp_path: Path, motion: Motion, options: ExportOptions
) -> None:
    write_gltf(motion, tmp_path / "walk.glb", options)
    glb = Glb(tmp_path / "walk.glb")
    rate = options.frame_rate or 20.0
    expected = resample_motion(motion, rate)
    times = glb.array(glb.json["animations"][0]["samplers"][0]["input"])
    frames = np.arange(expected.num_frames) / rate
    keys = np.abs(times.ravel() - frames[:, None]).argmin(axis=1)
    np.testing.assert_allclose(times.ravel()[keys], frames, atol=1e-6)
    assert keys[-1] == len(times) - 1
    assert expected.local_rotations is not None
    turned = kinematics.global_rotations(MODEL_SKELETON, expected.local_rotations)
    rest = build_export_scene(motion, ExportOptions()).mesh
    assert rest is not None
    for frame in (0, 17, expected.num_frames - 1):
        found = glb.positions(int(keys[frame]))
        for name, place in zip(BONE_NAMES[options.names or "smpl"], expected.joint_positions[frame], strict=True):
            np.testing.assert_allclose(found[name], place, atol=5e-6)
        if options.mesh:
            posed = rest.pose(turned[frame], expected.joint_positions[frame])
            # Knees and elbows of aligned bones are bent into their rest pose and back.
            atol = 5e-4 if options.bone_axes == "bone" else 1e-5
            np.testing.assert_allclose(glb.vertices(int(keys[frame])), posed, atol=atol)
    assert ("root" in found) == options.root_bone


def test_structure_is_what_other_programs_need(tmp_path: Path) -> None:
    write_gltf(turning_walk(), tmp_path / "walk.glb", ExportOptions(root_bone=True, title="a „walk“"))
    glb = Glb(tmp_path / "walk.glb")
    skin, animation = glb.json["skins"][0], glb.json["animations"][0]
    assert glb.json["scenes"][0]["nodes"] == [0, 23]  # the skinned mesh beside the skeleton, not below it
    assert glb.json["nodes"][23] == {"name": "Mannequin", "mesh": 0, "skin": 0}
    assert skin["joints"] == list(range(23))
    assert animation["name"] == "a „walk“"
    moved = [c["target"]["node"] for c in animation["channels"] if c["target"]["path"] == "translation"]
    assert moved == [0, 1]
    for channel in animation["channels"]:
        if channel["target"]["path"] == "rotation":
            turns = glb.array(animation["samplers"][channel["sampler"]]["output"])
            assert np.sum(turns[1:] * turns[:-1], axis=1).min() > 0
    attributes = glb.json["meshes"][0]["primitives"][0]["attributes"]
    weights, joints = glb.array(attributes["WEIGHTS_0"]), glb.array(attributes["JOINTS_0"])
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-7)
    assert weights.min() >= 0
    assert not joints[weights == 0].any()
    bounds = glb.json["accessors"][attributes["POSITION"]]
    np.testing.assert_array_equal(bounds["max"], glb.array(attributes["POSITION"]).max(axis=0))
    num_faces = sum(len(glb.array(part["indices"])) for part in glb.json["meshes"][0]["primitives"]) // 3
    assert num_faces == 15806
    assert "MIT" in glb.json["asset"]["copyright"]


def test_segments_and_rate_are_in_the_extras(tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 20])
    write_gltf(turning_walk(), tmp_path / "walk.glb", ExportOptions(frame_rate=30.0), track)
    assert Glb(tmp_path / "walk.glb").json["animations"][0]["extras"] == {
        "frame_rate": 30.0,
        "segments": [
            {"text": "a person walks", "start": 0.0, "end": 2.0},
            {"text": "a person waves", "start": 2.0, "end": 3.0},
        ],
    }


def test_without_mesh_there_is_still_a_skin(tmp_path: Path) -> None:
    write_gltf(turning_walk(), tmp_path / "walk.glb", ExportOptions(mesh=False))
    glb = Glb(tmp_path / "walk.glb")
    assert len(glb.json["skins"]) == 1
    assert "meshes" not in glb.json
    assert "copyright" not in glb.json["asset"]


def test_same_motion_same_bytes(tmp_path: Path) -> None:
    for name in ("a.glb", "b.glb"):
        write_gltf(turning_walk(), tmp_path / name)
    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()


def test_cancelling_leaves_no_file(tmp_path: Path) -> None:
    progress = CallbackProgress()
    progress.cancel()
    with pytest.raises(CancelledError):
        write_gltf(turning_walk(), tmp_path / "walk.glb", progress=progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_read_back_within_a_hundredth_of_a_millimetre(tmp_path: Path, options: ExportOptions) -> None:
    motion = turning_walk()
    write_gltf(motion, tmp_path / "walk.glb", options)
    again = read_gltf(tmp_path / "walk.glb")
    rate = options.frame_rate or 20.0
    assert again.frame_rate == rate
    assert again.skeleton.joint_names == BONE_NAMES[options.names or "smpl"]  # the ground bone only carries the body
    np.testing.assert_allclose(again.joint_positions, resample_motion(motion, rate).joint_positions, atol=1e-5)
    assert again.local_rotations is not None
    world = kinematics.forward_kinematics(again.skeleton, again.local_rotations, again.joint_positions[:, 0])
    np.testing.assert_allclose(world, again.joint_positions, atol=1e-5)


def arm(**changes: Any) -> dict[str, Any]:
    """Two nodes, 10 apart along Y, below one that scales by 0.1; the upper one turns about Z by 0, then 90 degrees."""
    keys = np.array([0.0, 0.5], dtype="<f4").tobytes()
    half = np.sqrt(0.5)
    turns = np.array([[0, 0, 0, 1], [0, 0, half, half]], dtype="<f4").tobytes()
    data = keys + turns
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"name": "Armature", "scale": [0.1, 0.1, 0.1], "translation": [1, 0, 0], "children": [1]},
            {"name": "Upper", "translation": [0, 5, 0], "children": [2]},
            {"name": "Lower", "translation": [0, 10, 0]},
        ],
        "skins": [{"joints": [1, 2]}],
        "buffers": [{"byteLength": 40, "uri": "data:;base64," + base64.b64encode(data).decode()}],
        "bufferViews": [{"buffer": 0, "byteLength": 8}, {"buffer": 0, "byteOffset": 8, "byteLength": 32}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 2, "type": "SCALAR"},
            {"bufferView": 1, "componentType": 5126, "count": 2, "type": "VEC4"},
        ],
        "animations": [
            {
                "channels": [{"sampler": 0, "target": {"node": 1, "path": "rotation"}}],
                "samplers": [{"input": 0, "output": 1}],
            }
        ],
    }
    for path, value in changes.items():
        place: Any = document
        *above, last = path.split("__")
        for step in above:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
    return document


def save(folder: Path, document: Any, name: str = "arm.gltf") -> Path:
    (folder / name).write_text(json.dumps(document))
    return folder / name


def test_reads_hand_computed_positions_in_metres(tmp_path: Path) -> None:
    motion = read_motion(save(tmp_path, arm()))
    assert motion.skeleton.joint_names == ("Upper", "Lower")
    assert (motion.frame_rate, motion.num_frames) == (20.0, 11)  # two keys half a second apart, sampled at 20 Hz
    np.testing.assert_allclose(motion.joint_positions[0], [[1, 0.5, 0], [1, 1.5, 0]], atol=1e-6)
    np.testing.assert_allclose(motion.joint_positions[-1], [[1, 0.5, 0], [0, 0.5, 0]], atol=1e-6)
    angle = np.radians(np.linspace(0, 90, 11))
    tip = np.stack([1 - np.sin(angle), 0.5 + np.cos(angle), 0 * angle], axis=-1)
    np.testing.assert_allclose(motion.joint_positions[:, 1], tip, atol=1e-6)
    np.testing.assert_allclose(motion.skeleton.rest_offsets, [[0, 0, 0], [0, 1, 0]], atol=1e-6)


def test_step_keeps_a_key_until_the_next(tmp_path: Path) -> None:
    motion = read_gltf(save(tmp_path, arm(animations__0__samplers__0__interpolation="STEP")))
    np.testing.assert_allclose(motion.joint_positions[9, 1], [1, 1.5, 0], atol=1e-6)
    np.testing.assert_allclose(motion.joint_positions[10, 1], [0, 0.5, 0], atol=1e-6)


def test_cubic_spline_of_a_translation(tmp_path: Path) -> None:
    # Keys at 0 and 0.5 s with values 0 and 1 and all tangents 0: Hermite gives 3 s^2 - 2 s^3 along X.
    values = np.zeros((6, 3), dtype="<f4")
    values[4, 0] = 1
    data = np.array([0, 0.5], dtype="<f4").tobytes() + values.tobytes()
    document = arm(
        buffers__0={"byteLength": 80, "uri": "data:;base64," + base64.b64encode(data).decode()},
        bufferViews__1={"buffer": 0, "byteOffset": 8, "byteLength": 72},
        accessors__1={"bufferView": 1, "componentType": 5126, "count": 6, "type": "VEC3"},
        animations__0__samplers__0__interpolation="CUBICSPLINE",
        animations__0__channels__0__target={"node": 1, "path": "translation"},
    )
    share = np.linspace(0, 1, 11)
    found = read_gltf(save(tmp_path, document)).joint_positions[:, 0, 0]
    np.testing.assert_allclose(found, 1 + 0.1 * (3 * share**2 - 2 * share**3), atol=1e-6)


def test_sparse_normalized_and_buffers_beside_the_file(tmp_path: Path) -> None:
    # 16-bit turns: zero everywhere but what the sparse part puts in: the identity, then a quarter turn about Z.
    half = round(np.sqrt(0.5) * 32767)
    turns = np.array([[0, 0, 0, 32767], [0, 0, half, half]], dtype="<i2").tobytes()
    (tmp_path / "my arm.bin").write_bytes(np.array([0, 0.5], dtype="<f4").tobytes() + turns + bytes([0, 1]))
    document = arm(
        buffers__0={"byteLength": 26, "uri": "my%20arm.bin"},
        bufferViews__1={"buffer": 0, "byteOffset": 8, "byteLength": 18},
        accessors__1={
            "componentType": 5122,
            "normalized": True,
            "count": 2,
            "type": "VEC4",
            "sparse": {
                "count": 2,
                "indices": {"bufferView": 1, "byteOffset": 16, "componentType": 5121},
                "values": {"bufferView": 1},
            },
        },
    )
    motion = read_gltf(save(tmp_path, document))
    np.testing.assert_allclose(motion.joint_positions[-1, 1], [0, 0.5, 0], atol=1e-4)


def test_bind_pose_is_the_rest_pose(tmp_path: Path) -> None:
    # The nodes stand bent, the bind matrices say that both joints were straight.
    document = arm(
        nodes__1__rotation=[0, 0, float(np.sqrt(0.5)), float(np.sqrt(0.5))],
        buffers__0={"byteLength": 168, "uri": None},
        skins__0={"joints": [1, 2], "inverseBindMatrices": 2},
    )
    document["bufferViews"].append({"buffer": 0, "byteOffset": 40, "byteLength": 128})
    document["accessors"].append({"bufferView": 2, "componentType": 5126, "count": 2, "type": "MAT4"})
    raw = base64.b64decode(arm()["buffers"][0]["uri"].split(",")[1])
    bind = np.tile(np.eye(4, dtype="<f4") * [10, 10, 10, 1], (2, 1, 1)).astype("<f4")
    encoded = base64.b64encode(raw + bind.tobytes()).decode()
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + encoded
    motion = read_gltf(save(tmp_path, document))
    np.testing.assert_allclose(motion.skeleton.rest_offsets[1], [0, 1, 0], atol=1e-6)
    assert motion.local_rotations is not None
    np.testing.assert_allclose(np.abs(motion.local_rotations[0]), [[1, 0, 0, 0]] * 2, atol=1e-6)


def test_joints_with_nothing_in_common_get_one_above_them(tmp_path: Path) -> None:
    document = arm(nodes__0={"name": "Armature"}, scenes__0__nodes=[0, 1, 2], nodes__1={"name": "Upper"})
    assert read_gltf(save(tmp_path, document)).skeleton.joint_names == ("scene", "Upper", "Lower")
    document = arm(nodes__0__children=[1, 2], nodes__1={"name": "Upper"})
    motion = read_gltf(save(tmp_path, document))
    assert (motion.skeleton.joint_names, motion.skeleton.parents) == (("Armature", "Upper", "Lower"), (-1, 0, 0))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"asset": {}}, "glTF version None, expected 2.0"),
        ({"animations": []}, "holds no animation of nodes"),
        ({"animations": 3}, "animations is no list of objects"),
        ({"nodes__2__children": [1]}, "expected a node that has no other parent"),
        ({"nodes__0__children": [], "nodes__2__children": [1]}, "form a circle"),
        ({"nodes__2__children": [7]}, "node 2: child 7"),
        ({"nodes__1__translation": [0, 1e300, 0]}, "node 1: translation is not 3 finite numbers"),
        ({"nodes__1__translation": [0, True, 0]}, "node 1: translation is not 3 finite numbers"),
        ({"nodes__1__rotation": [0, 0, 0]}, "node 1: rotation is not 4 finite numbers"),
        ({"skins__0__joints": [1, 9]}, "skin: joint 9, expected a node below 3"),
        ({"skins__0__inverseBindMatrices": 1}, "accessor 1 is of type 'VEC4', expected MAT4"),
        ({"accessors__1__count": 1_000_000_000}, "accessor 1: 1000000000 elements, expected an animation of at most"),
        ({"accessors__1__count": 3}, "accessor 1: 3 elements need 48 bytes, expected at most 32"),
        ({"accessors__1__count": -1}, "accessor 1: count -1, expected a whole number"),
        ({"accessors__1__count": 1}, "animation 0: 1 values at 2 keys"),
        ({"accessors__1__byteOffset": 8}, "accessor 1: 2 elements need 40 bytes"),
        ({"accessors__1__componentType": 5124}, "component type 5124"),
        ({"accessors__1__type": "VEC9"}, "type 'VEC9', expected one of"),
        ({"accessors__1__bufferView": 5}, "accessor 1: bufferView 5, expected an index below 2"),
        ({"bufferViews__1__byteLength": 33}, "buffer view 1 ends at byte 41, expected at most 40"),
        ({"bufferViews__1__byteStride": 8}, "accessor 1: 2 elements need 24 bytes, expected at most 32"),
        ({"bufferViews__1__extensions": {"EXT_meshopt_compression": {}}}, "is compressed"),
        ({"buffers__0__byteLength": 41}, "buffer 0: 40 bytes, expected 41"),
        ({"buffers__0__uri": "data:;base64,%%%"}, "its data uri is damaged"),
        ({"buffers__0__uri": "../outside.bin"}, "expected a file in the same folder"),
        ({"buffers__0__uri": "/etc/hostname"}, "expected a file in the same folder"),
        ({"buffers__0__uri": "https://example.org/a.bin"}, "expected a file in the same folder"),
        ({"buffers__0__uri": "%00"}, "expected a file beside this one"),
        ({"buffers__0__uri": "none.bin"}, "none.bin: no such file"),
        ({"buffers__0": {"byteLength": 40}}, "buffer 0 has no data"),
        ({"animations__0__samplers__0__interpolation": "BEZIER"}, "interpolation 'BEZIER'"),
        ({"animations__0__channels__0__sampler": 4}, "animation 0: sampler 4, expected an index below 1"),
        ({"accessors__0__sparse": {"count": 3}}, "accessor 0, sparse: 3 elements, expected at most 2"),
    ],
    ids=str,
)
def test_wrong_files_say_where_and_what(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        read_gltf(save(tmp_path, arm(**changes)))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "turn", "sentence"),
    [
        ([0.0, np.nan], 1.0, "accessor 0 holds NaN or infinity"),
        ([0.5, 0.0], 1.0, "key times run backwards"),
        ([0.0, 1e9], 1.0, "20000000001 frames of 3 joints, expected at most 666666"),
        ([0.0, 0.5], np.inf, "accessor 1 holds NaN or infinity"),
    ],
)
def test_wrong_numbers_in_the_buffers(tmp_path: Path, keys: list[float], turn: float, sentence: str) -> None:
    data = np.array([*keys, 0, 0, 0, turn, 0, 0, 0, 1], dtype="<f4").tobytes()
    path = save(tmp_path, arm(buffers__0__uri="data:;base64," + base64.b64encode(data).decode()))
    with pytest.raises(FileFormatError, match=sentence):
        read_gltf(path)


def test_every_truncation_of_a_glb_is_refused(tmp_path: Path) -> None:
    write_gltf(turning_walk(num_frames=3), tmp_path / "walk.glb", ExportOptions(mesh=False))
    raw = (tmp_path / "walk.glb").read_bytes()
    for length in [1, 4, 11, 12, 19, 20, 500, len(raw) - 1]:
        (tmp_path / "part.glb").write_bytes(raw[:length])
        with pytest.raises(FileFormatError):
            read_gltf(tmp_path / "part.glb")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a model", "does not begin with glTF"),
        (struct.pack("<4sIIII", b"glTF", 1, 20, 0, 0x4E4F534A), "glTF version 1, expected 2"),
        (struct.pack("<4sIIII", b"glTF", 2, 20, 9, 0x4E4F534A), "its first chunk is no complete JSON"),
        (struct.pack("<4sIIII", b"glTF", 2, 20, 0, 0x4E4F534A), "its JSON is damaged"),
        (struct.pack("<4sIIII", b"glTF", 2, 22, 2, 0x4E4F534A) + b"[]", "its JSON is not an object"),
        (struct.pack("<4sIIII", b"glTF", 2, 8020, 8000, 0x4E4F534A) + b"[" * 8000, "its JSON is damaged"),
    ],
)
def test_what_is_no_glb(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "walk.glb").write_bytes(content)
    with pytest.raises(FileFormatError, match=sentence):
        read_gltf(tmp_path / "walk.glb")
