# SPDX-License-Identifier: GPL-3.0-or-later
# SegMo Studio bridge, an add-on for Blender 3.4 and newer: imports the take that a running Studio shows.
#
# This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
# License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
# version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
# warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the file LICENSE beside this one.
"""Install: Edit > Preferences > Add-ons > Install, choose this file, tick "SegMo Studio bridge".

Use: in the Studio, File > Blender bridge, switch it on, copy address and token. In Blender, press N in the 3D view,
open the tab SegMo, Paste, Import current take.
"""

# ruff: noqa: N801 (Blender wants its classes named like SEGMO_OT_import_take)

import contextlib
import json
import os
import re
import tempfile
import urllib.error
import urllib.request

import bpy
import numpy

bl_info = {
    "name": "SegMo Studio bridge",
    "author": "SegMo Studio",
    "version": (1, 0, 0),
    "blender": (3, 4, 0),
    "location": "3D View > Sidebar > SegMo",
    "description": "Imports the current take of a running SegMo Studio",
    "category": "Import-Export",
}

_SECONDS = 60
_LOOPBACK = re.compile(r"(?:http://)?((?:127\.0\.0\.1|localhost):\d{1,5})/?")
_FACTS_HEADER = "SegMo-Take"
_MARKER = "SegMo "
_MAX_BYTES = 512 * 1024 * 1024
_HINT = "in SegMo Studio, choose File > Blender bridge, and copy address and token anew"
_IMPORTERS = {
    "gltf": (".glb", lambda path: bpy.ops.import_scene.gltf(filepath=path)),
    "fbx": (".fbx", lambda path: bpy.ops.import_scene.fbx(filepath=path)),
}


class BridgeError(Exception):
    """One sentence for the user."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was typed and nowhere else."""

    def redirect_request(self, *_args):
        return None


def fetch_take(address, token, file_format):
    """(content of the file, facts) of the Studio's current take. Raises BridgeError."""
    match = _LOOPBACK.fullmatch(address.strip())
    if match is None:
        raise BridgeError(f"Address {address.strip()!r}: expected one such as 127.0.0.1:50000; {_HINT}")
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise BridgeError(f"The token is missing: {_HINT}")
    url = f"http://{match.group(1)}/take.{file_format}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    # Without the proxies of the environment: this never leaves the computer.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            return answer.read(_MAX_BYTES), json.loads(answer.headers.get(_FACTS_HEADER, "{}"))
    except urllib.error.HTTPError as error:
        raise BridgeError(_sentence_of(error)) from None
    except TimeoutError:
        raise BridgeError(f"SegMo Studio did not answer within {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            raise BridgeError(f"SegMo Studio did not answer within {_SECONDS} seconds") from None
        raise BridgeError(f"SegMo Studio is not running at {match.group(1)}, or its bridge is off: {_HINT}") from None


def _sentence_of(error):
    try:
        return str(json.loads(error.read(65536))["error"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"What answers there is no SegMo Studio (HTTP {error.code}): {_HINT}"


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


def import_take(context, content, facts, file_format):
    """Import the file with Blender's own importer; returns the armatures that came with it."""
    extension, run = _IMPORTERS[file_format]
    scene = context.scene
    rate = float(facts.get("frame_rate", 0) or 0)
    if rate > 0:
        # Before the import: files hold seconds, and Blender turns them into frames at the scene's rate.
        scene.render.fps, scene.render.fps_base = max(1, round(rate)), 1.0
    before = set(bpy.data.objects)
    handle, path = tempfile.mkstemp(suffix=extension)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        with _old_numpy_names():
            run(path)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        other = "FBX" if file_format == "gltf" else "glTF"
        raise BridgeError(f"Blender's own importer failed ({reason[:150]}): choose {other} instead") from None
    finally:
        os.unlink(path)
    armatures = [thing for thing in bpy.data.objects if thing not in before and thing.type == "ARMATURE"]
    if not armatures:
        raise BridgeError("The take came without a skeleton that Blender understands")
    title = str(facts.get("title", "")) or "SegMo take"
    for armature in armatures:
        armature.name = armature.data.name = title[:60]
    _show_range(scene, armatures, facts)
    return armatures


def _show_range(scene, armatures, facts):
    """The scene lasts as long as the take; every segment gets a marker in the timeline."""
    actions = [thing.animation_data.action for thing in armatures if thing.animation_data is not None]
    ranges = [action.frame_range for action in actions if action is not None]
    if not ranges:
        return
    scene.frame_start = int(min(first for first, _ in ranges))
    scene.frame_end = int(max(last for _, last in ranges))
    scene.frame_set(scene.frame_start)
    rate = scene.render.fps / scene.render.fps_base
    for marker in [marker for marker in scene.timeline_markers if marker.name.startswith(_MARKER)]:
        scene.timeline_markers.remove(marker)
    for number, (text, start, _end) in enumerate(facts.get("segments", []), 1):
        name = f"{_MARKER}{number}: {text}"[:60]
        scene.timeline_markers.new(name, frame=scene.frame_start + round(float(start) * rate))


class SEGMO_OT_import_take(bpy.types.Operator):
    """Import the take that SegMo Studio shows now"""

    bl_idname = "segmo.import_take"
    bl_label = "Import current take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context):
        settings = context.window_manager.segmo_bridge
        if context.object is not None and context.object.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        try:
            content, facts = fetch_take(settings.address, settings.token, settings.file_format)
            armatures = import_take(context, content, facts, settings.file_format)
        except BridgeError as error:
            self.report({"ERROR"}, f"{error}.".replace("..", "."))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Imported {armatures[0].name}")
        return {"FINISHED"}


class SEGMO_OT_paste(bpy.types.Operator):
    """Take address and token from the clipboard, where the Studio's Copy button put them"""

    bl_idname = "segmo.paste"
    bl_label = "Paste address and token"

    def execute(self, context):
        parts = context.window_manager.clipboard.split()
        if len(parts) != 2 or _LOOPBACK.fullmatch(parts[0]) is None:
            self.report({"ERROR"}, f"The clipboard holds no address and token: {_HINT}.")
            return {"CANCELLED"}
        settings = context.window_manager.segmo_bridge
        settings.address, settings.token = parts
        return {"FINISHED"}


class SegmoBridgeSettings(bpy.types.PropertyGroup):
    """Of this run of Blender; nothing of it is saved with a file."""

    address: bpy.props.StringProperty(name="Address", description="As the Studio's bridge window shows it")
    token: bpy.props.StringProperty(
        name="Token", description="As the Studio's bridge window shows it", subtype="PASSWORD"
    )
    file_format: bpy.props.EnumProperty(
        name="As",
        description="The kind of file that is handed over",
        items=[
            ("gltf", "glTF", "Through Blender's glTF importer"),
            ("fbx", "FBX", "Through Blender's FBX importer"),
        ],
    )


class SEGMO_PT_bridge(bpy.types.Panel):
    bl_label = "SegMo Studio"
    bl_idname = "SEGMO_PT_bridge"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "SegMo"

    def draw(self, context):
        settings = context.window_manager.segmo_bridge
        column = self.layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("address", "token", "file_format"):
            column.prop(settings, name)
        self.layout.operator("segmo.paste", icon="PASTEDOWN")
        row = self.layout.row()
        row.scale_y = 1.4
        row.operator("segmo.import_take", icon="IMPORT")


_CLASSES = (SegmoBridgeSettings, SEGMO_OT_import_take, SEGMO_OT_paste, SEGMO_PT_bridge)


def register():
    for kind in _CLASSES:
        bpy.utils.register_class(kind)
    bpy.types.WindowManager.segmo_bridge = bpy.props.PointerProperty(type=SegmoBridgeSettings)


def unregister():
    del bpy.types.WindowManager.segmo_bridge
    for kind in reversed(_CLASSES):
        bpy.utils.unregister_class(kind)


if __name__ == "__main__":
    register()
