"""An FBX file's armature (and mesh) written as FBX again by Blender's own exporter, with its leaf bones.

Runs inside Blender: blender -b --factory-startup --python write_fbx_in_blender.py -- FILE.fbx OUT.fbx FRAME_RATE
"""

import sys

import bpy

file, output, frame_rate = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = int(frame_rate)
bpy.ops.import_scene.fbx(filepath=file)
scene.frame_start, scene.frame_end = (round(frame) for frame in bpy.data.actions[0].frame_range)
scene.frame_set(scene.frame_end)  # what the exporter writes as the transforms at rest is the pose of this frame
bpy.ops.export_scene.fbx(filepath=output, bake_anim_simplify_factor=0.0)
