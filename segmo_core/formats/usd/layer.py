"""An ExportScene as a USD layer (UsdSkel). Imports usd-core: only for those who know it is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdShade, UsdSkel, Vt

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.errors import in_short
from segmo_core.formats.meshes.props import Prop
from segmo_core.formats.meshes.scene_props import PROP_COLOUR, PROP_ROUGHNESS
from segmo_core.formats.scene.export_scene import ExportScene
from segmo_core.formats.scene.mannequin_parts import influences, mannequin_parts
from segmo_core.motion import rotations
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

_ROOT = Sdf.Path("/Motion")
_FLESH = 0.35  # metres: no vertex of a person is farther from the nearest joint


def build_layer(scene: ExportScene, progress: Progress, props: Sequence[Prop] = ()) -> Sdf.Layer:
    """A layer in memory: /Motion is the SkelRoot, with Skeleton, the animation, the mannequin, its materials, props.

    props: meshes that stand still, in the scene's unit and axes.
    """
    layer = Sdf.Layer.CreateAnonymous(".usda")  # held here: a stage's own layer would go with the stage
    stage = Usd.Stage.Open(layer)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y if scene.up_axis == "y" else UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, scene.metres_per_unit)
    stage.SetTimeCodesPerSecond(scene.frame_rate)
    stage.SetFramesPerSecond(scene.frame_rate)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(scene.num_frames - 1)
    title = _plain_text(scene.title)
    layer.comment = title
    layer.customLayerData = _custom_data(scene, title)
    root = UsdSkel.Root.Define(stage, _ROOT)
    root.GetPrim().SetDisplayName(title)
    Usd.ModelAPI(root).SetKind(Kind.Tokens.component)
    stage.SetDefaultPrim(root.GetPrim())
    extent = _extent(scene)
    around = [np.array(extent), *(prop.vertices for prop in props)]
    root.CreateExtentAttr(_box(np.concatenate(around), 0.0))
    skeleton = _add_skeleton(stage, scene)
    skeleton.CreateExtentAttr(extent)
    animation = _add_animation(stage, scene, progress)
    binding = UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
    binding.CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    if scene.mesh is not None:
        _add_mesh(stage, scene.mesh, skeleton)
    _add_props(stage, props)
    return layer


def save_layer(layer: Sdf.Layer, path: Path, *, is_text: bool) -> None:
    """Raises OSError when ``path`` cannot be written.

    usd-core knows only names that are text, so it writes into a folder of its own; its bytes are copied from there.
    """
    with tempfile.TemporaryDirectory(prefix="segmo-") as folder:
        written = Path(folder, "layer").with_suffix(path.suffix)
        arguments = {"format": "usda" if is_text else "usdc"} if path.suffix == ".usd" else {}
        try:
            done = layer.Export(str(written), args=arguments)
        except Tf.ErrorException as error:
            raise OSError(f"usd-core could not write it: {in_short(error, 80)}") from None
        if not done:
            raise OSError("usd-core could not write it")
        shutil.copyfile(written, path)


def _custom_data(scene: ExportScene, title: str) -> dict[str, Any]:
    data: dict[str, Any] = {"creator": "SegMo Studio", "title": title}
    if scene.segments:
        data["segments"] = {
            "texts": Vt.StringArray([_plain_text(part.text) for part in scene.segments]),
            "starts": Vt.DoubleArray([part.start for part in scene.segments]),
            "ends": Vt.DoubleArray([part.end for part in scene.segments]),
        }
    if scene.mesh is not None:
        data["copyright"] = scene.mesh.licence
    return data


def _add_skeleton(stage: Usd.Stage, scene: ExportScene) -> UsdSkel.Skeleton:
    skeleton = UsdSkel.Skeleton.Define(stage, _ROOT.AppendChild("Skeleton"))
    skeleton.CreateJointsAttr(_joint_paths(scene))
    skeleton.CreateJointNamesAttr([_plain_text(name) for name in scene.joint_names])
    skeleton.CreateBindTransformsAttr(_matrices(*scene.global_rest()))
    skeleton.CreateRestTransformsAttr(_matrices(scene.rest_rotations, scene.rest_translations))
    return skeleton


def _joint_paths(scene: ExportScene) -> list[str]:
    """Each joint as a path from the root, of names that USD allows in paths, no two alike."""
    paths: list[str] = []
    for name, parent in zip(scene.joint_names, scene.parents, strict=True):
        stem = Tf.MakeValidIdentifier(name)
        above = "" if parent < 0 else f"{paths[parent]}/"
        path, number = above + stem, 2
        while path in paths:
            path, number = f"{above}{stem}_{number}", number + 1
        paths.append(path)
    return paths


def _add_animation(stage: Usd.Stage, scene: ExportScene, progress: Progress) -> UsdSkel.Animation:
    name = Tf.MakeValidIdentifier(scene.title)
    if name in ("Skeleton", "Mannequin", "Materials", "Props"):
        name = f"{name}_"
    animation = UsdSkel.Animation.Define(stage, _ROOT.AppendChild(name))
    animation.CreateJointsAttr(_joint_paths(scene))
    num_joints = len(scene.parents)
    animation.CreateScalesAttr(Vt.Vec3hArray(num_joints, Gf.Vec3h(1, 1, 1)))
    translations, turns = animation.CreateTranslationsAttr(), animation.CreateRotationsAttr()
    placed = np.ascontiguousarray(scene.local_translations, dtype=np.float32)
    # Vt keeps a quaternion's imaginary part first.
    turned = np.ascontiguousarray(np.roll(scene.local_rotations, -1, axis=-1), dtype=np.float32)
    with Sdf.ChangeBlock():
        for key, frame in enumerate(scene.key_frames.tolist()):
            progress.raise_if_cancelled()
            translations.Set(Vt.Vec3fArray.FromNumpy(placed[key]), frame)
            turns.Set(Vt.QuatfArray.FromNumpy(turned[key]), frame)
            progress.report((key + 1) / len(scene.key_times))
    return animation


def _add_mesh(stage: Usd.Stage, skinned: SkinnedMesh, skeleton: UsdSkel.Skeleton) -> None:
    mesh = _mesh_of(stage, _ROOT.AppendChild("Mannequin"), skinned.vertices, skinned.faces, skinned.normals)
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    joints, weights = influences(skinned)
    binding.CreateJointIndicesPrimvar(False, 4).Set(Vt.IntArray.FromNumpy(joints.astype(np.int32).ravel()))
    binding.CreateJointWeightsPrimvar(False, 4).Set(Vt.FloatArray.FromNumpy(weights.ravel()))
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    materials = _ROOT.AppendChild("Materials")
    UsdGeom.Scope.Define(stage, materials)
    for part in mannequin_parts(skinned):
        material = _material(stage, materials.AppendChild(part.name), part.colour, part.roughness)
        subset = UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).CreateMaterialBindSubset(
            part.name, Vt.IntArray.FromNumpy(part.face_indices.astype(np.int32))
        )
        UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)


def _add_props(stage: Usd.Stage, props: Sequence[Prop]) -> None:
    """Meshes that stand still: beside the skeleton, with no binding to it."""
    if not props:
        return
    folder = _ROOT.AppendChild("Props")
    UsdGeom.Scope.Define(stage, folder)
    material = _material(stage, folder.AppendChild("Material"), PROP_COLOUR, PROP_ROUGHNESS)
    taken = {"Material"}
    for prop in props:
        stem = Tf.MakeValidIdentifier(_plain_text(prop.name))
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        taken.add(name)
        mesh = _mesh_of(stage, folder.AppendChild(name), prop.vertices, prop.triangles, prop.normals)
        mesh.GetPrim().SetDisplayName(_plain_text(prop.name))
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)


def _mesh_of(
    stage: Usd.Stage, path: Sdf.Path, vertices: FloatArray, faces: NDArray[np.integer], normals: FloatArray
) -> UsdGeom.Mesh:
    mesh = UsdGeom.Mesh.Define(stage, path)
    points = np.ascontiguousarray(vertices, dtype=np.float32)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateExtentAttr(_box(points, 0.0))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray(len(faces), 3))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(faces.astype(np.int32).ravel()))
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(normals, dtype=np.float32)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    return mesh


def _material(
    stage: Usd.Stage, path: Sdf.Path, colour: tuple[float, float, float], roughness: float
) -> UsdShade.Material:
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*colour))
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(roughness)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(0.0)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    return material


def _matrices(turned: FloatArray, placed: FloatArray) -> Vt.Matrix4dArray:
    """Quaternions (J, 4) and positions (J, 3) as USD's matrices, which are for row vectors."""
    matrices = np.tile(np.eye(4), (len(turned), 1, 1))
    matrices[:, :3, :3] = np.swapaxes(rotations.to_matrix(turned), -1, -2) + 0.0  # no negative zeros in the text
    matrices[:, 3, :3] = placed
    return Vt.Matrix4dArray.FromNumpy(matrices)


def _extent(scene: ExportScene) -> Vt.Vec3fArray:
    """A box that holds the body in every frame."""
    return _box(scene.global_pose()[1].reshape(-1, 3), _FLESH / scene.metres_per_unit)


def _box(points: FloatArray, margin: float) -> Vt.Vec3fArray:
    corners = np.stack([points.min(axis=0) - margin, points.max(axis=0) + margin])
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(corners, dtype=np.float32))


def _plain_text(text: str) -> str:
    """Without what no UTF-8 file can hold (half of a surrogate pair)."""
    return text.encode("utf-8", "replace").decode("utf-8")
