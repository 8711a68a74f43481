"""Draws edited clips as strips of stick men, one row a clip, to be looked at before training on them.

python scripts/draw_edited_clips.py --data MOCAP22 --cache DIR [--only kick ...] [--each 1] -o SHEET.png

What the words of a clip say stands above its row; its way from above is at the end, with the places where toes stand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from segmo_core.data.editing.edited_clips import EditedClip, made
from segmo_core.data.editing.families import FAMILIES, Bases
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.motion.features import HUMANML3D_LAYOUT

FRAMES, WIDTH, HEIGHT, MAP, LINE = 14, 62, 92, 92, 12
COLOURS = ((200, 60, 60), (60, 60, 220), (40, 40, 40), (230, 120, 90), (90, 120, 240))  # legs and arms: right red
TURN, SLANT = 0.7, 0.15  # radians that the view is turned by; how much of the depth is seen from above
TOES, HEAD = (10, 11), 15


def sheet(clips: list[EditedClip]) -> Image.Image:
    """A picture of one row for each clip."""
    image = Image.new("RGB", (FRAMES * WIDTH + MAP, len(clips) * (HEIGHT + LINE)), "white")
    draw = ImageDraw.Draw(image)
    for row, clip in enumerate(clips):
        top = row * (HEIGHT + LINE)
        draw.text((3, top), f"{clip.told.plain()}  {len(clip.joints) / 20:.1f} s", fill="black")
        joints = np.asarray(clip.joints, dtype=np.float64)
        frames = np.linspace(0, len(joints) - 1, FRAMES).round().astype(int)
        for number, frame in enumerate(frames):
            stick_man(draw, joints[frame], number * WIDTH, top + HEIGHT)
        from_above(draw, joints, FRAMES * WIDTH, top + LINE)
    return image


def stick_man(draw: ImageDraw.ImageDraw, pose: np.ndarray, left: float, floor: float) -> None:
    """One pose (22, 3), seen from before and aside: its left hand is on the right."""
    scale = (HEIGHT - LINE) / 2.25
    place = pose - pose[0] * [1.0, 0.0, 1.0]
    x = np.cos(TURN) * place[:, 0] - np.sin(TURN) * place[:, 2]
    depth = np.sin(TURN) * place[:, 0] + np.cos(TURN) * place[:, 2]
    across, down = left + WIDTH / 2 + x * scale, floor - place[:, 1] * scale + depth * scale * SLANT
    draw.line([(left + 3, floor), (left + WIDTH - 3, floor)], fill=(205, 205, 205))
    for chain, colour in zip(HUMANML3D_LAYOUT.chains, COLOURS, strict=True):
        draw.line([(across[joint], down[joint]) for joint in chain], fill=colour, width=2)
    draw.ellipse([across[HEAD] - 4, down[HEAD] - 7, across[HEAD] + 4, down[HEAD] + 1], outline=(40, 40, 40))


def from_above(draw: ImageDraw.ImageDraw, joints: np.ndarray, left: float, top: float) -> None:
    """The way of the pelvis, up the page to the front, a dot where it begins, and the places where toes stand."""
    way = joints[:, 0][:, [0, 2]]
    middle, size = (way.max(axis=0) + way.min(axis=0)) / 2, max(float(np.ptp(way, axis=0).max()), 1.5)

    def placed(points: np.ndarray) -> list[tuple[float, float]]:
        spots = (points - middle) / size * (MAP - 16) * [-1.0, -1.0]
        return [(left + MAP / 2 + x, top + (HEIGHT - LINE) / 2 + y) for x, y in spots]

    draw.line(placed(way), fill=(0, 130, 0), width=2)
    (x, y), *_ = placed(way)
    draw.ellipse([x - 2, y - 2, x + 2, y + 2], fill=(0, 130, 0))
    for toe, colour in zip(TOES, COLOURS[1::-1], strict=True):
        speed = np.linalg.norm(np.gradient(joints[:, toe], axis=0), axis=-1) * 20
        for x, y in placed(joints[(speed < 0.3) & (joints[:, toe, 1] < 0.04), toe][:, [0, 2]]):
            draw.point((x, y), fill=colour)
    draw.text((left + 2, top - LINE + 1), f"{size:.1f} m", fill=(0, 90, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, action="append", required=True, help="a folder of mocap22's layout")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is computed once")
    parser.add_argument("--only", nargs="*", default=[], help="words of the families to draw")
    parser.add_argument("--each", type=int, default=1, help="clips of each family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    data = load_mocap22(options.data, options.cache / "mocap22")
    bases = Bases(data, data.select("train", only_shippable=True))
    families = [family for family in FAMILIES if getattr(bases, family.needs)]
    wanted = [f for f in families if not options.only or any(word in f.name for word in options.only)]
    draws = [(f, np.random.default_rng([options.seed, n])) for f in wanted for n in range(options.each)]
    clips = [clip for clip in (made(family, bases, generator) for family, generator in draws) if clip is not None]
    sheet(clips).save(options.output)


if __name__ == "__main__":
    main()
