"""``segmo describe``: what happens in a motion, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segmo_core.cli.models.runtime_option import RuntimeOption
from segmo_core.cli.motions.checking import WayOption, print_way
from segmo_core.cli.motions.reading_options import ReadingOptions, with_reading_options
from segmo_core.cli.output import ConsoleProgress, print_json, print_table
from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.grounding.described_stretch import DescribedStretch, TextMatch


@with_reading_options
def describe(
    motion: Annotated[Path, typer.Argument(metavar="MOTION", help="Any motion file that can be read.")],
    candidates: Annotated[
        Path | None, typer.Option(help="Text file of sentences to choose from, one a line; built-in ones if left out.")
    ] = None,
    start: Annotated[int | None, typer.Option(help="First frame of a stretch to describe as a whole.")] = None,
    end: Annotated[int | None, typer.Option(help="The frame after its last one.")] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Write the motion with what was found as its segments. May be repeated."),
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")] = "auto",
    runtime: RuntimeOption = "auto",
    way: WayOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each stretch, one a line.")
    ] = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Cut a motion into its actions and say what each is; frames are those of the file, the end not included."""
    one_stretch = start is not None or end is not None
    if one_stretch and output:
        raise InvalidRequestError("output and start or end: both given, expected the whole motion to be written")

    from segmo_core.cli.motions.output_files import plan_outputs, print_outputs, write_outputs
    from segmo_core.engine import Engine

    outputs = plan_outputs(output) if output else []
    engine = Engine(bundle, device, runtime=runtime)
    sentences = None
    if candidates is not None:
        from segmo_core.grounding.description import read_candidates

        sentences = read_candidates(candidates)
    opened = reading.opened(motion)
    with ConsoleProgress("Loading") as progress:
        engine.load(progress)
    with ConsoleProgress("Describing") as progress:
        if one_stretch:
            first, last = start or 0, opened.num_frames if end is None else end
            stretches: tuple[DescribedStretch, ...] = (
                engine.describe_stretch(opened, first, last, sentences, progress, way=way),
            )
        else:
            stretches = engine.describe_motion(opened, sentences, progress, way=way)
    if outputs:
        from segmo_core.grounding.described_stretch import track_of

        write_outputs(opened, track_of(stretches), outputs)
    used = engine.finding_way(way)
    if as_json:
        for stretch in stretches:
            print_json(_plain(stretch, opened.frame_rate, used))
        return
    if one_stretch:
        _print_matches(stretches[0].matches)
    else:
        _print_stretches(stretches, opened.frame_rate)
    print_way(used)
    print_outputs(outputs)


def _plain(stretch: DescribedStretch, frame_rate: float, way: str) -> dict[str, Any]:
    matches = [
        {"text": match.text, "score": round(match.score, 6), "confidence": round(match.confidence, 4)}
        for match in stretch.matches
    ]
    found = stretch.text if stretch.is_known else None
    places = {"start": stretch.start, "end": stretch.end, "frame_rate": frame_rate}
    return {"text": found, **places, "way": way, "matches": matches}


def _print_matches(matches: tuple[TextMatch, ...]) -> None:
    rows = [(match.text, f"{match.score:.2f}", f"{match.confidence:.0%}") for match in matches]
    print_table(("Sentence", "Score", "Confidence"), rows, numbers=("Score", "Confidence"))


def _print_stretches(stretches: tuple[DescribedStretch, ...], rate: float) -> None:
    rows = [
        (
            str(number),
            stretch.text,
            f"{stretch.start} to {stretch.end}",
            f"{stretch.start / rate:.1f} to {stretch.end / rate:.1f}",
            f"{stretch.matches[0].confidence:.0%}",
            stretch.matches[1].text if len(stretch.matches) > 1 else "",
        )
        for number, stretch in enumerate(stretches, start=1)
    ]
    columns = ("#", "What happens", "Frames", "Seconds", "Confidence", "Or else")
    print_table(columns, rows, numbers=("#", "Frames", "Seconds", "Confidence"))
