"""Choosing the model bundle: real engines, two bundles that differ in tokenizer and number of segments."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_core.engine import Engine
from segmo_studio import app
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.toast import Toast
from segmo_studio.services import loaded_engine


@pytest.fixture(scope="session")
def other_bundle(make_tiny_bundle: Callable[..., Path]) -> Path:
    return make_tiny_bundle("other", seed=8, max_segments=3)


def use(window: MainWindow, folder: Path | None, qtbot: QtBot) -> None:
    window.bundles.use(folder)
    wait_until_idle(qtbot, window)


def sentence(toast: Toast) -> str:
    assert toast.isVisible()
    assert "\n" not in toast.sentence.text()
    return toast.sentence.text()


def test_the_menu_opens_a_bundle_names_it_and_goes_back_to_the_starter(
    window: MainWindow, other_bundle: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus = {entry.text(): entry.menu() for entry in window.menuBar().actions()}
    titles = [action.text() for action in menus["Models"].actions()]
    assert "Open model bundle…" in titles
    assert "Use starter bundle" in titles
    assert window.bundle_status.text() == "Model not loaded yet"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other_bundle))
    window.commands["open_bundle"].trigger()
    wait_until_idle(qtbot, window)
    assert window.bundle_status.text() == "Bundle: other"
    assert str(other_bundle) in window.bundle_status.toolTip()
    assert sentence(window.toast) == "The bundle “other” is in use."
    assert window._settings.bundle == other_bundle

    window.commands["use_starter"].trigger()
    wait_until_idle(qtbot, window)
    assert window.bundle_status.text() == "Bundle: tiny"
    assert window._settings.bundle is None


def test_a_wrong_folder_is_one_sentence_and_the_present_bundle_stays(
    window: MainWindow, other_bundle: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    use(window, other_bundle, qtbot)
    use(window, tmp_path, qtbot)
    assert sentence(window.toast) == f"{tmp_path}: not a bundle, expected a file bundle.json in it."
    assert window.bundle_status.text() == "Bundle: other"
    assert window._settings.bundle == other_bundle
    window.jobs.compose("a person walks")
    wait_until_idle(qtbot, window)
    assert window.document.current.result.origin.bundle == "other"


@pytest.mark.parametrize("arrived", [False, True], ids=["while it loads", "when it is just loaded"])
def test_a_cancelled_switch_changes_nothing(
    generated: MainWindow, other_bundle: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    window, gate = generated, threading.Event()
    monkeypatch.setattr(loaded_engine, "load_torch_library", lambda: gate.wait(10))
    job = window.bundles.use(other_bundle)
    if arrived:
        gate.set()
        deadline = time.monotonic() + 20
        while window._service.bundle.name != "other" and time.monotonic() < deadline:
            time.sleep(0.01)  # the window does not hear of it: its events are not processed here
        assert window._service.bundle.name == "other"
        job.cancel()
    else:
        qtbot.waitUntil(lambda: window.job_status.isVisible() and job.message == "Loading the model")
        assert window.job_status.text.text().startswith("Opening the bundle other")
        window.commands["cancel"].trigger()
        gate.set()
    wait_until_idle(qtbot, window)
    assert window.bundle_status.text() == "Bundle: tiny"
    assert window._service.bundle.name == "tiny"
    assert window._settings.bundle is None
    window.commands["reroll"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current.result.origin.bundle == "tiny"


def test_a_take_of_another_bundle_stays_viewable_but_its_segments_are_not_regenerated(
    generated: MainWindow, other_bundle: Path, qtbot: QtBot
) -> None:
    window, take = generated, generated.document.current
    use(window, other_bundle, qtbot)
    assert window.document.current is take
    assert window.playback.num_frames == take.motion.num_frames
    window.selection.select_segment(1)
    window.commands["reroll"].trigger()
    assert window.runner.jobs == ()
    assert sentence(window.toast) == (
        "Take 1 was made with another bundle (“tiny”): open that one to regenerate its segments, or press Generate for "
        "a new take."
    )
    assert window.document.current is take

    window.editor.set_text(0, "a person runs")
    wait_until_idle(qtbot, window)
    edited = window.document.current
    assert edited.track.texts[0] == "a person runs"
    assert edited.motion is take.motion

    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    fresh = window.document.current
    assert [other.name for other in window.document.project.takes] == ["Take 1", "Take 2"]
    assert fresh.result.origin.bundle == "other"
    assert fresh.track.texts == edited.track.texts
    window.commands["reroll"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current.result.seconds != fresh.result.seconds
    assert window.document.current.result.origin.bundle == "other"

    use(window, None, qtbot)
    window.document.select_take(take.take_id)
    window.commands["regenerate"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current.result.track.texts[0] == "a person runs"
    assert window.document.current.result.origin.bundle == "tiny"


def test_an_edit_that_waits_behind_a_switch_is_refused_in_the_lane(
    generated: MainWindow, other_bundle: Path, qtbot: QtBot
) -> None:
    """When the edit is made the old bundle is still in use, so only the lane can know. One segment more: the tokens
    are laid out by the Studio and not by the engine.
    """
    window, take = generated, generated.document.current
    window.bundles.use(other_bundle)
    window.editor.set_track("Reorder", take.track.reordered([1, 0, 2]))
    window.editor.set_track("Delete", take.track.without(2).with_text(0, "a person runs"))
    wait_until_idle(qtbot, window)
    assert "made with another bundle ('tiny') than the one in use ('other')" in sentence(window.toast)
    assert window.document.current.motion is take.motion


def test_the_same_request_to_another_bundle_keeps_its_seed(
    generated: MainWindow, other_bundle: Path, qtbot: QtBot
) -> None:
    use(generated, other_bundle, qtbot)
    generated.commands["generate"].trigger()
    wait_until_idle(qtbot, generated)
    seeds = [take.result.request.seed for take in generated.document.project.takes]
    assert seeds == [1, 1]


def test_the_bundle_is_remembered(
    make_window: Callable[[Any], MainWindow], engine: HeldEngine, other_bundle: Path, qtbot: QtBot
) -> None:
    use(make_window(engine), other_bundle, qtbot)
    second = make_window(engine)
    second.bundles.start()
    wait_until_idle(qtbot, second)
    assert second.bundle_status.text() == "Bundle: other"


def test_a_remembered_bundle_that_is_gone_falls_back_to_the_starter_with_a_notice(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window._settings.bundle = tmp_path / "gone"
    window.bundles.start()
    wait_until_idle(qtbot, window)
    assert sentence(window.toast) == (
        f"{tmp_path / 'gone'}: no such folder, expected a bundle (a folder with bundle.json). "
        "The starter bundle is used instead."
    )
    assert window.bundle_status.text() == "Bundle: tiny"
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    assert window.document.current.result.origin.bundle == "tiny"


def test_the_bundle_of_the_command_line_goes_before_the_remembered_one(
    window: MainWindow, other_bundle: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window._settings.bundle = tmp_path / "gone"
    monkeypatch.chdir(other_bundle.parent)
    window.bundles.start(Path("other"))
    wait_until_idle(qtbot, window)
    assert window.bundle_status.text() == "Bundle: other"
    assert window._settings.bundle == other_bundle


def test_the_program_hands_bundle_and_file_of_its_command_line_on(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, make_window: Callable[[Any], MainWindow], qtbot: QtBot
) -> None:
    given: list[Any] = []
    window = make_window(engine)
    monkeypatch.setattr(app, "MainWindow", lambda *_: window)
    monkeypatch.setattr(app, "Settings", lambda: window._settings)
    monkeypatch.setattr(app, "Theme", lambda *_: window.theme)
    monkeypatch.setattr(window, "warm_up_soon", given.append)
    monkeypatch.setattr(window.files, "open", given.append)
    monkeypatch.setattr(type(app.make_application()), "exec", lambda *_: qtbot.waitUntil(lambda: len(given) == 2))
    app.main(["--bundle", "models/mine", "walk.bvh"])
    assert given == [Path("models/mine"), Path("walk.bvh").absolute()]
