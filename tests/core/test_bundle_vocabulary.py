"""A bundle's vocabulary: named before generating, never called found, silent where a bundle has none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from segmo_core.bundle_manifest import add_vocabulary, read_manifest, read_vocabulary
from segmo_core.cli.app import main
from segmo_core.engine import Engine, starter_bundle_path
from segmo_core.errors import BundleError
from segmo_core.generation.request import GenerationRequest
from segmo_core.segmentation.vocabulary import Vocabulary

WORDS = Vocabulary({"walk": 90, "jump": 20, "crawl": 4})


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "with-words"
    shutil.copytree(starter_bundle_path(), folder)
    add_vocabulary(folder, WORDS)
    return folder


def test_it_is_one_of_the_bundles_files(bundle: Path) -> None:
    assert read_vocabulary(bundle) == WORDS
    assert "vocabulary.json" in read_manifest(bundle).files


def test_an_altered_one_is_refused(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "altered"
    shutil.copytree(bundle, folder)
    (folder / "vocabulary.json").write_text('{"words": {"walk": 1}}')
    with pytest.raises(BundleError, match=r"vocabulary\.json: \d+ bytes, expected \d+"):
        Engine(folder).unknown_words(["A person swims."])


def test_words_of_no_training_motion_are_named_and_not_called_found(bundle: Path) -> None:
    engine = Engine(bundle, "cpu")
    texts = ["A person walks.", "A person swims."]
    (word,) = engine.unknown_words(texts)
    assert (word.segment, word.word) == (1, "swims")
    assert word.nearest in ("walks", "jumps", "crawls")
    track = engine.suggest_track(texts)
    result = engine.generate(GenerationRequest("a person walks, then swims", track))
    first, second = engine.check(result.motion, result.track).segments
    assert second.finding == "unknown words"
    assert first.finding != "unknown words"


def test_bundles_that_do_not_say_what_they_know_say_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    shutil.copytree(starter_bundle_path(), folder)
    manifest = folder / "bundle.json"
    if "vocabulary.json" in manifest.read_text():
        pytest.skip("the starter has a vocabulary")
    assert read_vocabulary(folder) is None
    assert Engine(folder).unknown_words(["A person swims."]) == ()


def test_the_command_line_says_so(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["generate", "a person swims", "--bundle", str(bundle), "--seconds", "2", "-o", str(tmp_path / "a.npz")])
        == 0
    )
    told = capsys.readouterr()
    assert "“swims” is in no training motion; the nearest is" in told.err
    assert "unknown words?" in told.out
