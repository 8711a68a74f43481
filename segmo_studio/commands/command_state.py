"""Which commands make sense right now, and what they are called."""

from __future__ import annotations

from PySide6.QtCore import QObject

from segmo_core.project.project import Take
from segmo_studio.commands.actions import Actions, spec_of
from segmo_studio.commands.files.file_commands import FileCommands
from segmo_studio.document.document import Document
from segmo_studio.document.findings import flagged_segments, plan_words
from segmo_studio.document.found.found_stretches import found_track
from segmo_studio.document.selection import Selection
from segmo_studio.services.track_editor import TrackEditor

_NEED_MOTION = (
    "export", "copy_command", "frame_segment", "frame_motion", "screenshot", "find", "describe", "play",
    "previous_frame", "next_frame", "previous_boundary", "next_boundary", "first_frame", "last_frame", "shuttle_back",
    "shuttle_stop", "shuttle_forward", "loop_in", "loop_out",
)  # fmt: skip


def possible_commands(take: Take, selection: Selection, has_export: bool, has_usual_duration: bool) -> dict[str, bool]:
    """By name; commands that are not in it are always possible. has_export: whether something was exported;
    has_usual_duration: whether it is known what the selected segment usually takes.
    """
    num_segments = len(take.track) if take.track is not None else 0
    has_motion, has_segment = take.motion is not None, 0 <= selection.segment < num_segments
    is_locked = selection.segment in take.locked
    return dict.fromkeys(_NEED_MOTION, has_motion) | {
        "show_in_folder": has_export,
        "show_reading": take.read_as is not None,
        "add_segment": take.is_generated and take.track is not None,
        "split": num_segments > 0 and has_motion,
        "merge": has_segment and selection.segment < num_segments - 1,
        "delete": has_segment and num_segments > 1,
        "delete_ripple": has_segment and num_segments > 1,
        "edit_text": has_segment,
        "boundary_earlier": has_segment,
        "boundary_later": has_segment,
        "typical_duration": has_usual_duration,
        "regenerate": take.is_outdated,
        "reroll": has_segment and take.result is not None and not take.is_outdated and not is_locked,
        "repair": bool(flagged_segments(take)) and not take.is_outdated,
        "save_clips": has_motion and num_segments > 0 and not take.is_outdated,
        "use_all_found": found_track(take) is not None,
        "use_grounding": 0 <= selection.grounding < len(take.groundings),
    }


class CommandState(QObject):
    """Switches the actions on and off as document and selection change."""

    def __init__(
        self, document: Document, selection: Selection, editor: TrackEditor, files: FileCommands, actions: Actions
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._editor = editor
        self._files = files
        self._actions = actions
        document.take_edited.connect(self.update)
        selection.segment_selected.connect(lambda _index: self.update())
        selection.grounding_selected.connect(lambda _index: self.update())

    def update(self) -> None:
        """After whatever else may have changed what is possible."""
        take, selection = self._document.current, self._selection
        has_usual = self._editor.usual_duration(selection.segment) is not None
        has_export = self._files.last_export is not None
        for name, is_possible in possible_commands(take, selection, has_export, has_usual).items():
            self._actions[name].setEnabled(is_possible)
        words = plan_words(take.plan) if take.plan is not None and take.is_outdated else spec_of("regenerate").text
        self._actions["regenerate"].setText(words)
