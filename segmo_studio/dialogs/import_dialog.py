"""Import: how a motion was read, and the map of joints to put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QInputDialog, QVBoxLayout, QWidget

from segmo_core.errors import InvalidRequestError, SegmoError
from segmo_core.retargeting.joint_map import JointMap
from segmo_studio.dialogs.import_joint_table import JointTable
from segmo_studio.dialogs.import_reading import ReadingCard
from segmo_studio.document.read_motion import LARGE_MEAN_ERROR, Fitting, ReadMotion
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import as_sentence
from segmo_studio.theme.dialog_layout import dialog_column
from segmo_studio.theme.widgets import label, push_button, separator, set_role, shortened, tab_through

if TYPE_CHECKING:
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

Fit = Callable[[ReadMotion, Fitting], "Job[RetargetResult]"]
_WIDTH, _HEIGHT = 860, 660
_DELAY_MS = 150
_LARGE_JOINT_ERROR = 2 * LARGE_MEAN_ERROR


class ImportDialog(QDialog):
    """``result_read`` is what to import once the dialog was accepted. Every change is tried at once, in a job."""

    def __init__(
        self,
        read: ReadMotion,
        fit: Fit,
        before: RetargetResult | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """fit: starts the job that brings the source onto the model's skeleton. before: how an open take was read."""
        super().__init__(parent)
        # Not before there is a file to import: they take their time.
        from segmo_core.retargeting import joint_map_presets
        from segmo_core.retargeting.end_joints import skeleton_with_ends

        self._presets = joint_map_presets
        self._read = read
        self._skeleton = skeleton_with_ends(read.source.skeleton)
        self._joints = self._skeleton.joint_names
        self._fit = fit
        self._job: Job[Any] | None = None
        self._is_automatic = before is None or before.matched_by != "map"
        self.result_read: RetargetResult | None = None
        self.setWindowTitle("Import motion")
        self.resize(_WIDTH, _HEIGHT)
        self.table = JointTable(self._joints, _LARGE_JOINT_ERROR)
        self.card = ReadingCard(read.source)
        self.preset = QComboBox()
        self.save = push_button("Save as preset…")
        self.automatic = push_button("Find joints again", tip="Back to the joints that were found by name and shape")
        self.note = label("", "small", wrap=True)
        self.accept_button = push_button("Import" if before is None else "Apply", "primary")
        self._cancel = push_button("Cancel")
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._fill()
        self._list_presets()
        self._connect()
        self._show_first(before)

    def done(self, result: int) -> None:
        self._timer.stop()
        self._drop_job()
        super().done(result)

    def _fill(self) -> None:
        self.preset.setAccessibleName("Preset of joints")
        self.accept_button.setDefault(True)
        column = dialog_column(self, "Import motion", 10)
        path = label(shortened(str(self._read.path), 100), "muted")
        path.setToolTip(str(self._read.path))
        column.addWidget(path)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        left = QVBoxLayout()
        left.setSpacing(8)
        presets = QHBoxLayout()
        presets.addWidget(self.preset, 1)
        presets.addWidget(self.save)
        left.addLayout(presets)
        left.addWidget(self.table, 1)
        middle.addLayout(left, 11)
        middle.addWidget(self.card, 10)
        column.addLayout(middle, 1)
        column.addWidget(self.note)
        column.addWidget(separator())
        buttons = QHBoxLayout()
        buttons.addWidget(self.automatic)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self.accept_button)
        column.addLayout(buttons)
        tab_through(
            [self.preset, self.save, *self.table.choices.values(), *self.card.fields, self.automatic, self._cancel,
             self.accept_button]
        )  # fmt: skip

    def _connect(self) -> None:
        self.table.edited.connect(self._on_edit)
        self.card.edited.connect(self._try_soon)
        self.card.clip.activated.connect(self._on_clip)
        self.preset.activated.connect(self._load_preset)
        self.save.clicked.connect(self._save_preset)
        self.automatic.clicked.connect(self._find_again)
        self.accept_button.clicked.connect(self.accept)
        self._cancel.clicked.connect(self.reject)
        self._timer.timeout.connect(self._try)

    def _show_first(self, before: RetargetResult | None) -> None:
        result = before or self._read.result
        if before is not None and before.up_axis != getattr(self._read.result, "up_axis", ""):
            self.card.choose_axis(before.up_axis)
        if result is not None:
            self._show_result(result)
        else:
            from segmo_core.retargeting.matching import match_by_names

            self._is_automatic = False
            self.table.show_map(match_by_names(self._skeleton))
            self._refuse(self._read.problem)

    def _list_presets(self) -> None:
        self.preset.clear()
        self.preset.addItem("Joints as found", None)
        for name in self._presets.fitting_presets(self._joints):
            self.preset.addItem(name, name)
        self.preset.setEnabled(self.preset.count() > 1)
        self.preset.setToolTip("" if self.preset.count() > 1 else "There is no saved preset for this skeleton.")

    def _load_preset(self) -> None:
        name = self.preset.currentData()
        if name is None:
            self._find_again()
            return
        try:
            joint_map = self._presets.load_preset(name)
        except SegmoError as error:
            self._refuse(str(error))
            return
        self.table.show_map(joint_map.joints)
        self._is_automatic = False
        self._try_soon()

    def _save_preset(self) -> None:
        name, is_accepted = QInputDialog.getText(self, "Save preset", "Name", text=self._read.path.stem[:40])
        if not is_accepted:
            return
        try:
            self._presets.save_preset(name.strip(), JointMap(self.table.joints))
        except SegmoError as error:
            self._say(str(error), "danger")
            return
        self._list_presets()
        self.preset.setCurrentIndex(max(0, self.preset.findData(name.strip())))
        self._say(f"Saved as {name.strip()}: offered for every file with these joints.", "small")

    def _on_edit(self) -> None:
        self._is_automatic = False
        self.preset.setCurrentIndex(0)
        self._try_soon()

    def _on_clip(self) -> None:
        """Another person may have other joints, which are found anew."""
        self._is_automatic = True
        self.preset.setCurrentIndex(0)

    def _find_again(self) -> None:
        self.preset.setCurrentIndex(0)
        self._is_automatic = True
        self.card.choose_axis(None)
        self._try_soon()

    def _try_soon(self) -> None:
        self._drop_job()
        self.accept_button.setEnabled(False)
        self._timer.start()

    def _try(self) -> None:
        try:
            joint_map = None if self._is_automatic else JointMap(self.table.joints)
        except InvalidRequestError as error:
            self._refuse(str(error))
            return
        self._say("Trying these joints…", "small")
        fitting = replace(self.card.fitting, joint_map=joint_map)
        job = self._fit(self._read, fitting)
        self._job = job
        job.when_done(lambda result: self._show_result(result) if self._job is job else None)
        job.failed.connect(lambda sentence, _details: self._refuse(sentence) if self._job is job else None)
        job.cancelled.connect(
            lambda: self._refuse("cancelled: change a joint to try again") if self._job is job else None
        )

    def _drop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None and not job.is_over:
            job.cancel()

    def _show_result(self, result: RetargetResult) -> None:
        self._job = None
        self.result_read = result
        if result.source_joints and result.source_joints != self._joints:
            self._joints = result.source_joints
            self.table.offer(self._joints)
            self._list_presets()
        self.table.show_map(result.joint_map.joints)
        self.table.show_errors(result.joint_errors, result.missing_joints)
        self.card.show_result(result)
        self.accept_button.setEnabled(True)
        self.save.setEnabled(True)
        self._say("", "small")

    def _refuse(self, problem: str) -> None:
        self._job = None
        self.result_read = None
        self.table.show_errors({})
        self.card.show_result(None)
        self.accept_button.setEnabled(False)
        self.save.setEnabled(False)
        self._say(problem, "danger")

    def _say(self, sentence: str, role: str) -> None:
        self.note.setText(as_sentence(sentence) if sentence else "")
        set_role(self.note, role)
