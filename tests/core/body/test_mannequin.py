"""The mannequin: a closed surface of human size whose skinning follows the joints and nothing else."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from segmo_core.body.mannequin import MANNEQUIN_FILE, fits_mannequin, load_mannequin, mannequin_rotations
from segmo_core.errors import InvalidRequestError
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton

NUM_JOINTS = 22
NAMES = MODEL_SKELETON.joint_names
HALF = np.sqrt(0.5)


def identity() -> np.ndarray:
    return np.tile(rotations.IDENTITY_QUATERNION, (NUM_JOINTS, 1))


def posed(**turns: tuple[tuple[float, float, float], float]) -> tuple[np.ndarray, np.ndarray]:
    """World rotations and joints of the rest pose with joints turned: name=(axis, degrees)."""
    local = identity()[None].copy()
    for name, (axis, degrees) in turns.items():
        local[0, NAMES.index(name)] = rotations.from_axis_angle(np.array(axis), np.radians(degrees))
    joints = kinematics.forward_kinematics(MODEL_SKELETON, local, np.zeros((1, 3)))[0]
    return kinematics.global_rotations(MODEL_SKELETON, local)[0], joints


def distance_to_bones(points: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """(V,) metres from each point to the nearest bone."""
    nearest = np.full(len(points), np.inf)
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        if parent >= 0:
            bone = joints[joint] - joints[parent]
            t = np.clip((points - joints[parent]) @ bone / (bone @ bone), 0, 1)
            nearest = np.minimum(nearest, np.linalg.norm(points - joints[parent] - t[:, None] * bone, axis=1))
    return nearest


def test_the_asset_is_a_body_of_human_size() -> None:
    mesh = load_mannequin()
    assert 5000 <= len(mesh.vertices) <= 9000
    height = np.ptp(mesh.vertices[:, 1])
    assert 1.70 < height < 1.95
    assert 1.6 < np.ptp(mesh.vertices[:, 0]) < 2.0  # arm span of a T-pose, about the height
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0
    assert 0.055 < volume < 0.085  # cubic metres; a person of 70 kg has about 0.07


def test_the_surface_is_closed_and_in_one_piece() -> None:
    mesh = load_mannequin()
    faces = mesh.faces
    directed = Counter(
        (int(a), int(b)) for face in faces for a, b in ((face[0], face[1]), (face[1], face[2]), (face[2], face[0]))
    )
    assert set(directed.values()) == {1}
    assert all((b, a) in directed for a, b in directed)
    assert set(faces.ravel().tolist()) == set(range(len(mesh.vertices)))
    # Euler: V - E + F = 2 for one closed surface without holes.
    assert len(mesh.vertices) - len(directed) // 2 + len(faces) == 2


def test_weights_are_shares_of_at_most_four_joints() -> None:
    mesh = load_mannequin()
    assert mesh.joint_weights.shape == (len(mesh.vertices), 4)
    assert mesh.joint_indices.shape == mesh.joint_weights.shape
    assert mesh.joint_weights.min() >= 0
    np.testing.assert_allclose(mesh.joint_weights.sum(axis=1), 1.0, atol=1e-6)
    assert mesh.joint_indices.max() < NUM_JOINTS
    assert set(np.unique(mesh.joint_indices[mesh.joint_weights > 0.5])) == set(range(NUM_JOINTS))


def test_normals_are_unit_vectors_that_point_outwards() -> None:
    mesh = load_mannequin()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    corners = mesh.vertices[mesh.faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    agreement = np.einsum("fi,fi->f", face_normals, mesh.normals[mesh.faces[:, 0]])
    assert np.mean(agreement > 0) > 0.995


def test_the_rest_pose_gives_the_rest_vertices() -> None:
    mesh = load_mannequin()
    result = mesh.pose_with_normals(identity(), mesh.rest_joints)
    np.testing.assert_allclose(result.vertices, mesh.vertices, atol=1e-6)
    np.testing.assert_allclose(result.normals, mesh.normals, atol=1e-5)
    np.testing.assert_allclose(mesh.rest_joints, posed()[1], atol=1e-6)


def test_moving_all_joints_alike_moves_all_vertices_alike() -> None:
    mesh = load_mannequin()
    shift = np.array([1.5, -0.25, 3.0])
    moved = mesh.pose(identity(), mesh.rest_joints + shift)
    np.testing.assert_allclose(moved - mesh.vertices, np.broadcast_to(shift, moved.shape), atol=1e-5)


def test_turning_the_root_turns_all_vertices() -> None:
    mesh = load_mannequin()
    quarter_left = np.array([HALF, 0.0, HALF, 0.0])  # 90 degrees about +Y: x goes to -z, z to x
    joints = mesh.rest_joints[:, [2, 1, 0]] * np.array([1, 1, -1])
    turned = mesh.pose_with_normals(np.tile(quarter_left, (NUM_JOINTS, 1)), joints)
    np.testing.assert_allclose(turned.vertices, mesh.vertices[:, [2, 1, 0]] * np.array([1, 1, -1]), atol=1e-5)
    np.testing.assert_allclose(turned.normals, mesh.normals[:, [2, 1, 0]] * np.array([1, 1, -1]), atol=1e-5)


def test_many_frames_at_once_equal_each_frame_alone() -> None:
    mesh = load_mannequin()
    poses = [posed(), posed(left_elbow=((0, 1, 0), -90.0)), posed(right_hip=((1, 0, 0), -80.0))]
    world, joints = np.stack([pose[0] for pose in poses]), np.stack([pose[1] for pose in poses])
    together = mesh.pose_with_normals(world, joints)
    assert together.vertices.shape == (3, len(mesh.vertices), 3)
    for index in range(3):
        alone = mesh.pose(world[index], joints[index])
        np.testing.assert_allclose(together.vertices[index], alone, atol=1e-6)


def test_a_bent_elbow_moves_its_forearm_and_nothing_else() -> None:
    mesh = load_mannequin()
    world, joints = posed(left_elbow=((0, 1, 0), -90.0))  # the left forearm, along +X, now points to +Z
    vertices = mesh.pose(world, joints)
    elbow, wrist = joints[NAMES.index("left_elbow")], joints[NAMES.index("left_wrist")]
    np.testing.assert_allclose(wrist - elbow, [0, 0, MODEL_SKELETON.bone_lengths[20]], atol=1e-6)
    beyond_wrist = mesh.vertices[:, 0] > 0.78
    assert beyond_wrist.sum() > 100
    assert vertices[beyond_wrist, 2].min() > wrist[2]
    away = mesh.vertices[:, 0] < 0.39  # more than 7 cm from the elbow, towards the body
    np.testing.assert_allclose(vertices[away], mesh.vertices[away], atol=1e-6)


@pytest.mark.parametrize(
    "turns",
    [
        {"left_hip": ((1, 0, 0), -100.0), "left_knee": ((1, 0, 0), 110.0)},
        {"right_hip": ((0, 0, 1), -70.0)},
        {"left_shoulder": ((0, 0, 1), -80.0), "right_shoulder": ((0, 0, 1), -80.0)},
        {"left_shoulder": ((0, 1, 0), -90.0), "left_elbow": ((0, 1, 0), -120.0)},
        {"spine1": ((1, 0, 0), 35.0), "spine2": ((1, 0, 0), 30.0), "neck": ((0, 1, 0), 50.0)},
    ],
    ids=["high knee", "leg to the side", "arms down and up", "arm across", "bow and look aside"],
)
def test_no_vertex_leaves_the_body_in_strong_poses(turns: dict[str, tuple[tuple[float, float, float], float]]) -> None:
    """A vertex bound to the wrong joint shows as a spike: far from every bone."""
    mesh = load_mannequin()
    at_rest = distance_to_bones(mesh.vertices, mesh.rest_joints)
    world, joints = posed(**turns)
    assert np.all(distance_to_bones(mesh.pose(world, joints), joints) < at_rest + 0.035)


def test_hands_and_feet_keep_their_shape_in_a_walk(walk: Motion) -> None:
    mesh = load_mannequin()
    vertices = mesh.pose(mannequin_rotations(walk)[::7], walk.joint_positions[::7])
    rows = np.arange(len(mesh.vertices))
    main = mesh.joint_indices[rows, mesh.joint_weights.argmax(axis=1)]
    for name in ("left_wrist", "right_wrist", "left_ankle", "head"):
        rigid = (main == NAMES.index(name)) & (mesh.joint_weights.max(axis=1) > 0.999)
        assert rigid.sum() > 50
        size_at_rest = np.linalg.norm(mesh.vertices[rigid] - mesh.vertices[rigid][0], axis=1)
        sizes = np.linalg.norm(vertices[:, rigid] - vertices[:, rigid][:, :1], axis=2)
        np.testing.assert_allclose(sizes, np.broadcast_to(size_at_rest, sizes.shape), atol=1e-4)


def test_rotations_are_recovered_where_a_motion_has_none(walk: Motion) -> None:
    known = mannequin_rotations(walk)
    recovered = mannequin_rotations(Motion(walk.joint_positions, 20.0, MODEL_SKELETON))
    np.testing.assert_allclose(np.abs(np.sum(known * recovered, axis=-1)), 1.0, atol=1e-4)


def test_a_rest_pose_with_lowered_arms_is_not_taken_for_a_t_pose(walk: Motion) -> None:
    offsets = MODEL_SKELETON.rest_offsets.copy()
    offsets[18:22] = [0.0, -0.26, 0.0]
    lowered = Skeleton(NAMES, MODEL_SKELETON.parents, offsets)
    local = np.tile(rotations.IDENTITY_QUATERNION, (1, NUM_JOINTS, 1))
    joints = kinematics.forward_kinematics(lowered, local, np.zeros((1, 3)))
    vertices = load_mannequin().pose(mannequin_rotations(Motion(joints, 20.0, lowered, local)), joints)[0]
    hands = load_mannequin().vertices[:, 0] > 0.8
    assert vertices[hands, 1].max() < joints[0, NAMES.index("left_elbow"), 1]


def test_another_set_of_joints_is_refused(walk: Motion) -> None:
    mesh = load_mannequin()
    with pytest.raises(InvalidRequestError, match="expected 22 joints"):
        mesh.pose(identity()[:5], mesh.rest_joints[:5])
    chain = Skeleton(("root", "tip"), (-1, 0), np.array([[0, 0, 0], [0, 1.0, 0]]))
    assert not fits_mannequin(chain)
    with pytest.raises(InvalidRequestError, match="2 joints"):
        mannequin_rotations(Motion(np.zeros((1, 2, 3)), 20.0, chain))


@pytest.mark.slow
def test_the_script_builds_the_asset_that_is_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    pytest.importorskip("pyvista")
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "scripts"))
    import build_mannequin

    monkeypatch.setattr(build_mannequin, "OUTPUT", tmp_path / "mannequin.npz")
    build_mannequin.main()
    for name in ("build_mannequin", "mannequin_shape", "mannequin_weights", "mannequin_marks"):
        sys.modules.pop(name, None)
    with np.load(tmp_path / "mannequin.npz") as built, np.load(MANNEQUIN_FILE) as shipped:
        assert set(built.files) == set(shipped.files)
        np.testing.assert_allclose(built["vertices"], shipped["vertices"], atol=1e-5)
        np.testing.assert_array_equal(built["faces"], shipped["faces"])
