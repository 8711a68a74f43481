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
    "clip": "segmo_core.text_encoders.clip:ClipTextEncoder",
}

MOTION_SEGMENTERS = {
    "uniform": "segmo_core.segmentation.motion_uniform:UniformSegmenter",
    "change-point": "segmo_core.segmentation.motion_change_point:ChangePointSegmenter",
    "clustering": "segmo_core.segmentation.motion_clustering:ClusteringSegmenter",
}

AGGREGATORS = {
    "mean": "segmo_core.models.aggregation.mean:MeanAggregator",
    "max": "segmo_core.models.aggregation.max:MaxAggregator",
    "mean-max": "segmo_core.models.aggregation.mean_max:MeanMaxAggregator",
    "cross-attention": "segmo_core.models.aggregation.cross_attention:CrossAttentionAggregator",
    "cls": "segmo_core.models.aggregation.cls:ClsAggregator",
}

ALIGNMENTS = {
    "in-sample": "segmo_core.models.alignment.in_sample:InSampleAlignment",
    "batch-level": "segmo_core.models.alignment.batch_level:BatchAlignment",
    "global": "segmo_core.models.alignment.whole_caption:GlobalAlignment",
    "token": "segmo_core.models.alignment.token_level:TokenAlignment",
}


def load(table: dict[str, str], kind: str, name: str) -> Any:
    """The class registered as ``name``; ConfigError lists the known names otherwise."""
    if name not in table:
        raise ConfigError(f"{kind}: {name!r} is unknown, expected one of {', '.join(sorted(table))}")
    return resolve(table[name])


def resolve(reference: str) -> Any:
    """What a reference "module:name" of a table stands for; the module is imported now."""
    module_name, name = reference.split(":")
    return getattr(importlib.import_module(module_name), name)
