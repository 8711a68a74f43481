"""Runs inside Blender: installs the add-on, imports the Studio's take with it, writes what arrived, or the error.

blender -b --factory-startup --python import_in_blender.py -- ADDON ADDRESS TOKEN FORMAT OUT.json
"""

import json
import sys

import bpy

addon, address, token, file_format, output = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.preferences.addon_install(filepath=addon, overwrite=True)
bpy.ops.preferences.addon_enable(module="segmo_bridge")
settings = bpy.context.window_manager.segmo_bridge
settings.address, settings.token, settings.file_format = address, token, file_format
try:
    answer = {"result": sorted(bpy.ops.segmo.import_take())}
except RuntimeError as error:  # what an operator reports as an error, where there is no window
    answer = {"error": str(error).removeprefix("Error: ").strip()}
armatures = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
scene = bpy.context.scene
if armatures:
    armature = armatures[0]
    names = [bone.name for bone in armature.pose.bones]
    positions = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        heads = [armature.matrix_world @ armature.pose.bones[name].head for name in names]
        positions.append([[head.x, head.z, -head.y] for head in heads])  # Blender is Z up
    answer |= {
        "armatures": [thing.name for thing in armatures],
        "names": names,
        "positions": positions,
        "rate": scene.render.fps / scene.render.fps_base,
        "markers": [[marker.name, marker.frame - scene.frame_start] for marker in scene.timeline_markers],
        "meshes": sum(thing.type == "MESH" for thing in bpy.data.objects),
        "panel": hasattr(bpy.types, "SEGMO_PT_bridge"),
    }
with open(output, "w") as stream:
    json.dump(answer, stream)
