"""A GLB or FBX file's armature written as BVH by Blender's own exporter.

Runs inside Blender: blender -b --factory-startup --python write_bvh_in_blender.py -- FILE.glb OUT.bvh
"""

import sys

import bpy

file, output = sys.argv[sys.argv.index("--") + 1 :]
for thing in list(bpy.data.objects):
    bpy.data.objects.remove(thing)
if file.endswith(".fbx"):
    bpy.ops.import_scene.fbx(filepath=file)
else:
    bpy.ops.import_scene.gltf(filepath=file)
bpy.ops.preferences.addon_enable(module="io_anim_bvh")
armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
bpy.context.view_layer.objects.active = armature
armature.select_set(True)
first, last = (round(frame) for frame in bpy.data.actions[0].frame_range)
bpy.ops.export_anim.bvh(filepath=output, frame_start=first, frame_end=last, root_transform_only=True)
