"""Many prompts, one after another, into a folder; what was made before is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from segmo_core.batch.manifest import BatchEntry, digest, is_made, read_manifest, write_manifest
from segmo_core.batch.prompt_list import BatchItem
from segmo_core.engine import Engine
from segmo_core.errors import CancelledError, FileFormatError, InvalidRequestError, SegmoError
from segmo_core.formats.registry import check_export, write_motion
from segmo_core.formats.scene.export_options import ExportOptions, first_file
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.language_models import text_segmenter
from segmo_core.serialization import to_plain


@dataclass(frozen=True)
class BatchSettings:
    """extensions: of the files of every motion, such as ".fbx". seed: of items that have none. options: of the files,
    whose titles are the prompts. segmenter: a key of catalog.TEXT_SEGMENTERS. language_model, ollama_url: of "ollama";
    None takes its usual ones.
    """

    extensions: tuple[str, ...] = (".npz",)
    seed: int = 0
    segmenter: str = "rules"
    options: ExportOptions = field(default_factory=ExportOptions)
    language_model: str | None = None
    ollama_url: str | None = None

    def __post_init__(self) -> None:
        if not self.extensions:
            raise InvalidRequestError("formats: none given, expected at least one, such as fbx")
        for extension in self.extensions:
            check_export(Path(f"motion{extension}"), self.options)
        text_segmenter(self.segmenter, model=self.language_model, url=self.ollama_url)

    @property
    def asked(self) -> dict[str, object]:
        """What was chosen, as plain data: what is None is left out, so that a batch of before there was such a choice
        is known again.
        """
        return {name: value for name, value in to_plain(self).items() if value is not None}


@dataclass(frozen=True)
class BatchReport:
    """Names of items. failed: name and sentence."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def summary(self) -> str:
        """One sentence."""
        kept = f", {len(self.kept)} were there already" if self.kept else ""
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"{len(self.made)} {'motion' if len(self.made) == 1 else 'motions'} made{kept}{failed}"


def run_batch(
    engine: Engine,
    items: Sequence[BatchItem],
    folder: Path,
    settings: BatchSettings,
    progress: Progress | None = None,
) -> BatchReport:
    """Generate every item and write its files into ``folder``, which is made where it is missing.

    An item that fails is told in the report and in the manifest, and the next one goes on. The manifest is written
    after every item, so that a batch that was cancelled or killed goes on where it stopped; an item whose prompt,
    settings or bundle changed is made anew. Raises FileFormatError where the folder cannot be written, CancelledError.
    """
    progress, folder = progress or SilentProgress(), Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be made ({error.strerror}), expected a folder to write into") from None
    entries = read_manifest(folder)
    origin = to_plain(engine.describe_bundle().manifest.token_origin)
    made, kept, failed = [], [], []
    for number, item in enumerate(items):
        progress.raise_if_cancelled()
        part = ProgressPart(progress, number / len(items), (number + 1) / len(items))
        part.report(0.0, f"{number + 1} of {len(items)}: {item.name}")
        seed = settings.seed if item.seed is None else item.seed
        files = [f"{item.name}{extension}" for extension in settings.extensions]
        request = digest({"item": to_plain(item), "seed": seed, "settings": settings.asked, "origin": origin})
        if is_made(folder, entries.get(item.name), request, _on_disk(files, settings)):
            kept.append(item.name)
            continue
        entry = BatchEntry(item.prompt, seed, request, tuple(_on_disk(files, settings)))
        try:
            _make(engine, item, seed, [folder / name for name in files], settings, part)
        except CancelledError:
            raise
        except SegmoError as error:
            failed.append((item.name, str(error)))
            entry = BatchEntry(item.prompt, seed, request, problem=str(error))
        else:
            made.append(item.name)
        entries[item.name] = entry
        write_manifest(folder, entries)
    return BatchReport(tuple(made), tuple(kept), tuple(failed))


def _on_disk(files: Sequence[str], settings: BatchSettings) -> list[str]:
    return [first_file(Path(name), settings.options).name for name in files]


def _make(
    engine: Engine, item: BatchItem, seed: int, paths: Sequence[Path], settings: BatchSettings, progress: Progress
) -> None:
    texts = list(item.segments)
    if not texts:
        segmented = engine.segment(
            item.prompt, settings.segmenter, model=settings.language_model, url=settings.ollama_url
        )
        texts = [part.text for part in segmented.segments]
    if item.seconds is not None and item.durations:
        raise InvalidRequestError("seconds and durations: both given, expected one of them")
    track = engine.suggest_track(texts, item.seconds, item.durations or None)
    result = engine.generate(GenerationRequest(item.prompt, track, seed), ProgressPart(progress, 0.0, 0.9))
    for path in paths:
        options = replace(settings.options, title=item.prompt)
        write_motion(result.motion, path, result.track, options, progress=ProgressPart(progress, 0.9, 1.0))
