# SPDX-License-Identifier: GPL-3.0-or-later
# SegMo Studio bridge, an add-on for Blender 3.4 and newer: fetches the take that a running Studio shows.
#
# This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
# License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
# version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
# warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the file LICENSE beside this one.
"""In the Studio: File > Blender bridge, switch it on, copy address and token.

In Blender: press N in the 3D view, open the tab SegMo, Paste, Import current take.
"""

import bpy

from . import operators, panel, preferences

# For Blender before 4.2; newer ones read blender_manifest.toml.
bl_info = {
    "name": "SegMo Studio bridge",
    "author": "SegMo Studio contributors",
    "version": (2, 0, 0),
    "blender": (3, 4, 0),
    "location": "3D View > Sidebar > SegMo",
    "description": "Fetches the current take of a running SegMo Studio",
    "category": "Import-Export",
}

_CLASSES = (
    preferences.SegmoBridgePreferences,
    operators.SEGMO_OT_import_take,
    operators.SEGMO_OT_paste,
    panel.SEGMO_PT_bridge,
)


def register():
    for kind in _CLASSES:
        bpy.utils.register_class(kind)


def unregister():
    operators.cancel_running()
    for kind in reversed(_CLASSES):
        bpy.utils.unregister_class(kind)
