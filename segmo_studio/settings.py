"""What the Studio remembers between two runs: window layout, theme, folders."""

from __future__ import annotations

import json
from pathlib import Path

from platformdirs import user_data_path, user_log_path
from PySide6.QtCore import QByteArray, QSettings

from segmo_core import catalog
from segmo_core.errors import SegmoError
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.project.project import GenerationSettings
from segmo_core.serialization import from_plain, to_plain

_MOST_RECENT = 10
DEFAULT_SEGMENTER = "rules"
THEMES = ("system", "light", "dark", "contrast")
DEVICES = ("auto", "cpu", "cuda")


class Settings:
    """Typed access to the remembered values; every key is named here and nowhere else."""

    def __init__(self, store: QSettings | None = None, data_folder: Path | None = None) -> None:
        """data_folder: where unsaved work and the log are kept; None for the user's own folders for such things."""
        self._store = store if store is not None else QSettings("SegMo", "SegMo Studio")
        self.data_folder = data_folder if data_folder is not None else user_data_path("segmo-studio")
        self.log_folder = user_log_path("segmo-studio") if data_folder is None else data_folder / "log"

    @property
    def theme(self) -> str:
        """One of THEMES."""
        choice = str(self._store.value("theme", THEMES[0]))
        return choice if choice in THEMES else THEMES[0]

    @theme.setter
    def theme(self, choice: str) -> None:
        self._store.setValue("theme", choice)

    @property
    def segmenter(self) -> str:
        """Name of the text segmenter used last, as in the core's catalog."""
        name = str(self._store.value("segmenter", DEFAULT_SEGMENTER))
        return name if name in catalog.TEXT_SEGMENTERS else DEFAULT_SEGMENTER  # another version may have had others

    @segmenter.setter
    def segmenter(self, name: str) -> None:
        self._store.setValue("segmenter", name)

    @property
    def language_model(self) -> str | None:
        """The model of Ollama that was chosen last; None for its usual one."""
        return str(self._store.value("ollama/model", "")) or None

    @property
    def ollama_url(self) -> str | None:
        """Where the user's Ollama is; None for OLLAMA_HOST, or this machine."""
        return str(self._store.value("ollama/url", "")) or None

    @property
    def generation(self) -> GenerationSettings:
        """The settings of a new project: who cuts prompts is as it was last."""
        return GenerationSettings(
            segmenter=self.segmenter, language_model=self.language_model, ollama_url=self.ollama_url
        )

    def remember_generation(self, settings: GenerationSettings) -> None:
        """Keep what ``generation`` gives."""
        self.segmenter = settings.segmenter
        self._store.setValue("ollama/model", settings.language_model or "")
        self._store.setValue("ollama/url", settings.ollama_url or "")

    @property
    def smpl_folder(self) -> Path | None:
        """Folder of the user's SMPL models; None where the mannequin is drawn."""
        folder = str(self._store.value("smpl", ""))
        return Path(folder) if folder else None

    @smpl_folder.setter
    def smpl_folder(self, folder: Path | None) -> None:
        self._store.setValue("smpl", "" if folder is None else str(folder))

    @property
    def language(self) -> str:
        """Name of a catalogue in ``language_folder``; empty for English."""
        return str(self._store.value("language", ""))

    @language.setter
    def language(self, name: str) -> None:
        self._store.setValue("language", name)

    @property
    def language_folder(self) -> Path:
        """Where catalogues lie: ``de.json`` is offered as "de"."""
        return self.data_folder / "languages"

    @property
    def has_seen_tour(self) -> bool:
        """Whether the tour was walked through or skipped."""
        return str(self._store.value("tour", "")) == "seen"

    @has_seen_tour.setter
    def has_seen_tour(self, seen: bool) -> None:
        self._store.setValue("tour", "seen" if seen else "")

    @property
    def bundle(self) -> Path | None:
        """Folder of the model bundle used last; None for the starter bundle."""
        folder = str(self._store.value("bundle", ""))
        return Path(folder) if folder else None

    @bundle.setter
    def bundle(self, folder: Path | None) -> None:
        self._store.setValue("bundle", "" if folder is None else str(folder))

    @property
    def known_bundles(self) -> tuple[Path, ...]:
        """Folders of bundles that were added to those that ship."""
        return self._paths("bundles/known")

    @known_bundles.setter
    def known_bundles(self, folders: tuple[Path, ...]) -> None:
        self._store.setValue("bundles/known", json.dumps([str(folder) for folder in folders]))

    @property
    def device(self) -> str:
        """What models run on: "auto" (a GPU where there is one), "cpu" or "cuda"."""
        name = str(self._store.value("models/device", DEVICES[0]))
        return name if name in DEVICES else DEVICES[0]

    @device.setter
    def device(self, name: str) -> None:
        self._store.setValue("models/device", name)

    @property
    def is_fast(self) -> bool:
        """Whether tokens are decided in bfloat16."""
        return str(self._store.value("models/fast", "")) == "yes"

    @is_fast.setter
    def is_fast(self, wanted: bool) -> None:
        self._store.setValue("models/fast", "yes" if wanted else "")

    @property
    def run_folder(self) -> Path:
        """Where trainings and evaluations that were started here keep what they tell."""
        return self.data_folder / "runs"

    @property
    def project_folder(self) -> Path:
        """Where the last project was saved or opened."""
        return Path(str(self._store.value("folders/projects", str(Path.home()))))

    @project_folder.setter
    def project_folder(self, folder: Path) -> None:
        self._store.setValue("folders/projects", str(folder))

    @property
    def recent_projects(self) -> tuple[Path, ...]:
        """Projects saved or opened last, the newest first."""
        return self._paths("projects/recent")

    def remember_project(self, path: Path) -> None:
        """Put ``path`` at the head of ``recent_projects``."""
        recent = [path, *(other for other in self.recent_projects if other != path)]
        self._keep_recent(recent[:_MOST_RECENT])

    def forget_project(self, path: Path) -> None:
        """Take a project that is no longer there out of ``recent_projects``."""
        self._keep_recent([other for other in self.recent_projects if other != path])

    def _keep_recent(self, paths: list[Path]) -> None:
        self._store.setValue("projects/recent", json.dumps([str(path) for path in paths]))

    @property
    def timeline_rows(self) -> tuple[str, ...]:
        """Rows of the timeline that were switched on: "feet", "graphs"."""
        shown = str(self._store.value("timeline/rows", ""))
        return tuple(name for name in shown.split(",") if name in ("feet", "graphs"))

    @timeline_rows.setter
    def timeline_rows(self, names: tuple[str, ...]) -> None:
        self._store.setValue("timeline/rows", ",".join(names))

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window; empty at the first start."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def layout(self) -> QByteArray:
        """Arrangement of the panels; empty at the first start."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, value: QByteArray) -> None:
        self._store.setValue("window/layout", value)

    @property
    def open_folder(self) -> Path:
        """Where the last motion was opened from."""
        return Path(str(self._store.value("folders/open", str(Path.home()))))

    @open_folder.setter
    def open_folder(self, folder: Path) -> None:
        self._store.setValue("folders/open", str(folder))

    @property
    def export_folder(self) -> Path:
        """Where the last motion was exported to."""
        return Path(str(self._store.value("folders/export", str(Path.home()))))

    @export_folder.setter
    def export_folder(self, folder: Path) -> None:
        self._store.setValue("folders/export", str(folder))

    @property
    def export_format(self) -> str:
        """Name of the format exported last, as in the core's registry."""
        return str(self._store.value("export/format", "bvh"))

    @export_format.setter
    def export_format(self, name: str) -> None:
        self._store.setValue("export/format", name)

    @property
    def export_options(self) -> ExportOptions:
        """What was chosen for the last export; nothing where that can no longer be read."""
        try:
            return from_plain(ExportOptions, json.loads(str(self._store.value("export/options", "{}"))))
        except (SegmoError, ValueError):
            return ExportOptions()

    @export_options.setter
    def export_options(self, options: ExportOptions) -> None:
        self._store.setValue("export/options", json.dumps({**to_plain(options), "title": ""}))

    def _paths(self, key: str) -> tuple[Path, ...]:
        try:
            kept = json.loads(str(self._store.value(key, "[]")))
        except ValueError:
            return ()
        return tuple(Path(path) for path in kept if isinstance(path, str)) if isinstance(kept, list) else ()

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
