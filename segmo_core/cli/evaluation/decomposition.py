"""``segmo evaluate decomposition``: the rules and language models on captions that people decomposed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import JsonOption, MarkdownOption, one_layout, print_figures
from segmo_core.cli.output import ConsoleProgress
from segmo_core.cli.texts.segmenting import OllamaUrlOption
from segmo_core.errors import InvalidRequestError


def decomposition(
    captions: Annotated[
        Path, typer.Argument(metavar="CAPTIONS.jsonl", help='Lines {"caption": ..., "segments": [...]}, by people.')
    ],
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A language model to compare. May be repeated.")
    ] = None,
    all_models: Annotated[
        bool, typer.Option("--all-models", help="Compare every model that the Ollama server has.")
    ] = False,
    ollama_url: OllamaUrlOption = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for one answer.")] = 120.0,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """How well the rules and language models decompose captions, against people."""
    from segmo_core.evaluation.suites.decomposition_suite import (
        decomposition_table,
        measure_decomposition,
        read_decomposed,
    )
    from segmo_core.segmentation.language_models import OLLAMA, installed_models, text_segmenter
    from segmo_core.segmentation.text_rules import RulesSegmenter
    from segmo_core.segmentation.text_segmenter import TextSegmenter
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    read = read_decomposed(captions)
    names = list(dict.fromkeys(model or []))
    if names or all_models:
        there = installed_models(ollama_url)
        for name in names:
            if name not in there and f"{name}:latest" not in there:
                raise InvalidRequestError(
                    f"model: Ollama has no {name!r}, expected one of {', '.join(there) or 'none'}"
                )
        names += [name for name in there if all_models and name not in names]
    segmenters: dict[str, TextSegmenter] = {RulesSegmenter.name: RulesSegmenter()}
    for name in names:
        segmenters[name] = text_segmenter(OLLAMA, strict=True, model=name, url=ollama_url, timeout=timeout)
    with ConsoleProgress("Cutting captions") as progress:
        figures = measure_decomposition(read, segmenters, progress)
    print_figures(
        {"captions": len(read), "rows": to_plain(figures)}, [decomposition_table(figures)], as_json, as_markdown
    )
