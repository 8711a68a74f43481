"""Several motions of one prompt: the best becomes the take, the others follow by rank."""

from __future__ import annotations

import pytest
from checked_engine import CheckedEngine
from pytestqt.qtbot import QtBot
from window_support import PROMPT, wait_until_idle

from segmo_core.engine import Engine
from segmo_core.generation.request import GenerationRequest
from segmo_studio.main_window import MainWindow


@pytest.fixture
def engine(loaded_engine: Engine) -> CheckedEngine:
    return CheckedEngine(loaded_engine)


def test_the_best_candidate_is_the_take_and_the_others_follow(
    window: MainWindow, loaded_engine: Engine, qtbot: QtBot
) -> None:
    panel, document = window.prompt_panel, window.document
    assert (panel.candidates.minimum(), panel.candidates.maximum(), panel.candidates.value()) == (1, 8, 1)
    panel.candidates.setValue(3)
    steps = document.undo_stack.count()
    panel.prompt.setPlainText(PROMPT)
    panel.generate.click()
    wait_until_idle(qtbot, window)
    takes = document.project.takes
    request = GenerationRequest(PROMPT, takes[0].track, seed=1)
    ranked = [candidate.result.request.seed for candidate in loaded_engine.generate_candidates(request, 3)]
    assert [take.result.request.seed for take in takes] == ranked
    assert [take.name for take in takes] == ["Take 1", "Take 1 · rank 2", "Take 1 · rank 3"]
    assert document.current is takes[0]
    assert document.current.alignment is not None
    shown = [window.takes.list.item(row).data(0x000B) for row in range(3)]  # what a screen reader says
    for words, take, seed in zip(shown, takes, ranked, strict=True):
        assert words.startswith(f"{take.name}: {take.motion.seconds:.1f} s · seed {seed}")
    assert document.undo_stack.count() == steps + 1
    document.undo_stack.undo()
    assert len(document.project.takes) == 1
    assert document.current.motion is None


def test_generating_again_goes_on_with_seeds_that_were_not_used(window: MainWindow, qtbot: QtBot) -> None:
    window.prompt_panel.candidates.setValue(2)
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    window.jobs.generate(PROMPT)
    wait_until_idle(qtbot, window)
    takes = window.document.project.takes
    assert sorted(take.result.request.seed for take in takes) == [1, 2, 3, 4]
    assert [take.name for take in takes] == ["Take 1", "Take 1 · rank 2", "Take 3", "Take 3 · rank 2"]
    assert window.document.current is takes[2]


def test_candidates_have_progress_and_can_be_cancelled(window: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    window.prompt_panel.candidates.setValue(4)
    window.jobs.propose(PROMPT)
    wait_until_idle(qtbot, window)
    before = window.document.project
    engine.open_gate.clear()
    window.jobs.generate(PROMPT)
    qtbot.waitUntil(lambda: window.job_status.isVisible() and window.runner.jobs[0].fraction > 0.1)
    assert window.job_status.text.text().startswith("Generating 4 candidates")
    window.job_status.cancel_button.click()
    wait_until_idle(qtbot, window)
    assert window.document.project is before


def test_a_check_is_made_of_every_candidate_looked_at_or_not(window: MainWindow, qtbot: QtBot) -> None:
    window.prompt_panel.candidates.setValue(2)
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    assert window.document.project.takes[0].alignment is not None  # the one on screen comes first
    qtbot.waitUntil(lambda: window.document.project.takes[1].alignment is not None, timeout=60000)
    assert window.document.current is window.document.project.takes[0]
    window.document.select_take(2)
    wait_until_idle(qtbot, window)
    assert window.document.current.alignment is not None
    assert len(window.document.current.groundings) == 3


def test_the_number_can_be_undone(window: MainWindow) -> None:
    window.prompt_panel.candidates.setValue(5)
    assert window.document.settings.candidates == 5
    window.document.undo_stack.undo()
    assert window.prompt_panel.candidates.value() == 1


def test_without_a_grounding_head_there_is_one_candidate(
    window: MainWindow, engine: CheckedEngine, qtbot: QtBot
) -> None:
    engine.can_ground = False
    window.prompt_panel.candidates.setValue(2)
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    assert "Candidates: 2, expected 1 with this bundle" in window.toast.sentence.text()
    assert window.document.current.motion is None
    window.bundles.use_starter()
    wait_until_idle(qtbot, window)
    assert not window.prompt_panel.candidates.isEnabled()
    assert window.document.settings.candidates == 1
