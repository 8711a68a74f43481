"""Frame strips: the right size, bodies with a common floor, segments in their colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmo_core.formats.registry import write_motion
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour, to_rgb
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.pictures import frame_strip

TEXTS = ["A person walks forward.", "A person keeps walking."]


@pytest.fixture
def track(walk: Motion) -> SegmentTrack:
    return SegmentTrack.from_durations(TEXTS, [20, walk.num_frames - 20])


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def columns_of(image: np.ndarray, colour: str) -> np.ndarray:
    """Columns of the picture that hold the exact colour in at least 8 rows, as a bar does beside its text."""
    wanted = np.round(255 * np.array(to_rgb(colour))).astype(int)
    return np.nonzero((image == wanted).all(axis=-1).sum(axis=0) >= 8)[0]


def test_a_strip_has_bodies_and_bars_in_proportion(walk: Motion, track: SegmentTrack, tmp_path: Path) -> None:
    frame_strip.render_frame_strip(walk, track, tmp_path / "strip.png", frames=6, title="walk")
    image = picture(tmp_path / "strip.png")
    assert image.shape[0] == 40 + 330 + 24 + 30 + 14  # title, one row of bodies, times, bar, margin
    assert image.shape[1] > 6 * 130
    first, second = columns_of(image, segment_colour(0)), columns_of(image, segment_colour(1))
    assert first.max() < second.min()
    # Six bodies stand for 11.8 frames each, from half a step before the first frame to half a step after the last.
    assert len(first) / (len(first) + len(second)) == pytest.approx((20 - 0.5 + 5.9) / (59 + 11.8), abs=0.02)


def test_bodies_share_a_floor_and_a_jump_lifts_its_body(walk: Motion, tmp_path: Path) -> None:
    pose = np.repeat(walk.joint_positions[:1], 4, axis=0)
    pose[1] += np.array([3.0, 0.0, -2.0], np.float32)  # elsewhere on the same floor
    pose[3, :, 1] += 0.5
    frame_strip.render_frame_strip(Motion(pose, 20.0, walk.skeleton), None, tmp_path / "strip.png", 4, theme="dark")
    image = picture(tmp_path / "strip.png")
    tile_width = (image.shape[1] - 330 - 3 * 14) // 4
    highest = []
    for index in range(4):
        left = 14 + index * tile_width
        tile = image[40 : 40 + 330, left : left + tile_width]
        bright = tile.sum(axis=-1) > 3 * 150  # the neutral body on the dark floor; the path is thin
        rows = np.nonzero(bright.sum(axis=1) > 8)[0]
        assert len(rows) > 100
        highest.append(rows.min())
    assert max(highest[:3]) - min(highest[:3]) <= 1
    # The picture is about 2.4 m high (1.75 m of body, 0.5 m of jump, some air) in 330 rows.
    assert highest[0] - highest[3] == pytest.approx(0.5 / 2.4 * 330, rel=0.12)


def test_long_strips_go_on_in_a_second_row(walk: Motion, tmp_path: Path) -> None:
    frame_strip.render_frame_strip(walk, None, tmp_path / "strip.png", frames=40)
    image = picture(tmp_path / "strip.png")
    assert image.shape[1] < 2300 + 330 + 100
    assert image.shape[0] > 2 * 384


def test_a_motion_of_one_frame_has_one_body(walk: Motion, tmp_path: Path) -> None:
    frame_strip.render_frame_strip(walk.frames(7, 8), SegmentTrack.uniform(["A pose."], 1), tmp_path / "strip.png")
    assert len(columns_of(picture(tmp_path / "strip.png"), segment_colour(0))) > 100


@pytest.mark.parametrize("extension", [".npz", ".bvh", ".npy"])
def test_the_command_reads_every_motion_file(walk: Motion, track: SegmentTrack, tmp_path: Path, extension: str) -> None:
    source, output = tmp_path / f"walk{extension}", tmp_path / "new" / "strip.png"
    write_motion(walk, source, track)
    assert frame_strip.main([str(source), str(output), "--frames", "3", "--skeleton"]) == 0
    has_segments = len(columns_of(picture(output), segment_colour(0))) > 50
    assert has_segments == (extension == ".npz")


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frame_strip.main([str(tmp_path / "missing.npz"), str(tmp_path / "strip.png")]) == 1
    assert "missing.npz" in capsys.readouterr().err
