"""SMPL bodies: the same numbers as the real smplx package, pickles that may hold only arrays, a fitted mesh."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from made_smpl import body_arrays
from pygltflib import GLTF2
from sample_motions import turning_walk

from segmo_core.body.mannequin import mannequin_rotations
from segmo_core.body.smpl import find_smpl_models, fit_parameters, fit_shape, fitted_mesh, load_smpl_model, pose_smpl
from segmo_core.body.smpl_pickle import load_smpl_pickle
from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays.amass_files import read_amass_with_model
from segmo_core.formats.arrays.npz_files import read_npz
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.skeleton import MODEL_SKELETON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smpl").mkdir()
    with (tmp_path / "smpl" / "SMPL_NEUTRAL.pkl").open("wb") as stream:
        pickle.dump(body_arrays(), stream, protocol=2)
    return tmp_path


def test_posed_bodies_are_those_of_the_real_package(folder: Path) -> None:
    smplx = pytest.importorskip("smplx", reason="make setup")
    import torch

    ids = dict.fromkeys(smplx.vertex_ids.vertex_ids["smplh"], 0)  # the real ones number a body of 6890 vertices
    theirs = smplx.create(str(folder), model_type="smpl", gender="neutral", vertex_ids=ids, dtype=torch.float64)
    generator = np.random.default_rng(8)
    poses = generator.normal(scale=0.5, size=(4, 24, 3))
    betas, places = generator.normal(size=10), generator.normal(size=(4, 3))
    with torch.no_grad():
        expected = theirs(
            betas=torch.tensor(betas)[None].expand(4, -1),
            global_orient=torch.tensor(poses[:, 0]),
            body_pose=torch.tensor(poses[:, 1:].reshape(4, -1)),
            transl=torch.tensor(places),
        )
    (path,) = find_smpl_models(folder)
    model = load_smpl_model(path)
    assert model.kind == "smpl"
    posed = pose_smpl(model, betas, poses, places)
    # A thousandth of a millimetre; the package keeps its rotations by a formula that is off by 1e-8 of the angle.
    np.testing.assert_allclose(posed.vertices, expected.vertices.numpy(), atol=1e-6)
    np.testing.assert_allclose(posed.joints, expected.joints[:, :24].numpy(), atol=1e-6)


def test_a_written_amass_file_poses_the_real_body_as_the_motion(folder: Path, tmp_path: Path) -> None:
    """The bones of arms, legs and head have the motion's directions; what remains is the body's own proportions."""
    smplx = pytest.importorskip("smplx", reason="make setup")
    import torch

    walk = turning_walk()
    options = ExportOptions(frame_rate=walk.frame_rate)
    write_motion(walk, tmp_path / "walk.npz", options=options, format_name="amass-smplh")
    with np.load(tmp_path / "walk.npz") as arrays:
        poses, trans = arrays["poses"], arrays["trans"]
    ids = dict.fromkeys(smplx.vertex_ids.vertex_ids["smplh"], 0)
    theirs = smplx.create(str(folder), model_type="smpl", gender="neutral", vertex_ids=ids, dtype=torch.float64)
    with torch.no_grad():
        body = theirs(
            betas=torch.zeros(60, 10, dtype=torch.float64),
            global_orient=torch.tensor(poses[:, :3]),
            body_pose=torch.tensor(np.pad(poses[:, 3:66], ((0, 0), (0, 6)))),
            transl=torch.tensor(trans),
        )
    z_up = body.joints[:, :22].numpy()
    joints = np.stack([z_up[..., 0], z_up[..., 2], -z_up[..., 1]], axis=-1)
    scale = 0.78 / 0.8158  # of the legs
    error = np.linalg.norm(joints - walk.joint_positions * scale, axis=-1)
    assert error.mean() < 0.04
    assert error.max() < 0.08


def test_official_pickles_hold_foreign_objects(tmp_path: Path) -> None:
    """Written as chumpy and SciPy do it: instances of classes by those names, rebuilt from their attributes."""
    arrays = body_arrays()
    sparse = scipy.sparse.csc_matrix(arrays["J_regressor"])
    text = pickle.dumps({**arrays, "J_regressor": sparse, "v_template": _Chumpy(arrays["v_template"])}, protocol=2)
    text = text.replace(b"ctest_smpl\n_Chumpy\n", b"cchumpy.ch\nCh\n")
    (tmp_path / "SMPL_MALE.pkl").write_bytes(text)
    found = load_smpl_pickle(tmp_path / "SMPL_MALE.pkl")
    np.testing.assert_allclose(found["J_regressor"], arrays["J_regressor"])
    np.testing.assert_array_equal(found["v_template"], arrays["v_template"])
    assert load_smpl_model(tmp_path / "SMPL_MALE.pkl").num_joints == 24


class _Chumpy:
    def __init__(self, x: np.ndarray) -> None:
        self.x = x
        self._dirty_vars = set[str]()


_Chumpy.__module__, _Chumpy.__qualname__ = __name__, "_Chumpy"


class _Runs:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self._made = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self._made


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda marker: {"v_template": _Runs(exec, f"open({str(marker)!r}, 'w')")}, "asks for __builtin__.exec"),
        (lambda marker: {"f": _Runs(__import__("os").system, f"touch {marker}")}, "system, expected only arrays"),
        (lambda marker: {"f": _Runs(np.load, str(marker), None, True)}, "a pickle that asks for numpy"),
        (lambda marker: {"f": _Runs(np.ndarray, (10**12,))}, "not a complete body model"),
        (lambda marker: [1, 2], "holds no dictionary, expected one of arrays"),
        (lambda marker: {"f": np.zeros(3)}, "v_template is missing"),
    ],
)
def test_pickles_of_anything_else_are_refused_and_not_run(tmp_path: Path, content: Any, sentence: str) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / "SMPL_NEUTRAL.pkl"
    path.write_bytes(pickle.dumps(content(marker), protocol=2))
    with pytest.raises(FileFormatError) as caught:
        load_smpl_model(path)
    assert sentence in str(caught.value)
    assert not marker.exists()


def test_cut_and_damaged_models_never_fail_otherwise(folder: Path) -> None:
    path = folder / "smpl" / "SMPL_NEUTRAL.pkl"
    whole = path.read_bytes()
    generator = np.random.default_rng(5)
    for _ in range(60):
        damaged = bytearray(whole[:4000] + whole[-4000:] if generator.random() < 0.5 else whole)
        damaged[int(generator.integers(600))] = int(generator.integers(256))
        path.write_bytes(bytes(damaged))
        try:
            load_smpl_model(path)
        except FileFormatError:
            continue
    np.savez(folder / "SMPL_FEMALE.npz", v_template=np.array([{}], dtype=object))
    with pytest.raises(FileFormatError, match="not a complete body model"):
        load_smpl_model(folder / "SMPL_FEMALE.npz")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weights": np.zeros((144, 23))}, "weights of shape (144, 23), expected (144, 24)"),
        ({"f": np.full((2, 3), 144)}, "a triangle without a vertex"),
        ({"posedirs": np.zeros((144, 3, 10))}, "posedirs of shape (144, 3, 10)"),
        ({"v_template": np.full((144, 3), np.nan)}, "v_template holds no finite numbers"),
        ({"kintree_table": np.zeros((2, 24))}, "hang together otherwise than SMPL's"),
    ],
)
def test_wrong_models(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    np.savez(tmp_path / "SMPL_NEUTRAL.npz", **{**body_arrays(), **changes})
    with pytest.raises(FileFormatError) as caught:
        load_smpl_model(tmp_path / "SMPL_NEUTRAL.npz")
    assert sentence in str(caught.value)


def test_the_shape_is_fitted_to_the_models_bones(folder: Path) -> None:
    model = load_smpl_model(find_smpl_models(folder)[0])
    betas = fit_shape(model)

    def bone_error(shape: np.ndarray) -> float:
        joints = model.rest_joints(shape)[:22]
        lengths = np.linalg.norm(joints[1:] - joints[list(MODEL_SKELETON.parents[1:])], axis=-1)
        return float(np.sqrt(np.mean((lengths - MODEL_SKELETON.bone_lengths[1:]) ** 2)))

    assert bone_error(betas) < 0.75 * bone_error(np.zeros(10))
    assert np.abs(betas).max() < 5


def test_the_fitted_mesh_moves_as_the_mannequin_does(folder: Path) -> None:
    """Six vertices surround each joint, so their mean, moved rigidly with it, is where the joint is."""
    mesh = fitted_mesh(load_smpl_model(find_smpl_models(folder)[0]))
    assert mesh.num_joints == 22
    np.testing.assert_allclose(mesh.joint_weights.sum(axis=1), 1.0, atol=1e-6)
    walk = turning_walk()
    vertices = mesh.pose(mannequin_rotations(walk), walk.joint_positions)
    rest = mesh.vertices.reshape(24, 6, 3).mean(axis=1)[:22]
    # 80 % of a vertex goes with its own joint, 20 % with the parent, from bones of not quite the model's length.
    assert np.linalg.norm(rest - mesh.rest_joints, axis=-1).max() < 0.03
    gap = np.linalg.norm(vertices.reshape(60, 24, 6, 3).mean(axis=2)[:, :22] - walk.joint_positions, axis=-1)
    assert gap.max() < 0.05


def test_exports_carry_the_users_own_body(folder: Path, tmp_path: Path) -> None:
    write_motion(turning_walk(), tmp_path / "walk.glb", options=ExportOptions(body=str(folder)))
    write_motion(turning_walk(), tmp_path / "plain.glb")
    counts = {}
    for name in ("walk", "plain"):
        document = GLTF2.load(str(tmp_path / f"{name}.glb"))
        used = {primitive.attributes.POSITION for primitive in document.meshes[0].primitives}
        counts[name] = sum(document.accessors[index].count for index in used)
    assert counts["walk"] == 144
    assert counts["plain"] > 1000
    assert "SMPL" in GLTF2.load(str(tmp_path / "walk.glb")).asset.copyright
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileFormatError, match="holds no SMPL model"):
        write_motion(turning_walk(), tmp_path / "none.glb", options=ExportOptions(body=str(tmp_path / "empty")))
    assert not (tmp_path / "none.glb").exists()


def test_the_fitted_body_follows_the_motion(folder: Path) -> None:
    model = load_smpl_model(find_smpl_models(folder)[0])
    walk = turning_walk()
    fitted = fit_parameters(model, walk)
    posed = pose_smpl(model, fitted.betas, fitted.poses, fitted.translation)
    error = np.linalg.norm(posed.joints[:, :22] - walk.joint_positions, axis=-1)
    assert error.mean() < 0.04
    shin = posed.joints[:, 7] - posed.joints[:, 4]
    ours = walk.joint("left_ankle") - walk.joint("left_knee")
    cosine = np.sum(shin * ours, -1) / np.linalg.norm(shin, axis=-1) / np.linalg.norm(ours, axis=-1)
    assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < 0.1


def test_amass_files_on_the_body_that_their_betas_describe(folder: Path, tmp_path: Path) -> None:
    """The joints of skinning with the file's own shape, which the mean body misses."""
    model = load_smpl_model(find_smpl_models(folder)[0])
    generator = np.random.default_rng(2)
    poses, places, betas = generator.normal(scale=0.3, size=(5, 156)), generator.normal(size=(5, 3)), np.zeros(16)
    betas[:3] = [1.5, -2.0, 1.0]
    np.savez(tmp_path / "a.npz", poses=poses, trans=places, betas=betas, mocap_framerate=60.0)
    motion = read_amass_with_model(tmp_path / "a.npz", model)
    expected = pose_smpl(model, betas[:10], np.pad(poses[:, :66], ((0, 0), (0, 6))).reshape(5, 24, 3), places).joints
    y_up = np.stack([expected[..., 0], expected[..., 2], -expected[..., 1]], axis=-1)[:, :22]
    np.testing.assert_allclose(motion.joint_positions, y_up, atol=1e-6)
    assert np.abs(read_npz(tmp_path / "a.npz").joint_positions - y_up).max() > 0.02
    np.savez(tmp_path / "b.npz", trans=places)
    with pytest.raises(FileFormatError, match="no poses and trans, expected an AMASS file"):
        read_amass_with_model(tmp_path / "b.npz", model)
