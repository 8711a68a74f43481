"""The line for a terminal that gives the motion of a take once more, in the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segmo_core.cli.motions.export_choices import export_arguments
from segmo_core.errors import InvalidRequestError
from segmo_core.formats.registry import FORMATS, format_of
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.generation.request import GenerationRequest, SamplingOverrides
from segmo_core.project.project import Take
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE
from segmo_studio.services.models.run_choices import quoted


def command_line(
    take: Take, file: Path, options: ExportOptions, format_name: str, bundle: Path | None, project: Path | None
) -> str:
    """``segmo generate`` for a motion that was generated in one go, ``segmo export`` for one that was edited or opened.

    file, options, format_name: what is to be written, as in the export dialog. bundle: that made the motion; None for
    the starter. project: the file that holds the take as it is now; None where there is none. Raises
    InvalidRequestError where no line can give this motion.
    """
    if take.motion is None:
        raise InvalidRequestError("command line: there is no motion yet, generate one first")
    row = FORMATS[format_name]
    writing = ["-o", str(file)]
    if format_of(file).name != format_name:
        writing += ["--format", format_name]
    titled = replace(options, title=take.prompt.strip() or take.name)
    request = None if take.result is None else take.result.request
    if request is not None and take.result is not None and _is_one_go(request):
        title = "" if titled.title == request.prompt.strip() else titled.title
        words = ["segmo", "generate", request.prompt, *_asked(request)]
        words += [] if bundle is None else ["--bundle", str(bundle)]
        return quoted([*words, *writing, *export_arguments(replace(options, title=title))])
    if project is not None:
        words = ["segmo", "export", str(project), "--take", str(take.take_id)]
        return quoted([*words, *writing, *export_arguments(titled)])
    raise InvalidRequestError(
        f"{take.name}: its motion was {'edited' if take.result is not None else 'opened'}, "
        f"expected a saved project to write {row.title} from: save it first"
    )


def _is_one_go(request: GenerationRequest) -> bool:
    is_plain = request.sampling is None or isinstance(request.sampling, SamplingOverrides)
    return not request.kept_segments and request.is_timed and is_plain


def _asked(request: GenerationRequest) -> list[str]:
    words = [word for segment in request.track for word in ("--segment", segment.text)]
    seconds = (f"{segment.num_frames / MODEL_FRAME_RATE:g}" for segment in request.track)
    words += ["--durations", ",".join(seconds), "--seed", str(request.seed)]
    sampling = request.sampling
    if isinstance(sampling, SamplingOverrides):
        words += [] if sampling.steps is None else ["--steps", str(sampling.steps)]
        words += [] if sampling.guidance_scale is None else ["--guidance", repr(sampling.guidance_scale)]
    return words
