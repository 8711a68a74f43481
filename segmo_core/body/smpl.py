"""SMPL, SMPL-H and SMPL-X bodies from model files that the user has (they are licensed; none comes with this program).

Plain linear blend skinning in NumPy, the same numbers as the ``smplx`` package, whose own loader would run whatever is
in a pickle. ``fitted_mesh`` gives a body with the proportions of the model skeleton that is used like the mannequin.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.body.smpl_pickle import load_smpl_pickle
from segmo_core.body.smpl_pose import pose_smpl_skeleton
from segmo_core.body.smpl_rest_joints import skeleton_of_rest_joints
from segmo_core.errors import FileFormatError, in_short
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.rest_pose import rest_positions, rest_turns
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, SMPL_PARENTS

FloatArray = NDArray[np.floating]

KINDS = {24: "smpl", 52: "smplh", 55: "smplx"}
"""Number of joints -> kind of body."""

NUM_BETAS = 10
_BODY_JOINTS = len(SMPL_JOINT_NAMES)
_ARRAYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")
_MAX_VERTICES = 100_000
_MAX_UNPACKED_BYTES = 1 << 30
# NumPy parses an array's header as a Python literal; damaged ones, and damaged archives, fail in any of these ways.
_DAMAGED = (
    OSError, ValueError, EOFError, KeyError, TypeError, SyntaxError, RuntimeError, NotImplementedError, MemoryError,
    zipfile.BadZipFile, zlib.error, TokenError,
)  # fmt: skip
_ITERATIONS = 20
_SHRINK = 0.003  # metres of bone length that one unit of beta must be worth
_NO_MARK = 1.0  # metres to the nearest joint mark: none is drawn
_INFLUENCES = 4


@dataclass(frozen=True, eq=False)
class SmplModel:
    """One body model. V vertices, J joints, B shape directions, P = 9 (J - 1) pose features.

    template: (V, 3) metres. shape_directions: (V, 3, B). pose_directions: (V, 3, P), or None. joint_regressor: (J, V).
    weights: (V, J), rows sum to 1. parents: J, -1 first. faces: (F, 3).
    """

    kind: str
    template: FloatArray
    shape_directions: FloatArray
    pose_directions: FloatArray | None
    joint_regressor: FloatArray
    weights: FloatArray
    parents: tuple[int, ...]
    faces: NDArray[np.int32]

    @property
    def num_joints(self) -> int:
        return len(self.parents)

    def rest_vertices(self, betas: FloatArray) -> FloatArray:
        """(V, 3) metres of the shape ``betas`` (at most B numbers)."""
        return np.asarray(self.template + self.shape_directions[..., : len(betas)] @ betas)

    def rest_joints(self, betas: FloatArray) -> FloatArray:
        """(J, 3) metres of the shape ``betas``."""
        return np.asarray(self.joint_regressor @ self.rest_vertices(betas))


@dataclass(frozen=True, eq=False)
class SmplPosed:
    """vertices: (T, V, 3), joints: (T, J, 3), metres."""

    vertices: FloatArray
    joints: FloatArray


@dataclass(frozen=True, eq=False)
class SmplParameters:
    """What poses a body: betas (B,), poses (T, J, 3) rotation vectors, translation (T, 3) metres, Y up."""

    betas: FloatArray
    poses: FloatArray
    translation: FloatArray


def find_smpl_models(folder: Path) -> tuple[Path, ...]:
    """The model files under ``folder``: directly or in smpl/, smplh/, smplx/, as .npz or .pkl, sorted."""
    folders = [Path(folder), *(Path(folder) / name for name in KINDS.values())]
    found = [path for each in folders if each.is_dir() for path in each.iterdir()]
    return tuple(sorted(path for path in found if path.suffix.lower() in (".npz", ".pkl") and path.is_file()))


def load_smpl_body(path: Path) -> SmplModel:
    """The model of a file, or of a folder of models: a neutral one where there is one. Raises FileFormatError."""
    path = Path(path)
    if not path.is_dir():
        return load_smpl_model(path)
    found = find_smpl_models(path)
    if not found:
        raise FileFormatError(f"{path}: holds no SMPL model, expected files such as smpl/SMPL_NEUTRAL.npz or .pkl")
    return load_smpl_model(min(found, key=lambda file: "NEUTRAL" not in file.stem.upper()))


def load_smpl_model(path: Path) -> SmplModel:
    """A model from SMPL_NEUTRAL.pkl, SMPLX_MALE.npz and the like. Raises FileFormatError for anything else."""
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path}: no such file, expected an SMPL model")
    arrays = load_smpl_pickle(path) if path.suffix.lower() == ".pkl" else _load_npz(path)
    values = {name: _numbers(path, arrays, name) for name in _ARRAYS if name != "posedirs" or name in arrays}
    template, regressor, weights = values["v_template"], values["J_regressor"], values["weights"]
    num_vertices, num_joints = len(template), len(regressor)
    pose = values.get("posedirs")
    expected = {
        "v_template": (num_vertices, 3), "J_regressor": (num_joints, num_vertices),
        "weights": (num_vertices, num_joints), "kintree_table": (2, num_joints),
        "shapedirs": (num_vertices, 3, values["shapedirs"].shape[-1]), "f": (len(values["f"]), 3),
        "posedirs": (num_vertices, 3, 9 * (num_joints - 1)),
    }  # fmt: skip
    for name, value in values.items():
        if value.shape != expected[name]:
            raise FileFormatError(f"{path}: {name} of shape {value.shape}, expected {expected[name]}")
    if num_joints not in KINDS or not 0 < num_vertices <= _MAX_VERTICES:
        raise FileFormatError(
            f"{path}: {num_joints} joints and {num_vertices} vertices, expected a body of SMPL's kind"
        )
    parents = (-1, *(int(parent) for parent in values["kintree_table"][0, 1:]))
    if parents[:_BODY_JOINTS] != SMPL_PARENTS or any(not 0 <= p < j for j, p in enumerate(parents[1:], start=1)):
        raise FileFormatError(f"{path}: the joints hang together otherwise than SMPL's, expected its tree of joints")
    faces = values["f"].astype(np.int64)
    if len(faces) and (faces.min() < 0 or faces.max() >= num_vertices):
        raise FileFormatError(f"{path}: a triangle without a vertex, expected indices below {num_vertices}")
    return SmplModel(
        KINDS[num_joints],
        template,
        values["shapedirs"][..., :NUM_BETAS],
        pose,
        regressor,
        weights,
        parents,
        faces.astype(np.int32),
    )


def pose_smpl(model: SmplModel, betas: FloatArray, poses: FloatArray, translation: FloatArray) -> SmplPosed:
    """Linear blend skinning of SMPL (Loper et al. 2015, equations 2 to 4), pose correctives included.

    betas: at most 10. poses: (T, J, 3) rotation vectors, each joint relative to its parent. translation: (T, 3) metres.
    """
    matrices = rotations.to_matrix(rotations.from_rotation_vector(np.asarray(poses, dtype=np.float64)))
    rest = model.rest_vertices(betas)
    joints = model.joint_regressor @ rest
    world, placed = matrices.copy(), np.empty((len(matrices), model.num_joints, 3))
    placed[:, 0] = joints[0]
    for joint, parent in enumerate(model.parents[1:], start=1):
        world[:, joint] = world[:, parent] @ matrices[:, joint]
        placed[:, joint] = placed[:, parent] + world[:, parent] @ (joints[joint] - joints[parent])
    vertices = np.broadcast_to(rest, (len(matrices), *rest.shape))
    if model.pose_directions is not None:
        features = (matrices[:, 1:] - np.eye(3)).reshape(len(matrices), -1)
        vertices = vertices + np.einsum("vcp,tp->tvc", model.pose_directions, features)
    shift = placed - np.einsum("tjab,jb->tja", world, joints)
    turned = np.einsum("vj,tjab->tvab", model.weights, world)
    vertices = np.einsum("tvab,tvb->tva", turned, vertices) + model.weights @ shift
    return SmplPosed(vertices + translation[:, None], placed + translation[:, None])


def fit_shape(model: SmplModel) -> FloatArray:
    """(B,) betas whose 21 bones are as long as the model skeleton's, by damped least squares.

    Shapes far from the mean cost as much as the bone lengths they win, so that bodies stay bodies.
    """
    base = (model.joint_regressor @ model.template)[:_BODY_JOINTS]
    change = np.einsum("jv,vcb->jcb", model.joint_regressor, model.shape_directions)[:_BODY_JOINTS]
    parents = np.array(SMPL_PARENTS[1:])
    bones, moves = base[1:] - base[parents], change[1:] - change[parents]
    betas = np.zeros(model.shape_directions.shape[-1])
    shrink = _SHRINK * np.eye(len(betas))
    for _ in range(_ITERATIONS):
        current = bones + moves @ betas
        lengths = np.maximum(np.linalg.norm(current, axis=-1), 1e-9)
        slopes = np.einsum("jc,jcb->jb", current / lengths[:, None], moves)
        residual = MODEL_SKELETON.bone_lengths[1:] - lengths
        system = np.concatenate([slopes, shrink])
        betas = betas + np.linalg.lstsq(system, np.concatenate([residual, -_SHRINK * betas]), rcond=None)[0]
    return betas


def fit_parameters(model: SmplModel, motion: Motion) -> SmplParameters:
    """Shape and poses with which ``pose_smpl`` follows ``motion`` (rigid, on MODEL_SKELETON); fingers and face rest.

    Bones have the directions of the motion's, twist included. The path is scaled to the fitted legs, which are nearly
    as long as the model skeleton's. Raises InvalidRequestError for another motion.
    """
    betas = fit_shape(model)
    joints = model.rest_joints(betas)
    body = pose_smpl_skeleton(motion, skeleton_of_rest_joints(joints))
    assert body.local_rotations is not None
    poses = np.zeros((body.num_frames, model.num_joints, 3))
    poses[:, :_BODY_JOINTS] = rotations.to_rotation_vector(body.local_rotations)
    return SmplParameters(betas, poses, body.joint_positions[:, 0].astype(np.float64) - joints[0])


def fitted_mesh(model: SmplModel) -> SkinnedMesh:
    """The body in the rest pose and with the bone lengths of the model skeleton, to be used like the mannequin.

    Fingers and face follow wrists and head; pose correctives are left out; four joints at most move a vertex.
    """
    betas = fit_shape(model)
    joints = model.rest_joints(betas)[:_BODY_JOINTS]
    turns = rotations.inverse(rest_turns(rest_positions(skeleton_of_rest_joints(joints))))
    matrices = rotations.to_matrix(turns)
    indices, weights = _strongest(_body_weights(model))
    target = rest_positions(MODEL_SKELETON)
    shift = target - np.einsum("jab,jb->ja", matrices, joints)
    blended = np.einsum("vk,vkab->vab", weights, matrices[indices])
    vertices = np.einsum("vab,vb->va", blended, model.rest_vertices(betas))
    vertices = vertices + np.einsum("vk,vka->va", weights, shift[indices])
    num_vertices = len(vertices)
    return SkinnedMesh(
        vertices=vertices.astype(np.float32),
        faces=model.faces,
        normals=_normals(vertices, model.faces).astype(np.float32),
        joint_indices=indices.astype(np.uint8),
        joint_weights=weights.astype(np.float32),
        rest_joints=target.astype(np.float32),
        accent=np.full(num_vertices, _NO_MARK, dtype=np.float32),
        occlusion=np.ones(num_vertices, dtype=np.float32),
        licence="Body: made from a user's own SMPL model; its licence forbids passing the surface on",
    )


def _body_weights(model: SmplModel) -> FloatArray:
    """(V, 22): the weight of every other joint given to the body joint that it hangs from."""
    weights = np.array(model.weights[:, :_BODY_JOINTS])
    for joint in range(_BODY_JOINTS, model.num_joints):
        owner = joint
        while owner >= _BODY_JOINTS:
            owner = model.parents[owner]
        weights[:, owner] += model.weights[:, joint]
    return weights


def _strongest(weights: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    indices = np.argsort(-weights, axis=1, kind="stable")[:, :_INFLUENCES]
    kept = np.take_along_axis(weights, indices, axis=1)
    return indices, kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9)


def _normals(vertices: FloatArray, faces: NDArray[np.int32]) -> FloatArray:
    """(V, 3) unit normals: the faces' own, weighted by area."""
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    return rotations.normalize(normals, np.array([0.0, 1.0, 0.0]))


def _load_npz(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive_file:
            members = [info for info in archive_file.infolist() if info.filename.removesuffix(".npy") in _ARRAYS]
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in members):
            raise FileFormatError(f"{path}: is packed unusually, expected an archive as NumPy writes it")
        size = sum(info.file_size for info in members)
        if size > _MAX_UNPACKED_BYTES:
            raise FileFormatError(f"{path}: unpacks to {size} bytes, expected at most {_MAX_UNPACKED_BYTES}")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in _ARRAYS if name in archive.files}
    except _DAMAGED as error:
        raise FileFormatError(f"{path}: not a complete body model ({in_short(error)})") from None


def _numbers(path: Path, arrays: dict[str, Any], name: str) -> FloatArray:
    if name not in arrays:
        raise FileFormatError(f"{path}: {name} is missing, expected {', '.join(_ARRAYS)}")
    value = arrays[name]
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu" or not np.isfinite(value).all():
        raise FileFormatError(f"{path}: {name} holds no finite numbers, expected an array of them")
    if value.ndim == 0:
        raise FileFormatError(f"{path}: {name} of shape (), expected an array")
    return value.astype(np.float64)
