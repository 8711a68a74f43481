"""The project's own models are found from a checkout and from an installed wheel."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from segmo_core import shipped
from segmo_core.bundle_manifest import read_manifest, verify_files
from segmo_core.engine import starter_bundle_path
from segmo_core.shipped import bundle_folder, config_file, shipped_folder

REPOSITORY = Path(__file__).parents[2]


def test_in_a_checkout_assets_lie_beside_the_packages() -> None:
    assert starter_bundle_path() == REPOSITORY / "assets" / "bundles" / "starter"
    assert (shipped_folder("evaluators/mocap22") / "evaluator.safetensors").is_file()


def test_in_an_installed_wheel_they_lie_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert shipped_folder("bundles/starter") == tmp_path / "assets" / "bundles" / "starter"


def test_bundles_that_ship_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everyday = bundle_folder(Path("everyday"))
    assert everyday == REPOSITORY / "assets" / "bundles" / "everyday"
    manifest = read_manifest(everyday)
    verify_files(everyday, manifest)
    assert manifest.num_bytes < 45_000_000
    monkeypatch.chdir(tmp_path)
    (tmp_path / "everyday").mkdir()
    assert bundle_folder(Path("everyday")) == Path("everyday"), "a folder of one's own goes before"
    assert bundle_folder(Path("nowhere")) == Path("nowhere")


def test_configurations_that_ship_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ("starter", "starter.json", "configs/starter.json"):
        assert config_file(Path(given)) == REPOSITORY / "configs" / "starter.json"
    (ablation, *_) = sorted((REPOSITORY / "configs" / "ablations").iterdir())
    assert config_file(Path("configs/ablations") / ablation.name) == ablation
    (tmp_path / "starter").write_text("{}")
    assert config_file(Path("starter")) == Path("starter"), "a file of one's own goes before"
    for given in ("nowhere", "configs", ".", "../configs/starter.json", "/configs/starter.json"):
        assert config_file(Path(given)) == Path(given)


@pytest.mark.slow
def test_a_wheel_holds_all_of_assets_and_configurations(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "setup.py",
        "-q",
        "egg_info",
        "-e",
        str(tmp_path),
        "build_py",
        "-d",
        str(tmp_path / "lib"),
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=300)
    for folder, one in (("assets", "bundles/starter/tokenizer.safetensors"), ("configs", "starter.json")):
        built = tmp_path / "lib" / "segmo_core" / folder
        expected = {path.relative_to(REPOSITORY / folder) for path in (REPOSITORY / folder).rglob("*")}
        assert {path.relative_to(built) for path in built.rglob("*")} == expected
        assert Path(one) in expected


def test_the_changelog_tells_of_the_starter_that_ships() -> None:
    """Its newest row names the release in bundle.json and the weights that lie beside it."""
    manifest = read_manifest(starter_bundle_path())
    lines = (Path(__file__).resolve().parents[2] / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    release, weights = next(line.split("|")[1:3] for line in lines if re.match(r"\| \d+\.\d+ \|", line))
    assert release.strip() == manifest.release
    names = ("tokenizer.safetensors", "masked_transformer.safetensors")
    assert re.findall(r"[0-9a-f]{8}", weights) == [manifest.files[name].sha256[:8] for name in names]
