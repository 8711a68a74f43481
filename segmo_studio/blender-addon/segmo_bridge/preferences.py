# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered, from file to file and from one start of Blender to the next."""

import bpy

_AS = [
    ("fbx", "FBX", "Through Blender's FBX importer: nothing turned or scaled, bones in the limbs"),
    ("gltf", "glTF", "Through Blender's glTF importer"),
]
_NAMES = [
    ("mixamo", "Mixamo", "mixamorig:Hips, mixamorig:LeftArm, ..."),
    ("smpl", "SMPL", "pelvis, left_shoulder, ..."),
    ("unreal", "Unreal Engine 4", "pelvis, spine_03, upperarm_l, ..."),
    ("manny", "Unreal Engine 5", "pelvis, spine_05, upperarm_l, ..."),
    ("unity", "Unity Humanoid", "Hips, LeftUpperArm, ..."),
    ("vrm", "VRM Humanoid", "hips, leftUpperArm, ..."),
]
_ONTO = [
    (
        "new",
        "Own armature",
        "An armature in a collection of its own; a later take replaces the action of an earlier one",
    ),
    ("selected", "Selected armature", "The action alone, onto the active armature, which has bones of the same names"),
]
_SEGMENTS = [
    ("markers", "Action markers", "Pose markers inside the action; the scene's own markers stay as they are"),
    ("timeline", "Timeline markers", "Markers in the scene's timeline; only those of an earlier take are replaced"),
    ("strips", "NLA strips", "A strip for every segment in a track of the armature"),
    ("none", "Nothing", "The action alone"),
]


def _changed(_self, context):
    """Let Blender save its preferences when it is closed, as it does after other changes."""
    context.preferences.is_dirty = True


def _enumeration(name, description, items):
    return bpy.props.EnumProperty(name=name, description=description, items=items, update=_changed)


def _switch(name, description, default=False):
    return bpy.props.BoolProperty(name=name, description=description, default=default, update=_changed)


class SegmoBridgePreferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    address: bpy.props.StringProperty(
        name="Address", description="As the Studio's bridge window shows it", update=_changed
    )
    token: bpy.props.StringProperty(
        name="Token", description="As the Studio's bridge window shows it", subtype="PASSWORD", update=_changed
    )
    file_format: _enumeration("As", "The kind of file that is handed over", _AS)
    names: _enumeration("Names", "What the bones are called", _NAMES)
    onto: _enumeration("Onto", "What gets the motion", _ONTO)
    segments: _enumeration("Segments", "What the segments of the take become", _SEGMENTS)
    with_body: _switch("Body", "The mannequin, skinned to the bones", default=True)
    loops: _switch("Loop", "The stretch whose end meets its beginning best, repeated without end; the path goes on")
    takes_rate: _switch("Scene takes the take's rate", "Else the take is written at the scene's rate")
    takes_range: _switch("Scene takes the take's range", "Start and end of the scene become those of the take")

    def draw(self, context):
        draw_settings(self.layout, self)


def draw_settings(layout, settings):
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    for name in ("address", "token", "file_format", "names", "onto", "segments"):
        column.prop(settings, name)
    column = layout.column(align=True)
    for name in ("with_body", "loops", "takes_rate", "takes_range"):
        column.prop(settings, name)


def settings_of(context):
    return context.preferences.addons[__package__].preferences
