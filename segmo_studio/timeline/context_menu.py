"""What the right mouse button offers on the timeline: for a segment, or for a found stretch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu, QWidget

from segmo_studio.document.selection import Selection
from segmo_studio.services.editing.segment_editor import SegmentEditor
from segmo_studio.services.editing.take_editor import TakeEditor
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.places import Places


def context_menu(
    point: QPointF,
    places: Places,
    editor: TrackEditor,
    segments: SegmentEditor,
    takes: TakeEditor,
    selection: Selection,
    edit_text: Callable[[int], None],
    parent: QWidget,
) -> QMenu:
    """The menu for what is at ``point``, which a segment there becomes selected for; empty where nothing is."""
    grounding, segment = places.grounding_at(point), places.segment_at(point)
    stretch = places.stretch_at(point)
    menu = QMenu(parent)
    if places.rows.row_at(point) == "found" and grounding >= 0:
        menu.addAction("Use as segment", lambda: editor.use_grounding(grounding))
        menu.addAction("Remove", lambda: editor.remove_grounding(grounding))
    elif places.rows.row_at(point) == "found" and stretch is not None:
        use = menu.addAction("Use as segment", lambda: editor.use_stretch(stretch.start, stretch.end, stretch.text))
        use.setEnabled(stretch.colour is not None)
        if editor.can_use_all_found:
            menu.addAction("Use all as segments", editor.use_all_found)
    elif places.rows.row_at(point) == "track" and segment < 0 and editor.can_use_all_found:
        menu.addAction("Use all as segments", editor.use_all_found)
    elif places.rows.row_at(point) == "track" and segment >= 0:
        if segment not in selection.segments:
            selection.select_segment(segment)
        chosen = selection.segments
        is_locked = segment in places.take.locked
        menu.addAction("Edit text", lambda: edit_text(segment))
        menu.addAction("Split here", lambda: editor.split(round(places.frame_at(point.x()))))
        menu.addAction("Merge with next", lambda: editor.merge(segment))
        usual = editor.usual_duration(segment)
        if usual is not None:
            menu.addAction(f"Typical length ({usual.typical:.1f} s)", lambda: editor.set_typical_duration(segment))
        mend = menu.addAction("Mend this segment", lambda: segments.mend(segment))
        mend.setEnabled(segment in places.badges)
        repair = menu.addAction("Repair flagged segments", lambda: editor.repair())
        repair.setEnabled(editor.can_repair)
        lock = menu.addAction("Unlock" if is_locked else "Lock", lambda: takes.lock(segment, not is_locked))
        lock.setEnabled(is_locked or takes.can_lock(segment))
        menu.addSeparator()
        menu.addAction("Copy", lambda: segments.copy(chosen))
        menu.addAction("Paste behind it", segments.paste).setEnabled(segments.can_paste)
        menu.addAction("Duplicate", lambda: segments.duplicate(chosen)).setEnabled(editor.can_ripple)
        menu.addAction("Insert behind it", lambda: _insert(segments, selection, edit_text, segment)).setEnabled(
            editor.can_append
        )
        menu.addSeparator()
        menu.addAction("Delete", lambda: segments.remove(chosen, ripple=False))
        menu.addAction("Delete and close the gap", lambda: segments.remove(chosen, ripple=True))
    return menu


def _insert(segments: SegmentEditor, selection: Selection, edit_text: Callable[[int], None], segment: int) -> None:
    if segments.insert_behind(segment):
        edit_text(selection.segment)
