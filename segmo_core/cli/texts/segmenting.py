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


def load_segmenter(name: str, strict: bool) -> TextSegmenter:
    """The segmenter registered as ``name``; strict: one that never falls back to another."""
    segmenter_class = catalog.load(catalog.TEXT_SEGMENTERS, "segmenter", name)
    segmenter: TextSegmenter = segmenter_class(fallback=None) if strict and name == "ollama" else segmenter_class()
    return segmenter


def given_segments(texts: list[str]) -> list[str]:
    """Texts given by --segment, checked."""
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            raise InvalidRequestError(f"segment {number}: empty text, expected an action such as 'a person waves'")
        check_text(text, f"segment {number}")
    return [text.strip() for text in texts]


def segment_prompt(prompt: str, name: str, strict: bool, progress: Progress) -> tuple[list[str], str]:
    """Texts of the segments of ``prompt``, and the notice for the user when another segmenter had to answer."""
    segmented = load_segmenter(name, strict).segment(prompt, progress)
    return [segment.text for segment in segmented.segments], segmented.notice
