"""Where props stand in a file of ours, as Blender has them: metres, Z up.

Runs inside Blender (blender -b --factory-startup --python props_in_blender.py -- JOBS.json, or a Python that has bpy).
JOBS.json: a list of {file, output}; each output gets {version, meshes: {name: [least, largest corner, num faces]},
bones}, {not_offered} where it has no reader for such files, or {error}.
"""

import json
import sys
import traceback

import bpy
import numpy

# The glTF importer of Debian's Blender 3.4 uses names that NumPy has dropped since.
for name, plain in (("bool", bool), ("int", int), ("float", float), ("object", object)):
    if name not in numpy.__dict__:
        setattr(numpy, name, plain)


def run(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    kind = job["file"].rpartition(".")[2]
    if kind == "fbx":
        bpy.ops.import_scene.fbx(filepath=job["file"])
    elif kind == "glb":
        bpy.ops.import_scene.gltf(filepath=job["file"])
    elif bpy.app.version < (4, 1):
        return {"not_offered": True}
    else:
        bpy.ops.wm.usd_import(filepath=job["file"])
    bpy.context.view_layer.update()
    meshes = {}
    for thing in bpy.data.objects:
        if thing.type == "MESH" and not any(modifier.type == "ARMATURE" for modifier in thing.modifiers):
            points = [thing.matrix_world @ vertex.co for vertex in thing.data.vertices]
            corners = [[kind(point[axis] for point in points) for axis in range(3)] for kind in (min, max)]
            meshes[thing.name] = [*corners, len(thing.data.polygons)]
    armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    return {"version": bpy.app.version_string, "meshes": meshes, "bones": len(armature.data.bones)}


with open(sys.argv[-1]) as jobs_stream:
    jobs = json.load(jobs_stream)
for job in jobs:
    try:
        found = run(job)
    except Exception:
        found = {"error": traceback.format_exc()[-1500:]}
    with open(job["output"], "w") as stream:
        json.dump(found, stream)
