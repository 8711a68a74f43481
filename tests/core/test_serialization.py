"""Text and JSON files: what is read, and one sentence for each way in which they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmo_core.data.captioned_folders.caption_files import read_captions_only
from segmo_core.errors import ConfigError, FileFormatError
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.segmentation.text_precomputed import read_segment_lines
from segmo_core.serialization import from_plain, read_json, read_text

READERS = {
    "JSON": read_json,
    "captions": read_captions_only,
    "the segments of captions, joined by '#'": read_segment_lines,
    "anything": lambda path: read_text(path, "anything"),
}


def test_byte_order_mark_and_line_ends_of_windows_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\N{BYTE ORDER MARK}gehört#x\r\nzwei\r\n".encode())
    assert read_text(path, "text") == "gehört#x\nzwei\n"
    assert read_captions_only(path) == ["gehört", "zwei"]
    assert read_segment_lines(path) == [("gehört", "x"), ("zwei",)]
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path) == {"a": 1}


@pytest.mark.parametrize(("expected", "read"), READERS.items())
def test_what_cannot_be_read_is_told_in_the_same_words_everywhere(tmp_path: Path, expected: str, read) -> None:
    absent, folder, binary = tmp_path / "absent", tmp_path / "folder", tmp_path / "binary"
    folder.mkdir()
    binary.write_bytes(b"\x80\x81\x00")
    for path, reason in (
        (absent, f"no such file, expected {expected}"),
        (folder, f"cannot be read (Is a directory), expected {expected}"),
        (binary, f"not a text file in UTF-8, expected {expected}"),
    ):
        with pytest.raises(FileFormatError) as refusal:
            read(path)
        assert str(refusal.value) == f"{path}: {reason}"


def test_json_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1,\n "b": }\n')
    with pytest.raises(FileFormatError, match=r"a\.json, line 2: not valid JSON"):
        read_json(path)


@pytest.mark.parametrize("key", ["num_layers", "num_heads", "latent_width"])
def test_numbers_of_hundreds_of_digits_are_told_in_short(key: str) -> None:
    with pytest.raises(ConfigError, match=r"found a huge number, expected a whole number") as told:
        from_plain(MaskedTransformerConfig, {key: 10**300}, "bundle.json")
    assert len(str(told.value)) < 150
