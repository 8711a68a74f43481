"""The add-on for Blender as the one file that Blender installs: an extension, and an add-on for versions before 4.2."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from segmo_core.serialization import write_atomically

ADDON_FILE = "segmo_bridge.zip"
_FOLDER = Path(__file__).resolve().parents[2] / "blender-addon" / "segmo_bridge"
_SUFFIXES = (".py", ".toml", ".md", "")


def addon_archive() -> bytes:
    """The zip; the same bytes every time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in _FOLDER.iterdir() if path.is_file() and path.suffix in _SUFFIXES):
            member = zipfile.ZipInfo(f"{_FOLDER.name}/{path.name}")  # dated 1980, as zip begins
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, path.read_bytes())
    return stream.getvalue()


def save_addon(path: Path) -> None:
    """Write the zip to ``path``. Raises FileFormatError when that cannot be written."""
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(addon_archive()))
