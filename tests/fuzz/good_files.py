"""Sound files that mutations begin from: a short motion in every format that we write, and what others write."""

from __future__ import annotations

import json
import pickle
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.grounding.segment_check import SegmentCheck, TrackAlignment
from segmo_core.models.sampling_settings import SamplingOverrides
from segmo_core.motion import kinematics
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.project.project import Project, Take
from segmo_core.project.project_file import ProjectBundle, ProjectFile, write_project
from segmo_core.retargeting.joint_map import JointMap, write_joint_map
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack, TextSegment

NUM_FRAMES = 4


@cache
def short_motion(num_frames: int = NUM_FRAMES) -> Motion:
    """A body that sways a little, on the model skeleton."""
    generator = np.random.default_rng(0)
    local = np.concatenate([np.ones((num_frames, 22, 1)), generator.normal(scale=0.1, size=(num_frames, 22, 3))], -1)
    local /= np.linalg.norm(local, axis=-1, keepdims=True)
    root = np.stack([np.zeros(num_frames), np.full(num_frames, 0.93), 0.05 * np.arange(num_frames)], axis=-1)
    return Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, root), 20.0, MODEL_SKELETON, local)


def bent_hands() -> HandPoses:
    """Fingers that close a little more from frame to frame."""
    half = np.radians(5.0 * (1 + np.arange(NUM_FRAMES)))[:, None, None]
    return HandPoses(np.concatenate([np.cos(half), 0 * half, 0 * half, np.sin(half)], axis=-1).repeat(30, axis=1))


@cache
def written(name: str, format_name: str | None = None, *, fingers: bool = False, **options: object) -> bytes:
    """The bytes of ``short_motion`` as the file ``name``, with hands that close where it has ``fingers``."""
    track = SegmentTrack.from_durations(["A person walks.", "A person turns."], [2, NUM_FRAMES - 2])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        chosen = ExportOptions(**options)  # type: ignore[arg-type]
        motion = replace(short_motion(), hands=bent_hands() if fingers else None)
        write_motion(motion, path, track, chosen, format_name=format_name)
        return path.read_bytes()


@cache
def gltf_text() -> bytes:
    """The .glb as a .gltf whose buffer stands in the text."""
    import base64
    import struct

    raw = written("x.glb", mesh=False)
    (json_length,) = struct.unpack_from("<I", raw, 12)
    document = json.loads(raw[20 : 20 + json_length])
    data = base64.b64encode(raw[28 + json_length :]).decode("ascii")
    document["buffers"][0]["uri"] = f"data:application/octet-stream;base64,{data}"
    return json.dumps(document).encode()


@cache
def kit_features() -> bytes:
    import io

    stream = io.BytesIO()
    row = np.random.default_rng(0).normal(scale=0.1, size=251)
    np.save(stream, np.tile(row, (NUM_FRAMES, 1)), allow_pickle=False)
    return stream.getvalue()


@cache
def pickled_results() -> bytes:
    """A dictionary of poses as AIST++ pickles it."""
    poses = np.zeros((NUM_FRAMES, 72))
    return pickle.dumps({"smpl_poses": poses, "smpl_trans": poses[:, :3], "smpl_scaling": np.array([90.0])})


@cache
def results() -> bytes:
    """A dictionary of results, pickled into an array, as text-to-motion tools keep theirs."""
    import io

    joints = short_motion().joint_positions.transpose(1, 2, 0)[None]
    content = {"motion": joints, "text": ["a person walks"], "lengths": np.array([NUM_FRAMES]), "num_samples": 1}
    stream = io.BytesIO()
    np.save(stream, np.array(content, dtype=object), allow_pickle=True)
    return stream.getvalue()


@cache
def trc() -> bytes:
    """Joints under the names of video tools, as a table of markers."""
    motion = short_motion()
    parts = {"Hip": "hip", "Knee": "knee", "Ankle": "ankle", "Shoulder": "shoulder", "Elbow": "elbow", "Wrist": "wrist"}
    joints = {f"{side[0].upper()}{name}": motion.joint(f"{side}_{part}")
              for side in ("left", "right") for name, part in parts.items()}  # fmt: skip
    names = "\t\t\t".join(joints)
    head = f"PathFileType\t4\t(X/Y/Z)\tx.trc\nDataRate\tUnits\n20\tm\nFrame#\tTime\t{names}\n\n"
    rows = [[str(frame), str(frame / 20), *(f"{value:.4f}" for each in joints.values() for value in each[frame])]
            for frame in range(NUM_FRAMES)]  # fmt: skip
    return (head + "\n".join("\t".join(row) for row in rows) + "\n").encode()


@cache
def c3d() -> bytes:
    """The same joints as points of a C3D file, in metres, as floats of an Intel processor."""
    import struct

    text = trc().decode().split("\n")
    names = [name for name in text[3].split("\t")[2:] if name]
    points = np.array([line.split("\t")[2:] for line in text[5:] if line], dtype=float).reshape(NUM_FRAMES, -1, 3)
    wide = max(map(len, names))
    labels = "".join(name.ljust(wide) for name in names).encode()

    def parameter(name: bytes, kind: int, shape: bytes, data: bytes) -> bytes:
        body = struct.pack("bB", kind, len(shape)) + shape + data + b"\0"
        return struct.pack("bb", len(name), 1) + name + struct.pack("<H", 2 + len(body)) + body

    block = struct.pack("bb", 5, -1) + b"POINT" + struct.pack("<H", 3) + b"\0"
    block += (
        parameter(b"LABELS", -1, bytes([wide, len(names)]), labels) + parameter(b"UNITS", -1, b"\1", b"m") + b"\0\0"
    )
    parameters = (struct.pack("BBBB", 1, 0x50, 1, 84) + block).ljust(512, b"\0")
    header = struct.pack("<BBHHHHHfHHf", 2, 0x50, len(names), 0, 1, NUM_FRAMES, 10, -1.0, 3, 0, 20.0).ljust(512, b"\0")
    cells = np.concatenate([points, np.zeros((*points.shape[:2], 1))], axis=-1).astype("<f4")
    return header + parameters + cells.tobytes()


ACCLAIM_SKELETON = b""":units
 angle deg
:root
 order TX TY TZ RX RY RZ
 orientation 0 0 0
:bonedata
 begin
 name lfemur
 direction 0.34 -0.93 0
 length 7
 axis 0 0 20 XYZ
 dof rx ry rz
 end
:hierarchy
 begin
 root lfemur
 end
"""
ACCLAIM_MOTION = (
    b":FULLY-SPECIFIED\n:DEGREES\n1\nroot 9 17 -26 7 -3 -5\nlfemur 8 5 19\n2\nroot 9 17 -26 7 -3 -5\nlfemur 9 5 19\n"
)


@cache
def vrm_animation() -> bytes:
    """The .gltf as a VRM animation: human bones instead of names."""
    document = json.loads(gltf_text())
    names = {node.get("name"): number for number, node in enumerate(document["nodes"])}
    bones = {"hips": {"node": names["pelvis"]}, "head": {"node": names["head"]}}
    document["extensions"] = {"VRMC_vrm_animation": {"specVersion": "1.0", "humanoid": {"humanBones": bones}}}
    return json.dumps(document).encode()


@cache
def joint_map() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_joint_map(JointMap({name: name for name in SMPL_JOINT_NAMES}), Path(folder) / "map.json")
        return (Path(folder) / "map.json").read_bytes()


@cache
def manifest() -> bytes:
    """A bundle.json with everything that one may hold."""
    config = {"num_codes": 32, "code_width": 16, "latent_width": 32, "num_heads": 2}
    record = {"bytes": 10, "sha256": "0" * 64}
    content = {
        "format": "segmo-bundle", "version": 1, "name": "tiny", "description": "random", "licence": "MIT",
        "text_encoder": "minilm", "frame_rate": 20.0,
        "tokenizer": {"num_codes": 32, "code_width": 16, "width": 32}, "masked_transformer": config,
        "residual_transformer": config, "sampling": {}, "files": {"tokenizer.safetensors": record},
        "figures": {"fid": 0.1},
    }  # fmt: skip
    return json.dumps(content, indent=2).encode()


@cache
def smpl_arrays() -> dict[str, np.ndarray]:
    """A body of 24 joints with one vertex each, shaped as the official model files are."""
    parents = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21]
    generator = np.random.default_rng(1)
    return {
        "v_template": generator.normal(size=(24, 3)),
        "shapedirs": generator.normal(size=(24, 3, 10)),
        "posedirs": generator.normal(size=(24, 3, 207)).astype(np.float32),
        "J_regressor": np.eye(24),
        "weights": np.eye(24),
        "kintree_table": np.array([[2**32 - 1, *parents[1:]], range(24)], dtype=np.uint32),
        "f": np.array([[0, 1, 2]], dtype=np.uint32),
    }


@cache
def smpl_pickle(protocol: int = 2) -> bytes:
    return pickle.dumps(smpl_arrays(), protocol=protocol)


@cache
def project() -> bytes:
    """A generated take that was edited and checked, one from a file with fingers, and an empty one."""
    motion = short_motion(8)
    track = SegmentTrack.from_durations(["A person walks.", "A person turns."], [4, 4])
    prompt = "a person walks, then turns"
    request = GenerationRequest(prompt, SegmentTrack.from_durations(track.texts, [8, 8]), 3, SamplingOverrides(steps=4))
    ids = np.arange(12, dtype=np.int64).reshape(2, 6)
    result = GenerationResult(request, motion, track, ids, 0.5, TokenOrigin("tiny", "0" * 64), (3, 3))
    check = SegmentCheck("A person walks.", 0.5, 0.75, 0, 4, "swapped", 1)
    generated = Take(
        1, "Take 1", prompt, SegmentedText(prompt, (TextSegment("A person walks.", 0, 14),), "rules"),
        track.with_boundary(0, 3, 1), result,
        groundings=(GroundingResult("walks", 0, 4, 0.5, 0.5, np.linspace(0, 1, 8, dtype=np.float32)),),
        alignment=TrackAlignment((check, replace(check, finding=None, other=None)), 0.25),
    )  # fmt: skip
    read = to_model_skeleton(replace(short_motion(), hands=bent_hands()))
    opened = Take(2, "Take 2", opened=read.motion, source=Path("/x/walk.bvh"), read_as=read)
    content = ProjectFile(
        Project((generated, opened, Take(3, "Take 3")), 2), ProjectBundle("tiny", Path("/x")), drafts={3: "a"}
    )
    with tempfile.TemporaryDirectory() as folder:
        write_project(content, Path(folder) / "x.segmo", b"\x89PNG")
        return (Path(folder) / "x.segmo").read_bytes()


def prop(kind: str) -> bytes:
    """A box as a mesh."""
    import trimesh

    content = trimesh.creation.box((1.0, 0.5, 2.0)).export(file_type=kind)
    return content.encode() if isinstance(content, str) else bytes(content)
