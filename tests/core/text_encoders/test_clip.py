"""CLIP's text encoder: against the real open_clip where it is installed, and with a small vocabulary everywhere."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from open_clip_reference import open_clip_with_standins
from safetensors.torch import save_file

from segmo_core.errors import FileFormatError, MissingDependencyError
from segmo_core.text_encoders import clip, clip_tokenizer, clip_weights
from segmo_core.text_encoders.clip import ClipTextEncoder
from segmo_core.text_encoders.clip_tokenizer import ClipTokenizer
from segmo_core.text_encoders.clip_weights import WEIGHTS_VARIABLE, find_clip_weights, read_clip_weights

TEXTS = [
    "a person walks forward, then waves with the right hand.",
    "",
    "A man's arms don't move &amp; he's 3.5m tall!!",
    "x" * 500,
    "jump " * 100,
    "l\u2019\u00e9t\u00e9 na\u00efve caf\u00e9",
    "  two   spaces\tand\nlines ",
    "\uff26\uff35\uff2c\uff2c",
]
WIDTH, LAYERS, CONTEXT = 64, 2, 12


def tower(
    vocabulary_size: int, width: int = WIDTH, layers: int = LAYERS, context: int = CONTEXT
) -> dict[str, torch.Tensor]:
    """Random weights of a small text tower under OpenAI's names."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.2

    tensors = {
        "token_embedding.weight": random(vocabulary_size, width),
        "positional_embedding": random(context, width),
        "ln_final.weight": 1 + random(width),
        "ln_final.bias": random(width),
        "text_projection": random(width, 512),
    }
    for layer in range(layers):
        shapes = {
            "ln_1.weight": (width,), "ln_1.bias": (width,), "attn.in_proj_weight": (3 * width, width),
            "attn.in_proj_bias": (3 * width,), "attn.out_proj.weight": (width, width), "attn.out_proj.bias": (width,),
            "ln_2.weight": (width,), "ln_2.bias": (width,), "mlp.c_fc.weight": (4 * width, width),
            "mlp.c_fc.bias": (4 * width,), "mlp.c_proj.weight": (width, 4 * width), "mlp.c_proj.bias": (width,),
        }  # fmt: skip
        tensors |= {f"transformer.resblocks.{layer}.{name}": random(*shape) for name, shape in shapes.items()}
    return tensors


@pytest.fixture
def small_vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vocabulary of bytes and three merges, in place of the one that open_clip brings."""
    path = tmp_path / "vocabulary.txt.gz"
    path.write_bytes(gzip.compress(b"header\nw a\nwa l\nwal k</w>\n"))
    monkeypatch.setattr(clip_tokenizer, "NUM_MERGES", 3)
    monkeypatch.setattr(clip, "clip_vocabulary", lambda: path)
    return path


@pytest.fixture
def encoder(small_vocabulary: Path, tmp_path: Path) -> ClipTextEncoder:
    save_file(tower(2 * 256 + 3 + 2), tmp_path / "tower.safetensors")
    return ClipTextEncoder(tmp_path / "tower.safetensors")


def test_same_tokens_and_features_as_open_clip(tmp_path: Path) -> None:
    with open_clip_with_standins() as open_clip:
        from open_clip.transformer import QuickGELU, TextTransformer

        torch.manual_seed(0)
        reference = TextTransformer(
            context_length=77, vocab_size=49408, width=128, heads=2, layers=3, output_dim=512, act_layer=QuickGELU
        ).eval()
        save_file(
            {name: value.contiguous() for name, value in reference.state_dict().items()}, tmp_path / "t.safetensors"
        )
        tokens = open_clip.get_tokenizer("ViT-B-32-quickgelu")(TEXTS)
        with torch.no_grad():
            expected = reference(tokens).numpy()
        encoder = ClipTextEncoder(tmp_path / "t.safetensors")
        ids = ClipTokenizer(clip_tokenizer.clip_vocabulary(), 77).encode(TEXTS)
    assert [row + [0] * (77 - len(row)) for row in ids] == tokens.tolist()
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=2e-5 * np.abs(expected).max())


def test_words_are_merged_as_the_vocabulary_says(small_vocabulary: Path) -> None:
    tokenizer = ClipTokenizer(small_vocabulary, CONTEXT)
    assert tokenizer.vocabulary_size == 517
    letters = {letter: ord(letter) - 33 for letter in "alks"}  # printable bytes come first, from '!'
    walk, walks = tokenizer.encode(["Walk", "walks"])
    assert walk == [515, 514, 516]
    assert walks == [515, 513, letters["k"], 256 + letters["s"], 516]  # 'wal', 'k', and 's' that ends the word


def test_long_texts_lose_their_tail_and_keep_their_end(small_vocabulary: Path) -> None:
    (ids,) = ClipTokenizer(small_vocabulary, CONTEXT).encode(["walk " * 50])
    assert len(ids) == CONTEXT
    assert (ids[0], ids[-1]) == (515, 516)


def test_features_do_not_depend_on_the_texts_beside_them(encoder: ClipTextEncoder) -> None:
    together = encoder.encode(["walk", "a person walks and walks and walks", ""])
    assert together.shape == (3, 512) == (3, encoder.width)
    assert together.dtype == np.float32
    for text, vector in zip(["walk", "a person walks and walks and walks", ""], together, strict=True):
        np.testing.assert_array_equal(encoder.encode([text])[0], vector)
    many = encoder.encode([f"walk {number}" for number in range(40)])
    alone = encoder._encode_batch(encoder._tokenizer.encode(["walk 17"]))
    np.testing.assert_allclose(many[17], alone[0], atol=1e-5)
    assert not np.allclose(together[0], together[2], atol=1e-2)


def test_texts_are_encoded_once(encoder: ClipTextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encoder.encode(["walk", "wave"])
    monkeypatch.setattr(encoder, "_encode_batch", lambda token_ids: pytest.fail("encoded again"))
    np.testing.assert_array_equal(encoder.encode(["wave", "walk"])[::-1], first)


def test_missing_package_names_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install --no-deps open-clip-torch"):
        ClipTextEncoder()


def test_missing_weights_name_the_command_and_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setattr(clip_weights, "clip_folder", lambda: tmp_path)
    monkeypatch.setattr(clip_weights, "cached_clip_weights", list)
    with pytest.raises(MissingDependencyError, match=r"segmo fetch-clip .*SEGMO_CLIP_WEIGHTS"):
        find_clip_weights()
    (tmp_path / clip_weights.WEIGHTS_FILE).write_bytes(b"")
    assert find_clip_weights() == tmp_path / clip_weights.WEIGHTS_FILE
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "mine.safetensors"))
    with pytest.raises(FileFormatError, match=r"mine\.safetensors: no such file"):
        find_clip_weights()


def test_weights_are_read_from_a_state_dict_of_the_whole_model(tmp_path: Path) -> None:
    tensors = tower(20)
    whole = {name: value.half() for name, value in tensors.items()} | {
        "visual.proj": torch.zeros(3),
        "logit_scale": torch.ones(()),
    }
    torch.save({"state_dict": {f"module.{name}": value for name, value in whole.items()}}, tmp_path / "clip.pt")
    read = read_clip_weights(tmp_path / "clip.pt")
    assert set(read) == set(tensors)
    assert all(value.dtype == torch.float32 for value in read.values())


def test_unusable_weights_are_refused(tmp_path: Path, small_vocabulary: Path) -> None:
    tensors = tower(517)
    del tensors["transformer.resblocks.1.mlp.c_fc.bias"]
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(FileFormatError, match=r"'transformer\.resblocks\.1\.mlp\.c_fc\.bias' is missing"):
        ClipTextEncoder(tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(b"nonsense")
    with pytest.raises(FileFormatError, match=r"b\.safetensors: not a readable file"):
        ClipTextEncoder(tmp_path / "b.safetensors")
    save_file(tower(99), tmp_path / "c.safetensors")
    with pytest.raises(FileFormatError, match="99 words and features of 512, expected 517 and 512"):
        ClipTextEncoder(tmp_path / "c.safetensors")


def test_a_torchscript_archive_that_is_not_the_published_one_is_not_opened(tmp_path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "script.pt"))
    with pytest.raises(FileFormatError, match=r"script\.pt: holds code, expected tensors only"):
        read_clip_weights(tmp_path / "script.pt")


def test_the_published_archive_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Holder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_final = torch.nn.LayerNorm(4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.ln_final(x)

    path = tmp_path / "script.pt"
    torch.jit.script(Holder()).save(str(path))
    monkeypatch.setattr(clip_weights, "OPENAI_SHA256", clip_weights.sha256_of(path))
    with pytest.raises(FileFormatError, match="'positional_embedding' is missing"):  # opened, and found to be no tower
        read_clip_weights(path)
