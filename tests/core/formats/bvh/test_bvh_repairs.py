"""BVH files that are odd but not unclear: read as they are meant, and what was put right is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.formats.registry import read_motion
from segmo_core.motion.motion import Motion

HIERARCHY = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 5 1
    }
  }
}
"""
ROWS = [f"{frame} {90 + frame / 4} 3 0 0 {frame * 5} 10 20 {30 + frame / 2}" for frame in range(6)]
PLAIN = HIERARCHY + "MOTION\nFrames: 6\nFrame Time: 0.05\n" + "\n".join(ROWS) + "\n"


def read(tmp_path: Path, content: str | bytes, choices: ReadingChoices | None = None) -> Motion:
    path = tmp_path / "odd.bvh"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_motion(path, choices or ReadingChoices())


def wrapped(count: int) -> str:
    words = " ".join(ROWS).split()
    return (
        PLAIN.split("0.05\n")[0]
        + "0.05\n"
        + "\n".join(" ".join(words[start : start + count]) for start in range(0, len(words), count))
    )


@pytest.mark.parametrize(
    ("content", "told", "frames"),
    [
        (PLAIN.replace("Frames: 6", "Frames: 5"), "Declares 5 frames and holds 6: those were read.", 6),
        (PLAIN.replace("Frames: 6", "Frames: 7"), "Declares 7 frames and holds 6: those were read.", 6),
        (PLAIN[:-8], "The last row (line 24) is cut off, 7 of 9 values, and was left out.", 5),
        (PLAIN[:-5] + "-", "The last row (line 24) ends in what is no number and was left out.", 5),
        (wrapped(3), "Rows are wrapped over several lines.", 6),
        (wrapped(4), "Rows are wrapped over several lines.", 6),
        (wrapped(20), "Rows are wrapped over several lines.", 6),
        (PLAIN.replace(".", ","), "Numbers are written with decimal commas.", 6),
        (("\ufeff" + PLAIN).encode("utf-16-le"), "The text is written in UTF-16.", 6),
        (("\ufeff" + PLAIN).encode("utf-16-be"), "The text is written in UTF-16.", 6),
        ("# made by hand\n// twice\n\n" + PLAIN, "Lines before HIERARCHY were passed over.", 6),
        (PLAIN.replace("End Site", "EndSite"), "", 6),
        (PLAIN.replace("End Site", "End"), "", 6),
        ("\ufeff" + PLAIN.replace("\n", "\r\n"), "", 6),
    ],
)
def test_what_is_there_is_read_and_told(tmp_path: Path, content: str | bytes, told: str, frames: int) -> None:
    motion, plain = read(tmp_path, content), read(tmp_path, PLAIN)
    assert motion.num_frames == frames
    assert motion.frame_rate == 20.0
    np.testing.assert_array_equal(motion.joint_positions, plain.joint_positions[:frames])
    assert motion.skeleton.end_offsets is not None
    np.testing.assert_array_equal(motion.skeleton.end_offsets[1], [0.0, 5.0, 1.0])
    assert (told in motion.provenance.repairs) if told else motion.provenance.repairs == ()


@pytest.mark.parametrize(
    ("written", "rate", "doubt"),
    [
        ("30", 30.0, "A frame time of 30 s was taken for 30 frames a second"),
        ("120", 120.0, "A frame time of 120 s was taken for 120 frames a second"),
        ("33.3333", 30.0, "A frame time of 33.3333 was taken for milliseconds: 30 frames a second"),
        ("8.33333", 120.0, "A frame time of 8.33333 was taken for milliseconds: 120 frames a second"),
        ("0.0333333", 30.0, ""),
        ("0.0333667", 29.97, ""),
        ("1", 1.0, ""),
    ],
)
def test_a_frame_time_that_is_a_rate_is_questioned(tmp_path: Path, written: str, rate: float, doubt: str) -> None:
    motion = read(tmp_path, PLAIN.replace("0.05", written))
    assert motion.frame_rate == pytest.approx(rate, rel=1e-5)
    assert motion.provenance.rate_doubt.startswith(doubt)
    assert bool(motion.provenance.rate_doubt) == bool(doubt)
    chosen = read(tmp_path, PLAIN.replace("0.05", written), ReadingChoices(frame_rate=24.0))
    assert (chosen.frame_rate, chosen.provenance.rate_doubt, chosen.provenance.rate_origin) == (24.0, "", "chosen")


def test_of_several_people_one_is_chosen(tmp_path: Path) -> None:
    body = HIERARCHY.removeprefix("HIERARCHY\n")
    rows = [f"{row} {row.replace(' 3 ', ' 300 ', 1)}" for row in ROWS]
    content = (
        "HIERARCHY\n" + body + body.replace("Hips", "Other") + "MOTION\nFrames: 6\nFrame Time: 0.05\n" + "\n".join(rows)
    )
    first, second = read(tmp_path, content), read(tmp_path, content, ReadingChoices(clip="Other"))
    assert first.provenance.clips == ("Hips", "Other")
    assert (first.provenance.clip, second.provenance.clip) == ("Hips", "Other")
    np.testing.assert_array_equal(first.joint_positions, read(tmp_path, PLAIN).joint_positions)
    assert np.allclose(second.joint("Other")[:, 2], 300.0)
    read_by_number = read(tmp_path, content, ReadingChoices(clip="2"))
    np.testing.assert_array_equal(read_by_number.joint_positions, second.joint_positions)
    with pytest.raises(InvalidRequestError, match="no clip 'third', expected one of Hips, Other, or its number"):
        read(tmp_path, content, ReadingChoices(clip="third"))
