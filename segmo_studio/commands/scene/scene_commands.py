"""What the View menu does with the 3D view: standpoints, what is shown, pictures and videos, the body that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QWidget

from segmo_core.body.mannequin import SkinnedMesh
from segmo_core.errors import SegmoError
from segmo_studio.commands.actions import Actions
from segmo_studio.commands.scene.view_recording import Recording, ViewRecorder, frames_of
from segmo_studio.dialogs.export_dialog import file_stem
from segmo_studio.dialogs.picture_dialog import PictureDialog
from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.viewport.motion_view import PARTS, MotionView

_SWITCHED = tuple(part for part in PARTS if part != "label")
_STANDPOINTS = {
    "view_front": "front",
    "view_back": "back",
    "view_side": "side",
    "view_other_side": "other_side",
    "view_top": "top",
    "view_below": "below",
    "reset_camera": "home",
}


class SceneCommands(QObject):
    """Joins actions to the view, and keeps their marks right."""

    saved = Signal(object)
    """The Path of a picture or a video that was written."""

    def __init__(
        self,
        window: QWidget,
        view: MotionView,
        document: Document,
        selection: Selection,
        playback: Playback,
        service: EngineService,
        notifications: Notifications,
        settings: Settings,
        actions: Actions,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._view = view
        self._document = document
        self._selection = selection
        self._playback = playback
        self._service = service
        self._notifications = notifications
        self._settings = settings
        self._actions = actions
        self._body_folder: Path | None = None
        actions["follow"].setChecked(view.follows)
        for part in _SWITCHED:
            actions[f"show_{part}"].setChecked(view.shows(part))

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        view = self._view
        standpoints = {name: partial(self._look, standpoint) for name, standpoint in _STANDPOINTS.items()}
        shown = {f"show_{part}": self._switch_of(part) for part in _SWITCHED}
        return {
            **standpoints,
            **shown,
            "follow": view.set_follow,
            "parallel": view.set_parallel,
            "frame_segment": self.frame_segment,
            "frame_motion": self.frame_motion,
            "record": self.ask_recording,
        }

    def _switch_of(self, part: str) -> Callable[[bool], None]:
        """A function of one argument: of functools.partial PySide does not know that it takes any, and gives none."""

        def switch(shown: bool) -> None:
            self._show(part, shown)

        return switch

    def frame_segment(self) -> None:
        """All of the way that the body takes in the selected segment, or in the motion where none is selected."""
        track, index = self._document.current.shown_track, self._selection.segment
        if track is not None and 0 <= index < len(track):
            self._frame(track[index].start, track[index].end)
        else:
            self.frame_motion()

    def frame_motion(self) -> None:
        motion = self._document.current.motion
        if motion is not None:
            self._frame(0, motion.num_frames)

    def use_body(self) -> None:
        """Draw the user's SMPL body where the settings name one; the mannequin where they do not, or it fails."""
        folder = self._settings.smpl_folder
        if folder == self._body_folder:
            return
        self._body_folder = folder
        if folder is None:
            self._view.set_body(None)
            return

        def take(mesh: SkinnedMesh) -> None:
            if self._body_folder == folder:
                self._view.set_body(mesh)

        job = self._service.load_body(folder)
        job.when_done(take)
        job.failed.connect(self._keep_mannequin)

    def ask_recording(self) -> None:
        view, take, playback = self._view, self._document.current, self._playback
        ratio = view.devicePixelRatioF()
        path = self._settings.export_folder / f"{file_stem(take)}.png"
        rate = take.motion.frame_rate if take.motion is not None and take.motion.num_frames > 1 else None
        size = (round(view.width() * ratio), round(view.height() * ratio))
        dialog = PictureDialog(path, size, rate, playback.has_loop_range, self._window)
        if dialog.exec():
            self._settings.export_folder = dialog.path.parent
            if dialog.is_video and rate is not None:
                start, end = playback.loop_range if dialog.only_loop else (0, playback.num_frames)
                frames = frames_of(start, end, rate, dialog.frame_rate)
                captions, title = dialog.captions.isChecked(), take.prompt
                self.record(Recording(dialog.size_chosen, frames, dialog.frame_rate, captions, title), dialog.path)
            else:
                self._save_picture(dialog.path, QSize(*dialog.size_chosen), dialog.captions.isChecked())
        dialog.deleteLater()

    def record(self, recording: Recording, path: Path) -> None:
        """Write a video of the view in the background."""
        job = ViewRecorder(self._view).record(recording, path, self._service.runner)
        job.failed.connect(self._notifications.error)
        job.when_done(self.saved.emit)

    def _save_picture(self, path: Path, size: QSize, captions: bool) -> None:
        try:
            self._view.save_picture(path, size, captions)
        except SegmoError as error:
            self._notifications.error(error)
            return
        self.saved.emit(path)

    def _look(self, standpoint: str, *_checked: bool) -> None:
        self._view.view_from(standpoint)

    def _show(self, part: str, shown: bool) -> None:
        self._view.set_show(**{part: shown})

    def _frame(self, start: int, end: int) -> None:
        self._view.frame_way(start, end)
        self._actions["follow"].setChecked(False)

    def _keep_mannequin(self, sentence: str, _details: str) -> None:
        self._notifications.warning(f"{sentence.rstrip('.')}. The mannequin is drawn instead.")
        self._view.set_body(None)
