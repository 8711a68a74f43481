"""What stood there before a file or a bundle is written: permissions, links, and all of it when the writer dies."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from segmo_core import serialization
from segmo_core.bundle_folder import changed_folder
from segmo_core.bundle_manifest import MANIFEST_NAME, read_manifest, verify_files
from segmo_core.cli import main
from segmo_core.errors import BundleError, FileFormatError
from segmo_core.serialization import write_atomically


def write(path: Path, text: str = "new") -> None:
    write_atomically(path, lambda temporary: temporary.write_text(text))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o644, 0o660])
def test_permissions_stay(tmp_path: Path, permissions: int) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(permissions)
    seen: list[int] = []
    write_atomically(path, lambda temporary: (seen.append(mode(temporary)), temporary.write_text("new")))
    assert (path.read_text(), mode(path)) == ("new", permissions)
    assert seen == [0o600]  # what is private is so while it is written, too


def test_a_new_file_gets_what_the_system_gives_and_no_thread_sees_another_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.json")
        assert mode(tmp_path / "a.json") == 0o640
        stop, wrong = threading.Event(), []

        def make_files() -> None:
            number = 0
            while not stop.is_set():
                path = tmp_path / f"other-{number}"
                path.touch()
                if mode(path) != 0o640:
                    wrong.append(path)
                path.unlink()
                number += 1

        thread = threading.Thread(target=make_files)
        thread.start()
        for _ in range(200):
            write(tmp_path / "a.json")
        stop.set()
        thread.join()
        assert wrong == []
    finally:
        os.umask(before)


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "a.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write(link)
    assert link.is_symlink()
    assert target.read_text() == "new"
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "there" / "b.json")
    write(dangling)
    assert (tmp_path / "there" / "b.json").read_text() == "new"
    circle = tmp_path / "circle.json"
    circle.symlink_to(circle)
    with pytest.raises(FileFormatError, match=r"circle\.json: cannot be written"):
        write(circle)


def test_devices_and_pipes_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "device.json").symlink_to("/dev/null")
    for name in ("pipe.json", "device.json"):
        with pytest.raises(FileFormatError, match="is no file, expected one or nothing there"):
            write(tmp_path / name)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_the_longest_name_can_be_written_and_a_longer_one_is_told(tmp_path: Path) -> None:
    write(tmp_path / f"{'n' * 250}.json")
    with pytest.raises(FileFormatError, match="cannot be written"):
        write(tmp_path / f"{'n' * 255}.json")


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys, time; from pathlib import Path; from segmo_core.serialization import write_atomically;"
        "write_atomically(Path(sys.argv[1]), lambda t: (print(flush=True), time.sleep(60)))"
    )
    path = tmp_path / "v.mp4"
    running = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    write(path)
    assert len(list(tmp_path.iterdir())) == 2  # somebody is still at it
    running.kill()
    running.wait()
    write(path)
    assert len(list(tmp_path.iterdir())) == 2  # a minute has not passed
    monkeypatch.setattr(serialization, "_LEFT_BEHIND", 0.0)
    time.sleep(0.02)
    write(path)
    assert list(tmp_path.iterdir()) == [path]


def test_sigterm_leaves_no_half_written_file(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from segmo_core.cli import app\n"
        "from segmo_core.serialization import write_atomically\n"
        "wait = lambda temporary: (print(flush=True), time.sleep(60))\n"
        "app.app = lambda *_, **__: write_atomically(Path(sys.argv[1]), wait)\n"
        "app.main(['x'])"
    )
    running = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "v.mp4")], stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_is_changed_opens_at_every_moment(tiny_bundle: Path, tmp_path: Path) -> None:
    """Whoever dies between two files of a bundle leaves the old one; nothing is changed in place."""
    tiny_bundle = Path(shutil.copytree(tiny_bundle, tmp_path / "mine"))
    before = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
    permissions = mode(tiny_bundle)

    def die_halfway() -> None:
        with changed_folder(tiny_bundle) as folder:
            (folder / MANIFEST_NAME).write_text("half a")
            raise RuntimeError("dies")

    with pytest.raises(RuntimeError, match="dies"):
        die_halfway()
    assert {path.name: path.read_bytes() for path in tiny_bundle.iterdir()} == before
    with changed_folder(tiny_bundle) as folder:
        (folder / "NOTES.md").write_text("a note")
        verify_files(tiny_bundle, read_manifest(tiny_bundle))
    assert (tiny_bundle / "NOTES.md").read_text() == "a note"
    assert mode(tiny_bundle) == permissions
    assert [path.name for path in tiny_bundle.parent.glob(f".{tiny_bundle.name}*")] == []


def test_a_link_that_leads_to_itself_is_one_sentence_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for arguments in (
        ["info", str(circle)],
        ["train", "tokenizer", "--data", str(circle), "-o", str(tmp_path / "out")],
        ["train", "tokenizer", "--data", str(tmp_path), "-o", str(circle)],
        ["evaluate", "tokenizer", "--data", str(circle)],
        ["inspect", str(circle)],
    ):
        assert main(arguments) == 2, arguments
        assert "Traceback" not in capsys.readouterr().err
    with pytest.raises(BundleError), changed_folder(circle):
        pass
