"""CLIP's text tower under the names that Hugging Face and newer models of open_clip give it, in their caches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from test_clip import tower
from torch import Tensor

from segmo_core.text_encoders import clip_weights
from segmo_core.text_encoders.clip_weights import find_clip_weights, read_clip_weights

LAYER_NAMES = {
    "attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}  # fmt: skip


def as_hugging_face(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """As ``CLIPModel`` of transformers stores the text tower, a tensor of the other tower beside it."""
    named = {
        "text_model.embeddings.token_embedding.weight": tensors["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": tensors["positional_embedding"],
        "text_model.embeddings.position_ids": torch.arange(12)[None],
        "text_model.final_layer_norm.weight": tensors["ln_final.weight"],
        "text_model.final_layer_norm.bias": tensors["ln_final.bias"],
        "text_projection.weight": tensors["text_projection"].T.contiguous(),
        "vision_model.encoder.layers.0.layer_norm1.weight": torch.zeros(3),
    }
    for name, tensor in tensors.items():
        match = re.fullmatch(r"transformer\.resblocks\.(\d+)\.(.+)\.?_?(weight|bias)", name)
        if match is None:
            continue
        place = f"text_model.encoder.layers.{match[1]}."
        if "in_proj" in name:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                named[f"{place}self_attn.{part}_proj.{match[3]}"] = piece.clone()
        else:
            named[f"{place}{LAYER_NAMES[match[2].rstrip('.')]}.{match[3]}"] = tensor
    return named


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in found)


@pytest.mark.parametrize("prefix", ["", "text."])
def test_every_naming_is_the_same_tower(prefix: str, tmp_path: Path) -> None:
    tensors = tower(40)
    expected = {name: tensors[name] for name in sorted(tensors)}
    save_file(as_hugging_face(tensors), tmp_path / "model.safetensors")
    assert same(read_clip_weights(tmp_path / "model.safetensors"), expected)
    torch.save({f"{prefix}{name}": tensor for name, tensor in tensors.items()}, tmp_path / "open_clip.bin")
    assert same(read_clip_weights(tmp_path / "open_clip.bin"), expected)


def test_caches_of_other_programs_are_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SEGMO_CLIP_WEIGHTS", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(clip_weights, "clip_folder", lambda: tmp_path / "nothing")
    snapshot = tmp_path / ".cache/huggingface/hub/models--openai--clip-vit-base-patch32/snapshots/3d74"
    snapshot.mkdir(parents=True)
    save_file(as_hugging_face(tower(40)), snapshot / "model.safetensors")
    assert find_clip_weights() == snapshot / "model.safetensors"
    (tmp_path / ".cache/clip").mkdir()
    (tmp_path / ".cache/clip/ViT-B-32.pt").write_bytes(b"")
    assert find_clip_weights() == tmp_path / ".cache/clip/ViT-B-32.pt"
    monkeypatch.setenv("HF_HOME", str(tmp_path / "elsewhere"))
    (tmp_path / ".cache/clip/ViT-B-32.pt").unlink()
    with pytest.raises(clip_weights.MissingDependencyError, match="segmo fetch-clip"):
        find_clip_weights()
