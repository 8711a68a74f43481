"""The weights of CLIP's text tower: where they are looked for, and reading them from any of the files people have."""

from __future__ import annotations

import os
import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from segmo_core.checksum import sha256_of
from segmo_core.errors import FileFormatError, MissingDependencyError

WEIGHTS_VARIABLE = "SEGMO_CLIP_WEIGHTS"
WEIGHTS_FILE = "clip-vit-b-32-text.safetensors"
OPENAI_FILE = "ViT-B-32.pt"
OPENAI_SHA256 = "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"
HEAD_WIDTH = 64

_LAYER = re.compile(r"transformer\.resblocks\.(\d+)\.(.+)")
_NAMES_OF_A_LAYER = {
    "ln_1.weight", "ln_1.bias", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight",
    "attn.out_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight",
    "mlp.c_proj.bias",
}  # fmt: skip
_HUB_NAME = "models--openai--clip-vit-base-patch32"
_HUB_TOWER, _HUB_PROJECTION = "text_model.", "text_projection.weight"
_HUB_LAYER = re.compile(r"encoder\.layers\.(\d+)\.(.+)")
_HUB_PARTS = (
    ("self_attn.", "attn."), ("layer_norm1.", "ln_1."), ("layer_norm2.", "ln_2."), ("mlp.fc1.", "mlp.c_fc."),
    ("mlp.fc2.", "mlp.c_proj."),
)  # fmt: skip
_HUB_OTHERS = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
    _HUB_PROJECTION: "text_projection",
}
_OTHER_NAMES = {"token_embedding.weight", "positional_embedding", "ln_final.weight", "ln_final.bias", "text_projection"}


def clip_folder() -> Path:
    """Where ``segmo fetch-clip`` puts the weights on this machine."""
    return Path(platformdirs.user_data_dir("segmo", appauthor=False)) / "clip"


def find_clip_weights() -> Path:
    """The file named by SEGMO_CLIP_WEIGHTS, else the fetched one, else one that other programs have left in the caches
    of OpenAI's package or of Hugging Face; an error says how to get one."""
    named = os.environ.get(WEIGHTS_VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise FileFormatError(f"{path}: no such file, expected CLIP weights as {WEIGHTS_VARIABLE} says")
        return path
    places = (clip_folder() / WEIGHTS_FILE, *cached_clip_weights())
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise MissingDependencyError(
            "The weights of the text encoder CLIP are not on this machine; get them with: segmo fetch-clip "
            f"(or name a file of your own in {WEIGHTS_VARIABLE})"
        )
    return found


def cached_clip_weights() -> list[Path]:
    """Where OpenAI's package, and Hugging Face's, keep the ViT-B/32 that they downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    hub = os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub"
    snapshots = sorted((Path(hub).expanduser() / _HUB_NAME / "snapshots").glob("*"))
    return [
        Path("~/.cache/clip").expanduser() / OPENAI_FILE,
        *(snapshot / name for snapshot in snapshots for name in ("model.safetensors", "pytorch_model.bin")),
    ]


def read_clip_weights(path: Path) -> dict[str, Tensor]:
    """The text tower in ``path`` as float32 tensors under OpenAI's names.

    Takes safetensors or a torch state dict in OpenAI's, open_clip's or Hugging Face's naming (of the whole model or of
    its text tower), and OpenAI's own ViT-B-32.pt. Raises FileFormatError when it is none of these; no code is run.
    """
    tensors = _in_openai_names(_read_tensors(Path(path)))
    tower = {name: tensor for name, tensor in tensors.items() if name in _OTHER_NAMES or _LAYER.fullmatch(name)}
    layers = {int(match[1]) for name in tower if (match := _LAYER.fullmatch(name))}
    expected = set(_OTHER_NAMES)
    for layer in range(max(layers, default=0) + 1):
        expected |= {f"transformer.resblocks.{layer}.{name}" for name in _NAMES_OF_A_LAYER}
    for name in sorted(expected):
        if name not in tower:
            raise FileFormatError(f"{path}: tensor {name!r} is missing, expected a text tower of CLIP")
    return {name: tower[name].float().contiguous() for name in sorted(expected)}


def _in_openai_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same under OpenAI's names, whichever of the three namings they have."""
    named = {name.removeprefix("text."): tensor for name, tensor in tensors.items()}
    if not any(name.startswith(_HUB_TOWER) for name in named):
        return named
    result: dict[str, Tensor] = {}
    for name, tensor in named.items():
        rest = name.removeprefix(_HUB_TOWER)
        if match := _HUB_LAYER.fullmatch(rest):
            layer, part = match.groups()
            ours = next((new + part.removeprefix(old) for old, new in _HUB_PARTS if part.startswith(old)), None)
            if ours is not None:
                result[f"transformer.resblocks.{layer}.{ours}"] = tensor
            continue
        if rest in _HUB_OTHERS and (name.startswith(_HUB_TOWER) or rest == _HUB_PROJECTION):
            result[_HUB_OTHERS[rest]] = tensor.T if rest == _HUB_PROJECTION else tensor
    for layer in {name.split(".")[2] for name in result if name.startswith("transformer.resblocks.")}:
        place = f"transformer.resblocks.{layer}.attn."
        for kind in ("weight", "bias"):
            parts = [result.pop(f"{place}{part}_proj.{kind}", None) for part in "qkv"]
            if all(part is not None for part in parts):
                result[f"{place}in_proj_{kind}"] = torch.cat([part for part in parts if part is not None])
    return result


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = _read_torch_file(path)
    except (
        SafetensorError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
        OSError,
        RuntimeError,
        ValueError,
        EOFError,
    ) as error:
        raise FileFormatError(f"{path}: not a readable file of CLIP weights ({type(error).__name__})") from None
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping):
        raise FileFormatError(f"{path}: holds a {type(content).__name__}, expected CLIP weights")
    return {str(name).removeprefix("module."): tensor for name, tensor in content.items() if isinstance(tensor, Tensor)}


def _read_torch_file(path: Path) -> object:
    if not _is_torchscript(path):
        return torch.load(path, map_location="cpu", weights_only=True)
    # OpenAI's file is a TorchScript archive, with code: only the very file that it published is opened as one.
    if sha256_of(path) != OPENAI_SHA256:
        raise FileFormatError(f"{path}: holds code, expected tensors only, or OpenAI's own {OPENAI_FILE}")
    return torch.jit.load(str(path), map_location="cpu").state_dict()


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())
