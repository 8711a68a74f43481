"""What the right mouse button offers on the timeline: for a segment, or for a found stretch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu, QWidget

from segmo_studio.document.selection import Selection
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.places import Places


def context_menu(
    point: QPointF,
    places: Places,
    editor: TrackEditor,
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
        selection.select_segment(segment)
        menu.addAction("Edit text", lambda: edit_text(segment))
        menu.addAction("Split here", lambda: editor.split(round(places.frame_at(point.x()))))
        menu.addAction("Merge with next", lambda: editor.merge(segment))
        usual = editor.usual_duration(segment)
        if usual is not None:
            menu.addAction(f"Typical length ({usual.typical:.1f} s)", lambda: editor.set_typical_duration(segment))
        repair = menu.addAction("Repair flagged segments", editor.repair)
        repair.setEnabled(editor.can_repair)
        menu.addSeparator()
        menu.addAction("Delete", lambda: editor.remove(segment, ripple=False))
        menu.addAction("Delete and close the gap", lambda: editor.remove(segment, ripple=True))
    return menu
