"""Cutting prompts into segments for the commands that do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core import catalog
from segmo_core.errors import InvalidRequestError
from segmo_core.progress import Progress
from segmo_core.segmentation.prompt_text import check_text

if TYPE_CHECKING:
    from segmo_core.segmentation.text_segmenter import TextSegmenter

SegmenterOption = Annotated[
    str,
    typer.Option(
        metavar="|".join(catalog.TEXT_SEGMENTERS),
        help="rules: built in, offline. ollama: a language model on this machine; falls back to rules.",
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option("--strict", help="With --segmenter ollama: exit with code 2 instead of falling back to the rules."),
]


ModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="With --segmenter ollama: the model to ask, such as llama3; qwen3:8b if left out."
    ),
]
OllamaUrlOption = Annotated[
    str | None,
    typer.Option(
        "--ollama-url",
        metavar="URL",
        help="With --segmenter ollama: its server; OLLAMA_HOST or this machine if left out.",
    ),
]


def given_segments(texts: list[str]) -> list[str]:
    """Texts given by --segment, checked."""
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            raise InvalidRequestError(f"segment {number}: empty text, expected an action such as 'a person waves'")
        check_text(text, f"segment {number}")
    return [text.strip() for text in texts]


def segment_prompt(prompt: str, segmenter: TextSegmenter, progress: Progress) -> tuple[list[str], str]:
    """Texts of the segments of ``prompt``, and the notice for the user when another segmenter had to answer."""
    segmented = segmenter.segment(prompt, progress)
    return [segment.text for segment in segmented.segments], segmented.notice
