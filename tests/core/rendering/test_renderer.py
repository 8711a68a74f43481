"""Pictures of motions: the body is where its joints are, in its segment's colour, in front of an untouched floor."""

from __future__ import annotations

import numpy as np
import pytest
from sample_motions import somersault, turning_walk

from segmo_core.body.floor import floor_height
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import KIT_SKELETON, MODEL_SKELETON, Skeleton
from segmo_core.rendering.camera import FROM_THE_FRONT, Viewport, facing_azimuth, follow
from segmo_core.rendering.colours import segment_colour, to_rgb
from segmo_core.rendering.drawn_body import BoneBody, MannequinBody, drawn_body_of
from segmo_core.rendering.floor import Floor
from segmo_core.rendering.look import skin_table
from segmo_core.rendering.overlay import CaptionedSegment, captioned
from segmo_core.rendering.renderer import MotionRenderer
from segmo_core.rendering.shading import draw_body
from segmo_core.rendering.text import font_for, wrapped

SIZE = 160
VIEWPORT = Viewport(SIZE, SIZE, 10.0, 130.0)
NO_SEGMENTS = [CaptionedSegment("", 0, 60, None)]


def coverage(motion: Motion, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """(SIZE, SIZE) how much the body covers each pixel, and its joints (J, 2) in pixels."""
    body = drawn_body_of(motion)
    camera = follow(motion, body.outline(), VIEWPORT).at(frame)
    drawn = draw_body(body, body.pose(frame), camera, skin_table(None))
    image = np.zeros((SIZE, SIZE))
    height, width = drawn.coverage.shape[:2]
    image[drawn.top : drawn.top + height, drawn.left : drawn.left + width] = drawn.coverage[..., 0]
    return image, camera.project(motion.joint_positions[frame])[0]


@pytest.mark.parametrize("skeleton", [MODEL_SKELETON, KIT_SKELETON])
def test_the_body_is_where_its_joints_are(skeleton: Skeleton) -> None:
    motion = turning_walk(skeleton)
    for frame in (0, 25, 59):
        cover, joints = coverage(motion, frame)
        columns, rows = np.floor(joints).astype(int).T
        assert (cover[rows, columns] > 0.5).all()
        far = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1)[:, :, None] + 0.5 - joints
        beside = np.linalg.norm(far, axis=-1).min(axis=-1) > 25  # pixels, about 45 cm
        assert beside.mean() > 0.3
        assert (cover[beside] == 0.0).all()
        assert 0.01 < (cover > 0.5).mean() < 0.2


def test_skeletons_that_the_mannequin_does_not_fit_are_bones() -> None:
    assert isinstance(drawn_body_of(turning_walk()), MannequinBody)
    assert isinstance(drawn_body_of(turning_walk(KIT_SKELETON)), BoneBody)


@pytest.mark.parametrize("motion", [turning_walk(), somersault(), turning_walk(KIT_SKELETON)])
def test_the_whole_body_is_in_view_in_every_frame(motion: Motion) -> None:
    body = drawn_body_of(motion)
    path = follow(motion, body.outline(), VIEWPORT)
    reach = []
    for frame in range(motion.num_frames):
        points, _ = path.at(frame).project(body.pose(frame).vertices)
        assert points[:, 0].min() > 0
        assert points[:, 0].max() < SIZE
        # The outline leaves out most vertices, and bones have a thickness: a pixel or two.
        assert points[:, 1].min() > VIEWPORT.top - 2
        assert points[:, 1].max() < VIEWPORT.bottom + 2
        reach.append(np.ptp(points, axis=0).max())
    assert max(reach) > 0.55 * (VIEWPORT.bottom - VIEWPORT.top)  # and is not tiny


@pytest.mark.parametrize("degrees", [0, 90, -150])
def test_a_body_is_seen_from_three_quarters_in_front(degrees: int) -> None:
    turn = np.radians(degrees)
    still = turning_walk(num_frames=2).joint_positions[:1]  # faces +Z
    matrix = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    motion = Motion(np.repeat(still @ matrix.T, 5, axis=0), 20.0, MODEL_SKELETON)
    assert facing_azimuth(motion) == pytest.approx(degrees, abs=20)  # its upper body sways
    path = follow(motion, motion.joint_positions, VIEWPORT)
    assert path.azimuth == pytest.approx(facing_azimuth(motion) + FROM_THE_FRONT)
    to_eye = (path.at(0).eye - path.targets[0])[[0, 2]]
    facing = np.array([np.sin(turn), np.cos(turn)])
    assert to_eye @ facing / np.linalg.norm(to_eye) > 0.5


def test_the_camera_follows_without_shaking() -> None:
    motion = turning_walk()
    path = follow(motion, motion.joint_positions, VIEWPORT)
    away = np.linalg.norm((path.targets - motion.joint_positions[:, 0])[:, [0, 2]], axis=1)
    assert away.max() < 0.35
    assert np.ptp(path.targets[:, 1]) == 0.0
    speed = np.linalg.norm(np.diff(path.targets, axis=0), axis=1) * motion.frame_rate
    assert np.abs(np.diff(speed)).max() < 0.25  # metres per second from one frame to the next


def test_the_background_is_untouched_outside() -> None:
    renderer = MotionRenderer(turning_walk(), NO_SEGMENTS, SIZE, SIZE)
    first, later = renderer.frame(0).astype(int), renderer.frame(40).astype(int)
    assert np.ptp(first[3], axis=0).max() <= 1  # a row above the horizon has one colour,
    np.testing.assert_array_equal(first[:8], later[:8])  # the same in every frame
    assert first[:8].min() > 215
    np.testing.assert_array_equal(renderer.frame(0), first)  # whatever was drawn before


def test_the_shadow_is_under_the_body() -> None:
    motion = turning_walk()
    body = drawn_body_of(motion)
    path = follow(motion, body.outline(), VIEWPORT)
    height = floor_height(motion)
    floor, camera = Floor(path, height), path.at(30)
    vertices = body.pose(30).vertices
    shadowed = floor.draw(camera, vertices)
    plain = floor.draw(camera, vertices + np.float32([0, 50, 0]))
    darker = (plain - shadowed).sum(axis=-1)
    lowest = vertices[vertices[:, 1].argmin()]
    (column, row), _ = camera.project(np.array([lowest[0], height, lowest[2]]))
    assert darker[int(row), int(column)] > 60
    rows, columns = np.nonzero(darker > 1)
    middle = (motion.joint_positions[30, 0] * [1, 0, 1])[None] + [0, height, 0]
    (x, y), metre = camera.project(middle)[0][0], VIEWPORT.focal_length * camera.project(middle)[1][0]
    assert np.hypot(columns - x, rows - y).max() < 1.3 * metre


def test_metre_lines_are_on_whole_metres() -> None:
    motion = turning_walk()
    path = follow(motion, motion.joint_positions, Viewport(400, 400, 30, 330))
    camera = path.at(10)
    image = Floor(path, 0.0).draw(camera, np.full((1, 3), 50.0))
    near = np.round(path.targets[10])
    on, _ = camera.project(np.array([[near[0], 0.0, near[2] + 0.2], [near[0] + 0.2, 0.0, near[2]]]))
    off, _ = camera.project(np.array([[near[0] + 0.25, 0.0, near[2] + 0.25]]))
    bright = image.sum(axis=-1)
    beside = bright[int(off[0, 1]), int(off[0, 0])]
    for column, row in on.astype(int):
        assert bright[row - 1 : row + 2, column - 1 : column + 2].min() < beside - 40


def test_body_caption_and_bar_change_colour_at_the_boundary() -> None:
    motion = turning_walk()
    renderer = MotionRenderer(motion, captioned(["walk", "turn"], [20, 60]), SIZE, SIZE)
    for frame, index in ((0, 0), (19, 0), (20, 1), (59, 1)):
        image = renderer.frame(frame).astype(int)
        colour = np.array(to_rgb(segment_colour(index))) * 255
        (column, row), _ = renderer.camera_path.at(frame).project(motion.joint_positions[frame, 3])
        red, _, blue = image[int(row), int(column)]
        assert (red > blue + 20) if index == 0 else (blue > red + 20)  # orange, then sky blue
        is_label = np.abs(image[SIZE * 3 // 4 :] - colour).max(axis=-1) <= 1
        assert is_label.sum() > 150
        other = np.array(to_rgb(segment_colour(1 - index))) * 255
        label_rows = slice(SIZE * 3 // 4, SIZE - 14)  # without the bar, which shows all segments
        assert not (np.abs(image[label_rows] - other).max(axis=-1) <= 1).any()


def test_the_bar_is_played_up_to_the_playhead() -> None:
    renderer = MotionRenderer(turning_walk(), captioned(["a", "b"], [30, 60]), SIZE, SIZE)
    colour = np.array(to_rgb(segment_colour(0))) * 255
    row = SIZE - 7
    played = [(np.abs(renderer.frame(f)[row] - colour).max(axis=-1) <= 1).sum() for f in (0, 15, 29)]
    assert played[0] == 0
    assert played[1] == pytest.approx(15 / 59 * (SIZE - 12), abs=4)
    assert played[2] == pytest.approx(29 / 59 * (SIZE - 12), abs=4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a" * 5000,
        "word " * 2000,
        "Человек идёт вперёд",
        "一个人向前走",
        "שלום عليكم",
        "👍🏽 \x00\n\t\u202e�",
        "\ud800",
    ],
)
def test_any_text_can_be_a_caption(text: str) -> None:
    renderer = MotionRenderer(turning_walk(num_frames=2), captioned([text], [2]), SIZE, SIZE)
    assert renderer.frame(0).shape == (SIZE, SIZE, 3)


def test_long_texts_are_shortened_with_an_ellipsis() -> None:
    text = "a person walks forward slowly, " * 20
    font = font_for(text, 20)
    lines = wrapped(text, font, 400, 2)
    assert len(lines) == 2
    assert all(font.getlength(line) <= 400 for line in lines)
    assert lines[0].startswith("a person walks")
    assert lines[1].endswith("…")
    assert text.startswith(lines[0] + " " + lines[1].removesuffix("…"))
    assert wrapped("a person waves", font, 400, 2) == ["a person waves"]


def test_a_single_frame_and_a_single_joint_can_be_drawn() -> None:
    dot = Motion(np.zeros((1, 1, 3)), 20.0, Skeleton(("root",), (-1,), np.zeros((1, 3))))
    image = MotionRenderer(dot, [CaptionedSegment("a dot", 0, 1, None)], SIZE, SIZE).frame(0)
    assert image.shape == (SIZE, SIZE, 3)


def test_a_body_far_below_the_floor_can_be_drawn() -> None:
    walk = turning_walk(num_frames=2)
    sunken = Motion(walk.joint_positions - np.float32([0, 30, 0]), 20.0, MODEL_SKELETON)
    image = MotionRenderer(sunken, NO_SEGMENTS, SIZE, SIZE).frame(0)
    body = np.abs(image[20:110, 40:120].astype(int) - image[20:110, :1].astype(int)).max(axis=-1) > 40
    assert body.mean() > 0.05
