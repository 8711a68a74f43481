"""Runs inside Blender: installs the add-on, fetches takes with it, and writes what the scene is like after each.

blender -b --factory-startup --python import_in_blender.py -- JOB.json, or a Python that has bpy with the same
arguments. JOB.json: {addon, output, steps: [{settings, before, last_frame}]}; before: a function of this file.
"""

import json
import sys

import bpy


def install(archive):
    """As an extension where Blender has those, else as an add-on; returns the name of its module."""
    if bpy.app.version < (4, 2):
        bpy.ops.preferences.addon_install(filepath=archive, overwrite=True)
        bpy.ops.preferences.addon_enable(module="segmo_bridge")
        return "segmo_bridge"
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    return "bl_ext.user_default.segmo_bridge"


def animators_scene():
    """A scene at 24 fps with a range, a marker of the animator's own that is named as ours once were, and a cube."""
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.0
    scene.frame_start, scene.frame_end = 11, 99
    scene.frame_set(15)
    scene.timeline_markers.new("SegMo 1: mine", frame=7)
    cube = bpy.data.objects.new("Mine", bpy.data.meshes.new("Mine"))
    scene.collection.objects.link(cube)
    bpy.context.view_layer.objects.active = cube
    cube.select_set(True)


def television():
    """A scene at 29.97 frames a second."""
    render = bpy.context.scene.render
    render.fps, render.fps_base = 30, 1.001


def follow_the_head():
    """Something of the animator's that hangs on the take."""
    armature = ours()[0]
    empty = bpy.data.objects.new("Follower", None)
    bpy.context.scene.collection.objects.link(empty)
    constraint = empty.constraints.new("COPY_LOCATION")
    constraint.target, constraint.subtarget = armature, "mixamorig:Head"


def select_a_twin():
    """An armature of the animator's own, with the same bones in half the size."""
    armature = ours()[0]
    data = armature.data.copy()
    data.transform(armature.matrix_world.copy() @ armature.matrix_world.__class__.Scale(0.5, 4))
    twin = bpy.data.objects.new("Twin", data)
    bpy.context.scene.collection.objects.link(twin)
    for thing in bpy.context.selected_objects:
        thing.select_set(False)
    bpy.context.view_layer.objects.active = twin
    twin.select_set(True)
    bpy.ops.object.mode_set(mode="POSE")


def ours():
    return [thing for thing in bpy.data.objects if thing.type == "ARMATURE" and thing.get("segmo_bridge")]


def curves(action):
    if getattr(action, "layers", None):
        return [curve for strip in action.layers[0].strips for bag in strip.channelbags for curve in bag.fcurves]
    return list(action.fcurves)


def positions(armature, frames):
    """Joints in metres, Y up, at each of ``frames``; the scene's frame is put back."""
    scene = bpy.context.scene
    kept, rows = scene.frame_current, []
    for frame in frames:
        scene.frame_set(frame)
        posed = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heads = [posed.matrix_world @ bone.head for bone in posed.pose.bones]
        rows.append([[head.x, head.z, -head.y] for head in heads])  # Blender is Z up
    scene.frame_set(kept)
    return rows


def described(armature, last_frame):
    data = armature.animation_data
    action = data.action or data.nla_tracks[0].strips[0].action
    first, last = (round(frame) for frame in action.frame_range)
    driven = curves(action)
    return {
        "name": armature.name,
        "identity": all(abs(armature.matrix_world[i][j] - (i == j)) < 1e-6 for i in range(4) for j in range(4)),
        "collections": [one.name for one in armature.users_collection],
        "names": [bone.name for bone in armature.pose.bones],
        "range": list(action.frame_range),
        "keys": sorted({key.co.x for curve in driven for key in curve.keyframe_points}),
        "slot": getattr(data, "action_slot", None) is not None,
        "positions": positions(armature, range(first, (last_frame or last) + 1)),
        "markers": [[marker.name, marker.frame] for marker in action.pose_markers],
        "strips": [[s.name, s.frame_start, s.frame_end] for track in data.nla_tracks for s in track.strips],
        "modifiers": sorted({modifier.type for curve in driven for modifier in curve.modifiers}),
    }


def snapshot(last_frame):
    scene, active = bpy.context.scene, bpy.context.view_layer.objects.active
    return {
        "ours": [described(armature, last_frame) for armature in ours()],
        "objects": sorted(thing.name for thing in bpy.data.objects),
        "actions": sorted(action.name for action in bpy.data.actions),
        "collections": sorted(one.name for one in bpy.data.collections),
        "meshes": sum(thing.type == "MESH" and bool(thing.modifiers) for thing in bpy.data.objects),
        "rate": scene.render.fps / scene.render.fps_base,
        "scene_range": [scene.frame_start, scene.frame_end],
        "frame": scene.frame_current,
        "markers": [[marker.name, marker.frame] for marker in scene.timeline_markers],
        "active": [active.name, active.mode] if active is not None else None,
        "selected": sorted(thing.name for thing in bpy.context.selected_objects),
        "follows": [c.target.name for thing in bpy.data.objects for c in thing.constraints if c.target is not None],
        "panel": hasattr(bpy.types, "SEGMO_PT_bridge"),
    }


def run(job):
    module = install(job["addon"])
    settings = bpy.context.preferences.addons[module].preferences
    answers = []
    for step in job["steps"]:
        if step.get("before"):
            globals()[step["before"]]()
        for name, value in step["settings"].items():
            setattr(settings, name, value)
        try:
            answer = {"result": sorted(bpy.ops.segmo.import_take())}
        except RuntimeError as error:  # what an operator reports as an error, where there is no window
            answer = {"error": str(error).removeprefix("Error: ").strip()}
        answers.append(answer | snapshot(step.get("last_frame")))
        twin = bpy.data.objects.get("Twin")
        if twin is not None and twin.animation_data is not None:
            answers[-1]["twin"] = described(twin, None)
    bpy.ops.preferences.addon_disable(module=module)
    answers[-1]["gone"] = not hasattr(bpy.types, "SEGMO_PT_bridge")
    with open(job["output"], "w") as stream:
        json.dump({"version": bpy.app.version_string, "steps": answers}, stream)


with open(sys.argv[-1]) as job_stream:
    job = json.load(job_stream)
bpy.ops.wm.read_factory_settings(use_empty=True)
run(job)
