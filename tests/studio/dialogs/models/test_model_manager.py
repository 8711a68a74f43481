"""The manager of bundles, worked by mouse and keys: what is listed, used, added, converted, removed, run on what."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from published_folders import momask_folder
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.models.devices import Computing
from segmo_studio.dialogs.models.convert_dialog import ConvertDialog
from segmo_studio.dialogs.models.model_manager import ModelManager
from segmo_studio.main_window import MainWindow
from segmo_studio.services.loaded_engine import Compute


@pytest.fixture(scope="session")
def another_bundle(make_tiny_bundle: Callable[..., Path]) -> Path:
    return make_tiny_bundle("another", seed=8, max_segments=3)


@pytest.fixture
def manager(window: MainWindow, qtbot: QtBot) -> ModelManager:
    window.commands["models"].trigger()
    dialog = window.models.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    wait_until_idle(qtbot, window)
    return dialog


def listed(manager: ModelManager) -> list[str]:
    return [manager.bundles.item(row).text() for row in range(manager.bundles.count())]


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add(manager: ModelManager, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    click(qtbot, manager.add)


def test_a_bundle_is_added_used_and_taken_out_again(
    window: MainWindow,
    manager: ModelManager,
    another_bundle: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert listed(manager) == ["starter\nships with the Studio", "everyday\nships with the Studio"]
    assert not manager.remove.isEnabled()
    assert "CC BY-NC 4.0" in manager.page.toPlainText()
    add(manager, another_bundle, qtbot, monkeypatch)
    wait_until_idle(qtbot, window)
    assert listed(manager)[2] == "another\nadded"
    assert manager.current.folder == another_bundle
    assert window._settings.known_bundles == (another_bundle,)

    click(qtbot, manager.use)
    wait_until_idle(qtbot, window)
    assert listed(manager)[2] == "another\nin use"
    assert manager.status.text() == "“another” is in use."
    assert window.bundle_status.text() == "Bundle: another"
    assert not manager.use.isEnabled()
    assert not manager.remove.isEnabled()

    manager.bundles.setFocus()
    qtbot.keyClick(manager.bundles, Qt.Key.Key_Up)
    qtbot.keyClick(manager.bundles, Qt.Key.Key_Up)
    assert manager.current.name == "starter"
    qtbot.keyClick(manager.bundles, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)
    assert window._settings.bundle is None
    manager.choose(another_bundle)
    click(qtbot, manager.remove)
    assert "another\nadded" not in listed(manager)
    assert another_bundle not in window._settings.known_bundles
    assert another_bundle.is_dir()


def test_damaged_bundles_are_listed_with_one_sentence(
    window: MainWindow, manager: ModelManager, another_bundle: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    cut, altered, gone = (tmp_path / name for name in ("cut", "altered", "gone"))
    for folder in (cut, altered):
        shutil.copytree(another_bundle, folder)
    (cut / "bundle.json").write_text((cut / "bundle.json").read_text()[:300])
    weights = altered / "tokenizer.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    window._settings.known_bundles = (cut, altered, gone)
    manager.close()
    window.commands["models"].trigger()
    wait_until_idle(qtbot, window)
    assert [text.splitlines()[1] for text in listed(manager)[2:]] == ["damaged"] * 3
    sentences = {}
    for folder in (cut, altered, gone):
        manager.choose(folder)
        assert not manager.use.isEnabled()
        assert manager.remove.isEnabled()
        sentences[folder.name] = manager.problem_of(manager.current)
        assert sentences[folder.name] in manager.page.toPlainText()
    assert sentences["gone"] == f"{gone}: no such folder, expected a bundle (a folder with bundle.json)."
    assert sentences["altered"] == f"{weights}: its checksum is not the one in bundle.json; the file was altered."
    assert sentences["cut"].startswith(f"{cut / 'bundle.json'}, line 14: not valid JSON")
    assert "\n" not in sentences["cut"]


def test_what_is_no_bundle_is_not_added(
    window: MainWindow, manager: ModelManager, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(manager, tmp_path, qtbot, monkeypatch)
    assert manager.status.text() == f"{tmp_path}: not a bundle, expected a file bundle.json in it."
    assert len(listed(manager)) == 2
    assert window._settings.known_bundles == ()


def test_checkpoints_become_a_bundle_in_the_list(
    window: MainWindow, manager: ModelManager, tmp_path: Path, qtbot: QtBot
) -> None:
    source = momask_folder(tmp_path / "t2m")
    target = tmp_path / "made"

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ConvertDialog)
        assert not dialog.convert.isEnabled()
        dialog.checkpoints.line.setFocus()
        qtbot.keyClicks(dialog.checkpoints.line, str(source))
        assert dialog.bundle.line.text() == str(window._settings.data_folder / "bundles" / source.name)
        dialog.bundle.line.selectAll()
        qtbot.keyClicks(dialog.bundle.line, str(target))
        click(qtbot, dialog.convert)

    QTimer.singleShot(300, answer)
    click(qtbot, manager.convert)
    wait_until_idle(qtbot, window)
    assert manager.current.folder == target
    assert json.loads((target / "bundle.json").read_text())["text_encoder"] == "clip"
    assert manager.status.text().startswith("MoMask for HumanML3D is a bundle now.")
    assert window._settings.known_bundles == (target,)


def test_a_wrong_or_cancelled_conversion_leaves_nothing(
    window: MainWindow, manager: ModelManager, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "empty").mkdir()
    window.models.convert(tmp_path / "empty", tmp_path / "made", None)
    wait_until_idle(qtbot, window)
    assert manager.status.text().startswith(f"{tmp_path / 'empty'}: ")
    window.models.convert(momask_folder(tmp_path / "t2m"), tmp_path / "made", None).cancel()
    wait_until_idle(qtbot, window)
    assert manager.status.text() == "The conversion was cancelled; nothing was written."
    assert not (tmp_path / "made").exists()
    assert len(listed(manager)) == 2


def test_takes_stay_when_another_bundle_is_used(
    generated: MainWindow, another_bundle: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = generated.document.current
    generated.commands["models"].trigger()
    add(generated.models.dialog, another_bundle, qtbot, monkeypatch)
    click(qtbot, generated.models.dialog.use)
    wait_until_idle(qtbot, generated)
    assert generated.document.current is take
    assert take.result.origin.bundle == "tiny"


def test_what_is_not_here_is_said_and_cannot_be_chosen(manager: ModelManager) -> None:
    assert manager.device.findData("cuda") == -1
    assert manager.missing.text().startswith("No NVIDIA GPU (cuda): torch ")


def test_another_device_is_used_and_remembered(
    window: MainWindow, manager: ModelManager, another_bundle: Path, qtbot: QtBot
) -> None:
    """A machine with a GPU and bfloat16 is described; only the processor is really used."""
    manager.show_computing(Computing("Made-up GPU", True, ()))
    assert manager.device.findData("cuda") > 0
    assert not manager.precision.isEnabled()  # "auto" takes the GPU, which has no fast way
    manager.device.setFocus()
    qtbot.keyClick(manager.device, Qt.Key.Key_Down)
    assert manager.chosen_compute == Compute("cpu", False)
    assert manager.precision.isEnabled()
    window.bundles.use(another_bundle)
    wait_until_idle(qtbot, window)
    click(qtbot, manager.apply)
    wait_until_idle(qtbot, window)
    assert window._service.compute == Compute("cpu", False)
    assert window._settings.device == "cpu"
    assert window._service.bundle.folder == another_bundle
    assert not manager.apply.isEnabled()


def test_the_device_reaches_the_engine(window: MainWindow, another_bundle: Path, qtbot: QtBot) -> None:
    """As ``segmo-studio`` makes it: with the engine's own refusal where a device is not here."""
    service = window._service
    service._make_engine = None
    window.bundles.use(another_bundle, Compute("cuda"))
    wait_until_idle(qtbot, window)
    assert "Device: 'cuda' is not available here" in window.toast.sentence.text()
    assert service.compute == Compute()
    window.bundles.use(another_bundle, Compute("cpu"))
    wait_until_idle(qtbot, window)
    assert service._engine._device == "cpu"


def test_a_card_of_others_is_text_alone(manager: ModelManager, another_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "carded"
    shutil.copytree(another_bundle, folder)
    (folder / "MODEL_CARD.md").write_text("# x\n\n<b>bold</b> ![a](file:///etc/passwd) [link](https://a.example)\n")
    from segmo_studio.services.models.known_bundles import look_at

    manager.page.show_bundle(look_at(folder), "")
    assert "<b>bold</b>" in manager.page.toPlainText()
    assert not manager.page.openLinks()
