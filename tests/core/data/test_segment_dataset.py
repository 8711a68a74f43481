"""Decomposing all captions of a data set: the published files, resuming, requests in flight, failures."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from captioned_folders import WALK_LINE, WAVE_LINE, small_humanml3d

from segmo_core import catalog
from segmo_core.cli import main
from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.humanml3d import load_humanml3d
from segmo_core.data.captioned_folders.segment_dataset import segment_dataset
from segmo_core.errors import CancelledError, FileFormatError, SegmenterError
from segmo_core.progress import CallbackProgress
from segmo_core.segmentation.text_precomputed import (
    find_model_folder,
    model_folder,
    read_segment_lines,
    write_segment_lines,
)
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import TextSegment


class Scripted:
    """Answers "did: <caption>", fails on captions with a given word, and counts how many ask at a time."""

    name = "scripted"

    def __init__(self, fails_on: str = "", seconds: float = 0.0) -> None:
        self.fails_on, self.seconds = fails_on, seconds
        self.asked: list[str] = []
        self.most_at_a_time = 0
        self._now = 0
        self._lock = threading.Lock()

    def segment(self, caption: str, progress=None) -> SegmentedText:
        with self._lock:
            self.asked.append(caption)
            self._now += 1
            self.most_at_a_time = max(self.most_at_a_time, self._now)
        time.sleep(self.seconds)
        with self._lock:
            self._now -= 1
        if self.fails_on and self.fails_on in caption:
            raise SegmenterError("The model slept.")
        return SegmentedText(caption, (TextSegment(f"did: {caption}"), TextSegment("and # more")), self.name)


def texts_folder(folder: Path, files: dict[str, str]) -> Path:
    (folder / "texts").mkdir(parents=True)
    for name, text in files.items():
        (folder / "texts" / f"{name}.txt").write_text(text)
    return folder


def test_segment_lines_survive_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_segment_lines(path, [["A person walks.", "A person\nsits # down."], [], ["One."]])
    assert path.read_text() == "A person walks.#A person sits down.\n\nOne.\n"
    assert read_segment_lines(path) == [("A person walks.", "A person sits down."), (), ("One.",)]
    with pytest.raises(FileFormatError, match=r"b\.txt: no such file"):
        read_segment_lines(tmp_path / "b.txt")


def test_the_published_model_is_found_first_inside_or_beside_the_data_set(tmp_path: Path) -> None:
    inside, beside = tmp_path / "HumanML3D", tmp_path
    assert find_model_folder(inside, "HumanML3D") is None
    for root, model in ((beside, "qwen3:8b"), (beside, "llama")):
        model_folder(root, "HumanML3D", model).mkdir(parents=True)
    assert find_model_folder(inside, "HumanML3D") == tmp_path / "LLM_processed" / "HumanML3D" / "qwen3-8b"
    model_folder(inside, "HumanML3D", "rules").mkdir(parents=True)
    assert find_model_folder(inside, "HumanML3D") == inside / "LLM_processed" / "HumanML3D" / "rules"
    assert find_model_folder(inside, "HumanML3D", "llama") == tmp_path / "LLM_processed" / "HumanML3D" / "llama"


def test_one_line_of_segments_for_every_line_of_captions(tmp_path: Path) -> None:
    folder = texts_folder(tmp_path / "set", {"000001": WALK_LINE + "\n" + WAVE_LINE, "000002": WAVE_LINE})
    report = segment_dataset(folder, RulesSegmenter(), "rules")
    assert read_segment_lines(report.folder / "000001.txt") == [
        ("A person walks forward.", "A person stops."), (), ("A person waves.",)
    ]  # fmt: skip
    assert (report.num_files, report.files_written, report.captions, report.failures) == (2, 2, 3, ())
    assert report.folder == folder / "LLM_processed" / "HumanML3D" / "rules"


def test_as_many_requests_in_flight_as_asked_for(tmp_path: Path) -> None:
    folder = texts_folder(tmp_path / "set", {f"{n:06d}": WAVE_LINE for n in range(12)})
    segmenter = Scripted(seconds=0.05)
    segment_dataset(folder, segmenter, "m", workers=4)
    assert len(segmenter.asked) == 12
    assert 2 <= segmenter.most_at_a_time <= 4


def test_failures_are_reported_cut_by_the_rules_and_asked_again(tmp_path: Path) -> None:
    folder = texts_folder(tmp_path / "set", {"000001": WALK_LINE + WAVE_LINE, "000002": WAVE_LINE})
    report = segment_dataset(folder, Scripted(fails_on="walks"), "qwen3:8b", out=tmp_path / "out")
    assert report.folder == tmp_path / "out" / "LLM_processed" / "HumanML3D" / "qwen3-8b"
    lines = [json.loads(line) for line in report.failures_path.read_text().splitlines()]
    assert report.failures_path.parent == report.folder.parent
    assert lines == [
        {
            "name": "000001", "line": 1, "caption": "a person walks forward, then stops", "reason": "The model slept.",
        }
    ]  # fmt: skip
    assert read_segment_lines(report.folder / "000001.txt") == [
        ("A person walks forward.", "A person stops."), ("did: someone waves", "and more")
    ]  # fmt: skip
    again = Scripted()
    report = segment_dataset(folder, again, "qwen3:8b", out=tmp_path / "out", resume=True)
    assert (report.files_written, report.files_kept) == (1, 1)
    assert sorted(again.asked) == ["a person walks forward, then stops", "someone waves"]
    assert report.failures_path.read_text() == ""
    assert read_segment_lines(report.folder / "000001.txt")[0][0].startswith("did:")


def test_a_text_that_is_no_utf_8_is_told_counted_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = texts_folder(tmp_path / "set", {f"{n:06d}": WAVE_LINE for n in range(4)})
    for name in ("000001", "000003"):
        (folder / "texts" / f"{name}.txt").write_bytes(b"a person caf\xe9#x#0.0#0.0\n")
    assert main(["segment-dataset", str(folder)]) == 0
    printed = capsys.readouterr()
    assert "Wrote 2 of 4 files" in printed.out
    assert "2 files left out, the first: " in printed.err
    assert "000001.txt: not a text file in UTF-8" in printed.err
    (folder / "texts" / "000001.txt").write_text(WAVE_LINE)
    assert main(["segment-dataset", str(folder), "--resume"]) == 0
    printed = capsys.readouterr()
    assert "Wrote 1 of 4 files (1 captions)" in printed.out
    assert "1 files left out, the first: " in printed.err
    written = sorted(path.stem for path in (folder / "LLM_processed" / "HumanML3D" / "rules").glob("*.txt"))
    assert written == ["000000", "000001", "000002"]


def test_a_cancelled_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = texts_folder(tmp_path / "set", {f"{n:06d}": WAVE_LINE for n in range(10)})
    progress = CallbackProgress(lambda fraction, message: progress.cancel() if fraction >= 0.3 else None)
    first = Scripted(seconds=0.01)
    with pytest.raises(CancelledError):
        segment_dataset(folder, first, "m", workers=1, progress=progress)
    written = sorted(path.stem for path in (folder / "LLM_processed" / "HumanML3D" / "m").glob("*.txt"))
    assert 3 <= len(written) < 10
    second = Scripted()
    report = segment_dataset(folder, second, "m", resume=True)
    assert (report.files_written, report.files_kept) == (10 - len(written), len(written))
    assert len(second.asked) == 10 - len(written)


def test_a_segmenter_that_never_answers_stops_the_run(tmp_path: Path) -> None:
    folder = texts_folder(tmp_path / "set", {f"{n:06d}": WAVE_LINE for n in range(60)})
    segmenter = Scripted(fails_on="waves")
    with pytest.raises(SegmenterError, match=r"Stopped after 20 captions in a row .*The model slept"):
        segment_dataset(folder, segmenter, "m", workers=2)
    assert len(segmenter.asked) < 30
    assert list((folder / "LLM_processed" / "HumanML3D" / "m").glob("*.txt")) == []


def test_the_command_and_reading_its_files_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_humanml3d(tmp_path / "set", {"test": 3})
    assert main(["segment-dataset", str(folder)]) == 0
    assert "Wrote 3 of 3 files (6 captions)" in capsys.readouterr().out
    files = folder / "LLM_processed" / "HumanML3D" / "rules"
    write_segment_lines(files / "000000.txt", [["First.", "Second.", "Third."], ["Alone."]])
    (files / "000001.txt").unlink()
    data = load_humanml3d(folder, tmp_path / "cache", ["test"])
    segments = CaptionSegments(folder, data.name, max_segments=2)
    found = [segments.of(clip, clip.captions[0]) for clip in data.clips]
    assert found[0] == ("First.", "Second.")
    assert found[1] == ("A person walks forward.", "A person stops.")
    assert "1 of 3 captions are not in it" in segments.notice
    assert main(["segment-dataset", str(tmp_path)]) == 2
    assert "no folder texts" in capsys.readouterr().err


def test_any_segmenter_of_the_table_cuts_a_data_set(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(catalog.TEXT_SEGMENTERS, "own", catalog.TEXT_SEGMENTERS["rules"])
    folder = texts_folder(tmp_path / "set", {"000000": WAVE_LINE})
    assert main(["segment-dataset", str(folder), "--segmenter", "own"]) == 0
    assert len(list((folder / "LLM_processed").glob("*/own/000000.txt"))) == 1
    assert main(["segment-dataset", str(folder), "--segmenter", "other"]) == 2
    assert "segmenter: 'other' is unknown, expected one of ollama, own, rules" in capsys.readouterr().err


def test_the_command_says_that_ollama_is_not_running(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    folder = texts_folder(tmp_path / "set", {f"{n:06d}": WAVE_LINE for n in range(40)})
    assert main(["segment-dataset", str(folder), "--segmenter", "ollama"]) == 2
    assert "Ollama is not running at http://127.0.0.1:9" in capsys.readouterr().err


@contextmanager
def ollama_server(seconds: float) -> Iterator[tuple[str, list[int]]]:
    """Answers /api/chat after a while with the caption as its only segment; breaks off where the caption says so.

    Yields its address and a list of how many were asking when each request came.
    """
    asking: list[int] = []
    now = [0]
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            caption = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
            with lock:
                now[0] += 1
                asking.append(now[0])
            time.sleep(seconds)
            self.send_response(200)
            self.end_headers()
            content = json.dumps({"segments": [caption]})
            parts = [content[:10]] if "broken" in caption else [content[:10], content[10:]]
            for part in parts:
                self._say(part, done=False)
            if "broken" not in caption:
                self._say("", done=True)
            with lock:
                now[0] -= 1

        def _say(self, content: str, done: bool) -> None:
            message = {"model": "m", "done": done, "message": {"role": "assistant", "content": content}}
            self.wfile.write(json.dumps(message | ({"done_reason": "stop"} if done else {})).encode() + b"\n")

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asking
    finally:
        server.shutdown()
        server.server_close()


def test_a_real_server_is_asked_several_times_at_once(tmp_path: Path, capsys, monkeypatch) -> None:
    texts = {f"{n:06d}": WAVE_LINE for n in range(8)} | {"000008": "a person walks broken#a/DET#0#0\n" + WAVE_LINE}
    folder = texts_folder(tmp_path / "set", texts)
    with ollama_server(seconds=0.1) as (address, asking):
        monkeypatch.setenv("OLLAMA_HOST", address)
        assert main(["segment-dataset", str(folder), "--segmenter", "ollama", "--workers", "3"]) == 0
    printed = capsys.readouterr()
    assert "Wrote 9 of 9 files (9 captions)" in printed.out
    assert "000008, line 1: Ollama's answer was cut off." in printed.err
    assert 2 <= max(asking) <= 3  # on a busy machine the third worker may come too late
    files = folder / "LLM_processed" / "HumanML3D" / "qwen3-8b"
    assert read_segment_lines(files / "000000.txt") == [("Someone waves.",)]
    assert len(read_segment_lines(files / "000008.txt")) == 2
