"""World joint positions of every frame of a BVH file, as Blender imports it.

Runs inside Blender: blender -b --factory-startup --python read_in_blender.py -- FILE.bvh OUT.json
"""

import builtins
import importlib
import json
import sys

import bpy

file, output = sys.argv[sys.argv.index("--") + 1 :]
for thing in list(bpy.data.objects):
    bpy.data.objects.remove(thing)
bpy.ops.preferences.addon_enable(module="io_anim_bvh")
if bpy.app.version < (3, 5) and sys.version_info >= (3, 11):
    # Debian's Blender 3.4 runs on a Python without open(..., "rU"), which its own importer still asks for.
    importer = importlib.import_module("io_anim_bvh.import_bvh")
    importer.open = lambda path, mode="r", **options: builtins.open(  # noqa: SIM115
        path, mode.replace("U", ""), **options
    )
bpy.ops.import_anim.bvh(filepath=file, update_scene_fps=True, update_scene_duration=True)

scene = bpy.context.scene
armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
names = [bone.name for bone in armature.pose.bones]
first, last = (int(frame) for frame in bpy.data.actions[0].frame_range)
positions = []
for frame in range(first, last + 1):
    scene.frame_set(frame)
    heads = [armature.matrix_world @ armature.pose.bones[name].head for name in names]
    positions.append([[head.x, head.z, -head.y] for head in heads])  # Blender is Z up
rate = scene.render.fps / scene.render.fps_base
times = [(frame - first) / rate for frame in range(first, last + 1)]
with builtins.open(output, "w") as stream:
    json.dump({"names": names, "times": times, "positions": positions}, stream)
