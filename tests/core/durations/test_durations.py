"""How long segments last: what their words say, what such motions take, and what is too short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segmo_core.data.natural_durations import natural_duration
from segmo_core.durations.segment_duration import SegmentDuration, shortness_notices
from segmo_core.durations.suggested_track import durations_by_rules, suggest_track
from segmo_core.durations.words import read_duration_words, without_stated_time
from segmo_core.engine import Engine, starter_bundle_path
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack


@pytest.mark.parametrize(
    ("text", "seconds", "rest"),
    [
        ("a person walks for five seconds", 5.0, "a person walks"),
        ("A person walks forward for 2.5 s.", 2.5, "A person walks forward."),
        ("stands still for half a second", 0.5, "stands still"),
        ("dances for one and a half minutes", 90.0, "dances"),
        ("a person runs, for about ten seconds, to the left", 10.0, "a person runs, to the left"),
        ("a 3-second walk", 3.0, "a walk"),
        ("runs for a couple of seconds", 2.0, "runs"),
        ("walks 4 seconds long", 4.0, "walks"),
        ("a person waves with the right hand", None, "a person waves with the right hand"),
        ("is the second to sit down", None, "is the second to sit down"),
        ("takes 3 steps forward", None, "takes 3 steps forward"),
    ],
)
def test_times_in_words_are_read_and_left_out(text: str, seconds: float | None, rest: str) -> None:
    words = read_duration_words(text)
    assert (words.seconds, words.rest) == (seconds, rest)


def test_what_a_model_is_told_says_no_time_but_keeps_how_it_is_done() -> None:
    text = "a person walks slowly for three seconds, then waves twice for 2 s"
    assert without_stated_time(text) == "a person walks slowly, then waves twice"
    assert without_stated_time("for three seconds") == "for three seconds"


@pytest.mark.parametrize(
    ("text", "repetitions"),
    [
        ("kicks three times", 3.0),
        ("a person jumps twice", 2.0),
        ("bows once", 1.0),
        ("does five jumping jacks", 5.0),
        ("takes four steps back", 2.0),  # two cycles of walking
        ("a person waves", None),
        ("a person turns left while walking", None),
        ("claps again and again", None),
        ("waves with two hands", None),
    ],
)
def test_counts_in_words_are_read(text: str, repetitions: float | None) -> None:
    assert read_duration_words(text).repetitions == repetitions


def only(text: str) -> SegmentDuration:
    return durations_by_rules([text])[0]


def test_words_change_what_an_act_takes() -> None:
    assert only("a person walks for five seconds") == SegmentDuration(5.0, 5.0, 5.0, is_said=True)
    assert only("sits down slowly").typical == pytest.approx(1.2 * only("sits down").typical)
    assert only("sits down quickly").typical == pytest.approx(0.8 * only("sits down").typical)
    assert only("kicks three times").typical > 2 * only("kicks").typical
    assert only("waves briefly").typical < only("waves").typical < only("waves for a while").typical
    assert only("claps again and again").shortest > only("claps").shortest


def test_what_is_too_short() -> None:
    jump, walk = only("a person jumps"), only("a person walks")
    assert jump.is_too_short(0.4)
    assert not jump.is_too_short(2.0)
    assert not walk.is_too_short(2.0)
    said = only("walks for five seconds")
    assert said.is_too_short(3.0)
    assert not said.is_too_short(5.0)
    assert not said.is_too_short(60.0)


def test_a_notice_names_segment_time_and_range() -> None:
    track = SegmentTrack.from_durations(["a person walks", "sits down.", "walks for two seconds"], [40, 12, 20])
    usual = [SegmentDuration(1.0, 3.0, 6.0), SegmentDuration(1.4, 2.2, 3.1), SegmentDuration(2.0, 2.0, 2.0, True)]
    assert shortness_notices(track, usual) == [
        "segment 2 'sits down' has 0.6 s, such motions take 1.4 to 3.1 s",
        "segment 3 'walks for two seconds' has 1.0 s, its words say 2.0 s",
    ]


def test_said_seconds_are_obeyed_to_the_frame_and_the_others_share_the_rest() -> None:
    texts = ["a person waves", "walks for five seconds", "sits down"]
    usual = [SegmentDuration(1.4, 4.0, 7.3), only(texts[1]), SegmentDuration(1.7, 2.7, 4.5)]
    assert suggest_track(texts, usual=usual)[1].num_frames == 100
    shared = suggest_track(texts, seconds=10.0, usual=usual)
    assert shared.num_frames == 200
    assert shared[1].num_frames == 100
    longer = suggest_track(texts, seconds=60.0, usual=usual)
    assert longer.num_frames == 1200
    assert longer[1].num_frames == 100


def test_a_track_is_shortened_to_what_the_model_does_at_once_but_no_segment_below_its_range() -> None:
    usual = [SegmentDuration(1.0, 5.0, 9.0), SegmentDuration(4.0, 4.4, 5.0), SegmentDuration(0.5, 1.0, 2.0)]
    track = suggest_track(["a", "b", "c"], usual=usual)
    assert track.num_frames == 196
    assert track[1].num_frames >= 80
    assert track[0].num_frames < 100


def test_a_walk_is_natural_from_one_cycle_on(walk: Motion) -> None:
    """0.9 cycles a second for three seconds."""
    natural = natural_duration(np.asarray(walk.joint_positions))
    assert natural.core == pytest.approx(1 / 0.9, abs=0.06)
    assert natural.whole == pytest.approx(3.0, abs=0.06)
    lengths = natural.lengths(10)
    assert natural.core < lengths[0] < lengths[-1] < natural.whole


def raised_arm(standing: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """(T, 22, 3): a body ``standing`` (22, 3) while its left arm is raised by ``heights`` (T,) metres."""
    joints = np.repeat(standing[None], len(heights), axis=0)
    for joint, share in ((18, 0.5), (20, 1.0)):
        joints[:, joint, 1] += share * heights
    return joints


def test_waiting_before_and_after_an_act_is_no_part_of_it(walk: Motion) -> None:
    rise = 0.7 * np.sin(np.linspace(0, np.pi, 40)) ** 2
    natural = natural_duration(raised_arm(walk.joint_positions[0], np.concatenate([np.zeros(30), rise, np.zeros(50)])))
    assert natural.whole == pytest.approx(2.0, abs=0.3)  # 40 frames
    assert natural.begin == pytest.approx(30, abs=4)
    assert natural.core < natural.whole


def test_an_act_done_again_after_a_rest_counts_once(walk: Motion) -> None:
    rise = 0.7 * np.sin(np.linspace(0, np.pi, 30)) ** 2
    rest = np.zeros(25)
    again = np.concatenate([rest, rise, rest, rise * 0.95, rest, np.zeros(17), rise, rest])
    assert natural_duration(raised_arm(walk.joint_positions[0], again)).whole < 2.6  # 1.5 s and what settles, of 10 s


starter = pytest.mark.skipif(
    not (starter_bundle_path() / "duration_model.safetensors").is_file(), reason="the starter has no duration model"
)


@pytest.fixture(scope="module")
def starter_engine() -> Engine:
    return Engine(starter_bundle_path(), device="cpu")


@starter
def test_the_starter_knows_what_motions_take(starter_engine: Engine) -> None:
    texts = [
        "a person sits down on a chair", "a person kicks", "a person jumps", "a person walks forward",
        "a person walks for five seconds", "a person runs", "a person bows", "a person kicks three times",
    ]  # fmt: skip
    sits, kicks, jumps, walks, five, runs, bows, three = starter_engine.usual_durations(texts)
    assert sits.shortest > kicks.shortest
    assert sits.typical > kicks.typical
    assert jumps.is_too_short(0.4)
    assert not walks.is_too_short(2.0)
    assert not runs.is_too_short(1.0)
    assert sits.is_too_short(0.6)
    assert (five.shortest, five.typical, five.longest) == (5.0, 5.0, 5.0)
    assert bows.shortest > runs.shortest
    assert three.typical > 1.8 * kicks.typical
    assert not starter_engine.is_loaded  # the other models are not needed for that


@starter
def test_other_words_for_the_same_act_take_about_as_long(starter_engine: Engine) -> None:
    pairs = [
        ("a person sits down", "someone takes a seat"),
        ("a person waves with the left hand", "a man waves his left arm"),
        ("a person runs forward", "somebody is jogging"),
    ]
    for pair in pairs:
        first, second = starter_engine.usual_durations(pair)
        assert 0.5 < first.typical / second.typical < 2.0


@starter
def test_ranges_are_ordered_whatever_the_text(starter_engine: Engine) -> None:
    texts = ["", "x", "!?", "a person " * 200, "für fünf Sekunden", "swims", "plays the piano three times slowly"]
    for found in starter_engine.usual_durations(texts):
        assert 0.4 <= found.shortest <= found.typical <= found.longest <= 600.0


def test_without_a_bundle_there_are_rules(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "nowhere")
    assert engine.usual_durations(["a person jumps"]) == durations_by_rules(["a person jumps"])
