"""Figures 3, 5 and 9 of the paper as a page of pictures, from any bundle, others beside it.

Figure 3: captions whose details other models miss. Figure 5: a text looked for in a motion, similarity over time.
Figure 9: captions at which the paper's own model fails. The captions are of the kinds the paper names, not its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from segmo_core.durations.suggested_track import suggest_track
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.samples.frame_strips import write_strip
from segmo_core.evaluation.samples.grounding_drawing import draw_grounding
from segmo_core.evaluation.samples.tested_bundle import TestedBundle, open_tested
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.aligned_space import AlignedSpace
from segmo_core.grounding.grounder import Grounder
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

PAGE = "index.html"
SEED = 1
_SHORT_FRAMES = 16  # of each segment of what is asked too much of, 0.8 s


@dataclass(frozen=True)
class Shown:
    """One caption of a figure. look_for: what the paper says is missed. is_short: asked in less time than it needs."""

    caption: str
    look_for: str
    is_short: bool = False


COMPARED = (
    Shown("a person sits on the floor, then stands up, then walks forward.", "stands up, from sitting"),
    Shown("a person steps to the left, then raises the right hand.", "left, and right"),
    Shown("a person walks forward, turns around, then continues walking forward.", "goes on walking after the turn"),
)
GROUNDED = Shown("a person walks forward, then waves the right hand, then sits down.", "")
FAILURES = (
    Shown("a person marches in place while raising the left arm.", "in place: the paper's model marches forward"),
    Shown(
        "a person walks forward, turns left, jumps, then stops.",
        "the last action, in little time: the paper's model leaves it out",
        is_short=True,
    ),
)


def write_figure_page(bundles: Sequence[Path], out: Path, progress: Progress | None = None) -> Path:
    """Generate and draw everything into ``out``; gives the page, ``index.html``, whose pictures lie beside it.

    bundles: the first is what figure 5's motion comes from. Raises BundleError for one that cannot be loaded.
    """
    progress = progress or SilentProgress()
    if not bundles:
        raise InvalidRequestError("bundles: none, expected at least one")
    out.mkdir(parents=True, exist_ok=True)
    tested = [open_tested(bundle) for bundle in bundles]
    work = ProgressPart(progress, 0.0, 0.85)
    parts = [
        "<h1>Figures of the paper, by other bundles</h1>",
        "<p>Captions of the kinds that the paper shows; ten poses of each motion, evenly spaced in time, "
        f"seed {SEED}.</p>",
        "<h2>Figure 3: details that models miss</h2>",
        *_strips(tested, COMPARED, "figure-3", out, ProgressPart(work, 0.0, 0.6)),
        "<h2>Figure 9: where the paper's model fails</h2>",
        *_strips(tested, FAILURES, "figure-9", out, ProgressPart(work, 0.6, 1.0)),
        "<h2>Figure 5: texts found in a motion</h2>",
        *_grounding(tested, out, ProgressPart(progress, 0.85, 1.0)),
    ]
    page = _PAGE.format(body="\n".join(parts))
    write_atomically(out / PAGE, lambda path: path.write_text(page, encoding="utf-8"))
    return out / PAGE


def _strips(
    tested: Sequence[TestedBundle], shown: Sequence[Shown], name: str, out: Path, progress: Progress
) -> list[str]:
    parts, total = [], len(shown) * len(tested)
    for number, one in enumerate(shown):
        parts.append(f"<h3>({'abc'[number]}) {escape(one.caption)}</h3><p>Look for: {escape(one.look_for)}.</p>")
        for place, bundle in enumerate(tested):
            progress.raise_if_cancelled()
            progress.report((number * len(tested) + place) / total, one.caption)
            result = _made(bundle, one)
            file = f"{name}{'abc'[number]}-{place + 1}.jpg"
            write_strip(result.motion, result.track, out / file)
            told = f"{bundle.name}: {result.motion.num_frames / result.motion.frame_rate:.1f} s"
            parts.append(_picture(file, told))
    return parts


def _made(bundle: TestedBundle, shown: Shown) -> GenerationResult:
    texts = [segment.text for segment in RulesSegmenter().segment(shown.caption).segments]
    frames = [_SHORT_FRAMES] * len(texts)
    track = SegmentTrack.from_durations(texts, frames) if shown.is_short else suggest_track(texts)
    return bundle.make(GenerationRequest(shown.caption, track, seed=SEED))[0]


def _grounding(tested: Sequence[TestedBundle], out: Path, progress: Progress) -> list[str]:
    result = _made(tested[0], GROUNDED)
    write_strip(result.motion, result.track, out / "figure-5.jpg")
    parts = [
        f"<p>A motion of {escape(tested[0].name)}, asked for: {escape(GROUNDED.caption)} Each text of it is looked for "
        "in the whole motion. The curve is the similarity at every moment, the bar what was found, the shaded "
        "stretch where the text was asked for.</p>",
        _picture("figure-5.jpg", GROUNDED.caption),
    ]
    for place, bundle in enumerate(tested):
        progress.raise_if_cancelled()
        progress.report(place / len(tested), f"looking for texts with {bundle.name}")
        finders = _finders(bundle)
        if not finders:
            parts.append(f"<p>{escape(bundle.name)}: was trained without alignment, it cannot find text in motion.</p>")
        for way, finder in finders.items():
            found = finder.ground_all(result.motion, list(result.track.texts))
            file = f"figure-5-{place + 1}-{way}.svg"
            title = f"{bundle.name}, {'its own head' if way == Grounder.way else 'aligned space (the paper)'}"
            drawing = draw_grounding(title, result.track, found)
            write_atomically(out / file, lambda path, text=drawing: path.write_text(text, "utf-8"))  # type: ignore[misc]
            parts.append(_picture(file, title))
    return parts


def _finders(bundle: TestedBundle) -> dict[str, Grounder | AlignedSpace]:
    """Every way that a bundle can look for text."""
    found: dict[str, Grounder | AlignedSpace] = {}
    if bundle.bundle.masked_transformer.aligns_segments:
        found[AlignedSpace.way] = AlignedSpace(bundle.bundle, bundle.text_encoder)
    if bundle.grounder is not None:
        found[Grounder.way] = bundle.grounder
    return found


def _picture(file: str, told: str) -> str:
    return f'<figure><img src="{escape(file)}" alt="{escape(told)}"><figcaption>{escape(told)}</figcaption></figure>'


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Figures of the paper</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 1240px; margin: 2rem auto; padding: 0 1rem; color: #222; }}
figure {{ margin: 0 0 1.2rem; }}
img {{ width: 100%; height: auto; border: 1px solid #ddd; }}
figcaption {{ color: #555; font-size: 14px; }}
</style></head><body>
{body}
</body></html>
"""
