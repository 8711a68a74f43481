"""The bar above the timeline: playback, time, speed, and the query that looks something up in the motion."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QWidget

from segmo_studio.document.document import Document
from segmo_studio.document.playback import SPEEDS, Playback
from segmo_studio.document.selection import Selection
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, label, push_button, stretch_widget


class TransportBar(QFrame):
    """Buttons are bound to the window's actions by whoever builds the bar."""

    find_requested = Signal(str)
    use_requested = Signal()

    def __init__(
        self, document: Document, selection: Selection, playback: Playback, theme: Theme, buttons: dict[str, IconButton]
    ) -> None:
        super().__init__()
        self.setObjectName("timelineBar")
        self._document = document
        self._selection = selection
        self._playback = playback
        self._play_button = buttons["play"]
        self._play_button.setObjectName("playButton")
        self._play_button.setIconSize(QSize(18, 18))
        self._backwards = label("◀ backwards", "muted")
        self._backwards.setAccessibleName("Playing backwards")
        self._backwards.hide()
        self._time = label("0.00", "title")
        self._time.setAccessibleName("Time")
        self._total = label("", "muted")
        self._speed = QComboBox()
        self._speed.setAccessibleName("Playback speed")
        self._speed.setToolTip("Playback speed  ([ and ])")
        for speed in SPEEDS:
            self._speed.addItem(f"{speed:g}×", speed)
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self.query = QLineEdit()
        self.query.setPlaceholderText("Find in this motion, e.g. “waves”")
        self.query.setAccessibleName("Text to find in the motion")
        self.query.setClearButtonEnabled(True)
        self.query.setMinimumWidth(230)
        self.query.setMaximumWidth(320)
        self._find = push_button("Find", tip="Mark the stretch that shows this best  (Enter)")
        self._use = push_button("Use as segment", "quiet", "Write the found stretch into the track  (U)")
        self._fill(buttons)
        self._connect()
        self._show_state()
        self._show_time()

    def _fill(self, buttons: dict[str, IconButton]) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 4)
        row.setSpacing(4)
        for name in ("first_frame", "previous_frame", "play", "next_frame", "last_frame"):
            row.addWidget(buttons[name])
        row.addSpacing(4)
        row.addWidget(buttons["loop"])
        row.addWidget(self._speed)
        row.addWidget(self._backwards)
        row.addSpacing(12)
        self._time.setMinimumWidth(64)
        row.addWidget(self._time)
        row.addWidget(self._total)
        row.addWidget(stretch_widget())
        widgets: list[QWidget] = [self.query, self._find, self._use, buttons["split"], buttons["merge"]]
        for widget in [*widgets, buttons["delete_ripple"], buttons["fit"]]:
            row.addWidget(widget)

    def _connect(self) -> None:
        self._playback.frame_changed.connect(self._show_time)
        self._playback.length_changed.connect(self._show_time)
        self._playback.playing_changed.connect(self._show_playing)
        self._playback.speed_changed.connect(self._show_speed)
        self._document.take_switched.connect(self._show_state)
        self._document.take_edited.connect(self._show_state)
        self._selection.grounding_selected.connect(self._show_state)
        self._speed.activated.connect(lambda index: self._playback.set_speed(self._speed.itemData(index)))
        self.query.returnPressed.connect(self._ask)
        self.query.textChanged.connect(self._show_state)
        self._find.clicked.connect(self._ask)
        self._use.clicked.connect(self.use_requested)

    def _ask(self) -> None:
        if self.query.text().strip():
            self.find_requested.emit(self.query.text())

    def _show_playing(self, playing: bool) -> None:
        self._play_button.set_icon("pause" if playing else "play")

    def _show_speed(self, speed: float) -> None:
        self._speed.setCurrentIndex(SPEEDS.index(abs(speed)))
        self._backwards.setVisible(speed < 0)

    def _show_state(self) -> None:
        take = self._document.current
        has_motion = take.motion is not None
        self.query.setEnabled(has_motion)
        self._find.setEnabled(has_motion and bool(self.query.text().strip()))
        self._use.setEnabled(0 <= self._selection.grounding < len(take.groundings))
        self._show_time()

    def _show_time(self) -> None:
        take, playback = self._document.current, self._playback
        rate = playback.frame_rate
        self._time.setText(f"{playback.seconds:.2f}")
        if not playback.num_frames:
            self._total.setText("no motion yet")
            return
        total = playback.num_frames / rate
        if take.motion is None:
            self._total.setText(f"/ {total:.2f} s    rough preview")
            return
        self._total.setText(f"/ {total:.2f} s    frame {playback.frame} of {playback.num_frames}    {rate:g} fps")
