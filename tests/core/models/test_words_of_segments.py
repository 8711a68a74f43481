"""Transformers that read the words of segments one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from toy_sequences import CODES, SIZES, toy_pool

from segmo_core.data.pools.token_pool import TokenPool, encode_words
from segmo_core.errors import InvalidRequestError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.models.trunk.word_pooling import WordPooling
from segmo_core.progress import SilentProgress
from segmo_core.text_encoders.minilm import MiniLMTextEncoder
from segmo_core.text_encoders.text_encoder import MAX_WORDS, word_encoder
from segmo_core.training.loop import train
from segmo_core.training.objectives.tokens import MaskedObjective
from segmo_core.training.stage_settings import StageSettings
from tests.core.transformer_samples import TOKEN_IS_VALID, base_ids, condition, masked_transformer

COUNTS = torch.tensor([[5, 2, 0], [1, 3, 2], [4, 0, 0], [2, 2, 0]])
WORDS = torch.nn.functional.normalize(torch.randn(4, 3, 5, 8, generator=torch.Generator().manual_seed(4)), dim=-1)


def logits(words: torch.Tensor, dropped: bool = False) -> torch.Tensor:
    told = condition().with_words(words, COUNTS)
    if dropped:
        told = told.with_drops(torch.ones(4, dtype=torch.bool), torch.ones(4, dtype=torch.bool))
    with torch.inference_mode():
        return masked_transformer(word_questions=3).logits(base_ids(), TOKEN_IS_VALID, told)


def test_words_change_what_is_predicted_and_padding_does_not() -> None:
    plain = logits(WORDS)
    other, beyond = WORDS.clone(), WORDS.clone()
    other[0, 0, 0] = -other[0, 0, 0]
    beyond[0, 1, 2:] = 9.0  # its words are two
    assert not torch.allclose(logits(other)[0], plain[0])
    torch.testing.assert_close(logits(other)[1], plain[1])
    torch.testing.assert_close(logits(beyond), plain)


def test_an_unconditional_pass_sees_no_words() -> None:
    torch.testing.assert_close(logits(WORDS, dropped=True), logits(-WORDS, dropped=True))


def test_guidance_and_moving_keep_the_words() -> None:
    pair = condition().with_words(WORDS, COUNTS).for_guidance().to("cpu")
    assert pair.segment_words is not None
    assert pair.segment_words.shape == (8, 3, 5, 8)
    assert condition().for_guidance().segment_words is None


def test_no_words_say_nothing() -> None:
    torch.manual_seed(0)
    pooling = WordPooling(8, 6, 2)
    torch.nn.init.normal_(pooling.answer.weight)
    torch.nn.init.normal_(pooling.answer.bias)
    found = pooling(torch.randn(2, 4, 8), torch.tensor([0, 3]))
    assert found[0].abs().max() == 0
    assert found[1].abs().max() > 0


def worded_pool(count: int = 200) -> TokenPool:
    """Sentence vectors are all alike; only its one word tells what a segment is."""
    pool = toy_pool(count)
    words = np.random.default_rng(3).standard_normal((CODES, 12)).astype(np.float16)
    offsets = np.concatenate([np.arange(CODES + 1), [CODES]])
    return replace(pool, embeddings=np.zeros_like(pool.embeddings), words=words, word_offsets=offsets)


@pytest.mark.parametrize("questions", [0, 2])
def test_what_only_words_tell_is_learned_from_them(questions: int, tmp_path: object) -> None:
    torch.manual_seed(0)
    model = MaskedTransformer(MaskedTransformerConfig(**SIZES, dropout=0.0, word_questions=questions))
    objective = MaskedObjective(model, worded_pool(), worded_pool(40), 32)
    settings = StageSettings(steps=400, batch_size=32, learning_rate=1e-2, warmup_steps=10)
    train(objective, settings, tmp_path)  # type: ignore[arg-type]
    with torch.no_grad():
        accuracy = objective.validate()["accuracy"]
    assert accuracy > 0.7 if questions else accuracy < 0.4


def test_words_of_a_sentence_and_of_many() -> None:
    encoder = MiniLMTextEncoder()
    texts = ["a person boxes", "a person picks up a box", "", *(f"a person walks {n} steps" for n in range(20))]
    one = word_encoder(encoder).encode_words(texts[:1])[0]
    assert one.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1.0, atol=1e-5)
    assert len(encoder.encode_words(["word " * 60])[0]) == MAX_WORDS
    words, offsets = encode_words(encoder, texts, SilentProgress())
    assert offsets[:4].tolist() == [0, 3, 9, 9]
    np.testing.assert_allclose(words[:3].astype(np.float32), one, atol=2e-3)


def test_an_encoder_without_words_says_so() -> None:
    class Plain:
        name, width = "plain", 8

        def encode(self, texts: object) -> np.ndarray:
            return np.zeros((1, 8), dtype=np.float32)

    with pytest.raises(InvalidRequestError, match="plain: has no vectors of words"):
        word_encoder(Plain())
