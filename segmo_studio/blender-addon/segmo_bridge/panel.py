# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab SegMo of the 3D view's sidebar."""

# ruff: noqa: N801 (Blender wants its classes named like SEGMO_PT_bridge)

import bpy

from . import operators
from .preferences import draw_settings, settings_of


class SEGMO_PT_bridge(bpy.types.Panel):
    bl_label = "SegMo Studio"
    bl_idname = "SEGMO_PT_bridge"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "SegMo"

    def draw(self, context):
        draw_settings(self.layout, settings_of(context))
        self.layout.operator("segmo.paste", icon="PASTEDOWN")
        row = self.layout.row()
        row.scale_y = 1.4
        progress = operators.progress_text()
        row.enabled = not progress
        row.operator("segmo.import_take", icon="IMPORT", text=progress or "Import current take")
