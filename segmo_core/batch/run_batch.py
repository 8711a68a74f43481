"""Many prompts into a folder, by one worker or many; what was made before is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from segmo_core.batch.manifest import BatchEntry, batch_manifest
from segmo_core.batch.prompt_list import BatchItem
from segmo_core.batch.row_options import with_row_options
from segmo_core.engine import Engine
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.registry import check_export, write_motion
from segmo_core.formats.scene.export_options import ExportOptions, first_file
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import Progress, ProgressPart
from segmo_core.segmentation.language_models import text_segmenter
from segmo_core.serialization import to_plain
from segmo_core.workers.manifest import digest
from segmo_core.workers.map_items import map_items
from segmo_core.workers.places import Workers


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
    workers: Workers | None = None,
) -> BatchReport:
    """Generate every item and write its files into ``folder``, which is made where it is missing.

    An item that fails is told in the report and in the manifest, and the others go on. Every item that is finished is
    kept at once, so that a batch that was cancelled or killed goes on where it stopped; an item whose prompt, settings
    or bundle changed is made anew. workers: where; the files are the same, bit for bit. Raises FileFormatError where
    the folder cannot be written, CancelledError.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be made ({error.strerror}), expected a folder to write into") from None
    manifest = batch_manifest(folder)
    origin = to_plain(engine.describe_bundle().manifest.token_origin)
    orders = [_order(item, settings, origin) for item in items]
    waiting = [order for order in orders if not manifest.is_made(order.item.name, order.request, order.on_disk)]
    kept = {order.item.name for order in orders} - {order.item.name for order in waiting}
    made, failed = [], []
    work = BatchWork(engine, folder.absolute(), settings)
    with manifest.growing() as end:
        for outcome in map_items(work, waiting, workers, progress, in_order=False, name=lambda order: order.item.name):
            order, problem = outcome.item, outcome.problem
            name, files = order.item.name, () if problem else order.on_disk
            end.add(name, BatchEntry(order.item.prompt, order.seed, order.request, files, problem))
            if problem:
                failed.append((name, problem))
            else:
                made.append(name)
    place = {item.name: number for number, item in enumerate(items)}
    return BatchReport(
        tuple(sorted(made, key=place.__getitem__)),
        tuple(item.name for item in items if item.name in kept),
        tuple(sorted(failed, key=lambda each: place[each[0]])),
    )


@dataclass(frozen=True)
class BatchOrder:
    """An item with what the batch adds to it. files: names to write; on_disk: those to find afterwards."""

    item: BatchItem
    seed: int
    request: str
    files: tuple[str, ...]
    on_disk: tuple[str, ...]


@dataclass(frozen=True)
class BatchWork:
    """Makes the motions of orders and writes them into the folder."""

    engine: Engine
    folder: Path
    settings: BatchSettings

    def start(self, progress: Progress) -> Callable[[BatchOrder, Progress], None]:
        """See Work."""
        self.engine.load(progress)
        return self._make

    def _make(self, order: BatchOrder, progress: Progress) -> None:
        engine, item = self.engine, order.item
        texts = list(item.segments)
        if not texts:
            asked = self.settings
            segmented = engine.segment(item.prompt, asked.segmenter, model=asked.language_model, url=asked.ollama_url)
            texts = [part.text for part in segmented.segments]
        if item.seconds is not None and item.durations:
            raise InvalidRequestError("seconds and durations: both given, expected one of them")
        track = engine.suggest_track(texts, item.seconds, item.durations or None)
        result = engine.generate(GenerationRequest(item.prompt, track, order.seed), ProgressPart(progress, 0.0, 0.9))
        options = replace(with_row_options(self.settings.options, item.options), title=item.prompt)
        for name in order.files:
            part = ProgressPart(progress, 0.9, 1.0)
            write_motion(result.motion, self.folder / name, result.track, options, progress=part)


def _order(item: BatchItem, settings: BatchSettings, origin: object) -> BatchOrder:
    seed = settings.seed if item.seed is None else item.seed
    files = tuple(f"{item.name}{extension}" for extension in item.formats or settings.extensions)
    plain = to_plain(item)
    for name in ("formats", "options"):
        if not plain[name]:  # as before there were any, so that older folders stay made
            del plain[name]
    request = digest({"item": plain, "seed": seed, "settings": settings.asked, "origin": origin})
    options = with_row_options(settings.options, item.options)
    return BatchOrder(item, seed, request, files, tuple(first_file(Path(name), options).name for name in files))
