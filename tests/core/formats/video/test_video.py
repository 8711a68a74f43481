"""Video and picture files, read back by ffmpeg and Pillow."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image
from sample_motions import turning_walk

from segmo_core.errors import CancelledError, FileFormatError, InvalidRequestError, MissingDependencyError
from segmo_core.formats.registry import check_export, write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.video import video_files as video
from segmo_core.formats.video.gif_stream import frame_delays
from segmo_core.progress import CallbackProgress, SilentProgress
from segmo_core.rendering.colours import segment_colour, to_rgb
from segmo_core.timeline.segment_track import SegmentTrack

SIZE = (96, 128)
WALK = turning_walk(num_frames=5)
TRACK = SegmentTrack.from_durations(["walk", "turn"], [2, 3])
WRITERS = {"mp4": video.write_mp4, "gif": video.write_gif, "png": video.write_png}


def written(folder: Path, kind: str, name: str = "walk", **options: object) -> Path:
    path = folder / f"{name}.{kind}"
    WRITERS[kind](WALK, path, ExportOptions(**options), TRACK, SilentProgress(), SIZE)  # type: ignore[arg-type]
    return path


def mp4_frames(path: Path) -> list[np.ndarray]:
    reader = imageio_ffmpeg.read_frames(str(path))
    width, height = next(reader)["size"]
    return [np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in reader]


def shows(image: np.ndarray, index: int, tolerance: int) -> bool:
    """Whether an image has an area in a segment's colour above the bar."""
    colour = np.array(to_rgb(segment_colour(index))) * 255
    above_bar = image[: -image.shape[0] // 12].astype(int)
    return int((np.abs(above_bar - colour).max(axis=-1) <= tolerance).sum()) > 40


def test_mp4_has_size_rate_length_and_title(tmp_path: Path) -> None:
    path = written(tmp_path, "mp4", title="Gehen & Drehen")
    meta = next(imageio_ffmpeg.read_frames(str(path)))
    assert meta["codec"] == "h264"
    assert meta["pix_fmt"].startswith("yuv420p(tv, bt709")
    assert meta["size"] == SIZE
    assert meta["fps"] == 20.0
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert (frames, seconds) == (5, pytest.approx(0.25))
    content = path.read_bytes()
    assert b"Gehen & Drehen" in content
    assert content.index(b"moov") < content.index(b"mdat")  # plays before it has arrived whole
    images = mp4_frames(path)
    assert [shows(image, 0, 14) for image in images] == [True, True, False, False, False]
    assert [shows(image, 1, 14) for image in images] == [False, False, True, True, True]


def test_mp4_at_another_rate(tmp_path: Path) -> None:
    path = written(tmp_path, "mp4", frame_rate=60.0)  # the fifth frame begins after 0.2 s: 13 frames of 1/60 s
    assert next(imageio_ffmpeg.read_frames(str(path)))["fps"] == 60.0
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 13
    assert [shows(image, 1, 14) for image in mp4_frames(path)] == [False] * 6 + [True] * 7  # from 0.1 s on


@pytest.mark.parametrize(("rate", "frames", "milliseconds"), [(20, 5, 50), (25, 6, 40), (50, 11, 20), (60, 11, 20)])
def test_gif_has_size_length_and_loops(tmp_path: Path, rate: int, frames: int, milliseconds: int) -> None:
    with Image.open(written(tmp_path, "gif", frame_rate=float(rate))) as image:
        assert image.size == SIZE
        assert image.n_frames == frames
        assert image.info["loop"] == 0
        for number in range(frames):
            image.seek(number)
            assert image.info["duration"] == milliseconds
            shown = np.asarray(image.convert("RGB"))
            is_first = number / min(rate, 50) < 0.1 - 1e-9
            assert (shows(shown, 0, 0), shows(shown, 1, 0)) == (is_first, not is_first)


def test_gif_shows_what_the_video_shows(tmp_path: Path) -> None:
    clear = mp4_frames(written(tmp_path, "mp4"))
    with Image.open(written(tmp_path, "gif")) as image:
        for number, frame in enumerate(clear):
            image.seek(number)
            difference = np.abs(np.asarray(image.convert("RGB")).astype(int) - frame)
            assert difference.mean() < 4  # of 255; both lose a little


def test_gif_delays_keep_the_time_of_the_whole() -> None:
    assert frame_delays(6, 30.0) == [3, 4, 3, 3, 4, 3]
    assert frame_delays(4, 20.0) == [5, 5, 5, 5]
    assert sum(frame_delays(1798, 29.97)) == 5999  # 59.993 s


def test_png_is_a_strip_of_poses(tmp_path: Path) -> None:
    with Image.open(written(tmp_path, "png")) as image:
        assert image.size == (4 * SIZE[0], 2 * SIZE[1])  # five frames: four and one
        tiles = np.asarray(image.convert("RGB"))
    assert shows(tiles[: SIZE[1], : SIZE[0]], 0, 0)
    assert shows(tiles[SIZE[1] :, : SIZE[0]], 1, 0)
    assert (tiles[SIZE[1] :, SIZE[0] :] == 255).all()


@pytest.mark.parametrize("kind", WRITERS)
def test_same_motion_same_bytes(tmp_path: Path, kind: str) -> None:
    assert written(tmp_path, kind, "a").read_bytes() == written(tmp_path, kind, "b").read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_cancelling_leaves_no_file(tmp_path: Path, kind: str) -> None:
    progress = CallbackProgress(lambda fraction, message: progress.cancel() if fraction > 0.3 else None)
    with pytest.raises(CancelledError):
        WRITERS[kind](WALK, tmp_path / f"walk.{kind}", ExportOptions(), TRACK, progress, SIZE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", WRITERS)
def test_progress_is_reported_at_every_frame(tmp_path: Path, kind: str) -> None:
    fractions: list[float] = []
    progress = CallbackProgress(lambda fraction, message: fractions.append(fraction))
    WRITERS[kind](WALK, tmp_path / f"walk.{kind}", ExportOptions(), None, progress, SIZE)
    assert len(fractions) >= 5
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)


def test_without_ffmpeg_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    with pytest.raises(MissingDependencyError, match=r"ffmpeg cannot be started .* pip install imageio-ffmpeg"):
        written(tmp_path, "mp4")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", no_ffmpeg)
    with pytest.raises(MissingDependencyError, match="no ffmpeg was found"):
        written(tmp_path, "mp4")
    assert list(tmp_path.iterdir()) == []


def no_ffmpeg() -> str:
    raise RuntimeError("No ffmpeg exe could be found.")


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for ffmpeg")
@pytest.mark.parametrize("reads", ["", "cat > /dev/null\n"])
def test_a_failing_ffmpeg_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: str) -> None:
    script = tmp_path / "ffmpeg"
    script.write_text(f"#!/bin/sh\n{reads}echo 'first' >&2\necho 'No space left on device' >&2\nexit 1\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(script))
    with pytest.raises(FileFormatError, match=r"walk\.mp4: cannot be written, ffmpeg says 'No space left on device'"):
        written(tmp_path, "mp4")
    assert list(tmp_path.iterdir()) == [script]


def test_options_without_room_are_refused(tmp_path: Path) -> None:
    for chosen in ({"unit": "cm"}, {"names": "mixamo"}, {"root_bone": True}, {"mesh": False}, {"up_axis": "z"}):
        for kind in ("mp4", "gif"):
            with pytest.raises(InvalidRequestError, match="has no room for"):
                check_export(tmp_path / f"walk.{kind}", ExportOptions(**chosen))  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="frame rate"):
        check_export(tmp_path / "walk.png", ExportOptions(frame_rate=30))


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_not_there(tmp_path: Path, kind: str) -> None:
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_motion(turning_walk(num_frames=2), tmp_path / "nowhere" / f"walk.{kind}")


def test_in_place_stays_on_its_spot_of_the_floor(tmp_path: Path) -> None:
    """The floor moves under a body that travels, and stays under one that does not."""
    still, moving = (mp4_frames(written(tmp_path, "mp4", in_place=choice)) for choice in (True, False))
    floor = slice(SIZE[1] * 3 // 4, SIZE[1] * 4 // 5), slice(0, 20)
    assert np.abs(still[0][floor].astype(int) - still[4][floor]).mean() < 2
    assert np.abs(moving[0][floor].astype(int) - moving[4][floor]).mean() > 4
