# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons: paste, and fetch a take while Blender goes on."""

# ruff: noqa: N801 (Blender wants its classes named like SEGMO_OT_import_take)

import bpy

from .fetching import HINT, LOOPBACK, BridgeError, Transfer
from .importing import Wishes, bring_in
from .preferences import settings_of

_POLL_SECONDS = 0.1
_running = None


def progress_text():
    """How far the take is that is under way; "" when none is."""
    if _running is None:
        return ""
    if _running.share is None:
        return "Waiting for the Studio…"
    return f"Fetching, {round(100 * _running.share)} %"


def cancel_running():
    if _running is not None:
        _running.cancel()


def _transfer(context):
    settings = settings_of(context)
    render = context.scene.render
    wishes = {"names": settings.names, "body": int(settings.with_body), "loop": int(settings.loops)}
    if not settings.takes_rate:
        wishes["rate"] = repr(render.fps / render.fps_base)
    return Transfer(settings.address, settings.token, settings.file_format, wishes)


class SEGMO_OT_import_take(bpy.types.Operator):
    """Import the take that SegMo Studio shows now"""

    bl_idname = "segmo.import_take"
    bl_label = "Import current take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def invoke(self, context, event):
        global _running
        if _running is not None:
            self.report({"WARNING"}, "A take is on its way already; Esc cancels it.")
            return {"CANCELLED"}
        _running = self._under_way = _transfer(context)
        self._under_way.start()
        manager = context.window_manager
        self._timer = manager.event_timer_add(_POLL_SECONDS, window=context.window)
        manager.progress_begin(0, 100)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC":
            self._under_way.cancel()
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not self._under_way.done:
            context.window_manager.progress_update(round(100 * (self._under_way.share or 0.0)))
            context.workspace.status_text_set(f"SegMo: {progress_text()}  (Esc cancels)")
            _redraw(context)
            return {"PASS_THROUGH"}
        self._end(context)
        return self._arrive(context, self._under_way)

    def cancel(self, context):
        """Blender is closing."""
        self._under_way.cancel()
        self._end(context)

    def execute(self, context):
        """For scripts: waits for the take."""
        transfer = _transfer(context)
        transfer.run()
        return self._arrive(context, transfer)

    def _end(self, context):
        global _running
        _running = None
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        context.workspace.status_text_set(None)
        _redraw(context)

    def _arrive(self, context, transfer):
        try:
            if transfer.error:
                raise BridgeError(transfer.error)
            settings = settings_of(context)
            wishes = Wishes(
                settings.file_format,
                settings.onto,
                settings.segments,
                settings.loops,
                settings.takes_rate,
                settings.takes_range,
            )
            armature, warning = bring_in(context, transfer.content, transfer.facts, wishes)
        except BridgeError as error:
            self.report({"ERROR"}, f"{error}.".replace("..", "."))
            return {"CANCELLED"}
        if warning:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, f"The take is on {armature.name}")
        return {"FINISHED"}


class SEGMO_OT_paste(bpy.types.Operator):
    """Take address and token from the clipboard, where the Studio's Copy button put them"""

    bl_idname = "segmo.paste"
    bl_label = "Paste address and token"

    def execute(self, context):
        parts = context.window_manager.clipboard.split()
        if len(parts) != 2 or LOOPBACK.fullmatch(parts[0]) is None:
            self.report({"ERROR"}, f"The clipboard holds no address and token: {HINT}.")
            return {"CANCELLED"}
        settings = settings_of(context)
        settings.address, settings.token = parts
        return {"FINISHED"}


def _redraw(context):
    for area in context.screen.areas if context.screen is not None else ():
        if area.type == "VIEW_3D":
            area.tag_redraw()
