"""What those are called who cut prompts into segments."""

from __future__ import annotations

from segmo_core.segmentation.language_models import OLLAMA
from segmo_core.segmentation.text_segmenter import SegmentedText

SEGMENTER_TITLES = {"rules": "Built-in rules", OLLAMA: "Ollama"}


def segmenter_title(name: str, model: str | None = None) -> str:
    """name: as in the core's catalog. model: the language model that is asked, where one is."""
    title = SEGMENTER_TITLES.get(name, name)
    return f"{title} ({model})" if model and name == OLLAMA else title


def segmenter_in_sentence(segmented: SegmentedText) -> str:
    """Who really answered, inside a sentence."""
    if segmented.segmenter == "rules":
        return "built-in rules"
    return segmenter_title(segmented.segmenter, segmented.model)
