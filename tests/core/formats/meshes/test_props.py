"""Props: read from every kind of mesh, put into what is exported where they stand; what is no mesh is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
import trimesh

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.meshes.props import EXTENSIONS, read_prop
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion


def box(path: Path) -> Path:
    """A box of 1 x 0.5 x 2 m (width, height, depth) on the floor, two metres to the left, as its format has it."""
    mesh = trimesh.creation.box((1.0, 0.5, 2.0))
    mesh.apply_translation((2.0, 0.25, 0.0))
    if path.suffix == ".stl":
        mesh.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0)))
        mesh.apply_scale(1000.0)
    mesh.export(path)
    return path


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_prop_is_read_in_metres_with_y_up(tmp_path: Path, extension: str) -> None:
    prop = read_prop(box(tmp_path / f"box{extension}"))
    np.testing.assert_allclose(prop.vertices.min(axis=0), [1.5, 0.0, -1.0], atol=1e-6)
    np.testing.assert_allclose(prop.vertices.max(axis=0), [2.5, 0.5, 1.0], atol=1e-6)
    assert len(prop.triangles) == 12
    assert trimesh.Trimesh(prop.vertices, prop.triangles).volume == pytest.approx(1.0)
    np.testing.assert_allclose(np.linalg.norm(prop.normals, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("kind", ["obj", "ply", "stl", "glb"])
def test_exports_hold_the_prop_where_it_stands(
    walk: Motion, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    motion_files.write(walk, tmp_path / "walk.npz")
    prop, out = box(tmp_path / "box.obj"), tmp_path / f"out.{kind}"
    command = ["export", str(tmp_path / "walk.npz"), "-o", str(out), "--prop", str(prop)]
    assert main(command) == 0, capsys.readouterr().err
    mesh = trimesh.load_scene(out, process=False).to_mesh()
    scale = 0.001 if kind == "stl" else 1.0
    assert mesh.bounds[1][0] * scale == pytest.approx(2.5, abs=1e-5)
    alone = tmp_path / f"alone.{kind}"
    assert main(["export", str(tmp_path / "walk.npz"), "-o", str(alone)]) == 0
    assert len(mesh.faces) == len(trimesh.load_scene(alone, process=False).to_mesh().faces) + 12


@pytest.mark.parametrize("kind", ["glb", "fbx", "usda"])
def test_the_motion_of_a_file_with_a_prop_is_the_same(walk: Motion, tmp_path: Path, kind: str) -> None:
    options = ExportOptions(props=(str(box(tmp_path / "box.ply")),))
    motion_files.write(walk, tmp_path / f"with.{kind}", options=options)
    motion_files.write(walk, tmp_path / f"without.{kind}")
    one, other = (motion_files.read(tmp_path / f"{name}.{kind}").motion for name in ("with", "without"))
    np.testing.assert_array_equal(one.joint_positions, other.joint_positions)


@pytest.mark.parametrize(
    ("up_axis", "low", "high"), [("y", (1.5, 0, -1), (2.5, 0.5, 1)), ("z", (1.5, -1, 0), (2.5, 1, 0.5))]
)
def test_usd_has_the_props_in_its_own_axes_and_unit(
    walk: Motion, tmp_path: Path, up_axis: str, low: tuple[float, ...], high: tuple[float, ...]
) -> None:
    pxr = pytest.importorskip("pxr", reason="usd-core is not installed")
    from pxr import Usd, UsdGeom

    box(tmp_path / "a box.obj"), box(tmp_path / "a box.ply")
    options = ExportOptions(
        props=(str(tmp_path / "a box.obj"), str(tmp_path / "a box.ply")), unit="cm", up_axis=up_axis, title="Props"
    )
    motion_files.write(walk, tmp_path / "out.usda", options=options)
    assert pxr
    stage = Usd.Stage.Open(str(tmp_path / "out.usda"))
    meshes = [prim for prim in stage.GetPrimAtPath("/Motion/Props").GetChildren() if prim.IsA(UsdGeom.Mesh)]
    assert [mesh.GetName() for mesh in meshes] == ["a_box", "a_box_2"]
    for mesh in meshes:
        points = np.array(UsdGeom.Mesh(mesh).GetPointsAttr().Get()) / 100
        np.testing.assert_allclose([points.min(axis=0), points.max(axis=0)], [low, high], atol=1e-6)
    around = np.array(UsdGeom.Boundable(stage.GetPrimAtPath("/Motion")).GetExtentAttr().Get()) / 100
    assert around[1][0] == pytest.approx(2.5)


def test_fbx_has_the_props_in_its_own_axes_and_unit(walk: Motion, tmp_path: Path) -> None:
    ufbx = pytest.importorskip("ufbx", reason="ufbx is not installed")
    box(tmp_path / "box.stl")
    options = ExportOptions(props=(str(tmp_path / "box.stl"),), up_axis="z", mesh=False)
    motion_files.write(walk, tmp_path / "out.fbx", options=options)
    with ufbx.load_file(str(tmp_path / "out.fbx")) as scene:
        (mesh,) = scene.meshes
        points = np.array([tuple(mesh.vertices[index]) for index in range(mesh.num_vertices)])
        assert [node.name for node in mesh.instances] == ["box"]
        np.testing.assert_allclose(points.min(axis=0), [150, -100, 0], atol=1e-4)
        np.testing.assert_allclose(points.max(axis=0), [250, 100, 50], atol=1e-4)


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("content", [b"", b"\0" * 200, b"# nothing\n", b"solid x\nendsolid x\n"])
def test_what_is_no_mesh_is_refused(tmp_path: Path, extension: str, content: bytes) -> None:
    path = tmp_path / f"bad{extension}"
    path.write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read_prop(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_damaged_meshes_are_refused_and_never_anything_else(tmp_path: Path, extension: str) -> None:
    whole = box(tmp_path / f"box{extension}").read_bytes()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        content = bytearray(whole[: int(rng.integers(0, len(whole)))] if seed % 3 == 0 else whole)
        for place in rng.integers(0, max(len(content), 1), 12 if content else 0):
            content[place] = int(rng.integers(0, 256))
        path = tmp_path / f"damaged{extension}"
        path.write_bytes(bytes(content))
        with contextlib.suppress(FileFormatError):
            read_prop(path)


def test_props_have_their_limits(tmp_path: Path, walk: Motion, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileFormatError, match="extension '\\.blend', expected one of"):
        read_prop(tmp_path / "chair.blend")
    with pytest.raises(FileFormatError, match="no such file"):
        read_prop(tmp_path / "chair.obj")
    (tmp_path / "far.obj").write_text("v 0 0 0\nv 99999 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(FileFormatError, match="99999 m from the origin"):
        read_prop(tmp_path / "far.obj")
    with pytest.raises(InvalidRequestError, match="props: they stand where the body is"):
        ExportOptions(props=("x.obj",), in_place=True)
    motion_files.write(walk, tmp_path / "walk.npz")
    out = str(tmp_path / "walk.bvh")
    assert main(["export", str(tmp_path / "walk.npz"), "-o", out, "--prop", "x.obj"]) == 2
    assert "BVH has no room for props" in capsys.readouterr().err


@pytest.mark.parametrize("points", ["v 0 0\nv 1 0\nv 0 1\n", "v 0\nv 1\nv 2\n"])
def test_points_of_other_than_three_numbers_are_refused(tmp_path: Path, points: str) -> None:
    (tmp_path / "flat.obj").write_text(f"{points}f 1 2 3\n")
    with pytest.raises(FileFormatError, match=r"points of . numbers and faces of 3 corners, expected three"):
        read_prop(tmp_path / "flat.obj")


def test_nothing_beside_the_file_is_opened(tmp_path: Path) -> None:
    """A material library is a name of another file: it is left alone."""
    (tmp_path / "secret.mtl").write_text("newmtl x\n")
    (tmp_path / "secret.mtl").chmod(0o000)
    (tmp_path / "a.obj").write_text("mtllib secret.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl x\nf 1 2 3\n")
    assert len(read_prop(tmp_path / "a.obj").triangles) == 1
