"""The bundles that the Studio knows, those that ship and those that were added, and what each says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segmo_core.bundle_manifest import MODEL_CARD_NAME, BundleManifest, read_manifest
from segmo_core.errors import SegmoError, in_short
from segmo_core.shipped import shipped_folder
from segmo_studio.settings import Settings

SHIPPED = ("starter", "everyday")
_LARGEST_CARD = 1 << 20


@dataclass(frozen=True)
class KnownBundle:
    """name: as it is asked for, of one that ships, else empty. manifest: None where ``problem`` says what is wrong, in
    one sentence. card: Markdown; empty without one.
    """

    folder: Path
    name: str
    manifest: BundleManifest | None
    card: str
    problem: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.folder.name if self.manifest is None else self.manifest.name

    @property
    def asked(self) -> str:
        """How commands are given it."""
        return self.name or str(self.folder)

    @property
    def is_shipped(self) -> bool:
        return bool(self.name)


def known_bundles(settings: Settings) -> list[KnownBundle]:
    """Those that ship, then those that were added, as their manifests tell; their weights are not looked at."""
    shipped = [look_at(shipped_folder(f"bundles/{name}"), name) for name in SHIPPED]
    return shipped + [look_at(folder) for folder in settings.known_bundles if not is_shipped(folder)]


def is_shipped(folder: Path) -> bool:
    return any(folder == shipped_folder(f"bundles/{name}") for name in SHIPPED)


def look_at(folder: Path, name: str = "") -> KnownBundle:
    """What a folder says about itself."""
    try:
        manifest = read_manifest(folder)
    except SegmoError as error:
        return KnownBundle(folder, name, None, "", f"{str(error).rstrip('.')}.")
    return KnownBundle(folder, name, manifest, _card(folder))


def remember_bundle(settings: Settings, folder: Path) -> None:
    """Add a folder to those that are known, unless it is."""
    if not is_shipped(folder) and folder not in settings.known_bundles:
        settings.known_bundles = (*settings.known_bundles, folder)


def forget_bundle(settings: Settings, folder: Path) -> None:
    """Take a folder out of those that are known; its files stay."""
    settings.known_bundles = tuple(other for other in settings.known_bundles if other != folder)


def _card(folder: Path) -> str:
    try:
        with (folder / MODEL_CARD_NAME).open("rb") as stream:
            return stream.read(_LARGEST_CARD).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"The model card cannot be read ({in_short(error)})."
