# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions: their curves and slots in old and new versions of Blender, onto other armatures, in loops."""

import re

import bpy

from .fetching import BridgeError

_BONE = re.compile(r'pose\.bones\["(.+)"\]\.(\w+)')
_ALIKE = 0.09  # radians, 5 degrees: rest poses that differ by less take the same turns
_FIRST_FRAME = 1
_LARGEST_STRETCH = 3e-3  # at 29.97 the FBX importer is one in a thousand too slow, the glTF importer two
_LEAST_SHARE = 0.5  # of the bones that a take moves, that an armature must have


def curves_of(action):
    """All curves; since Blender 4.4 they lie in layers, and 5.0 knows no other place."""
    if getattr(action, "layers", None):
        return [
            curve
            for layer in action.layers
            for strip in layer.strips
            for bag in strip.channelbags
            for curve in bag.fcurves
        ]
    return list(action.fcurves)


def moved(curve):
    """(bone, property) that a curve drives; (None, "") for what is no bone's."""
    match = _BONE.fullmatch(curve.data_path)
    return (match.group(1), match.group(2)) if match else (None, "")


def whole_range(action):
    """First and last frame, whole numbers."""
    first, last = action.frame_range
    return round(first), round(last)


def put_on_frames(action, num_frames):
    """Have the action begin at frame 1 and last ``num_frames``; first and last frame.

    The FBX importer puts it at 1 and the glTF importer at 0; where the scene has 29.97 frames a second the one counts
    30 and the other 30.03. Importers also keep their actions although nothing has them: this one
    goes when its armature does.
    """
    first, last = action.frame_range
    stretch = (num_frames - 1) / (last - first) if num_frames > 1 and last > first else 1.0
    if abs(stretch - 1.0) > _LARGEST_STRETCH:
        stretch = 1.0  # frames of another rate: left as they came
    if abs(first - _FIRST_FRAME) > 1e-6 or abs(stretch - 1.0) > 1e-9:
        for curve in curves_of(action):
            for key in curve.keyframe_points:
                for point in (key.co, key.handle_left, key.handle_right):
                    point[0] = _FIRST_FRAME + (point[0] - first) * stretch
            curve.update()
    action.use_fake_user = False
    return whole_range(action)


def assign(armature, action):
    """``action`` onto ``armature``, with its slot where there are slots."""
    data = armature.animation_data or armature.animation_data_create()
    data.action = action
    if getattr(action, "slots", None):
        data.action_slot = action.slots[0]


def remove_unused(mark):
    """Actions with the custom property ``mark`` that nothing has any more."""
    for action in [one for one in bpy.data.actions if one.get(mark) and one.users == 0]:
        bpy.data.actions.remove(action)


def fit(action, source, target):
    """Make an action of the armature ``source`` one of ``target``; a warning or "". Raises BridgeError.

    Turns are since the rest pose, so the rest poses must be alike; places are scaled by how high the first bone rests.
    """
    bones = {bone for bone, _ in map(moved, curves_of(action)) if bone is not None}
    missing = sorted(bones - set(target.data.bones.keys()))
    if len(missing) > (1.0 - _LEAST_SHARE) * len(bones):
        raise BridgeError(
            f"{target.name} has {len(bones) - len(missing)} of the {len(bones)} bones that the take moves "
            f"({', '.join(missing[:3])} are missing): choose other names"
        )
    off = []
    for bone in sorted(bones - set(missing)):
        ours, theirs = (_rest_turn(armature.data.bones[bone]) for armature in (source, target))
        if ours.rotation_difference(theirs).angle > _ALIKE:
            off.append(bone)
    root = next(bone for bone in source.data.bones if bone.name in bones and bone.name not in missing)
    ours, theirs = root.head_local.length, target.data.bones[root.name].head_local.length
    if ours > 1e-6 and theirs > 1e-6 and abs(theirs / ours - 1.0) > 1e-3:
        for curve in curves_of(action):
            if moved(curve)[1] == "location":
                for key in curve.keyframe_points:
                    for point in (key.co, key.handle_left, key.handle_right):
                        point[1] *= theirs / ours
                curve.update()
    if not off:
        return ""
    return f"{target.name} rests in another pose at {', '.join(off[:3])}: the motion will look bent there"


def _rest_turn(bone):
    """Since the bone above it, as keys are."""
    turn = bone.matrix_local.to_quaternion()
    return turn if bone.parent is None else bone.parent.matrix_local.to_quaternion().inverted() @ turn


def let_loop(action, armature):
    """Repeat the action before and after its keys; the bones without a parent go on where they came to."""
    roots = {bone.name for bone in armature.data.bones if bone.parent is None}
    for curve in curves_of(action):
        bone, what = moved(curve)
        modifier = next((one for one in curve.modifiers if one.type == "CYCLES"), None)
        modifier = modifier or curve.modifiers.new("CYCLES")
        goes_on = bone in roots and what == "location"
        modifier.mode_before = modifier.mode_after = "REPEAT_OFFSET" if goes_on else "REPEAT"
    first, last = whole_range(action)
    action.use_frame_range = True
    action.frame_start, action.frame_end = first, last
    action.use_cyclic = True
