"""Icons drawn from 24 x 24 outlines in the colours of the theme, sharp at every pixel ratio."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

# Each value is the inside of an <svg>; "F" before a path means filled, everything else is an outline.
_CUBE = "<path d='M12 3.5 19.5 7.7v8.6L12 20.5 4.5 16.3V7.7zM4.5 7.7 12 12l7.5-4.3M12 12v8.5'/>"
OUTLINES = {
    "play": "F<path d='M7.5 4.8v14.4l12-7.2z'/>",
    "pause": "F<rect x='6' y='5' width='4.2' height='14' rx='1'/><rect x='13.8' y='5' width='4.2' height='14' rx='1'/>",
    "first": "<path d='M18 6v12l-9-6zM6 6v12'/>",
    "last": "<path d='M6 6v12l9-6zM18 6v12'/>",
    "previous": "<path d='M14.5 6.5 9 12l5.5 5.5'/>",
    "next": "<path d='M9.5 6.5 15 12l-5.5 5.5'/>",
    "loop": "<path d='M5 11V9.5A3.5 3.5 0 0 1 8.5 6H18M15 3l3 3-3 3M19 13v1.5A3.5 3.5 0 0 1 15.5 18H6M9 21l-3-3 3-3'/>",
    "close": "<path d='M6 6l12 12M18 6 6 18'/>",
    "up": "<path d='M6.5 14.5 12 9l5.5 5.5'/>",
    "down": "<path d='M6.5 9.5 12 15l5.5-5.5'/>",
    "check": "<path d='m5.5 12.5 4.3 4.3 8.7-9.6'/>",
    "more": "F<circle cx='6' cy='12' r='1.6'/><circle cx='12' cy='12' r='1.6'/><circle cx='18' cy='12' r='1.6'/>",
    "trash": "<path d='M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7'/>",
    "split": "<path d='M12 4v16M8.5 8 4.5 12l4 4M15.5 8l4 4-4 4'/>",
    "merge": "<path d='M12 4v16M4 12h5M6.5 9 9.5 12l-3 3M20 12h-5M17.5 9l-3 3 3 3'/>",
    "fit": "<path d='M4 6v12M20 6v12M7 12h10M9.5 9.5 7 12l2.5 2.5M14.5 9.5 17 12l-2.5 2.5'/>",
    "dice": "<rect x='4.5' y='4.5' width='15' height='15' rx='3'/><circle cx='9' cy='9' r='.8'/>"
    "<circle cx='15' cy='15' r='.8'/><circle cx='15' cy='9' r='.8'/><circle cx='9' cy='15' r='.8'/>",
    "warning": "<path d='M12 4.5 21 19.5H3zM12 10.5v4M12 17v.1'/>",
    "error": "<circle cx='12' cy='12' r='8.5'/><path d='M12 7.5v5.5M12 16v.1'/>",
    "info": "<circle cx='12' cy='12' r='8.5'/><path d='M12 11v5.5M12 8v.1'/>",
    "done": "<circle cx='12' cy='12' r='8.5'/><path d='m8.5 12.3 2.5 2.5 4.8-5'/>",
    "follow": "<circle cx='12' cy='12' r='3'/><path d='M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5'/>",
    "bone": "<circle cx='7' cy='17' r='2.5'/><circle cx='17' cy='7' r='2.5'/><path d='m8.9 15.1 6.2-6.2'/>",
    "body": "<circle cx='12' cy='5.5' r='2.3'/><path d='M6 10.5h12M12 10.5v4.5M12 15l-3 5.5M12 15l3 5.5'/>",
    "path": "<path d='M5 19c0-5 14-3 14-8s-9-4-9-4'/><circle cx='5' cy='19' r='1.5'/><path d='m12.5 4.5-3 2.5 3 2.5'/>",
    "front": _CUBE + "<path fill='currentColor' d='M4.5 7.7 12 12v8.5l-7.5-4.2z'/>",
    "side": _CUBE + "<path fill='currentColor' d='M19.5 7.7 12 12v8.5l7.5-4.2z'/>",
    "top": _CUBE + "<path fill='currentColor' d='M12 3.5l7.5 4.2L12 12 4.5 7.7z'/>",
    "star": "<path d='M12 4.2l2.35 4.95 5.4.7-3.95 3.75.98 5.4L12 16.4l-4.78 2.6.98-5.4L4.25 9.85l5.4-.7z'/>",
    "starred": "F<path d='M12 4.2l2.35 4.95 5.4.7-3.95 3.75.98 5.4L12 16.4l-4.78 2.6.98-5.4L4.25 9.85l5.4-.7z'/>",
    "sides": "<rect x='3.5' y='5' width='17' height='14' rx='2'/><path d='M12 5v14'/>",
    "ghosts": "<circle cx='9' cy='6.5' r='2.5'/><path d='M4.5 20v-5a4.5 4.5 0 0 1 9 0v5'/>"
    "<path d='M14.5 4.2a2.5 2.5 0 0 1 0 4.6M16.2 11a4.5 4.5 0 0 1 3.3 4v5'/>",
    "graph": "<path d='M4 19.5h16M4 15.5l4.5-6 4 3.5 6.5-8.5'/>",
    "feet": "<ellipse cx='8' cy='9' rx='2.6' ry='4.8'/><ellipse cx='16' cy='11' rx='2.6' ry='4.8'/>"
    "<path d='M6.3 17h3.4v1.5h-3.4zM14.3 19h3.4v1.5h-3.4z'/>",
    "lock": "<rect x='5.5' y='11' width='13' height='9' rx='2'/><path d='M8.5 11V8a3.5 3.5 0 0 1 7 0v3'/>",
    "contact": "<ellipse cx='8' cy='16.5' rx='4' ry='2'/><ellipse cx='17' cy='12.5' rx='4' ry='2'/>"
    "<path d='M8 13V6M17 9V4'/>",
    "trails": "<path d='M4 18c4 0 4-10 9-10'/>"
    "<path d='M4 13c3 0 3-7 7-8M7 20c5 0 6-7 11-8'/><circle cx='15' cy='8' r='1.6'/>",
    "home": "<path d='M4.5 11.5 12 5l7.5 6.5M6.5 10v9h11v-9'/>",
}


def _svg(name: str, colour: str) -> bytes:
    outline = OUTLINES[name].replace("currentColor", colour)
    style = f"fill='none' stroke='{colour}' stroke-width='1.7' stroke-linecap='round' stroke-linejoin='round'"
    if outline.startswith("F"):
        outline, style = outline[1:], f"fill='{colour}' stroke='{colour}' stroke-width='0.8' stroke-linejoin='round'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><g {style}>{outline}</g></svg>".encode()


@lru_cache(maxsize=512)
def icon_pixmap(name: str, colour: str, size: int = 18, pixel_ratio: float = 1.0) -> QPixmap:
    """One icon as a pixmap of ``size`` device-independent pixels."""
    pixmap = _rendered(QSvgRenderer(QByteArray(_svg(name, colour))), round(size * pixel_ratio))
    pixmap.setDevicePixelRatio(pixel_ratio)
    return pixmap


def icon(name: str, colour: str, disabled: str | None = None, checked: str | None = None, size: int = 18) -> QIcon:
    """An icon with its disabled and checked looks, at one, two and three pixels per unit."""
    result = QIcon()
    for pixel_ratio in (1.0, 2.0, 3.0):
        result.addPixmap(icon_pixmap(name, colour, size, pixel_ratio))
        if disabled is not None:
            result.addPixmap(icon_pixmap(name, disabled, size, pixel_ratio), QIcon.Mode.Disabled)
        if checked is not None:
            pixmap = icon_pixmap(name, checked, size, pixel_ratio)
            result.addPixmap(pixmap, QIcon.Mode.Normal, QIcon.State.On)
    return result


def application_icon() -> QIcon:
    """The program's own icon in the sizes that desktops ask for."""
    renderer = QSvgRenderer(str(Path(__file__).parent / "icon.svg"))
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(_rendered(renderer, size))
    return result


def _rendered(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def write_style_icons(folder: Path, arrow: str, check: str) -> None:
    """Write the arrows and the check mark, in these colours, that the style sheet needs as files (Qt style sheets take
    images only by address)."""
    for name, outline, colour in (
        ("chevron-up", "up", arrow),
        ("chevron-down", "down", arrow),
        ("check", "check", check),
    ):
        (folder / f"{name}.svg").write_bytes(_svg(outline, colour))
