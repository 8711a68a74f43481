"""The inspector: the selected segment, and the settings of the next generation."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from segmo_core.catalog import TEXT_SEGMENTERS
from segmo_core.project.project import GenerationSettings, Take
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, token_ranges
from segmo_studio.document.document import Document
from segmo_studio.document.findings import (
    check_summary,
    finding_sentence,
    plan_sentence,
    plan_words,
    sighting_words,
)
from segmo_studio.document.selection import Selection
from segmo_studio.panels.number_chip import NumberChip
from segmo_studio.services.asking.segmenters import segmenter_title
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, label, pad_text, push_button, scrolling_column, separator, set_role

_LARGEST_SEED = 2**31 - 1
_FACTS = ("Time", "Duration", "Usual", "Frames", "Tokens", "Found", "Check", "Seed")


class Inspector(QWidget):
    """Shows the selection; settings go to the document, each as an undo step."""

    reroll_requested = Signal(int)
    regenerate_requested = Signal()

    typical_requested = Signal(int)

    def __init__(self, document: Document, selection: Selection, advice: DurationAdvice, theme: Theme) -> None:
        super().__init__()
        self._advice = advice
        self.setObjectName("panel")
        self._document = document
        self._selection = selection
        self._chip = NumberChip()
        self._text = label("", wrap=True)
        self._nothing = label("No segment is selected.", "faint")
        self._facts = {name: label("", "") for name in _FACTS}
        self._short = label("", "warning", wrap=True)
        self._stretch = push_button("", tip="Give this segment the time that its words typically take  (Y)")
        self._reroll = push_button("Another variation", tip="Generate only this segment anew, with another seed  (R)")
        self._update = push_button("", "primary")
        self._segment_body = QWidget()
        self.seed = QSpinBox()
        self.steps = QSpinBox()
        self.guidance = QDoubleSpinBox()
        self.segmenter = QComboBox()
        self._dice = IconButton(theme, "dice", "Next seed")
        self._set_up_fields()
        self._fill()
        self._connect()
        self._show_settings(document.settings)
        self._show_segment()

    def _set_up_fields(self) -> None:
        self.seed.setRange(0, _LARGEST_SEED)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed and segments give the same motion.")
        self.steps.setRange(0, 100)
        self.steps.setSpecialValueText("Model's own")
        self.steps.setAccessibleName("Decoding steps")
        self.steps.setToolTip("How many rounds the tokens are decided in; more is slower and often smoother.")
        self.guidance.setRange(-0.5, 30.0)
        self.guidance.setSingleStep(0.5)
        self.guidance.setDecimals(1)
        self.guidance.setSpecialValueText("Model's own")
        self.guidance.setAccessibleName("Guidance")
        self.guidance.setToolTip("How closely the motion follows the text; 1 means no guidance.")
        self.segmenter.setAccessibleName("Segmenter")
        self.segmenter.setToolTip(
            "Who splits the prompt into segments. Ollama falls back to the rules when it is away."
        )
        for name in TEXT_SEGMENTERS:
            self.segmenter.addItem(segmenter_title(name), name)
        for field in (self.seed, self.steps, self.guidance):
            field.setKeyboardTracking(False)
            pad_text(field)
        for widget in (self.seed, self.steps, self.guidance, self.segmenter):
            widget.setMinimumWidth(80)

    def _fill(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignTop)
        title.addWidget(self._text, 1)
        facts = _form()
        for name, value in self._facts.items():
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addRow(label(name, "muted"), value)
        segment = QVBoxLayout(self._segment_body)
        segment.setContentsMargins(0, 0, 0, 0)
        segment.setSpacing(8)
        segment.addLayout(title)
        for widget in (self._reroll, self._update, self._short, self._stretch):
            segment.addWidget(widget)
        segment.addLayout(facts)
        seed = QHBoxLayout()
        seed.setSpacing(4)
        seed.addWidget(self.seed, 1)
        seed.addWidget(self._dice)
        form = _form()
        form.addRow(label("Seed", "muted"), seed)
        form.addRow(label("Steps", "muted"), self.steps)
        form.addRow(label("Guidance", "muted"), self.guidance)
        form.addRow(label("Segmenter", "muted"), self.segmenter)
        column = scrolling_column(self)
        column.setSpacing(10)
        column.addWidget(label("Selected segment", "heading"))
        column.addWidget(self._nothing)
        column.addWidget(self._segment_body)
        column.addSpacing(2)
        column.addWidget(separator())
        column.addWidget(label("Generation", "heading"))
        column.addLayout(form)
        column.addStretch(1)

    def _connect(self) -> None:
        document = self._document
        self._selection.segment_selected.connect(self._show_segment)
        document.take_switched.connect(self._show_segment)
        document.take_edited.connect(self._show_segment)
        document.settings_changed.connect(self._show_settings)
        self._advice.changed.connect(self._show_segment)
        self._stretch.clicked.connect(lambda: self.typical_requested.emit(self._selection.segment))
        self._reroll.clicked.connect(lambda: self.reroll_requested.emit(self._selection.segment))
        self._update.clicked.connect(self.regenerate_requested)
        self._dice.clicked.connect(lambda: self.seed.setValue((self.seed.value() + 1) % _LARGEST_SEED))
        self.seed.valueChanged.connect(self._keep_settings)
        self.steps.valueChanged.connect(self._keep_settings)
        self.guidance.valueChanged.connect(self._keep_settings)
        self.segmenter.activated.connect(self._keep_settings)

    def _keep_settings(self) -> None:
        steps, guidance = self.steps.value(), self.guidance.value()
        settings = replace(
            self._document.settings,
            seed=self.seed.value(),
            steps=steps or None,
            guidance_scale=guidance if guidance >= 0 else None,
            segmenter=self.segmenter.currentData(),
        )
        self._document.push_settings(settings)

    def _show_settings(self, settings: GenerationSettings) -> None:
        fields = (self.seed, self.steps, self.guidance, self.segmenter)
        for field in fields:
            field.blockSignals(True)
        self.seed.setValue(settings.seed)
        self.steps.setValue(settings.steps or 0)
        guidance = settings.guidance_scale
        self.guidance.setValue(self.guidance.minimum() if guidance is None else guidance)
        for place in range(self.segmenter.count()):
            name = str(self.segmenter.itemData(place))
            self.segmenter.setItemText(place, segmenter_title(name, settings.language_model))
        self.segmenter.setCurrentIndex(max(self.segmenter.findData(settings.segmenter), 0))
        for field in fields:
            field.blockSignals(False)

    def _show_segment(self) -> None:
        take, index = self._document.current, self._selection.segment
        has_segment = take.track is not None and 0 <= index < len(take.track)
        self._nothing.setVisible(not has_segment)
        self._segment_body.setVisible(has_segment)
        if take.track is None or not has_segment:
            return
        segment, rate = take.track[index], take.frame_rate
        self._chip.show_number(index, bool(segment.text))
        self._text.setText(segment.text or "no text yet")
        facts = self._facts
        facts["Time"].setText(f"{segment.start / rate:.2f} – {segment.end / rate:.2f} s")
        facts["Duration"].setText(f"{segment.num_frames / rate:.2f} s")
        self._show_usual(take, index)
        facts["Frames"].setText(f"{segment.start} – {segment.end - 1} at {rate:g} fps")
        if take.is_generated:
            start, end = token_ranges(take.track)[index]
            facts["Tokens"].setText(f"{start} – {end - 1}  ({FRAMES_PER_TOKEN} frames each)")
        else:
            facts["Tokens"].setText("none, from a file")
        facts["Found"].setText(sighting_words(take, index))
        seeds = take.plan.seeds() if take.plan is not None else ()
        drawn = take.plan is not None and index in take.plan.kept
        facts["Seed"].setText(str(seeds[index]) if drawn else "–")
        facts["Check"].setText(check_summary(take, index))
        facts["Check"].setToolTip(finding_sentence(take, index))
        set_role(facts["Check"], "warning" if finding_sentence(take, index) else "")
        self._reroll.setVisible(take.result is not None and not take.is_outdated)
        self._reroll.setEnabled(index not in take.locked)
        self._update.setVisible(take.is_outdated)
        if take.plan is not None:
            self._update.setText(plan_words(take.plan))
            self._update.setToolTip(f"{plan_sentence(take.plan)}  (Ctrl+R)")

    def _show_usual(self, take: Take, index: int) -> None:
        usual = self._advice.of(take.track[index].text) if take.track is not None and take.is_generated else None
        sentence = self._advice.sentence(take, index)
        if usual is None:
            self._facts["Usual"].setText("–")
        elif usual.is_said:
            self._facts["Usual"].setText(f"{usual.range_text}, as its words say")
        else:
            self._facts["Usual"].setText(f"{usual.range_text}, typically {usual.typical:.1f} s")
            self._facts["Usual"].setToolTip("How long such motions take: of ten people one is quicker, one slower.")
        set_role(self._facts["Duration"], "warning" if sentence else "")
        self._short.setText(sentence)
        self._short.setVisible(bool(sentence))
        self._stretch.setVisible(bool(sentence))
        if usual is not None:
            self._stretch.setText(f"Stretch to {usual.typical:.1f} s")


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(12)
    form.setVerticalSpacing(7)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return form
