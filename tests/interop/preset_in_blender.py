"""What an animator does with files of the preset for Blender: retarget by constraints, apply transforms, put IK on.

Runs inside Blender (blender -b --factory-startup --python preset_in_blender.py -- JOBS.json, or a Python that has bpy).
JOBS.json: a list of {file, output, frame_rate, chain: {part: name}}; each output gets the figures below or {error}.
"""

import json
import math
import sys
import traceback

import bpy
from mathutils import Matrix

# A rig as anyone draws it: T-pose, straight limbs, 1.8 m tall. Part -> (head, tail, parent).
T_POSE = {
    "hips": ((0, 0, 1.0), (0, 0, 1.15), None),
    "spine": ((0, 0, 1.15), (0, 0, 1.5), "hips"),
    "left_thigh": ((0.1, 0, 0.95), (0.1, 0, 0.5), "hips"),
    "left_shin": ((0.1, 0, 0.5), (0.1, 0, 0.08), "left_thigh"),
    "right_thigh": ((-0.1, 0, 0.95), (-0.1, 0, 0.5), "hips"),
    "right_shin": ((-0.1, 0, 0.5), (-0.1, 0, 0.08), "right_thigh"),
    "left_upper_arm": ((0.2, 0, 1.45), (0.5, 0, 1.45), "spine"),
    "left_forearm": ((0.5, 0, 1.45), (0.78, 0, 1.45), "left_upper_arm"),
    "right_upper_arm": ((-0.2, 0, 1.45), (-0.5, 0, 1.45), "spine"),
    "right_forearm": ((-0.5, 0, 1.45), (-0.78, 0, 1.45), "right_upper_arm"),
}
LIMBS = [part for part in T_POSE if part.startswith(("left", "right"))]


def imported(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = max(1, round(job["frame_rate"]))
    scene.render.fps_base = scene.render.fps / job["frame_rate"]
    bpy.ops.import_scene.fbx(filepath=job["file"])
    armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    first, last = armature.animation_data.action.frame_range
    return armature, round(first), round(last)


def drawn_rig():
    data = bpy.data.armatures.new("Drawn")
    rig = bpy.data.objects.new("Drawn", data)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for part, (head, tail, parent) in T_POSE.items():
        bone = data.edit_bones.new(part)
        bone.head, bone.tail = head, tail
        bone.parent = data.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def evaluated(thing):
    return thing.evaluated_get(bpy.context.evaluated_depsgraph_get())


def directions(thing, names):
    """Part -> the way its bone points in the world."""
    posed = evaluated(thing)
    return {
        part: (posed.matrix_world.to_3x3() @ (posed.pose.bones[name].tail - posed.pose.bones[name].head)).normalized()
        for part, name in names.items()
    }


def joints(thing):
    posed = evaluated(thing)
    return {bone.name: posed.matrix_world @ bone.head for bone in posed.pose.bones}


def limbs(thing, chain, ends):
    """Part -> the way from its joint to the next, which is where the limb is."""
    places = joints(thing)
    return {part: (places[ends[part]] - places[chain[part]]).normalized() for part in LIMBS}


def retargeted(armature, rig, chain, ends, frames):
    """Degrees between the limbs of ours and the bones of a rig that copies our rotations, the largest of all frames."""
    for part in LIMBS:
        constraint = rig.pose.bones[part].constraints.new("COPY_ROTATION")
        constraint.target, constraint.subtarget = armature, chain[part]
    worst = 0.0
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found, wanted = directions(rig, {part: part for part in LIMBS}), limbs(armature, chain, ends)
        worst = max(worst, *(math.degrees(found[part].angle(wanted[part])) for part in LIMBS))
    return worst


def rest_apart(armature, rig, chain):
    """Degrees between our bones at rest and those of the T-pose, their roll counted."""
    return max(
        math.degrees(
            armature.data.bones[chain[part]]
            .matrix_local.to_quaternion()
            .rotation_difference(rig.data.bones[part].matrix_local.to_quaternion())
            .angle
        )
        for part in LIMBS
    )


def moved_by_applying(armature, frames):
    """Metres that joints and skin move when rotation and scale are applied to every object."""
    before = {frame: (bpy.context.scene.frame_set(frame), joints(armature), skin())[1:] for frame in frames}
    for thing in bpy.data.objects:
        thing.select_set(thing.name != "Drawn")
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.transform_apply(location=False, rotation=True, scale=True)
    worst = 0.0
    for frame, (places, vertices) in before.items():
        bpy.context.scene.frame_set(frame)
        now, now_vertices = joints(armature), skin()
        worst = max(worst, *((now[name] - places[name]).length for name in places))
        worst = max(worst, *((a - b).length for a, b in zip(now_vertices, vertices)), 0.0)  # noqa: B905
    return worst


def skin():
    found = []
    for thing in bpy.data.objects:
        if thing.type == "MESH":
            posed = evaluated(thing)
            shape = posed.to_mesh()
            found += [posed.matrix_world @ vertex.co for vertex in list(shape.vertices)[::200]]
            posed.to_mesh_clear()
    return found


def bends_the_right_way(armature, chain):
    """Knees go ahead (-Y), elbows back (+Y), when IK pulls an end towards its root, from the rest pose."""
    armature.animation_data_clear()
    for bone in armature.pose.bones:
        bone.matrix_basis = Matrix()
    right = []
    for upper, lower, ahead in (("thigh", "shin", -1.0), ("upper_arm", "forearm", 1.0)):
        for side in ("left", "right"):
            first, last = chain[f"{side}_{upper}"], chain[f"{side}_{lower}"]
            bpy.context.view_layer.update()
            root, end = armature.pose.bones[first].head.copy(), armature.pose.bones[last].tail.copy()
            target = bpy.data.objects.new("Target", None)
            bpy.context.scene.collection.objects.link(target)
            target.location = armature.matrix_world @ (root + 0.75 * (end - root))
            constraint = armature.pose.bones[last].constraints.new("IK")
            constraint.target, constraint.chain_count = target, 2
            bpy.context.view_layer.update()
            posed = evaluated(armature).pose.bones
            middle, reached = posed[last].head, posed[last].tail
            right.append((middle - (root + reached) / 2).y * ahead > 0.02)
            right.append((armature.matrix_world @ reached - target.location).length < 0.005)
            armature.pose.bones[last].constraints.remove(constraint)
    return all(right)


def run(job):
    armature, first, last = imported(job)
    chain, ends = job["chain"], job["ends"]
    world = armature.matrix_world
    frames = sorted({round(first + share * (last - first) / 12) for share in range(13)})
    rig = drawn_rig()
    return {
        "version": bpy.app.version_string,
        "is_identity": all(abs(world[i][j] - (i == j)) < 1e-6 for i in range(4) for j in range(4)),
        "retargeted": retargeted(armature, rig, chain, ends, frames),
        "rest_apart": rest_apart(armature, rig, chain),
        "moved_by_applying": moved_by_applying(armature, frames),
        "ik": bends_the_right_way(armature, chain),
    }


with open(sys.argv[-1]) as jobs_stream:
    jobs = json.load(jobs_stream)
for job in jobs:
    try:
        found = run(job)
    except Exception:
        found = {"error": traceback.format_exc()[-1500:]}
    with open(job["output"], "w") as stream:
        json.dump(found, stream)
