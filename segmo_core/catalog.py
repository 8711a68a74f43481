"""The tables of extension points: name -> "module:Class", imported on first use."""

from __future__ import annotations

import importlib
from typing import Any

from segmo_core.errors import ConfigError

TEXT_SEGMENTERS = {
    "rules": "segmo_core.segmentation.text_rules:RulesSegmenter",
    "ollama": "segmo_core.segmentation.text_ollama:OllamaSegmenter",
}

TEXT_ENCODERS = {
    "minilm": "segmo_core.text_encoders.minilm:MiniLMTextEncoder",
}


def load(table: dict[str, str], kind: str, name: str) -> Any:
    """The class registered as ``name``; ConfigError lists the known names otherwise."""
    if name not in table:
        raise ConfigError(f"{kind}: {name!r} is unknown, expected one of {', '.join(sorted(table))}")
    module_name, class_name = table[name].split(":")
    return getattr(importlib.import_module(module_name), class_name)
