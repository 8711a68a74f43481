# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the Studio into the scene, which is otherwise left as it was."""

import collections
import contextlib
import os
import tempfile

import bpy
import numpy

from . import actions, segments
from .fetching import BridgeError

MARK = "segmo_bridge"
"""A custom property of what this add-on made: objects, collections, actions."""

Wishes = collections.namedtuple("Wishes", "file_format onto segments loops takes_rate takes_range")
"""What the settings say: see preferences."""

_EXTENSIONS = {"gltf": ".glb", "fbx": ".fbx"}


def bring_in(context, content, facts, wishes):
    """(the armature that has the motion now, a warning or ""). Raises BridgeError, and then nothing has changed."""
    scene = context.scene
    title = str(facts.get("title", "")).strip() or "SegMo take"
    target = _selected_armature(context) if wishes.onto == "selected" else None
    rate = _number(facts, "frame_rate")
    with _scene_kept(context):
        if wishes.takes_rate and rate > 0:
            # Before the import: files hold seconds, and Blender turns them into frames at the scene's rate.
            _set_rate(scene, rate)
        arrived = _imported(context, content, wishes.file_format)
        try:
            armature = _armature_of(arrived)
            action = armature.animation_data.action
            warning = ""
            if target is not None:
                warning = actions.fit(action, armature, target)
        except BridgeError:
            _remove(arrived)
            raise
    if wishes.takes_rate and rate > 0:
        _set_rate(scene, rate)
    first, last = actions.put_on_frames(action, round(_number(facts, "num_frames")))
    action[MARK] = True
    owner = target or _at_home(context, armature, arrived, title)
    segments.forget(scene, owner)
    actions.assign(owner, action)
    if owner is not armature:
        _remove(arrived)
    actions.remove_unused(MARK)
    action.name = title
    rows = [row for row in facts.get("segments", ()) if isinstance(row, list) and len(row) == 3]
    real_rate = scene.render.fps / scene.render.fps_base
    if wishes.loops:
        actions.let_loop(action, owner)
    segments.show(scene, owner, action, [_segment(row, first, real_rate) for row in rows], wishes.segments)
    if wishes.takes_range:
        scene.frame_start, scene.frame_end = first, last
    return owner, warning


def _number(facts, name):
    value = facts.get(name, 0.0)
    return float(value) if isinstance(value, (int, float)) and 0 < value < 1e6 else 0.0


def _segment(row, first, rate):
    """(text, first frame, frame after the last)"""
    text, start, end = row
    return str(text), first + round(float(start) * rate), first + round(float(end) * rate)


def _set_rate(scene, rate):
    scene.render.fps = max(1, round(rate))
    scene.render.fps_base = scene.render.fps / rate


@contextlib.contextmanager
def _scene_kept(context):
    """Importers set rate, range and selection; all of it is put back, and the mode of the active object."""
    scene, layer = context.scene, context.view_layer
    kept = (scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end)
    frame, subframe = scene.frame_current, scene.frame_subframe
    active, selected = layer.objects.active, list(context.selected_objects)
    mode = active.mode if active is not None else "OBJECT"
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = kept
        scene.frame_set(frame, subframe=subframe)
        for thing in list(context.selected_objects):
            thing.select_set(False)
        for thing in selected:
            thing.select_set(True)
        layer.objects.active = active
        if mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def _imported(context, content, file_format):
    """The objects that came with the file, through Blender's own importer."""
    before, collections_before = set(bpy.data.objects), set(bpy.data.collections)
    for thing in list(context.selected_objects):
        thing.select_set(False)
    handle, path = tempfile.mkstemp(suffix=_EXTENSIONS[file_format])
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        with _old_numpy_names():
            if file_format == "fbx":
                bpy.ops.import_scene.fbx(filepath=path)
            else:
                bpy.ops.import_scene.gltf(filepath=path)
    except (RuntimeError, AttributeError) as error:
        _remove(set(bpy.data.objects) - before)
        reason = (str(error).strip().splitlines() or ["no reason given"])[-1]
        other = "FBX" if file_format == "gltf" else "glTF"
        raise BridgeError(f"Blender's own importer failed ({reason[:150]}): choose {other} instead") from None
    finally:
        os.unlink(path)
    arrived = set(bpy.data.objects) - before
    wanted = {thing for thing in arrived if thing.type == "ARMATURE" or _is_skin(thing)}
    _remove(arrived - wanted)  # shapes that the glTF importer draws bones with
    for collection in set(bpy.data.collections) - collections_before:
        if not collection.all_objects:
            bpy.data.collections.remove(collection)
    return wanted


def _is_skin(thing):
    return thing.type == "MESH" and any(modifier.type == "ARMATURE" for modifier in thing.modifiers)


@contextlib.contextmanager
def _old_numpy_names():
    """Blender 3.4's glTF importer asks for numpy.bool, which a distribution's newer NumPy no longer has."""
    is_missing = "bool" not in vars(numpy)
    if is_missing:
        numpy.bool = bool
    try:
        yield
    finally:
        if is_missing:
            del numpy.bool


def _armature_of(arrived):
    for thing in arrived:
        if thing.type == "ARMATURE" and thing.animation_data is not None and thing.animation_data.action is not None:
            for track in list(thing.animation_data.nla_tracks):  # the glTF importer's
                thing.animation_data.nla_tracks.remove(track)
            return thing
    raise BridgeError("The take came without a skeleton that Blender understands")


def _selected_armature(context):
    thing = context.view_layer.objects.active
    if thing is None or thing.type != "ARMATURE":
        raise BridgeError("No armature is active: select the one that gets the motion, or choose Own armature")
    return thing


def _at_home(context, armature, arrived, title):
    """The armature that keeps the take, in this add-on's collection: that of an earlier one, so that what hangs on it
    goes on, else the one that came."""
    earlier = [thing for thing in context.scene.objects if thing.type == "ARMATURE" and thing.get(MARK)]
    home = _collection(context, title, earlier)
    skins = [thing for thing in arrived if _is_skin(thing)]
    if not earlier:
        owner = armature
        _settle(home, arrived, None)
    else:
        owner = earlier[0]
        _remove({child for thing in earlier for child in thing.children if child.get(MARK)} | set(earlier[1:]))
        if not _same_bones(owner, armature):
            owner.data = armature.data
        _settle(home, skins, owner)
        arrived.difference_update(skins)
    owner.name = owner.data.name = title
    return owner


def _same_bones(one, other):
    """The same names at the same places."""
    ours, theirs = one.data.bones, other.data.bones
    return set(ours.keys()) == set(theirs.keys()) and all(
        (bone.head_local - theirs[bone.name].head_local).length < 1e-4
        and bone.matrix_local.to_quaternion().rotation_difference(theirs[bone.name].matrix_local.to_quaternion()).angle
        < 1e-3
        for bone in ours
    )


def _collection(context, title, earlier):
    """The earlier take's collection under the new title, or a new one."""
    found = next((one for thing in earlier for one in thing.users_collection if one.get(MARK)), None)
    if found is None:
        found = bpy.data.collections.new(title)
        found[MARK] = True
        context.scene.collection.children.link(found)
    found.name = f"SegMo: {title}"
    return found


def _settle(home, things, parent):
    """Into the collection ``home`` alone; skins of another armature onto ``parent``."""
    for thing in things:
        thing[MARK] = True
        for collection in thing.users_collection:
            collection.objects.unlink(thing)
        home.objects.link(thing)
        if parent is not None:
            thing.parent = parent
            for modifier in thing.modifiers:
                if modifier.type == "ARMATURE":
                    modifier.object = parent


def _remove(things):
    """Objects, and what only they used."""
    for thing in list(things):
        data = thing.data
        bpy.data.objects.remove(thing)
        for kind in (bpy.data.armatures, bpy.data.meshes):
            if data is not None and data.users == 0 and kind.get(data.name) == data:
                kind.remove(data)
                break
