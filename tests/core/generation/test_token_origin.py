"""Token ids of one tokenizer are never continued by another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segmo_core.bundle_manifest import read_manifest
from segmo_core.engine import Engine
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest
from segmo_core.timeline.segment_track import SegmentTrack

REQUEST = GenerationRequest(
    "a person walks, then waves", SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 40]), seed=3
)


def engine_of(folder: Path) -> Engine:
    return Engine(folder, device="cpu")


def test_another_tokenizer_refuses_to_regenerate_in_one_sentence(
    tiny_bundle: Path, make_tiny_bundle: Callable[..., Path]
) -> None:
    result = engine_of(tiny_bundle).generate(REQUEST)
    assert result.origin == read_manifest(tiny_bundle).token_origin
    assert result.origin.bundle == "tiny"
    other = engine_of(make_tiny_bundle("other", seed=8))
    with pytest.raises(InvalidRequestError) as refusal:
        other.regenerate(TokenPlan(result, REQUEST.track, again=(1,)))
    assert "made with another bundle ('tiny') than the one in use ('other')" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_other_transformers_on_the_same_tokenizer_may_regenerate(
    tiny_bundle: Path, make_tiny_bundle: Callable[..., Path]
) -> None:
    result = engine_of(tiny_bundle).generate(REQUEST)
    cousin = engine_of(make_tiny_bundle("cousin", transformer_seed=99))
    again = cousin.regenerate(TokenPlan(result, REQUEST.track, again=(1,)))
    assert (again.token_ids[:10] == result.token_ids[:10]).all()
    assert (again.token_ids[10:] != result.token_ids[10:]).any()
    assert again.origin.bundle == "cousin"
    assert again.origin.means_the_same_as(result.origin)
