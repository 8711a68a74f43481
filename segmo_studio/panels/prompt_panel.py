"""Prompt and segments: from a sentence to what will be generated, and how long each part lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from segmo_core.project.project import GenerationSettings, Take
from segmo_core.segmentation.grammar.language import NOT_ENGLISH
from segmo_core.timeline.token_grid import MAX_SECONDS
from segmo_studio.document.coverage import uncovered_words
from segmo_studio.document.document import Document
from segmo_studio.document.prompt_colours import present_segments
from segmo_studio.document.selection import Selection
from segmo_studio.panels.asking.language_offer import LanguageOffer
from segmo_studio.panels.found_list import FoundList
from segmo_studio.panels.prompt_text import PromptText
from segmo_studio.panels.segment_card import SegmentCard, card_under
from segmo_studio.services.asking.segmenters import segmenter_in_sentence, segmenter_title
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.elided_label import ElidedLabel
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, TextButton, label, pad_text, push_button, scrolling_column

EXAMPLE_PROMPTS = (
    "a person walks forward, then waves with the right hand",
    "someone runs, then raises both hands",
    "a person walks forward, bows, and then walks backward",
)
MOST_CANDIDATES = 8
_CARD_HEIGHT, _BESIDE_CARDS = 78, 40  # pixels of a card in two lines with its gap, of heading and button


class PromptPanel(QWidget):
    """Asks for jobs through signals; edits segments through the TrackEditor."""

    propose_requested = Signal(str)
    generate_requested = Signal(str)
    segmenter_requested = Signal()

    def __init__(
        self, document: Document, selection: Selection, editor: TrackEditor, advice: DurationAdvice, theme: Theme
    ) -> None:
        super().__init__()
        self._advice = advice
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self._selection = selection
        self._editor = editor
        self._theme = theme
        self._cards: list[SegmentCard] = []
        self._shown_take = document.current.take_id
        self._typed: dict[int, str] = {}
        self._known_takes = {take.take_id for take in document.project.takes}
        self.prompt = PromptText(theme)
        self.language = LanguageOffer(self.prompt)
        self.propose = push_button("Propose segments", tip="Split the prompt into timed segments  (Ctrl+Shift+Enter)")
        self.segmenter = IconButton(theme, "down", "Who cuts prompts")
        self.generate = push_button(
            "Generate", "primary", "Propose segments when the prompt is new, then generate  (Ctrl+Enter)"
        )
        self.candidates = QSpinBox()
        self.candidates.setRange(1, MOST_CANDIDATES)
        self.candidates.setKeyboardTracking(False)
        self.candidates.setAccessibleName("Candidates")
        self.candidates.setFixedWidth(56)
        pad_text(self.candidates)
        self.allow_candidates(True)
        self._answer = ElidedLabel("small")
        self._notice = label("", "small", wrap=True)
        self._lost = ElidedLabel("danger")  # one line that keeps its place, so that nothing moves under the mouse
        self._heading = label("Segments", "heading")
        self._total = label("", "small")
        self._warning = label("", "warning", wrap=True)
        self._add = push_button("Add segment", "quiet", "Add a segment at the end  (A)")
        self._body = QWidget()
        self._examples = QWidget()
        self.found = FoundList()
        self._list = QWidget()
        self._list_column = QVBoxLayout(self._list)
        self._fill()
        self._connect()
        self._show_settings(document.settings)
        self._show_take(document.current)

    @property
    def cards(self) -> tuple[SegmentCard, ...]:
        return tuple(self._cards)

    def _fill(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        proposing = QHBoxLayout()
        proposing.setSpacing(0)
        proposing.addWidget(self.propose, 1)
        proposing.addWidget(self.segmenter)
        buttons.addLayout(proposing, 1)
        buttons.addWidget(self.generate, 1)
        counted = QHBoxLayout()
        counted.setSpacing(8)
        counted.addWidget(self._answer, 1)
        counted.addWidget(self._lost, 1)
        counted.addWidget(label("Candidates", "small"))
        counted.addWidget(self.candidates)
        examples = QVBoxLayout(self._examples)
        examples.setContentsMargins(0, 10, 0, 0)
        examples.setSpacing(8)
        examples.addWidget(label("Or start with an example", "heading"))
        for number, text in enumerate(EXAMPLE_PROMPTS, start=1):
            button = TextButton(text, f"Example prompt {number}: {text}")
            button.clicked.connect(lambda _checked=False, text=text: self._use_example(text))
            examples.addWidget(button)
        header = QHBoxLayout()
        header.addWidget(self._heading)
        header.addStretch(1)
        header.addWidget(self._total)
        self._list_column.setContentsMargins(0, 0, 0, 0)
        self._list_column.setSpacing(8)
        # What is asked for stays in sight; the segments below scroll.
        upper = QVBoxLayout()
        upper.setContentsMargins(14, 2, 14, 4)
        upper.setSpacing(8)
        upper.addWidget(self.prompt)
        upper.addLayout(buttons)
        upper.addWidget(self.language)
        upper.addLayout(counted)
        upper.addWidget(self._notice)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(upper)
        outer.addWidget(self._body, 1)
        column = scrolling_column(self._body)
        column.setSpacing(6)
        column.addWidget(self._examples)
        column.addWidget(self.found)
        column.addLayout(header)
        for widget in (self._list, self._warning):
            column.addWidget(widget)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def _connect(self) -> None:
        self.propose.clicked.connect(lambda: self.propose_requested.emit(self.prompt.toPlainText()))
        self.generate.clicked.connect(lambda: self.generate_requested.emit(self.prompt.toPlainText()))
        self.segmenter.clicked.connect(self.segmenter_requested)
        self._add.clicked.connect(self.append_segment)
        self.found.use_all_requested.connect(self._editor.use_all_found)
        self.candidates.valueChanged.connect(self._keep_candidates)
        self._document.settings_changed.connect(self._show_settings)
        self.prompt.edited.connect(lambda: self._editor.set_prompt(self.prompt.toPlainText()))
        self.prompt.textChanged.connect(self._show_marks)
        self._document.take_switched.connect(self._on_take_switched)
        self._document.take_edited.connect(self._on_take_edited)
        self._selection.segment_selected.connect(self._show_selection)
        self._selection.segment_selected.connect(self._reveal)
        self._advice.changed.connect(self._show_usual)
        self._editor.limits_changed.connect(lambda: self._show_cards(self._document.current))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_cards()

    def _fit_cards(self) -> None:
        is_low = len(self._cards) * _CARD_HEIGHT + _BESIDE_CARDS > self._body.height()
        self._list_column.setSpacing(4 if is_low else 8)
        for card in self._cards:
            card.set_compact(is_low)

    def _use_example(self, text: str) -> None:
        self.prompt.setPlainText(text)
        self.generate_requested.emit(text)

    @property
    def drafts(self) -> dict[int, str]:
        """What was typed but not handed in, by the number of the take it was typed for."""
        typed = {self._shown_take: self.prompt.toPlainText()} | self._typed
        found = ((self._document.project.find(take_id), text) for take_id, text in typed.items())
        return {take.take_id: text for take, text in found if take is not None and text != take.prompt}

    def put_drafts(self, drafts: Mapping[int, str]) -> None:
        """Go on typing where another run stopped; what was typed for other projects is forgotten."""
        self._typed = {take_id: text for take_id, text in drafts.items() if take_id != self._shown_take}
        self._set_prompt(drafts.get(self._shown_take, self._document.current.prompt))

    def append_segment(self) -> None:
        """Add a segment at the end and let the user type its text."""
        self._editor.append()
        if self._cards:
            self._cards[-1].text.setFocus()

    def allow_candidates(self, can_rank: bool) -> None:
        """Whether the bundle can tell the better of several motions; without that there is only one."""
        self.candidates.setEnabled(can_rank)
        self.candidates.setToolTip(
            "How many motions Generate makes; the one that shows the segments best becomes the take, the others follow."
            if can_rank
            else "This bundle cannot find text in motion, so it cannot tell which of several motions is best."
        )
        if not can_rank:
            self.candidates.setValue(1)

    def _keep_candidates(self, count: int) -> None:
        self._document.push_settings(replace(self._document.settings, candidates=count))

    def _show_settings(self, settings: GenerationSettings) -> None:
        name = segmenter_title(settings.segmenter, settings.language_model)
        self.segmenter.setToolTip(f"Who cuts prompts: {name}")
        self.candidates.blockSignals(True)
        self.candidates.setValue(settings.candidates)
        self.candidates.blockSignals(False)

    def _on_take_switched(self, take: Take) -> None:
        typed, left = self.prompt.toPlainText(), self._document.project.find(self._shown_take)
        is_draft = typed.strip() != (left.prompt.strip() if left is not None else "")
        if is_draft and typed.strip() != take.prompt.strip():
            # What was not handed in stays with the take it was typed for; but what a job brings takes no words away.
            is_brought = take.take_id not in self._known_takes and not take.is_empty
            self._typed[take.take_id if is_brought else self._shown_take] = typed
        self._known_takes.update(other.take_id for other in self._document.project.takes)
        for index, card in enumerate(self._cards):
            if card.text.has_unkept_words:
                self._editor.set_text(index, card.text.text(), self._shown_take)
                card.text.show_text("")
        self._shown_take = take.take_id
        self._set_prompt(self._typed.pop(take.take_id, take.prompt))
        self._show_take(take)

    def _on_take_edited(self, before: Take, after: Take) -> None:
        # What was typed and not handed in yet must survive whatever a job brings meanwhile.
        is_draft = self.prompt.toPlainText() not in (before.prompt, after.prompt)
        if before.prompt != after.prompt and not is_draft:
            self._set_prompt(after.prompt)
        self._show_take(after)

    def _set_prompt(self, prompt: str) -> None:
        if self.prompt.toPlainText() != prompt:
            self.prompt.setPlainText(prompt)

    def _show_take(self, take: Take) -> None:
        has_track = take.track is not None
        for widget in (self._heading, self._total, self._list):
            widget.setVisible(has_track)
        self._examples.setVisible(take.is_empty)
        self.found.show_take(take)
        self._show_cards(take)
        self._show_answer(take)
        self._show_marks()
        self._show_selection()

    def _show_cards(self, take: Take) -> None:
        segments = tuple(take.track) if take.track is not None else ()
        while len(self._cards) > len(segments):
            card = self._cards.pop()
            card.hide()
            card.deleteLater()
        while len(self._cards) < len(segments):
            self._add_card(len(self._cards))
        room = self._editor.maximum_frames - (take.track.num_frames if take.track is not None else 0)
        self._fit_cards()
        for card, segment in zip(self._cards, segments, strict=True):
            limits = (self._editor.minimum_frames, segment.num_frames + max(room, 0))
            card.show_segment(segment, take.frame_rate, limits, len(segments))
        self._show_usual()
        self._add.setVisible(take.is_generated and take.track is not None)
        self._add.setEnabled(len(segments) < self._editor.maximum_segments and room > 0)

    def _show_usual(self) -> None:
        take = self._document.current
        short = self._advice.short_segments(take, take.track)
        for index, card in enumerate(self._cards):
            card.show_usual(self._editor.usual_duration(index), index in short)

    def _add_card(self, index: int) -> None:
        card = SegmentCard(self._theme, index)
        card.text_edited.connect(self._editor.set_text)
        card.duration_edited.connect(self._set_seconds)
        card.selected.connect(self._selection.select_segment)
        card.split_requested.connect(self._split_in_the_middle)
        card.merge_requested.connect(self._editor.merge)
        card.delete_requested.connect(lambda position: self._editor.remove(position, ripple=True))
        card.move_requested.connect(self._editor.move)
        card.typical_requested.connect(self._editor.set_typical_duration)
        card.dropped.connect(self._drop)
        card.dragged.connect(self._show_drop_target)
        self._list_column.addWidget(card)
        before = self._cards[-1].keyboard_order[-1] if self._cards else self.generate
        for widget in (*card.keyboard_order, self._add):  # Qt puts new widgets behind all others of the window
            QWidget.setTabOrder(before, widget)
            before = widget
        self._cards.append(card)

    def _set_seconds(self, index: int, seconds: float) -> None:
        self._editor.set_duration(index, round(seconds * self._document.current.frame_rate))

    def _split_in_the_middle(self, index: int) -> None:
        track = self._document.current.track
        if track is not None:
            self._editor.split((track[index].start + track[index].end) // 2)

    def _show_drop_target(self, _index: int, point: QPoint) -> None:
        target = card_under(self._cards, point)
        for position, card in enumerate(self._cards):
            card.set_selected(position == target)

    def _drop(self, index: int, point: QPoint) -> None:
        self._editor.move(index, card_under(self._cards, point))
        self._show_selection()

    def _show_answer(self, take: Take) -> None:
        notice = "" if take.segmented is None else take.segmented.notice.replace(NOT_ENGLISH, "").strip()
        self._notice.setText(notice)  # that it is not English stands right below the prompt
        self._notice.setVisible(bool(notice))
        if take.segmented is None:
            self._answer.setText("")
        else:
            name = segmenter_in_sentence(take.segmented)
            self._answer.setText(f"Segmented by {name}.")
        if take.track is None:
            self._warning.hide()
            return
        seconds = take.track.num_frames / take.frame_rate
        self._total.setText(f"{seconds:.2f} s")
        is_long = take.is_generated and seconds > MAX_SECONDS
        self._warning.setText(f"{seconds:.1f} s is longer than the model can do: {MAX_SECONDS:.0f} s at most.")
        self._warning.setVisible(is_long)

    def _show_marks(self) -> None:
        take, text = self._document.current, self.prompt.toPlainText()
        is_current = take.track is not None and text.strip() == take.prompt.strip() and take.is_generated
        missing = uncovered_words(text, take.track.texts) if is_current and take.track is not None else []
        segmented = take.segmented if is_current else None
        proposed = [segment.text for segment in segmented.segments] if segmented is not None else []
        self.prompt.mark(segmented, present_segments(proposed, take.track.texts if take.track else ()), missing)
        words = ", ".join(f"“{text[start:end]}”" for start, end in missing)
        self._lost.setVisible(bool(missing))
        self._answer.setVisible(not missing)
        self._lost.setText(f"Left out: {words}." if missing else "")

    def _reveal(self, index: int) -> None:
        """Scroll the card of a segment that was selected elsewhere into view."""
        scroll = self.findChild(QScrollArea)
        if scroll is not None and 0 <= index < len(self._cards):
            scroll.ensureWidgetVisible(self._cards[index], 0, 12)

    def _show_selection(self) -> None:
        for index, card in enumerate(self._cards):
            card.set_selected(index == self._selection.segment)
