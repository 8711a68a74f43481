"""Words in pictures: a font that has their letters, lines that fit, an ellipsis where they do not."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

from segmo_core.rendering.fonts import FONT_FOLDER

_ELLIPSIS = "…"
_LONGEST = 1000  # characters that are looked at; far more than two lines hold
# Names that Pillow finds in the system's font folders, wide in scripts first. Inter has Latin letters only.
_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "PingFang.ttc",
    "msyh.ttc", "arial.ttf",
)  # fmt: skip


@lru_cache(maxsize=64)
def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """Inter in ``size`` pixels, or the font of the system that lacks the fewest letters of ``text``."""
    best = ImageFont.truetype(FONT_FOLDER / "Inter-Medium.otf", size)
    lacking = _num_missing(best, text)
    for name in _SYSTEM_FONTS:
        if lacking == 0:
            break
        try:
            font = ImageFont.truetype(name, size)
        except OSError:  # not on this system
            continue
        if (missing := _num_missing(font, text)) < lacking:
            best, lacking = font, missing
    return best


def plain_line(text: str) -> str:
    """``text`` on one line: runs of spaces and control characters become one space."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST]).split())


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, max_lines: int) -> list[str]:
    """``text`` in at most ``max_lines`` lines of at most ``width`` pixels, shortened with an ellipsis."""
    lines: list[str] = []
    rest = plain_line(text)
    while rest and len(lines) < max_lines - 1 and font.getlength(rest) > width:
        taken = _fitting(rest, font, width)
        at_space = rest.rfind(" ", 0, taken + 1)
        cut = at_space if at_space > 0 else taken
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest and font.getlength(rest) > width:
        rest = rest[: _fitting(rest, font, width - font.getlength(_ELLIPSIS))].rstrip(" ,.;:") + _ELLIPSIS
    return [*lines, rest] if rest else lines


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many letters of the beginning fit; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.getlength(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _num_missing(font: ImageFont.FreeTypeFont, text: str) -> int:
    """How many letters the font draws as it draws one that no font has."""
    unknown = bytes(font.getmask("\U0010ffff"))
    return sum(bytes(font.getmask(letter)) == unknown for letter in set(text) if not letter.isspace())
