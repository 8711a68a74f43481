"""World joint positions at given times of BVH, FBX, glTF and USD files, as Blender imports them.

One start for many files. Runs inside Blender: blender -b --factory-startup --python read_in_blender.py -- JOBS.json, or
in a Python that has bpy.
JOBS.json: a list of {file, output, times, vertex_times, frame_rate, unit}; each output gets {names, positions,
vertices} or {error}.
"""

import builtins
import importlib
import json
import math
import sys
import traceback

import bpy
import numpy

# The glTF importer of Debian's Blender 3.4 uses names that NumPy has dropped since.
for name, kind in (("bool", bool), ("int", int), ("float", float), ("object", object)):
    if name not in numpy.__dict__:
        setattr(numpy, name, kind)


def open_file(job):
    file = job["file"]
    extension = file.rsplit(".", 1)[1].lower()
    if extension == "bvh":
        bpy.ops.preferences.addon_enable(module="io_anim_bvh")
        if bpy.app.version < (3, 5) and sys.version_info >= (3, 11):
            # Debian's Blender 3.4 runs on a Python without open(..., "rU"), which its own importer still asks for.
            importer = importlib.import_module("io_anim_bvh.import_bvh")
            importer.open = lambda path, mode="r", **options: builtins.open(  # noqa: SIM115
                path, mode.replace("U", ""), **options
            )
        bpy.ops.import_anim.bvh(filepath=file, global_scale=job["unit"], update_scene_fps=True)
    elif extension == "fbx" and bpy.app.version >= (4, 5) and abs(job["frame_rate"] - round(job["frame_rate"])) > 1e-3:
        # The importer in Python counts 30 frames a second at 29.97; the newer one counts right.
        bpy.ops.wm.fbx_import(filepath=file)
    elif extension == "fbx":
        bpy.ops.import_scene.fbx(filepath=file, automatic_bone_orientation=job["automatic_bone_orientation"])
    elif extension.startswith("usd"):
        bpy.ops.wm.usd_import(filepath=file)
    else:
        render = bpy.context.scene.render
        render.fps_base = 1.0 / render.fps_base  # the importer multiplies by what rates are divided by
        bpy.ops.import_scene.gltf(filepath=file)
        render.fps_base = 1.0 / render.fps_base


def go_to(seconds, first_key):
    scene = bpy.context.scene
    frame = first_key + seconds * scene.render.fps / scene.render.fps_base
    whole = int(frame // 1)
    scene.frame_set(whole, subframe=min(max(frame - whole, 0.0), 0.99999))


def off_the_limbs(armature):
    """Degrees by which bones point away from the nearest of their children, the largest of all bones."""
    largest = 0.0
    for bone in armature.data.bones:
        if bone.name == "root":  # lies on the ground
            continue
        ways = [child.head_local - bone.head_local for child in bone.children]
        ways = [way for way in ways if way.length > 1e-6 * armature.data.bones[-1].head_local.length]
        if ways:
            along = bone.tail_local - bone.head_local
            largest = max(largest, min(math.degrees(along.angle(way)) for way in ways))
    return largest


def y_up(point):
    return [point.x, point.z, -point.y]


def read(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = max(1, round(job["frame_rate"]))
    scene.render.fps_base = scene.render.fps / job["frame_rate"]
    if ".usd" in job["file"] and bpy.app.version < (4, 1):
        return {"not_offered": True, "program": f"Blender {bpy.app.version_string}"}
    open_file(job)
    armature = max(
        (thing for thing in bpy.data.objects if thing.type == "ARMATURE"), key=lambda thing: len(thing.data.bones)
    )
    first_key = min(action.frame_range[0] for action in bpy.data.actions)
    last_key = max(action.frame_range[1] for action in bpy.data.actions)
    world = armature.matrix_world
    meshes = [thing for thing in bpy.data.objects if thing.type == "MESH" and thing.modifiers]
    vertices = []
    if job["vertex_times"]:
        for seconds in job["vertex_times"]:
            go_to(seconds, first_key)
            posed = meshes[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
            shape = posed.to_mesh()
            vertices.append([y_up(posed.matrix_world @ vertex.co) for vertex in shape.vertices])
            posed.to_mesh_clear()
    for mesh in meshes:  # posing them at every time would take most of the run
        bpy.data.objects.remove(mesh)
    names = [bone.name for bone in armature.pose.bones]
    positions = []
    for seconds in job["times"]:
        go_to(seconds, first_key)
        posed = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        positions.append([y_up(posed.matrix_world @ posed.pose.bones[name].head) for name in names])
    return {
        "names": names,
        "positions": positions,
        "vertices": vertices,
        "program": f"Blender {bpy.app.version_string}",
        "frame_rate": scene.render.fps / scene.render.fps_base,
        "takes": [action.name for action in bpy.data.actions],
        "last_frame": last_key - first_key,
        "is_identity": all(abs(world[i][j] - (i == j)) < 1e-6 for i in range(4) for j in range(4)),
        "off_the_limbs": off_the_limbs(armature),
        "markers": [[marker.name, marker.frame] for marker in scene.timeline_markers],
    }


with builtins.open(sys.argv[sys.argv.index("--") + 1]) as jobs_stream:
    jobs = json.load(jobs_stream)
for job in jobs:
    try:
        found = read(job)
    except Exception:
        found = {"error": traceback.format_exc()[-800:]}
    with builtins.open(job["output"], "w") as stream:
        json.dump(found, stream)
